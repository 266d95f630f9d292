/// What a route may decide for itself, in place of what the server's configuration says.
public struct RouteLimits: Equatable, Sendable {
    /// Bytes of a body, in 0 ... 1,073,741,824; beyond: 413. `nil`: as the group around it, and
    /// outside of groups `ServerConfiguration.maxBodyBytes`.
    public var maxBodyBytes: Int?

    /// Types of bodies that are taken, such as `["application/json", "text/*"]`, as in
    /// `MediaType.matches`; for any other, and for none, 415 with `Accept` and without the handler.
    /// A request that has neither a body nor a type is let through. `nil`: as the group around it,
    /// and outside of groups every type.
    public var contentTypes: [String]?

    /// Limits; what is left out is as it is around the route.
    public init(maxBodyBytes: Int? = nil, contentTypes: [String]? = nil) {
        self.maxBodyBytes = maxBodyBytes
        self.contentTypes = contentTypes
    }

    /// `limits: .maxBodyBytes(65_536)`
    public static func maxBodyBytes(_ count: Int) -> RouteLimits {
        RouteLimits(maxBodyBytes: count)
    }

    /// `limits: .contentTypes(["application/json"])`
    public static func contentTypes(_ types: [String]) -> RouteLimits {
        RouteLimits(contentTypes: types)
    }

    /// What `ServerConfiguration.maxBodyBytes` may be, too.
    static let bodyRange = 0...(1 << 30)

    /// These limits, and those around them where these say nothing.
    func inside(_ outer: RouteLimits) -> RouteLimits {
        RouteLimits(
            maxBodyBytes: maxBodyBytes ?? outer.maxBodyBytes,
            contentTypes: contentTypes ?? outer.contentTypes)
    }

    /// A handler that is called only for what these limits take. One without such a limit stays as
    /// it is, so that its requests pay nothing.
    func guarding(_ handler: RouteHandler?) -> RouteHandler? {
        guard let contentTypes, let handler else { return handler }
        return RouteHandler { request, response in
            if !request.body.isEmpty || request.contentType != nil {
                try request.requireContentType(contentTypes)
            }
            try handler.handle(request, &response)
        }
    }
}

/// A route as it was registered.
struct Route: Sendable {
    /// `nil`: any method.
    let method: Method?
    let pattern: RoutePattern
    /// `nil`: hides what is behind it; see `RouteTable.Row.isHidden`.
    let handler: RouteHandler?
    let limits: RouteLimits
    /// What runs before it, the outermost first.
    var hooks: [PrepareHook] = []
    /// `nil`: as the router.
    var redirectsUncleanPaths: Bool?
    /// Service and method, such as `QueueService.start`.
    var endpoint: String?

    /// How problems and descriptions call it.
    var name: String { "\(method?.rawValue ?? "ANY") \(pattern.text)" }

    /// Its column in the table: the parser's code, or the last one for any method.
    var column: Int {
        method.flatMap { Method.known.firstIndex(of: $0) } ?? RouteTable.columnCount - 1
    }

    /// The name of a method that the parser does not know.
    var otherMethodName: [UInt8]? {
        guard let method, !Method.known.contains(method) else { return nil }
        return Array(method.rawValue.utf8)
    }
}

/// What is wrong with routes: with a mapping string, or with all that were registered before.
public struct RouteError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One clause for each problem, in the order of registration.
    public let problems: [String]

    /// All problems in one line.
    public var description: String { problems.joined(separator: "; ") }

    init(_ problems: [String]) {
        self.problems = problems
    }
}
