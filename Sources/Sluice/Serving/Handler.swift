/// Something that answers requests; a type for handlers with state of their own.
///
/// Called on the thread that owns the connection, for one request at a time there, but on several
/// threads where a server has several. It must not block: everything else on the loop waits for it.
public protocol Handler: Sendable {
    /// Fills the answer.
    ///
    /// - Throws: An `HTTPError`, which the client gets as it is; or anything else: the client gets
    ///   500 with an id and no detail, and the server's log gets the error with the same id. A trap
    ///   is no error: it ends the process.
    func handle(_ request: borrowing Request, into response: inout Response) throws
}

/// An asynchronous handler as a closure: as a synchronous one, but that it may `await`.
///
///     router.get("/users/{id}") { request, response in
///         let user = try await database.user(request.parameter("id", as: Int.self))
///         response.send(user.name)
///     }
///
/// It begins when the whole body is there, on the thread that owns the connection, and goes on there
/// after each suspension (the loop is the task's executor; an actor or executor of your own is left
/// again). Other requests are served while it is suspended; while it computes they are not. Its task
/// is cancelled when the client has gone or the route's deadline has passed.
///
/// Costs about a microsecond more than a synchronous one.
public typealias AsyncHandlerClosure =
    @Sendable (_ request: borrowing Request, _ response: inout Response) async throws -> Void

/// A streaming handler as a closure: an asynchronous one that begins at the head, before the body.
/// See `Router.stream`.
public typealias StreamingHandlerClosure =
    @Sendable (_ request: StreamingRequest, _ response: inout Response) async throws -> Void

/// What runs before a handler; see `Router.prepare`.
public typealias PrepareClosure =
    @Sendable (_ request: inout Request, _ response: inout Response) throws -> Void

/// A handler as a closure.
///
///     router.get("/hello") { request, response in
///         response.send("Hello, \(request.query["name"] ?? "World")!")
///     }
public typealias HandlerClosure =
    @Sendable (_ request: borrowing Request, _ response: inout Response) throws -> Void
