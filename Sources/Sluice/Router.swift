/// Which handler answers which method and path.
///
/// A value: fill it, then hand it to a `Server`. Paths are compared byte by byte, as they come.
/// HEAD is answered by the handler for GET, without the body; OPTIONS is answered by the router.
public struct Router: Sendable {
    private(set) var table = RouteTable()

    /// A router without routes: it answers 404.
    public init() {}

    /// Runs a closure before the handler of every request that has one, in the order of these calls:
    /// the place to give a request values of your own.
    ///
    ///     router.prepare { request, response in
    ///         request[CurrentUser.self] = try user(for: request.fields["Authorization"])
    ///     }
    ///
    /// When it throws, the handler is not called, and the client gets what `Handler` says.
    public mutating func prepare(_ hook: @escaping PrepareClosure) {
        table.add(hook)
    }

    /// Answers GET, and HEAD, on a path.
    public mutating func get(_ path: String, _ handler: @escaping HandlerClosure) {
        on(.get, path, handler)
    }

    /// Answers POST on a path.
    public mutating func post(_ path: String, _ handler: @escaping HandlerClosure) {
        on(.post, path, handler)
    }

    /// Answers PUT on a path.
    public mutating func put(_ path: String, _ handler: @escaping HandlerClosure) {
        on(.put, path, handler)
    }

    /// Answers PATCH on a path.
    public mutating func patch(_ path: String, _ handler: @escaping HandlerClosure) {
        on(.patch, path, handler)
    }

    /// Answers DELETE on a path.
    public mutating func delete(_ path: String, _ handler: @escaping HandlerClosure) {
        on(.delete, path, handler)
    }

    /// Answers a method on a path. A method of your own becomes known by this: on other paths it
    /// gets 405 and no longer 501.
    ///
    /// - Precondition: The path begins with a slash, and this method has no handler there yet.
    public mutating func on(
        _ method: Method, _ path: String, _ handler: @escaping HandlerClosure
    ) {
        table.add(method, path, handler)
    }

    /// Answers a method on a path by a handler with a type of its own.
    public mutating func on(_ method: Method, _ path: String, _ handler: some Handler) {
        on(method, path) { request, response in
            try handler.handle(request, into: &response)
        }
    }
}
