// A histogram with a high dynamic range and a fixed relative error.
//
// Theory of operation. Values are counted in buckets; every bucket covers twice the range of the
// one before, cut into the same number of equal sub-buckets. With three significant digits there
// are 2,048 sub-buckets, so that two values which share one differ by less than 0.1 %:
//
//     bucket 0   0 … 2,047        unit 1     all 2,048 sub-buckets
//     bucket 1   2,048 … 4,095    unit 2     the upper 1,024 (the lower half is bucket 0)
//     bucket 2   4,096 … 8,191    unit 4     the upper 1,024
//     …
//
// Finding the counter of a value is a count of leading zeros, a shift and an addition. Two
// histograms of one layout add exactly, which percentiles never do. The layout is the one of the
// HdrHistogram project, bit for bit, so that its files can be written and read.

/// How a histogram maps values to counters: the geometry that two histograms must share to add.
package struct HistogramLayout: Sendable, Hashable {
    /// The smallest value that differs from zero; at least 1.
    package let lowestDiscernibleValue: Int
    /// The largest value that has a counter; at least twice the lowest.
    package let highestTrackableValue: Int
    /// The decimal digits that are kept, 0 to 5.
    package let significantDigits: Int
    /// The number of counters.
    package let counterCount: Int
    /// The number of buckets.
    package let bucketCount: Int
    /// The number of sub-buckets in a bucket; a power of two.
    package let subBucketCount: Int

    private let unitMagnitude: Int
    private let subBucketHalfMagnitude: Int
    private let subBucketMask: Int
    private let leadingZeroBase: Int

    /// 1 µs to 60 s at three digits: 17,408 counters, 136 KiB. The layout of every whole-run figure.
    package static let latency = HistogramLayout(highest: 60_000_000, significantDigits: 3)!

    /// 1 µs to 60 s at two digits: 2,560 counters, 20 KiB. The layout of one interval of a series,
    /// of which a long run keeps hundreds.
    package static let interval = HistogramLayout(highest: 60_000_000, significantDigits: 2)!

    /// Makes a layout, or nil when HdrHistogram would refuse the same numbers.
    ///
    /// A layout may come out of a file, so a wrong one is an answer and not a programming error.
    package init?(lowest: Int = 1, highest: Int, significantDigits: Int) {
        guard lowest >= 1, highest / 2 >= lowest, (0...5).contains(significantDigits) else {
            return nil
        }
        var singleUnitResolution = 2
        for _ in 0..<significantDigits { singleUnitResolution *= 10 }
        // The least power of two that holds the resolution.
        let magnitude = Int.bitWidth - (singleUnitResolution - 1).leadingZeroBitCount
        unitMagnitude = Int.bitWidth - 1 - lowest.leadingZeroBitCount
        guard unitMagnitude + magnitude <= 62 else { return nil }

        lowestDiscernibleValue = lowest
        highestTrackableValue = highest
        self.significantDigits = significantDigits
        subBucketHalfMagnitude = magnitude - 1
        subBucketCount = 1 << magnitude
        subBucketMask = (subBucketCount - 1) << unitMagnitude
        leadingZeroBase = Int.bitWidth - unitMagnitude - magnitude

        var buckets = 1
        var smallestUntrackable = subBucketCount << unitMagnitude
        while smallestUntrackable <= highest {
            buckets += 1
            if smallestUntrackable > Int.max / 2 { break }
            smallestUntrackable <<= 1
        }
        bucketCount = buckets
        counterCount = (buckets + 1) * (subBucketCount / 2)
    }

    /// The counter that holds `value`, which must be within 0 and the highest trackable value.
    package func index(of value: Int) -> Int {
        // Neither operation can overflow: the base is the leading-zero count of the mask itself.
        let bucket = leadingZeroBase &- (value | subBucketMask).leadingZeroBitCount
        return (bucket &<< subBucketHalfMagnitude) &+ (value &>> (bucket &+ unitMagnitude))
    }

    /// The smallest value that counter `index` holds.
    package func lowestValue(at index: Int) -> Int {
        let half = 1 << subBucketHalfMagnitude
        let bucket = (index >> subBucketHalfMagnitude) - 1
        guard bucket >= 0 else { return index << unitMagnitude }
        return ((index & (half - 1)) + half) << (bucket + unitMagnitude)
    }

    /// The largest value that counter `index` holds.
    package func highestValue(at index: Int) -> Int {
        lowestValue(at: index) + (width(at: index) - 1)
    }

    /// The value in the middle of what counter `index` holds: its stand-in for means.
    package func middleValue(at index: Int) -> Int {
        lowestValue(at: index) + width(at: index) / 2
    }

    private func width(at index: Int) -> Int {
        1 << (max(0, (index >> subBucketHalfMagnitude) - 1) + unitMagnitude)
    }
}

