internal import Presentation
internal import Syscalls

/// What happened on a route, or on all, between two readings.
struct StatusWindow: Sendable {
    let seconds: Double
    let requestCount: UInt64
    let clientErrorCount: UInt64
    let serverErrorCount: UInt64
    /// By `LatencyBuckets`.
    private let latencies: [UInt64]

    /// - Parameter earlier: `nil`: nothing had been counted then.
    init(from earlier: RouteCounts?, to later: RouteCounts, seconds: Double) {
        self.seconds = max(seconds, 0.001)
        let before = earlier ?? RouteCounts()
        // Numbers only grow, but each of them is read at its own moment.
        latencies = zip(later.latencies, before.latencies).map { $0 &- min($0, $1) }
        requestCount = latencies.reduce(0, &+)
        clientErrorCount = Self.difference(later.clientErrorCount, before.clientErrorCount)
        serverErrorCount = Self.difference(later.serverErrorCount, before.serverErrorCount)
    }

    var requestRate: Double { Double(requestCount) / seconds }
    var clientErrorRate: Double { Double(clientErrorCount) / seconds }
    var serverErrorRate: Double { Double(serverErrorCount) / seconds }

    /// The latency in seconds that a share of the requests was not above; `nil` without any.
    func percentile(_ share: Double) -> Double? {
        LatencyBuckets.percentile(share, of: latencies).map { $0 / 1e9 }
    }

    private static func difference(_ later: UInt64, _ earlier: UInt64) -> UInt64 {
        later &- min(later, earlier)
    }
}

/// What a route did lately.
struct BusyRoute: Sendable {
    let name: String
    let window: StatusWindow

    /// Routes in the dashboard's table.
    static let maxCount = 8

    /// The routes that had the most requests between two readings.
    static func busiest(from base: StatusReading, to reading: StatusReading) -> [BusyRoute] {
        let seconds = Double(reading.time.nanoseconds - base.time.nanoseconds) / 1e9
        let used = reading.labels.indices.compactMap { row -> BusyRoute? in
            let label = reading.labels[row]
            guard let route = reading.routes[row], !StatusReading.isOwnStream(label) else {
                return nil
            }
            let before = base.routes.indices.contains(row) ? base.routes[row] : nil
            let window = StatusWindow(from: before, to: route, seconds: seconds)
            return window.requestCount > 0
                ? BusyRoute(name: label.shownName, window: window) : nil
        }
        let sorted = used.sorted {
            ($0.window.requestCount, $1.name) > ($1.window.requestCount, $0.name)
        }
        return Array(sorted.prefix(maxCount))
    }
}

extension [BusyRoute] {
    /// As the dashboard reads them.
    var json: JSONValue {
        .array(map { .object([.init("route", .string($0.name))] + $0.window.members) })
    }
}

extension StatusWindow {
    /// As the dashboard reads it: in a second, and in milliseconds.
    var members: [JSONValue.Member] {
        func milliseconds(_ share: Double) -> JSONValue {
            percentile(share).map { .rounded($0 * 1_000, 3) } ?? .null
        }
        return [
            .init("rate", .rounded(requestRate, 1)),
            .init("client_errors", .rounded(clientErrorRate, 2)),
            .init("server_errors", .rounded(serverErrorRate, 2)),
            .init("p50", milliseconds(0.5)), .init("p95", milliseconds(0.95)),
            .init("p99", milliseconds(0.99)),
        ]
    }
}
