/// What stands around handlers: asks who it is, limits, adds fields to every answer.
///
/// Attached by `Router.use`, in a group to that group's routes. Composed once, when the server is
/// made; routes without any pay nothing. Around a route
///
///     use(A), use(B):    A.before ─► B.before ─► handler ─► B.after ─► A.after ─► the head leaves
///
/// it is the same whether the handler is synchronous, asynchronous or streaming. A route with
/// middleware and a request with a body start at the head: what `before` refuses is refused before
/// the client is told to send (`100 Continue`), and nobody reads the body.
///
/// The middleware of the router itself, outside of groups, is also around what no route answers:
/// 404, 405, OPTIONS. That of a group is around 405 and OPTIONS on the group's paths. What never
/// becomes a request, such as a head that cannot be parsed, has none around it.
public protocol Middleware: Sendable {
    /// Looks at a request as soon as its head is there; its body is not. May give it values
    /// (`request[Key.self] = …`), and begin the answer: fields that it sets stay.
    ///
    /// Called on the thread that owns the connection, and must not block it: what takes time is
    /// `.wait`ed for.
    ///
    /// - Throws: As a handler; the `after` of what is around it still runs.
    func before(_ request: inout Request, _ response: inout Response) throws -> MiddlewareStep

    /// Looks at the head of the answer just before it leaves, whoever has made it, errors included;
    /// may change status and fields. Its own `before` has run. For an asynchronous or streaming
    /// handler it is called where that runs.
    func after(_ request: borrowing Request, _ response: inout Response)
}

extension Middleware {
    /// Goes on.
    public func before(
        _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep { .next }

    /// Changes nothing.
    public func after(_ request: borrowing Request, _ response: inout Response) {}
}

/// What comes behind a `Middleware.before`.
public enum MiddlewareStep: Sendable {
    /// What is wrapped.
    case next
    /// The answer, which is complete: the handler is not called.
    case respond
    /// Suspends the exchange until this is done, then what is wrapped. The closure sees nothing of
    /// the request but what it has captured; the values that it returns are given to the request.
    /// What it throws is answered as if the handler had thrown it.
    case wait(@Sendable () async throws -> RequestValues)
}

extension MiddlewareStep {
    /// The handler is not called.
    var isAnswer: Bool {
        if case .respond = self { true } else { false }
    }
}

/// `Router.prepare`.
struct PreparingMiddleware: Middleware {
    let prepare: PrepareClosure

    func before(
        _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep {
        try prepare(&request, &response)
        return .next
    }
}

/// `RouteLimits.contentTypes`.
struct ContentTypeMiddleware: Middleware {
    let contentTypes: [String]

    func before(
        _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep {
        if request.announcesBody || request.contentType != nil {
            try request.requireContentType(contentTypes)
        }
        return .next
    }
}
