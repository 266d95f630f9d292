extension Router {
    /// Registers several routes for any method, as brpc's mapping strings do.
    ///
    ///     try router.map(
    ///         "/v1/queue/start => start, /v1/queue/stats/* => stats",
    ///         to: ["start": { request, response in … }, "stats": { request, response in … }])
    ///
    /// Slashes are forgiven, in the string and in requests: doubled, leading and trailing ones count
    /// for nothing. An arrow may have several `=`, spaces count for nothing, and there may be a comma
    /// at the end. Paths are patterns as everywhere.
    ///
    /// - Throws: `RouteError` when an item cannot be read, names nothing in `handlers`, or answers
    ///   the same as another route; then none of them is registered.
    public mutating func map(
        _ mappings: String, to handlers: [String: HandlerClosure],
        limits: RouteLimits = RouteLimits()
    ) throws(RouteError) {
        let mappings = try MappingString(mappings).mappings
        guard !mappings.isEmpty else { throw RouteError(["the mapping string holds no mapping"]) }
        try all { router in
            for mapping in mappings {
                guard let handler = handlers[mapping.name] else {
                    router.note(Self.unknown(mapping, among: handlers.keys.sorted()))
                    continue
                }
                router.register(
                    nil, mapping.path, isForgiving: true, limits: limits, endpoint: mapping.name,
                    RouteHandler(handler))
            }
        }
    }

    /// Registers a service: its mappings, and for the methods that have none `/Service/Method`.
    ///
    /// - Parameters:
    ///   - mappings: Paths for its methods, as for `map`.
    ///   - allowsDefaultURL: Whether mapped methods can be reached at `/Service/Method` as well. If
    ///     not, that is answered with 404, also where a less specific route would match.
    /// - Throws: `RouteError` when a name or an item cannot be, or when something answers the same
    ///   already, such as a service of this name; then nothing of it is registered.
    public mutating func add(
        _ service: Service, mappings: String = "", allowsDefaultURL: Bool = false
    ) throws(RouteError) {
        let mappings = try MappingString(mappings).mappings
        let names = Set(mappings.map(\.name))
        try all { router in
            for problem in service.problems { router.note(problem) }
            for mapping in mappings {
                guard let method = service.methods.first(where: { $0.name == mapping.name }) else {
                    router.note(Self.unknown(mapping, among: service.methods.map(\.name)))
                    continue
                }
                router.register(method, of: service, at: mapping.path)
            }
            guard service.problems.isEmpty else { return }
            for method in service.methods {
                let isHidden = names.contains(method.name) && !allowsDefaultURL
                for name in service.pathNames {
                    router.register(
                        method, of: service, at: "\(name)/\(method.name)/*", isHidden: isHidden)
                    if method.name == Service.defaultMethodName, !isHidden {
                        router.register(method, of: service, at: "\(name)/*")
                    }
                }
            }
        }
    }

    private mutating func register(
        _ method: Service.NamedMethod, of service: Service, at path: String, isHidden: Bool = false
    ) {
        register(
            nil, path, isForgiving: true, limits: method.limits,
            endpoint: "\(service.name).\(method.name)", isHidden ? nil : method.handler)
    }

    /// Registers all that `fill` does, or nothing when there is something wrong with it.
    private mutating func all(_ fill: (inout Router) -> Void) throws(RouteError) {
        var router = self
        fill(&router)
        guard router.problems.count == problems.count else {
            throw RouteError(Array(router.problems[problems.count...]))
        }
        self = router
    }

    private static func unknown(_ mapping: MappingString.Mapping, among names: [String]) -> String {
        "mapping '\(mapping.path) => \(mapping.name)': '\(mapping.name)' is none of "
            + (names.isEmpty ? "no methods" : names.joined(separator: ", "))
    }
}
