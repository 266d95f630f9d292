internal import Containers
internal import HTTPEngine
internal import Synchronization

/// Requests by route: how many, how they ended, how long they took.
///
/// Each thread that serves counts in a shard of its own; reading adds them up. A route's numbers take
/// about 1.2 KiB for each thread on which it has been used, so memory is bounded by routes times
/// threads.
final class RequestMetrics: Sendable {
    /// What stands for the status of an exchange that had none because its client has gone, as in
    /// nginx.
    static let noAnswerStatus: UInt16 = 499

    /// Names for what the engine has answered itself (`RouteLabel.pseudo`); their numbers come before
    /// those of the routes.
    static let pseudoRoutes: [String] = FailureKind.allCases.reduce(into: []) { names, kind in
        let name = RouteLabel.pseudo(kind)
        if !names.contains(name) { names.append(name) }
    }

    /// The routes, in the order of their numbers: pseudo-routes first, then what labels stand for.
    let labels: [RouteLabel]

    /// Their names, such as `GET /users/{id}` or `request/timeout`.
    let names: [String]

    /// As metrics have them.
    let metricLabels: [MetricLabels]

    /// Their numbers, in the order of their names.
    let sortedRows: [Int]

    private let tables: [CounterTable]
    private let totals: [CounterArray]
    private let statusColumns = StatusColumns()
    private let traceID = Mutex<String?>(nil)

    /// Counts for labels 1 ... `labels.count` and pseudo-routes, on threads 0 ..< `threadCount`.
    init(labels: [RouteLabel], threadCount: Int) {
        let pseudoLabels = Self.pseudoRoutes.map { RouteLabel(method: "-", pattern: $0) }
        let names = Self.pseudoRoutes + labels.map(\.description)
        self.labels = pseudoLabels + labels
        self.names = names
        metricLabels = self.labels.map {
            MetricLabels(["method": $0.method, "route": $0.pattern])
        }
        sortedRows = names.indices.sorted { names[$0] < names[$1] }
        tables = (0..<threadCount).map { _ in
            CounterTable(rowCount: names.count, columnCount: RequestMetricsShard.Column.count)
        }
        totals = (0..<threadCount).map { _ in CounterArray(count: RequestMetricsShard.Total.count) }
    }

    /// What a thread counts with; ask once, on that thread.
    func shard(_ thread: Int) -> RequestMetricsShard {
        RequestMetricsShard(
            routes: tables[thread], totals: totals[thread], statusColumns: statusColumns)
    }

    /// The number of the pseudo-route for what the engine has answered itself.
    static func pseudoRow(of kind: FailureKind) -> Int { pseudoRowByKind[Int(kind.rawValue)] }

    private static let pseudoRowByKind: [Int] = FailureKind.allCases.map { kind in
        pseudoRoutes.firstIndex(of: RouteLabel.pseudo(kind)) ?? 0
    }

    /// How many routes there are, pseudo-routes included.
    var routeCount: Int { labels.count }

    /// The numbers of one route, by its number; `nil` while it has never been used. Any thread;
    /// O(threads), about a microsecond for each on which it was.
    func route(_ row: Int) -> RouteCounts? {
        var sums = [UInt64](repeating: 0, count: RequestMetricsShard.Column.count)
        var longest: UInt64 = 0
        var isUsed = false
        for table in tables where table.add(row, to: &sums) {
            isUsed = true
            longest = max(longest, table.value(row, RequestMetricsShard.Column.longest))
        }
        sums[RequestMetricsShard.Column.longest] = longest
        return isUsed ? RouteCounts(sums, statuses: statusColumns.statuses) : nil
    }

    /// Requests on connections that had an earlier one.
    var reusedCount: UInt64 { total(RequestMetricsShard.Total.reused) }

    /// What the engine has refused or ended, by kind; kinds that have not occurred included.
    var failures: [(kind: FailureKind, count: UInt64)] {
        FailureKind.allCases.compactMap { kind in
            if case .none = kind { return nil }
            let place = RequestMetricsShard.Total.failures.lowerBound + Int(kind.rawValue)
            return (kind, total(place))
        }
    }

    /// The sum of all routes. O(routes × threads): for few routes, or off the loop.
    func all() -> RouteCounts {
        (0..<routeCount).reduce(into: RouteCounts()) { sum, row in
            if let route = route(row) { sum.add(route) }
        }
    }

    /// Remembers the trace of a request, for `lastTraceID`. Any thread.
    func noteTraceID(_ id: String) {
        traceID.withLock { $0 = id }
    }

    /// The last trace that was noted.
    var lastTraceID: String? { traceID.withLock { $0 } }

    private func total(_ place: Int) -> UInt64 {
        totals.reduce(0) { $0 &+ $1[place] }
    }
}
