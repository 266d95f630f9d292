internal import HTTP1
internal import HTTPEngine

/// Writes the body of every answer of the 4xx and 5xx class that is not a handler's own: of what
/// handlers throw, of what the router refuses, and of what never becomes a request.
///
///     struct PlainPages: ErrorRenderer {
///         func render(
///             _ error: HTTPError, _ context: borrowing ErrorContext, into response: inout Response
///         ) {
///             response.send(html: "<h1>\(error.status.code)</h1>")
///         }
///     }
///     configuration.errorRenderer = PlainPages()
///
/// Called on the thread that owns the connection, on several threads where a server has several; it
/// must not block.
public protocol ErrorRenderer: Sendable {
    /// Fills the answer, which has the error's status and field lines and no body yet.
    ///
    /// Nothing in the error and the context is escaped. For HEAD the body is left out afterwards.
    ///
    /// - Throws: Anything; the client gets the text that `StandardErrorRenderer` writes, and the
    ///   server's log the error. The same happens when the status is no longer in 400 ... 599.
    func render(
        _ error: HTTPError, _ context: borrowing ErrorContext, into response: inout Response
    ) throws
}

/// How an error can be written.
public enum ErrorFormat: Sendable, CaseIterable {
    /// `404 Not Found: there is nothing here`, as `text/plain`.
    case text
    /// Problem details (RFC 9457), as `application/problem+json`.
    case json
    /// A small page, as `text/html`.
    case html
}

/// What an error's renderer learns of the request, if there is one; a view, as `Request` is.
public struct ErrorContext: ~Escapable {
    /// The form that `Accept` prefers; `.text` where it prefers none, where it is missing, and where
    /// no head could be read.
    public let format: ErrorFormat

    /// The name under which the server's log has what was thrown: 16 hexadecimal digits. `nil` when
    /// the error is all that there is to say.
    public let id: String?

    /// What the request is called in its answer and in logs; `nil` without
    /// `ServerConfiguration.requestIDs`.
    public let requestID: String?

    private let methodName: Span<UInt8>
    private let pathBytes: Span<UInt8>

    /// Of a request whose head is there.
    @_lifetime(copy request)
    init(_ request: RequestView, id: String?, requestID: String?) {
        format = ErrorFormat(preferredBy: request)
        self.id = id
        self.requestID = requestID
        methodName = request.bytes.extracting(request.line.methodRange)
        pathBytes = request.bytes.extracting(request.line.path)
    }

    /// Of what never became a request.
    @_lifetime(immortal)
    init(requestID: String?) {
        format = .text
        id = nil
        self.requestID = requestID
        methodName = Span()
        pathBytes = Span()
    }

    /// The request's method; `nil` when no head could be read.
    public var method: Method? {
        methodName.isEmpty ? nil : Method(String(copying: methodName))
    }

    /// The path as it came, percent-encoded; empty where the target has none.
    public var path: String { String(copying: pathBytes) }
}
