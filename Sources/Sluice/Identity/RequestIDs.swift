internal import HTTP1
internal import HTTPEngine

/// What requests are called: in a field of their answers, in logs, and for handlers in `Request.id`.
///
///     configuration.requestIDs = try RequestIDs(.ulid)
///
/// A client's own name for a request is taken over only from whom `takenFrom` says, and only when it
/// is well-formed: at most `maxByteCount` characters of a token (RFC 9110 §5.6.2), or `/`, `:` and
/// `=`. Anything else gets a new one. The field of the answer is the server's: what a handler has
/// set under its name is replaced.
///
/// With it comes W3C Trace Context: a request with a well-formed `traceparent` is a part of that
/// trace, any other begins one (`Request.trace`).
///
/// Costs some allocations per request, and nothing where a server has none.
public struct RequestIDs: Sendable {
    /// How a new name is made.
    public enum Format: String, Sendable, CaseIterable {
        /// `0f8fad5b-d9cb-469f-a165-70867728950e`: a random UUID (RFC 4122, RFC 9562).
        case uuid
        /// The same 128 bits in base 32 (RFC 4648 §6): 26 capital letters and digits.
        case uuidBase32 = "uuid-base32"
        /// The same in base 64 for URLs (RFC 4648 §5): 22 letters, digits, `-` and `_`.
        case uuidBase64 = "uuid-base64"
        /// `01ARZ3NDEKTSV4RRFFQ69G5FAV`: a ULID, whose order is that of time; those of one
        /// server always grow.
        case ulid
    }

    /// Who is believed.
    public enum Source: String, Sendable, CaseIterable {
        /// Nobody.
        case nobody
        /// Whoever is at the other end of the connection, if it is one of
        /// `ServerConfiguration.trustedProxies`.
        case trustedProxies = "trusted-proxies"
        /// Everybody. A client can then give two requests one name, and write into logs what it
        /// likes, as far as that is well-formed.
        case everybody
    }

    /// A name of the program's own.
    ///
    /// - Throws: What the request is answered with, as if its handler had thrown it.
    public typealias Builder = @Sendable (_ request: borrowing Request) throws -> String

    /// Characters that a name may have: three times what UUIDs have.
    public static let maxByteCount = 128

    /// Whose `X-Request-ID` is taken over.
    public var takenFrom = Source.trustedProxies

    /// Whose `traceparent` is gone on with. What it can do is to name a trace, and to ask for it to
    /// be sampled.
    public var tracesTakenFrom = Source.everybody

    /// The field of requests and answers.
    public let fieldName: String

    let format: Format
    let builder: Builder?

    /// - Parameters:
    ///   - format: How a new name is made.
    ///   - fieldName: The field.
    /// - Throws: `InvalidField` for a name that is no token, or that of a field that means something
    ///   else.
    public init(
        _ format: Format = .uuid, fieldName: String = "X-Request-ID"
    ) throws(InvalidField) {
        try self.init(format, fieldName: fieldName, builder: nil)
    }

    /// Names that the program makes.
    ///
    /// - Parameter builder: Called on the thread that owns the connection, for each request whose
    ///   name is not taken over; must not block. What is not well-formed is replaced by a UUID, and
    ///   what never becomes a request has one.
    /// - Throws: `InvalidField`.
    public init(
        fieldName: String = "X-Request-ID", builder: @escaping Builder
    ) throws(InvalidField) {
        try self.init(.uuid, fieldName: fieldName, builder: builder)
    }

    private init(
        _ format: Format, fieldName: String, builder: Builder?
    ) throws(InvalidField) {
        // An answer takes the field or says what is wrong.
        var trial = Response(ResponseMessage())
        try trial.addField(fieldName, "a")
        guard !Self.takenNames.contains(fieldName.lowercased()) else {
            throw InvalidField(
                name: fieldName, description: "field \(fieldName): it means something else")
        }
        self.format = format
        self.fieldName = fieldName
        self.builder = builder
    }

    /// Fields that a request or an answer needs for something else; those of framing are refused
    /// before.
    private static let takenNames: Set = [
        "accept", "accept-encoding", "authorization", "content-encoding", "content-range",
        "content-type", "cookie", "date", "etag", "expect", "forwarded", "host", "last-modified",
        "location", "range", "server", "set-cookie", "te", "traceparent", "tracestate", "trailer",
        "upgrade", "vary", "via", "www-authenticate",
    ]

    /// Whether a name can stand in fields and logs as it is.
    static func isWellFormed(_ id: Span<UInt8>) -> Bool {
        guard (1...maxByteCount).contains(id.count) else { return false }
        for index in id.indices {
            switch id[index] {
            case UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "="): continue
            default:
                guard FieldSyntax.isToken(id.extracting(index..<(index + 1))) else { return false }
            }
        }
        return true
    }
}
