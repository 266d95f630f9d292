/// An answer of the 4xx or 5xx class, thrown: by handlers, by what runs before them, and by the
/// typed accessors of `Request`.
///
///     guard let user = users[id] else {
///         throw HTTPError(.notFound, code: "no_such_user", message: "there is no user \(id)")
///     }
///
/// What the handler had filled until then is dropped; the server's `ErrorRenderer` writes the body,
/// as text, JSON or HTML. Everything in here is shown to the client. Throwing costs a few
/// allocations, so it is for what is wrong and not for what is usual.
public struct HTTPError: Error, Sendable {
    /// The status: 400 ... 599.
    public let status: Status

    /// What went wrong, for programs: stable, in lower_snake_case, such as `invalid_parameter`. By
    /// default the status's reason phrase, such as `not_found`.
    public var code: String {
        get { ownCode ?? Self.code(for: status) }
        set { ownCode = newValue }
    }

    /// What went wrong, for people: one clause without a full stop. It may hold anything, and
    /// renderers must escape it.
    public var message: String

    /// What of the request is at fault: the name of a parameter, a query key, a member of the body.
    public var field: String?

    /// Field lines that the answer must bring, such as `Allow`, `Retry-After` or
    /// `WWW-Authenticate`. They are checked as those of `Response.addField`; one that an answer
    /// cannot carry is left out, and the server's log says so.
    public var fields: [(name: String, value: String)]

    /// `nil`: the status's.
    private var ownCode: String?

    /// An error.
    ///
    /// - Parameters:
    ///   - code: What went wrong, for programs.
    ///   - message: What went wrong, for people; by default what the status means.
    ///   - field: What of the request is at fault.
    ///   - fields: Field lines that the answer must bring.
    /// - Precondition: The status is in 400 ... 599: what is no error is not thrown.
    public init(
        _ status: Status, code: String? = nil, message: String? = nil, field: String? = nil,
        fields: [(name: String, value: String)] = []
    ) {
        precondition((400...599).contains(status.code), "an error's status is in 400 ... 599")
        self.status = status
        ownCode = code
        self.message = message ?? Self.message(for: status)
        self.field = field
        self.fields = fields
    }

    /// `not_found` for 404; `status_499` for what is not registered.
    private static func code(for status: Status) -> String { codes[status.code - 400] }

    /// Of 400 ... 599. Made once, because each refusal is logged with one.
    private static let codes = (400...599).map { code in
        let words = Status(code).reasonPhrase.split { !$0.isLetter }.map { $0.lowercased() }
        return words.isEmpty ? "status_\(code)" : words.joined(separator: "_")
    }

    private static func message(for status: Status) -> String {
        switch status {
        case .badRequest: "the request cannot be understood"
        case .unauthorized: "this needs authentication"
        case .forbidden: "this is not allowed"
        case .notFound: "there is nothing here"
        case .methodNotAllowed: "this method is not possible here"
        case .notAcceptable: "there is no representation that was asked for"
        case .conflict: "this conflicts with the present state"
        case .gone: "this is no longer here"
        case .contentTooLarge: "the body is larger than this server takes"
        case .unsupportedMediaType: "this type of content is not understood here"
        case .unprocessableContent: "the content makes no sense here"
        case .tooManyRequests: "too many requests have come"
        case .internalServerError: "the server failed to answer"
        case .notImplemented: "this method is unknown"
        case .serviceUnavailable: "this is not available now"
        default: status.code < 500 ? "the request cannot be answered" : "the server cannot answer"
        }
    }
}

extension HTTPError: CustomStringConvertible {
    /// `404 no_such_user: there is no user 7`
    public var description: String {
        let place = field.map { " (\($0))" } ?? ""
        return "\(status.code) \(code)\(place): \(message)"
    }
}
