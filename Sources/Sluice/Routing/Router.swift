internal import HTTP1

/// Which handler answers which method and path.
///
/// A value: fill it, then hand it to a `Server`. A pattern is made of segments between slashes:
///
/// - text, which matches itself;
/// - `{name}`, which matches any one segment that is not empty (`Request.parameter`);
/// - at the end `{rest...}`, which matches any number of segments, also none;
/// - one `*`, at the start or behind a slash, possibly with more text behind it: any text, also
///   none, also with slashes in it (`/v1/queue/stats/*`, `/v1/*/start`, `*.data`). `/a/*` and
///   `/a/{rest...}` match `/a`, too (`Request.unresolvedPath`).
///
/// `{name}` is a whole segment and stands before a star; there is one star, and `{rest...}` is one.
///
/// Segments are compared byte by byte after percent-decoding, which happens once, so `/%61` is `/a`,
/// and `%2F` stays inside its segment. `.` and `..` are segments like any other: to resolve them is
/// the client's work (RFC 3986 §5.2.4). A doubled or trailing slash is a segment that is empty, and
/// only mapping strings and services forgive it.
///
/// Of several patterns that match a path, the most specific one *that has the method* answers. It is
/// found by comparing segment by segment: text before `{name}`, that before `*` with text behind it,
/// the longer text first, and that before a bare `*` or `{rest...}`. So the order of registration
/// does not matter. `Allow`, in the answers to OPTIONS and in 405, names the methods of all patterns
/// that match.
///
/// HEAD is answered by the handler for GET, without the body; OPTIONS is answered by the router,
/// unless a handler is there for it.
///
/// What is wrong with a route (a pattern that cannot be, two routes that answer the same) does not
/// stop the registration; making a `Server` of the router throws, and names all of it.
public struct Router: Sendable {
    /// Whether a path with doubled or trailing slashes, or without a trailing one, that matches
    /// nothing is answered with 308 (RFC 9110 §15.4.9) and the path that does, with the query.
    /// In a group it holds for the group. Off unless it is set.
    public var redirectsUncleanPaths = false

    private(set) var routes: [Route] = []

    /// What is wrong with the routes, in the order of registration.
    private(set) var problems: [String] = []

    /// Routes by method and shape, to find those that answer the same.
    private var routeIndex: [String: Int] = [:]

    /// What stands around the routes of this group; of the router itself, around everything.
    private var middleware: [any Middleware] = []

    /// What is around the routes of a group.
    private var prefix = ""
    private var limits = RouteLimits()

    /// A router without routes: it answers 404.
    public init() {}

    /// Runs a closure before handlers, as a `Middleware` does: the place to give a request values of
    /// your own. It sees the head; the body is not there yet.
    ///
    ///     router.prepare { request, response in
    ///         request[CurrentUser.self] = try user(for: request.fields["Authorization"])
    ///     }
    ///
    /// When it throws, the handler is not called, and the client gets what `Handler` says.
    public mutating func prepare(_ hook: @escaping PrepareClosure) {
        use(PreparingMiddleware(prepare: hook))
    }

    /// Puts middleware around all handlers of this router or group, wherever they are registered:
    /// what is used first is the outermost, and that of a group stands inside that of what is around
    /// it.
    ///
    ///     try router.use(CORS(origins: ["https://*.example.org"]))
    public mutating func use(_ middleware: some Middleware) {
        self.middleware.append(middleware)
    }

    /// Answers GET, and HEAD, on a path.
    public mutating func get(
        _ path: String, limits: RouteLimits = RouteLimits(), _ handler: @escaping HandlerClosure
    ) {
        on(.get, path, limits: limits, handler)
    }

    /// Answers GET, and HEAD, on a path, asynchronously.
    public mutating func get(
        _ path: String, limits: RouteLimits = RouteLimits(),
        _ handler: @escaping AsyncHandlerClosure
    ) {
        on(.get, path, limits: limits, handler)
    }

    /// Answers POST on a path.
    public mutating func post(
        _ path: String, limits: RouteLimits = RouteLimits(), _ handler: @escaping HandlerClosure
    ) {
        on(.post, path, limits: limits, handler)
    }

