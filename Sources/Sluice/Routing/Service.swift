/// Named methods that answer together, reachable at `/Service/Method`.
///
///     var queue = Service("QueueService")
///     queue.method("start") { request, response in … }
///     queue.method("stop") { request, response in … }
///     try router.add(queue, mappings: "/v1/queue/start => start, /v1/*/stop => stop")
///
/// Methods here are names and not HTTP methods: any of those reaches them. What follows
/// `/Service/Method` is `Request.unresolvedPath`. Doubled and trailing slashes of a request count
/// for nothing.
public struct Service: Sendable {
    /// The method that answers `/Service` and everything under it that no other method answers.
    public static let defaultMethodName = "default_method"

    /// The name, possibly behind that of a package: `EchoService`, `example.EchoService`.
    public let name: String

    /// A method, its limits and its handler.
    struct NamedMethod: Sendable {
        let name: String
        let limits: RouteLimits
        let handler: RouteHandler
    }

    private(set) var methods: [NamedMethod] = []

    /// A service without methods. With a package in its name it is reachable under its full name,
    /// such as `/example.EchoService/Echo`, and under the short one, `/EchoService/Echo`.
    public init(_ name: String) {
        self.name = name
    }

    /// Adds a method. What is wrong with it (a name that is no segment of a path, or that is there
    /// already) is reported when the service is added to a router.
    public mutating func method(
        _ name: String, limits: RouteLimits = RouteLimits(), _ handler: @escaping HandlerClosure
    ) {
        methods.append(
            NamedMethod(name: name, limits: limits, handler: RouteHandler(handler)))
    }

    /// Adds a method whose handler is a type of its own.
    public mutating func method(
        _ name: String, limits: RouteLimits = RouteLimits(), _ handler: some Handler
    ) {
        method(name, limits: limits) { request, response in
            try handler.handle(request, into: &response)
        }
    }

    /// Adds the method for what no other method answers, such as `/FileService/app/boot.cfg`, with
    /// `app/boot.cfg` as `Request.unresolvedPath`.
    public mutating func defaultMethod(
        limits: RouteLimits = RouteLimits(), _ handler: @escaping HandlerClosure
    ) {
        method(Self.defaultMethodName, limits: limits, handler)
    }

    /// The names that it is reachable under: the full one, and the one without the package.
    var pathNames: [String] {
        guard let dot = name.lastIndex(of: ".") else { return [name] }
        return [name, String(name[name.index(after: dot)...])]
    }

    /// What is wrong with its names, as clauses.
    var problems: [String] {
        var problems: [String] = []
        if pathNames.contains(where: { !Self.isName($0) }) {
            problems.append("service '\(name)': the name is no segment of a path")
        }
        for (index, method) in methods.enumerated() {
            if !Self.isName(method.name) {
                problems.append("\(name).\(method.name): the name is no segment of a path")
            }
            if methods[..<index].contains(where: { $0.name == method.name }) {
                problems.append("\(name) has two methods called '\(method.name)'")
            }
        }
        return problems
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { PathText.isPathByte($0) && $0 != UInt8(ascii: "*") }
    }
}
