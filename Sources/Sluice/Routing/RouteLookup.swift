internal import HTTP1

/// Looks routes up without a server around them: for what measures and tests the look-up alone.
package struct RouteLookup: Sendable {
    private let table: RouteTable

    /// The routes of a router.
    ///
    /// - Throws: `RouteError`, as making a server does.
    package init(_ router: Router) throws(RouteError) {
        guard router.problems.isEmpty else { throw RouteError(router.problems) }
        table = router.table
    }

    /// What routes are made of, to measure with.
    package enum Kind: Sendable, CaseIterable {
        /// `/api/resource-000042/items`
        case literal
        /// `/api/resource-000042/{id}`
        case parameter
    }

    /// So many routes for GET, all alike, none with a body of its own.
    package init(routeCount: Int, _ kind: Kind) {
        var router = Router()
        for index in 0..<routeCount {
            router.get(Self.path(index, last: kind == .literal ? "items" : "{id}")) { _, _ in }
        }
        table = router.table
    }

    /// A path that the route with this index answers.
    package static func path(_ index: Int, last: String) -> String {
        let digits = String(index)
        let padding = String(repeating: "0", count: max(0, 6 - digits.count))
        return "/api/resource-\(padding)\(digits)/\(last)"
    }

    /// The index of the handler for GET, as a request finds it; negative when there is none.
    package func find(_ path: Span<UInt8>) -> Int {
        let target = table.findSpelled(path, .get)
        return target >= 0 ? target : table.find(path, .get, name: path)
    }

    /// The pattern that answers, as a request finds it; `nil` when there is none.
    package func pattern(_ method: Method, _ path: [UInt8]) -> String? {
        let name = Array(method.rawValue.utf8)
        let code = Method.known.firstIndex(of: method).map { RequestMethod.allCases[$0] } ?? .other
        var target = table.findSpelled(path.span, code)
        if target < 0 { target = table.find(path.span, code, name: name.span) }
        guard target >= 0 else { return nil }
        let text = table.patterns[table.targets[target].pattern.bounds].dropFirst()
        return String(decoding: text, as: UTF8.self)
    }

    /// The value of `Allow`; `nil` when no pattern matches.
    package func allow(_ path: [UInt8]) -> String? {
        table.allow(at: path.span)
    }
}