    /// Answers POST on a path, asynchronously.
    public mutating func post(
        _ path: String, limits: RouteLimits = RouteLimits(),
        _ handler: @escaping AsyncHandlerClosure
    ) {
        on(.post, path, limits: limits, handler)
    }

    /// Answers PUT on a path.
    public mutating func put(
        _ path: String, limits: RouteLimits = RouteLimits(), _ handler: @escaping HandlerClosure
    ) {
        on(.put, path, limits: limits, handler)
    }

    /// Answers PUT on a path, asynchronously.
    public mutating func put(
        _ path: String, limits: RouteLimits = RouteLimits(),
        _ handler: @escaping AsyncHandlerClosure
    ) {
        on(.put, path, limits: limits, handler)
    }

    /// Answers PATCH on a path.
    public mutating func patch(
        _ path: String, limits: RouteLimits = RouteLimits(), _ handler: @escaping HandlerClosure
    ) {
        on(.patch, path, limits: limits, handler)
    }

    /// Answers PATCH on a path, asynchronously.
    public mutating func patch(
        _ path: String, limits: RouteLimits = RouteLimits(),
        _ handler: @escaping AsyncHandlerClosure
    ) {
        on(.patch, path, limits: limits, handler)
    }

    /// Answers DELETE on a path.
    public mutating func delete(
        _ path: String, limits: RouteLimits = RouteLimits(), _ handler: @escaping HandlerClosure
    ) {
        on(.delete, path, limits: limits, handler)
    }

    /// Answers DELETE on a path, asynchronously.
    public mutating func delete(
        _ path: String, limits: RouteLimits = RouteLimits(),
        _ handler: @escaping AsyncHandlerClosure
    ) {
        on(.delete, path, limits: limits, handler)
    }

    /// Answers every method on a path, also those that are unknown elsewhere, OPTIONS and TRACE,
    /// but for those that have a handler of their own there.
    public mutating func any(
        _ path: String, limits: RouteLimits = RouteLimits(), _ handler: @escaping HandlerClosure
    ) {
        add(nil, path, limits, RouteHandler(handler))
    }

    /// Answers every method on a path, asynchronously.
    public mutating func any(
        _ path: String, limits: RouteLimits = RouteLimits(),
        _ handler: @escaping AsyncHandlerClosure
    ) {
        add(nil, path, limits, RouteHandler(handler))
    }

    /// Answers a method on a path. A method of your own becomes known by this: on other paths it
    /// gets 405 and no longer 501.
    public mutating func on(
        _ method: Method, _ path: String, limits: RouteLimits = RouteLimits(),
        _ handler: @escaping HandlerClosure
    ) {
        add(method, path, limits, RouteHandler(handler))
    }

    /// Answers a method on a path, asynchronously.
    public mutating func on(
        _ method: Method, _ path: String, limits: RouteLimits = RouteLimits(),
        _ handler: @escaping AsyncHandlerClosure
    ) {
        add(method, path, limits, RouteHandler(handler))
    }

    /// Answers a method on a path by a handler that begins before the body has come: it reads the
    /// body as it comes, or refuses it. The server's limit for bodies holds unless the route has its
    /// own; here that may be beyond what fits into memory.
    ///
    ///     router.stream(.put, "/upload", limits: .maxBodyBytes(10 << 30)) { request, response in
    ///         var count = 0
    ///         for try await chunk in request.body { count += chunk.count }
    ///         response.send("\(count) bytes\n")
    ///     }
    public mutating func stream(
        _ method: Method, _ path: String, limits: RouteLimits = RouteLimits(),
        _ handler: @escaping StreamingHandlerClosure
    ) {
        add(method, path, limits, .streaming(StreamingHandler(handle: handler)))
    }

    /// Answers a method on a path by a handler with a type of its own.
    public mutating func on(
        _ method: Method, _ path: String, limits: RouteLimits = RouteLimits(),
        _ handler: some Handler
    ) {
        on(method, path, limits: limits) { request, response in
            try handler.handle(request, into: &response)
        }
    }

