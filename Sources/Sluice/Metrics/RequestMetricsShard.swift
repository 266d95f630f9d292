internal import Containers
package import HTTPEngine
internal import Syscalls

/// What one thread counts of its exchanges. Written by that thread only, without locks; read by any
/// (`RequestMetrics`).
///
/// The exchanges of a turn have nearly everything in common, as they have come and gone together: as
/// long as route, status, start and end stay the same they are only summed up (some twenty instructions
/// each), and are written to the counters when one of these changes (some eighty).
package final class RequestMetricsShard {
    /// The columns of a route's counters. Computed, as constants that are stored are looked up.
    enum Column {
        /// Status by status: `StatusColumns`.
        static var statuses: Range<Int> { 0..<64 }
        /// By `LatencyBuckets`.
        static var buckets: Range<Int> { 64..<144 }
        static var nanoseconds: Int { 144 }
        static var longest: Int { 145 }
        static var receivedBytes: Int { 146 }
        static var sentBytes: Int { 147 }
        static var count: Int { 148 }
    }

    /// The places of what is counted for all routes together.
    enum Total {
        static var reused: Int { 0 }
        /// By the raw value of `FailureKind`.
        static var failures: Range<Int> { 1..<(1 + FailureKind.allCases.count) }
        static var count: Int { failures.upperBound }
    }

    private let routes: CounterTable
    private let totals: CounterArray
    private let statusColumns: StatusColumns
    private let bounds = LatencyBuckets.bounds
    private let firstBuckets = LatencyBuckets.firstBucketByMagnitude
    /// The row of a label is so many behind it.
    private let labelOffset = RequestMetrics.pseudoRoutes.count - 1

    /// What the last exchange was, so that the next need not be looked up where it is the same.
    private struct Last {
        var start: UInt64 = 0
        var end: UInt64 = 0
        var latency: UInt64 = 0
        var bucket = Column.buckets.lowerBound
        var status: UInt16 = 0
        var statusColumn = 0
    }
    private var last = Last()

    /// Exchanges of one route, status, start and end that have not been written yet.
    private struct Run {
        var row = -1
        var count: UInt64 = 0
        var receivedByteCount: UInt64 = 0
        var sentByteCount: UInt64 = 0
    }

    init(routes: CounterTable, totals: CounterArray, statusColumns: StatusColumns) {
        precondition(routes.columnCount == Column.count)
        precondition(Column.statuses.count == StatusColumns.count)
        precondition(Column.buckets.count == LatencyBuckets.count)
        self.routes = routes
        self.totals = totals
        self.statusColumns = statusColumns
        last.status = RequestMetrics.noAnswerStatus
        last.statusColumn = statusColumns.column(of: last.status)
    }

    /// Counts exchanges that are over. On the shard's thread only.
    package func record(_ exchanges: Span<FinishedExchange>) {
        var last = last
        var run = Run()
        var reusedCount: UInt64 = 0
        for index in exchanges.indices {
            // Member by member: what would be called with an exchange would be called with a copy.
            let failure = exchanges[index].failure
            let label = exchanges[index].label
            // A label has 32 bits.
            let row = label > 0 ? Int(label) &+ labelOffset : pseudoRow(of: failure)
            let status = exchanges[index].status
            let (start, end) = (
                exchanges[index].start.nanoseconds, exchanges[index].end.nanoseconds
            )
            if row != run.row || status != last.status || start != last.start || end != last.end {
                write(run, last)
                run = Run(row: row)
                if status != last.status { lookUp(status, &last) }
                if start != last.start || end != last.end { lookUp(start, end, &last) }
            }
            run.count &+= 1  // <= exchanges.count, as the next
            run.receivedByteCount &+= exchanges[index].receivedByteCount
            run.sentByteCount &+= exchanges[index].sentByteCount
            if exchanges[index].ordinal > 1 { reusedCount &+= 1 }
            if case .none = failure { continue }
            count(failure)
        }
        write(run, last)
        if reusedCount > 0 { totals.add(reusedCount, at: Total.reused) }
        self.last = last
    }

    /// Counts one exchange. On the shard's thread only.
    func record(_ exchange: FinishedExchange) {
        record([exchange].span)
    }

    private func write(_ run: Run, _ last: Last) {
        guard run.count > 0 else { return }
        routes.update(run.row) { row in
            row.add(run.count, at: last.statusColumn)
            row.add(run.count, at: last.bucket)
            row.add(run.count &* last.latency, at: Column.nanoseconds)
            row.raise(Column.longest, to: last.latency)
            row.add(run.receivedByteCount, at: Column.receivedBytes)
            row.add(run.sentByteCount, at: Column.sentBytes)
        }
    }

    @inline(never)
    private func count(_ failure: FailureKind) {
        totals.add(1, at: Total.failures.lowerBound + Int(failure.rawValue))
    }

    @inline(never)
    private func pseudoRow(of failure: FailureKind) -> Int {
        RequestMetrics.pseudoRow(of: failure)
    }

    @inline(never)
    private func lookUp(_ status: UInt16, _ last: inout Last) {
        last.status = status
        last.statusColumn = statusColumns.column(
            of: status == 0 ? RequestMetrics.noAnswerStatus : status)
    }

    @inline(never)
    private func lookUp(_ start: UInt64, _ end: UInt64, _ last: inout Last) {
        last.start = start
        last.end = end
        // What never became a request has no start.
        last.latency = start == 0 || end < start ? 0 : end - start
        var bucket = Int(firstBuckets[LatencyBuckets.magnitude(of: last.latency)])
        while bucket < bounds.count, bounds[bucket] < last.latency { bucket += 1 }
        last.bucket = Column.buckets.lowerBound + bucket
    }
}
