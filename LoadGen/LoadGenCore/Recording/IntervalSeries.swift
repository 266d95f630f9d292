package import Containers

/// What happened in one interval of a run.
package struct IntervalRow: Sendable, Equatable {
    /// Valid answers.
    package var validCount: UInt64 = 0
    /// Errors of all classes.
    package var errorCount: UInt64 = 0
    /// Bytes received.
    package var receivedByteCount: UInt64 = 0
    /// Response times in microseconds, at two digits.
    package var responseTime = IntervalRow.emptyHistogram

    /// Nothing happened. Allocates nothing: empty histograms share their counters.
    package init() {}

    mutating func merge(_ other: IntervalRow) {
        validCount += other.validCount
        errorCount += other.errorCount
        receivedByteCount += other.receivedByteCount
        responseTime.merge(other.responseTime)
    }

    private static let emptyHistogram = Histogram(layout: .interval)
}

/// A run cut into intervals of a second, or longer ones when it is long: memory is bounded by
/// the number of rows, whatever the duration.
package struct IntervalSeries: Sendable, Equatable {
    /// The length of an interval in nanoseconds: a power of two of seconds.
    package private(set) var intervalLength: UInt64
    /// Intervals from the start of the measured part, without gaps.
    package private(set) var rows: [IntervalRow]
    /// The time that the rows cover; the last one may be cut short.
    package private(set) var elapsed: UInt64

    /// The most rows: at 20 KiB each, 10 MiB. One more doubles the interval's length.
    package static let maximumRowCount = 512

    /// An empty series.
    package init() {
        intervalLength = 1_000_000_000
        rows = []
        elapsed = 0
    }

    /// A series that holds the given rows, as they come out of a file; nil unless they fit.
    package init?(intervalLength: UInt64, rows: [IntervalRow], elapsed: UInt64) {
        // Lengths that are powers of two of seconds can be made equal by doubling.
        let (seconds, rest) = intervalLength.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard seconds.nonzeroBitCount == 1, rest == 0, rows.count <= Self.maximumRowCount else {
            return nil
        }
        self.intervalLength = intervalLength
        self.rows = rows
        self.elapsed = elapsed
    }

    /// When the interval that is being filled ends.
    var currentEnd: UInt64 { UInt64(rows.count + 1) * intervalLength }

    /// Appends the interval that is over. When there is no room, two rows become one first, and
    /// then the interval may not be over yet: the row stays with the caller.
    mutating func append(_ row: inout IntervalRow) {
        if rows.count == Self.maximumRowCount {
            coarsen()
            return
        }
        rows.append(row)
        elapsed = UInt64(rows.count) * intervalLength
        row = IntervalRow()
    }

    /// Appends the last interval, which ends at `time`. One that is over as it begins has no
    /// length to be a row of, and goes to the one before.
    mutating func finish(with row: IntervalRow, at time: UInt64) {
        precondition(time < currentEnd)
        elapsed = max(elapsed, time)
        if elapsed <= UInt64(rows.count) * intervalLength, !rows.isEmpty {
            rows[rows.count - 1].merge(row)
            return
        }
        if rows.count == Self.maximumRowCount { coarsen() }
        rows.append(row)
    }

    /// Makes one row of every two.
    mutating func coarsen() {
        intervalLength *= 2
        rows = stride(from: 0, to: rows.count, by: 2).map { index in
            var row = rows[index]
            if index + 1 < rows.count { row.merge(rows[index + 1]) }
            return row
        }
    }

    /// Adds another series of the same run, row by row; the finer one is coarsened first.
    package mutating func merge(_ other: IntervalSeries) {
        var other = other
        if rows.isEmpty { intervalLength = min(intervalLength, other.intervalLength) }
        while intervalLength < other.intervalLength { coarsen() }
        while other.intervalLength < intervalLength { other.coarsen() }
        for (index, row) in other.rows.enumerated() {
            if index < rows.count { rows[index].merge(row) } else { rows.append(row) }
        }
        elapsed = max(elapsed, other.elapsed)
    }

    /// The length of row `index` in nanoseconds; the last may be shorter than the others.
    package func length(ofRow index: Int) -> UInt64 {
        let start = UInt64(index) * intervalLength
        return max(1, min(intervalLength, elapsed > start ? elapsed - start : intervalLength))
    }
}
