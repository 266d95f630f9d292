/// The four forms of a request target (RFC 9112 §3.2).
package enum TargetForm: UInt8, Sendable, BitwiseCopyable {
    /// `/path?query`
    case origin
    /// `http://host/path?query`, as clients of a proxy send it; every server must accept it.
    case absolute
    /// `host:port`, with CONNECT only.
    case authority
    /// `*`, with OPTIONS only: the server as a whole.
    case asterisk
}

/// The head of a request: request line and header section, as offsets into the bytes parsed.
///
/// One head is made per reactor or connection and parsed into again and again: it owns 2 KiB in
/// place and allocates nothing. All ranges are valid only together with the span that was parsed
/// and until that changes; `rebase(to:)` follows bytes that are moved.
package struct RequestHead: ~Copyable, Sendable {
    /// Offset of the first byte of the head: the one that parsing began at.
    package internal(set) var startOffset = 0
    /// Length of the head, from `startOffset` to the end of the empty line that ends it.
    package internal(set) var byteCount = 0

    /// Method, target and version.
    package internal(set) var line = RequestLine()

    /// What these say that a server asks first.
    package internal(set) var traits = RequestTraits()

    /// The header section.
    package internal(set) var fields = FieldSection()

    /// A head that nothing has been parsed into.
    package init() {}

    /// A head to copy others into: with room for so many field lines, and growing with what it gets.
    /// It cannot be parsed into.
    package init(fieldCapacity: Int) {
        fields = FieldSection(copyCapacity: fieldCapacity)
    }

    /// Number of field lines.
    package var fieldCount: Int { fields.count }

    /// The whole head, empty lines before it included.
    package var range: ByteRange { ByteRange(from: startOffset, to: startOffset + byteCount) }

    /// The host that the request is for: that of the target if it names one, else that of `Host`
    /// (RFC 9112 §3.2.2). Empty when the client sent an empty `Host`, or none (HTTP/1.0).
    package var effectiveHost: ByteRange { authority.isEmpty ? fields.facts.host : authority }

    /// The options of all `Connection` lines.
    package var connectionOptions: ConnectionOptions { fields.facts.connection }

    /// The value of `Content-Length`; nil when there is none.
    package var contentLength: Int? { fields.facts.contentLength }

    /// How long the body behind this head will be; nil when it is chunked.
    package var announcedBodyLength: Int? {
        fields.facts.transferCodings.contains(.chunked) ? nil : fields.facts.contentLength ?? 0
    }

    /// How the body behind this head is framed.
    package var framing: BodyFraming { BodyFraming.ofRequest(self) }

    /// The value of the first field with this name, a literal in lower case, in the span that was
    /// parsed.
    package func firstValue(named name: StaticString, in bytes: Span<UInt8>) -> ByteRange? {
        fields.firstValue(named: name, in: bytes)
    }

    /// The value of the first field with this name, given as bytes in lower case.
    package func firstValue(named name: Span<UInt8>, in bytes: Span<UInt8>) -> ByteRange? {
        fields.firstValue(named: name, in: bytes)
    }

    /// Lets all ranges follow the bytes of the head, which have been copied so that the head now
    /// begins at `newStart` of another span. Linear in the number of fields.
    package mutating func rebase(to newStart: Int) {
        let distance = newStart - startOffset
        startOffset = newStart
        line.move(by: distance)
        fields.move(by: distance)
    }

    /// Becomes the same as another head whose bytes have been copied from `start` on. Linear in the
    /// number of fields; allocates when they are more than before.
    package mutating func copy(_ other: borrowing RequestHead, startingAt start: Int) {
        startOffset = other.startOffset
        byteCount = other.byteCount
        line = other.line
        traits = other.traits
        fields.copy(other.fields)
        if start > 0 { rebase(to: startOffset - start) }
    }

    /// Field lines that there is memory for.
    package var fieldCapacity: Int { fields.capacity }

    /// Forgets the last request. What the request line always sets is left as it is.
    mutating func reset(at start: Int) {
        startOffset = start
        byteCount = 0
        path = ByteRange()
        query = ByteRange()
        hasQuery = false
        authority = ByteRange()
        fields.removeAll()
    }
}

// What the parser fills and the layers above ask for, without the detour.
extension RequestHead {
    /// As in `RequestLine`.
    package internal(set) var method: RequestMethod {
        get { line.method }
        set { line.method = newValue }
    }

    /// As in `RequestLine`.
    package internal(set) var methodRange: ByteRange {
        get { line.methodRange }
        set { line.methodRange = newValue }
    }

    /// As in `RequestLine`.
    package internal(set) var minorVersion: UInt8 {
        get { line.minorVersion }
        set { line.minorVersion = newValue }
    }

    /// As in `RequestLine`.
    package internal(set) var targetForm: TargetForm {
        get { line.targetForm }
        set { line.targetForm = newValue }
    }

    /// As in `RequestLine`.
    package internal(set) var target: ByteRange {
        get { line.target }
        set { line.target = newValue }
    }

    /// As in `RequestLine`.
    package internal(set) var path: ByteRange {
        get { line.path }
        set { line.path = newValue }
    }

    /// As in `RequestLine`.
    package internal(set) var query: ByteRange {
        get { line.query }
        set { line.query = newValue }
    }

    /// As in `RequestLine`.
    package internal(set) var hasQuery: Bool {
        get { line.hasQuery }
        set { line.hasQuery = newValue }
    }

    /// As in `RequestLine`.
    package internal(set) var authority: ByteRange {
        get { line.authority }
        set { line.authority = newValue }
    }

    /// As in `RequestLine`.
    package var isServerWide: Bool { line.isServerWide }
}
