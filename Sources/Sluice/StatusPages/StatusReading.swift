internal import HTTPEngine
internal import Syscalls

/// All that a server counts, at one moment. Made off the loop: it takes a pass over all routes and
/// connections, and some files of /proc.
struct StatusReading: Sendable {
    let time: Instant
    /// Since 1970.
    let wallMilliseconds: Int64
    /// `running`, `draining` or `stopped`.
    let phase: String
    let engine: EngineStatistics.Snapshot
    /// Processor time of all threads so far.
    let processorNanoseconds: UInt64
    /// `nil`: /proc is not there.
    let process: ProcessStatistics?
    /// By the numbers of `RequestMetrics`; `nil`: never used.
    let routes: [RouteCounts?]
    /// Their names.
    let labels: [RouteLabel]
    /// The sum of the routes, but for the dashboard's own streams: they last as long as somebody
    /// looks, and would be all that a quiet server shows (`total(of:_:)`).
    let total: RouteCounts
    let reusedCount: UInt64
    let failures: [(kind: FailureKind, count: UInt64)]

    static func isOwnStream(_ label: RouteLabel) -> Bool { label.pattern == Dashboard.eventsPath }

    /// Requests that have begun and are not over.
    var inFlightCount: UInt64 {
        let (begun, ended) = (engine[.begunRequests], engine[.endedRequests])
        return begun &- min(begun, ended)
    }

    /// Exchanges that ended without a whole answer.
    var brokenCount: UInt64 {
        failures.reduce(0) { sum, failure in
            switch failure.kind {
            case .clientGone, .brokenAnswer: sum + failure.count
            case .none, .malformed, .targetTooLong, .headTooLarge, .bodyTooLarge, .timedOut,
                .unsupported, .overloaded, .draining, .deadline:
                sum
            }
        }
    }
}

extension StatusReading {
    /// Reads everything.
    init(_ inside: ServerInside) {
        time = MonotonicClock.now()
        let wall = WallClock.now()
        wallMilliseconds = wall.seconds * 1_000 + wall.nanoseconds / 1_000_000
        phase = inside.phase
        engine = inside.statistics.snapshot()
        processorNanoseconds = ProcessCPUClock.now()
        process = try? ProcessStatistics.now()
        let requests = inside.requests
        let labels = requests?.labels ?? []
        self.labels = labels
        let routes = (0..<(requests?.routeCount ?? 0)).map { requests?.route($0) }
        self.routes = routes
        total = Self.total(of: routes, labels)
        reusedCount = requests?.reusedCount ?? 0
        failures = requests?.failures ?? []
    }

    /// The sum of the routes.
    static func total(of routes: [RouteCounts?], _ labels: [RouteLabel]) -> RouteCounts {
        zip(routes, labels).reduce(into: RouteCounts()) { sum, entry in
            if let route = entry.0, !isOwnStream(entry.1) { sum.add(route) }
        }
    }
}