/// Counts of values, kept so that any percentile can be told within the layout's digits.
///
/// Memory is fixed by the layout, whatever the number of values. `record` is a few instructions
/// and allocates nothing. A copy shares its counters until one of the two is changed.
package struct Histogram: Sendable, Equatable {
    /// The geometry; two histograms add only when theirs are equal.
    package let layout: HistogramLayout
    /// One counter per sub-bucket, `layout.counterCount` of them.
    package private(set) var counters: [UInt64]
    /// The number of recorded values.
    package private(set) var count: UInt64 = 0
    /// How many of them were above the layout's highest value, and were counted there.
    package private(set) var clampedCount: UInt64 = 0
    private var smallest = Int.max
    private var largest = 0

    /// An empty histogram. Allocates its counters.
    package init(layout: HistogramLayout = .latency) {
        self.layout = layout
        counters = Array(repeating: 0, count: layout.counterCount)
    }

    /// A histogram that holds the given counters, as they come out of a file.
    ///
    /// - Parameter counters: At most `layout.counterCount`; the missing ones are zero. Their sum
    ///   must fit into 64 bits.
    package init(layout: HistogramLayout, counters: [UInt64]) {
        precondition(counters.count <= layout.counterCount)
        self.init(layout: layout)
        for (index, counter) in counters.enumerated() where counter > 0 {
            self.counters[index] = counter
            count += counter
            smallest = min(smallest, layout.lowestValue(at: index))
            largest = max(largest, layout.highestValue(at: index))
        }
        largest = min(largest, layout.highestTrackableValue)
    }

    /// Gives back what the counters alone do not tell: the exact extremes and the number of
    /// clamped values.
    ///
    /// - Returns: False, and no change, when they contradict the counters.
    package mutating func restore(minimum: Int, maximum: Int, clampedCount: UInt64) -> Bool {
        guard !isEmpty else { return minimum == 0 && maximum == 0 && clampedCount == 0 }
        let range = 0...layout.highestTrackableValue
        guard range.contains(minimum), range.contains(maximum), clampedCount <= count,
            layout.index(of: minimum) == layout.index(of: smallest),
            layout.index(of: maximum) == layout.index(of: largest)
        else { return false }
        (smallest, largest) = (minimum, maximum)
        self.clampedCount = clampedCount
        return true
    }

    /// Counts one value. A value above the highest is counted there and in `clampedCount`; a
    /// negative one, which two clock readings of different threads can give, counts as zero.
    package mutating func record(_ value: Int) {
        var value = max(0, value)
        if value > layout.highestTrackableValue {
            value = layout.highestTrackableValue
            clampedCount &+= 1
        }
        // Incrementing 64 bits once per nanosecond takes centuries to overflow.
        counters[layout.index(of: value)] &+= 1
        count &+= 1
        if value < smallest { smallest = value }
        if value > largest { largest = value }
    }

    /// Adds everything that `other` counted. The result equals recording all values in one.
    package mutating func merge(_ other: Histogram) {
        precondition(layout == other.layout, "histograms of different layouts do not add")
        guard other.count > 0 else { return }
        for index in counters.indices { counters[index] += other.counters[index] }
        count += other.count
        clampedCount += other.clampedCount
        smallest = min(smallest, other.smallest)
        largest = max(largest, other.largest)
    }

    /// Adds `other`, whose layout may differ, at the middle of each of its counters.
    package mutating func absorb(_ other: Histogram) {
        if layout == other.layout { return merge(other) }
        for (index, counter) in other.counters.enumerated() where counter > 0 {
            let value = min(other.layout.middleValue(at: index), layout.highestTrackableValue)
            counters[layout.index(of: value)] += counter
        }
        guard other.count > 0 else { return }
        count += other.count
        clampedCount += other.clampedCount
        smallest = min(smallest, other.smallest)
        largest = max(largest, min(other.largest, layout.highestTrackableValue))
    }

    /// Forgets every value and keeps the memory.
    package mutating func reset() {
        for index in counters.indices { counters[index] = 0 }
        count = 0
        clampedCount = 0
        smallest = Int.max
        largest = 0
    }

    /// Whether nothing was recorded.
    package var isEmpty: Bool { count == 0 }

    /// The smallest recorded value; 0 when there is none.
    package var minimum: Int { isEmpty ? 0 : smallest }

    /// The largest recorded value; 0 when there is none.
    package var maximum: Int { largest }

    /// The value that `percentile` percent of all values do not exceed, within the layout's
    /// digits; 0 when nothing was recorded. O(counters).
    package func value(atPercentile percentile: Double) -> Int {
        precondition(percentile >= 0 && percentile <= 100)
        let wanted = rank(ofPercentile: percentile)
        var seen: UInt64 = 0
        for (index, counter) in counters.enumerated() where counter > 0 {
            seen += counter
            if seen >= wanted { return min(layout.highestValue(at: index), largest) }
        }
        return largest
    }

    /// Whether so few values lie above `percentile` (fewer than ten) that another run would give
    /// another answer. A report then shows a dash.
    package func hasTooFewValues(forPercentile percentile: Double) -> Bool {
        // The tolerance is for 1 - 0.999 and its like, which binary fractions miss by a hair.
        Double(count) * (100 - percentile) / 100 < 10 - 1e-6
    }

    /// How many values are in the counters up to and including the one of `value`.
    package func countAtOrBelow(_ value: Int) -> UInt64 {
        let last = layout.index(of: min(max(0, value), layout.highestTrackableValue))
        return counters[...last].reduce(0, +)
    }

    /// The mean, each value taken at the middle of its counter; 0 when there is none.
    package var mean: Double {
        guard count > 0 else { return 0 }
        var sum = 0.0
        for (index, counter) in counters.enumerated() where counter > 0 {
            sum += Double(layout.middleValue(at: index)) * Double(counter)
        }
        return sum / Double(count)
    }

    /// The standard deviation of the values themselves (not of a sample of them).
    package var standardDeviation: Double {
        guard count > 0 else { return 0 }
        let mean = mean
        var sum = 0.0
        for (index, counter) in counters.enumerated() where counter > 0 {
            let deviation = Double(layout.middleValue(at: index)) - mean
            sum += deviation * deviation * Double(counter)
        }
        return (sum / Double(count)).squareRoot()
    }

    /// Traps unless the summary fields agree with the counters. For tests.
    package func checkInvariants() {
        precondition(counters.count == layout.counterCount)
        precondition(counters.reduce(0, +) == count)
        precondition(clampedCount <= count)
        precondition(largest <= layout.highestTrackableValue)
        precondition(isEmpty || smallest <= largest)
        precondition(isEmpty || counters[layout.index(of: smallest)] > 0)
        precondition(isEmpty || counters[layout.index(of: largest)] > 0)
    }

    private func rank(ofPercentile percentile: Double) -> UInt64 {
        let exact = percentile / 100 * Double(count)
        // 0.999 × 1,000 is 999.0000000000001; it must not become the 1,000th value.
        return max(1, UInt64((exact * (1 - 1e-12)).rounded(.up)))
    }
}