    /// Registers routes whose paths begin with a prefix, which may hold parameters, and that have
    /// limits and `prepare` closures of their own. The path of the prefix itself is `/` inside.
    ///
    ///     router.group("/api/{tenant}", limits: .maxBodyBytes(65_536)) { api in
    ///         api.get("/users/{id}") { request, response in … }
    ///     }
    ///
    /// - Throws: What `fill` throws; then none of its routes is registered.
    public mutating func group(
        _ prefix: String, limits: RouteLimits = RouteLimits(),
        _ fill: (inout Router) throws -> Void
    ) rethrows {
        var inner = self
        inner.prefix = path(prefix)
        if inner.prefix.hasSuffix("/") { inner.prefix.removeLast() }
        inner.limits = limits.inside(self.limits)
        inner.middleware = []
        inner.checkGroup(prefix, limits)
        try fill(&inner)
        for index in routes.count..<inner.routes.count {
            inner.routes[index].middleware = inner.middleware + inner.routes[index].middleware
            if inner.redirectsUncleanPaths != redirectsUncleanPaths,
                inner.routes[index].redirectsUncleanPaths == nil
            {
                inner.routes[index].redirectsUncleanPaths = inner.redirectsUncleanPaths
            }
        }
        routes = inner.routes
        problems = inner.problems
        routeIndex = inner.routeIndex
    }

    /// The routes as they are looked up.
    var table: RouteTable {
        RouteTable(
            routes.map { route in
                var route = route
                route.middleware = middleware + route.middleware
                route.redirectsUncleanPaths = route.redirectsUncleanPaths ?? redirectsUncleanPaths
                return route
            }, middleware: middleware)
    }
}

// MARK: - Registration

extension Router {
    private mutating func add(
        _ method: Method?, _ path: String, _ limits: RouteLimits,
        _ handler: RouteHandler
    ) {
        register(method, path, isForgiving: false, limits: limits, handler)
    }

    /// Registers one route, or notes why not.
    mutating func register(
        _ method: Method?, _ path: String, isForgiving: Bool, limits: RouteLimits = RouteLimits(),
        endpoint: String? = nil, _ handler: RouteHandler?
    ) {
        let path = self.path(path)
        let name = "\(method?.rawValue ?? "ANY") \(path)"
        if let method, !FieldSyntax.isToken(method.rawValue.utf8.span) {
            problems.append("\(name): '\(method.rawValue)' is no method; a method is a token")
            return
        }
        if let fault = limits.fault(isStreaming: handler?.isStreaming ?? false) {
            problems.append("\(name): \(fault)")
            return
        }
        let limits = limits.inside(self.limits)
        // What is wrong with a group's limits has been said, but for what streams alone may have.
        if limits.fault(isStreaming: true) == nil, handler?.isStreaming == false,
            let fault = limits.fault(isStreaming: false)
        {
            problems.append("\(name): \(fault)")
            return
        }
        do throws(PatternFault) {
            insert(
                Route(
                    method: method, pattern: try RoutePattern(path, isForgiving: isForgiving),
                    handler: handler, limits: limits, endpoint: endpoint))
        } catch {
            problems.append("\(name): \(error.reason)")
        }
    }

    /// Notes something that is wrong, as a clause.
    mutating func note(_ problem: String) {
        problems.append(problem)
    }

    /// Two routes conflict when they answer the same paths by the same method. A route that hides
    /// conflicts with nothing: it holds only where there is no other.
    private mutating func insert(_ route: Route) {
        if route.handler != nil {
            let key = "\(route.method?.rawValue ?? "") \(route.pattern.shape)"
            if let index = routeIndex[key] {
                problems.append("\(route.name) answers the same as \(routes[index].name)")
                return
            }
            routeIndex[key] = routes.count
        }
        routes.append(route)
    }

    /// A path with the group's prefix before it.
    private func path(_ path: String) -> String {
        if prefix.isEmpty { return path }
        if path.isEmpty || path == "/" { return prefix }
        return path.hasPrefix("/") ? prefix + path : "\(prefix)/\(path)"
    }

    private mutating func checkGroup(_ prefix: String, _ limits: RouteLimits) {
        if let fault = limits.fault(isStreaming: true) {
            problems.append("group \(prefix): \(fault)")
        }
    }
}
