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
