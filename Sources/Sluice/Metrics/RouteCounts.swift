/// What has been counted of one route, or of several together.
struct RouteCounts: Sendable, Equatable {
    /// How often each status was answered, rising; 499 is a client that has gone before its answer,
    /// 0 all that came beyond the limit of different statuses.
    private(set) var statuses: [StatusCount] = []
    /// Latencies by `LatencyBuckets`; not cumulative.
    private(set) var latencies = [UInt64](repeating: 0, count: LatencyBuckets.count)
    /// The sum of all latencies, in nanoseconds.
    private(set) var nanoseconds: UInt64 = 0
    /// The longest of them.
    private(set) var longestNanoseconds: UInt64 = 0
    /// Bytes of requests, heads and bodies as they came.
    private(set) var receivedByteCount: UInt64 = 0
    /// Bytes of answers, as they were sent.
    private(set) var sentByteCount: UInt64 = 0

    /// How often one status was answered.
    struct StatusCount: Sendable, Equatable {
        let status: UInt16
        var count: UInt64

        /// Such as `404`; `other` for all beyond the limit of different statuses.
        var code: String { status == 0 ? "other" : String(status) }

        /// Such as `4xx`.
        var statusClass: String { status == 0 ? "other" : "\(status / 100)xx" }
    }

    /// Nothing.
    init() {}

    /// From the sums of a route's columns.
    init(_ sums: [UInt64], statuses columns: [UInt16]) {
        typealias Column = RequestMetricsShard.Column
        let counted = columns.indices.filter { sums[$0] > 0 }
        statuses = counted.map { StatusCount(status: columns[$0], count: sums[$0]) }
        let others = sums[StatusColumns.count - 1]
        if others > 0 { statuses.append(StatusCount(status: 0, count: others)) }
        statuses.sort { $0.status < $1.status }
        latencies = Array(sums[Column.buckets])
        nanoseconds = sums[Column.nanoseconds]
        longestNanoseconds = sums[Column.longest]
        receivedByteCount = sums[Column.receivedBytes]
        sentByteCount = sums[Column.sentBytes]
    }

    /// Requests.
    var requestCount: UInt64 { latencies.reduce(0, &+) }

    /// Requests whose status says that the server was at fault.
    var serverErrorCount: UInt64 { count(of: 500...599) }

    /// Requests whose status says that the client was.
    var clientErrorCount: UInt64 { count(of: 400...499) }

    /// Requests with a status of a range.
    func count(of range: ClosedRange<UInt16>) -> UInt64 {
        statuses.reduce(0) { range.contains($1.status) ? $0 + $1.count : $0 }
    }

    /// The latency in milliseconds that a share of all is not above; `nil` without any.
    func percentileMilliseconds(_ share: Double) -> Double? {
        LatencyBuckets.percentile(share, of: latencies, longest: longestNanoseconds)
            .map { $0 / 1e6 }
    }

    /// Adds those of another route.
    mutating func add(_ other: RouteCounts) {
        for entry in other.statuses {
            if let index = statuses.firstIndex(where: { $0.status >= entry.status }) {
                if statuses[index].status == entry.status {
                    statuses[index].count += entry.count
                } else {
                    statuses.insert(entry, at: index)
                }
            } else {
                statuses.append(entry)
            }
        }
        for index in latencies.indices { latencies[index] &+= other.latencies[index] }
        nanoseconds &+= other.nanoseconds
        longestNanoseconds = max(longestNanoseconds, other.longestNanoseconds)
        receivedByteCount &+= other.receivedByteCount
        sentByteCount &+= other.sentByteCount
    }
}
