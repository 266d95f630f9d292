internal import Sluice

extension Workload {
    /// A look-up among many routes should cost what one among few does.
    static let routing: [Workload] = [10, 1_000].flatMap { count in
        [
            look(up: .literal, among: count, last: "items"),
            look(up: .parameter, among: count, last: "4711"),
        ]
    }

    /// Every route in turn, so that neither the first nor the luckiest decides.
    private static func look(
        up kind: RouteLookup.Kind, among count: Int, last: String
    ) -> Workload {
        let name = kind == .literal ? "literal" : "parameter"
        return Workload(
            "route/\(name)-\(count)", "finds a \(name) route among \(count)", iterations: 2,
            operations: 1_000
        ) { repetitions in
            let lookup = RouteLookup(routeCount: count, kind)
            let paths = (0..<1_000).map { Array(RouteLookup.path($0 % count, last: last).utf8) }
            for _ in 0..<repetitions {
                for path in paths {
                    precondition(lookup.find(path.span) >= 0, "the route is there")
                }
            }
        }
    }
}
