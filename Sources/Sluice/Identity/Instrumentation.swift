/// Watches requests while they are under way, to feed a tracer or counters of the program's own.
///
///     struct Tracing: Instrumentation {
///         let tracer: Tracer
///
///         func requestBegan(_ request: borrowing Request) -> (any RequestInstrumentation)? {
///             guard let trace = request.trace, trace.isSampled else { return nil }
///             return Span(tracer, trace, name: request.method.rawValue)
///         }
///     }
///     configuration.instrumentation = Tracing(tracer: tracer)
///
/// Called on the thread that owns the connection, on several where a server has several; it must not
/// block. A server without one pays nothing.
public protocol Instrumentation: Sendable {
    /// Whether it hears of requests as early as they can be seen, those included that nobody
    /// handles: that match no route, that middleware or a route's `maxConcurrent` refuses, that come
    /// in overload or during a drain. Otherwise only of requests that have been admitted, just
    /// before their handlers: so those who only make noise do not reach the tracer. `false` by
    /// default.
    var startsEarly: Bool { get }

    /// A request has come. For a synchronous handler its body is there, too.
    ///
    /// - Returns: What watches this request; `nil`: nothing does.
    func requestBegan(_ request: borrowing Request) -> (any RequestInstrumentation)?
}

extension Instrumentation {
    /// Only admitted requests.
    public var startsEarly: Bool { false }
}

/// Watches one request. Its calls come one after the other, but for a handler that waits perhaps on
/// several threads.
public protocol RequestInstrumentation: AnyObject, Sendable {
    /// The route that answers has been found.
    ///
    /// - Parameter pattern: Its pattern in its canonical spelling, such as `/users/{id}`.
    func routeChosen(_ pattern: String)

    /// Something has happened on the way: whatever handlers and middleware find worth telling.
    func event(_ name: String, attributes: KeyValuePairs<String, String>)

    /// The answer has been made: of a handler that writes, to its end; of a body that is made or
    /// sent by the server, its head. Its last bytes may still be on their way. Comes once.
    func ended(_ ending: RequestEnding)
}

extension RequestInstrumentation {
    /// Does nothing.
    public func routeChosen(_ pattern: String) {}

    /// Does nothing.
    public func event(_ name: String, attributes: KeyValuePairs<String, String>) {}

    /// Something has happened on the way.
    public func event(_ name: String) {
        event(name, attributes: [:])
    }
}

/// How a request has ended.
public struct RequestEnding: Sendable, Equatable {
    /// Why an answer has not become what its handler wanted.
    public enum Failure: String, Sendable, CaseIterable {
        /// The client has gone before it had its answer.
        case clientGone = "client_gone"
        /// The handler's time was up.
        case deadline
        /// The handler has thrown when the head had left already.
        case brokenOff = "broken_off"
    }

    /// The status of the answer.
    public let status: Status

    /// Why it was refused: the error's code, such as `not_found`, or the server's clause.
    public let reason: String?

    /// What has gone wrong on the way; `nil`: nothing.
    public let failure: Failure?

    init(status: Status, reason: String? = nil, failure: Failure? = nil) {
        self.status = status
        self.reason = reason
        self.failure = failure
    }
}

/// Where it lies among a request's values.
enum RequestInstrumentationKey: RequestKey {
    typealias Value = any RequestInstrumentation
}

extension RequestValues {
    /// What watches this request: `values.instrumentation?.event("cache missed")`.
    public var instrumentation: (any RequestInstrumentation)? {
        self[RequestInstrumentationKey.self]
    }
}

extension Request {
    /// What watches this request: `request.instrumentation?.event("cache missed")`; `nil` when
    /// nothing does.
    public var instrumentation: (any RequestInstrumentation)? { values.instrumentation }
}

extension StreamingRequest {
    /// What watches this request; see `Request.instrumentation`.
    public var instrumentation: (any RequestInstrumentation)? { values.instrumentation }
}
