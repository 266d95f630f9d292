/// The buckets that latencies are counted in: ten for each power of ten, from 1 µs to 60 s, and one
/// above.
///
/// Their bounds are the preferred numbers R10 (ISO 3), rounded: 1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5,
/// 6.3, 8. All bounds of `exported` and `tableMilliseconds` are among them, so that what is counted
/// once is told exactly in coarser buckets, and a percentile that is interpolated in a bucket is off
/// by less than its width, a quarter.
enum LatencyBuckets {
    /// The upper bounds in nanoseconds, rising; a latency is in the first bucket whose bound is not
    /// below it.
    static let bounds: [UInt64] = {
        let steps: [UInt64] = [
            1_000, 1_250, 1_600, 2_000, 2_500, 3_200, 4_000, 5_000, 6_300, 8_000,
        ]
        var bounds: [UInt64] = []
        var scale: UInt64 = 1
        for _ in 0..<8 {
            bounds += steps.map { $0 * scale }
            scale *= 10
        }
        return bounds.filter { $0 < longest } + [longest]
    }()

    /// The last bound: 60 s.
    static let longest: UInt64 = 60_000_000_000

    /// Buckets, the one above all bounds included.
    static let count = bounds.count + 1

    /// The bounds that Prometheus is told, in nanoseconds: those that people know, as each is a line
    /// for each route.
    static let exported: [UInt64] = [
        10_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
        25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000,
        2_500_000_000, 5_000_000_000, 10_000_000_000,
    ]

    /// The bounds of `latency_buckets_ms` in `/_metrics`, in milliseconds.
    static let tableMilliseconds: [UInt64] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 5_000]

    /// How large a latency is: four numbers for each power of two from 512 ns up, so that at most
    /// two buckets are left to choose from.
    static func magnitude(of latency: UInt64) -> Int {
        let latency = max(latency, 512)
        let bitCount = 64 &- latency.leadingZeroBitCount  // 10 ... 64
        return (bitCount &- 10) &<< 2 | Int(truncatingIfNeeded: latency &>> (bitCount &- 3)) & 3
    }

    /// For each magnitude the first bucket that such a latency may be in.
    static let firstBucketByMagnitude: [UInt8] = (0..<55 * 4).map { magnitude in
        let least = UInt64(4 + magnitude % 4) << (magnitude / 4 + 7)
        let first = bounds.firstIndex { $0 >= least } ?? bounds.count
        return UInt8(magnitude == 0 ? 0 : first)
    }

    /// How many latencies were at most each of some bounds, which must be among `bounds`.
    static func cumulated(_ counts: [UInt64], to wanted: [UInt64]) -> [UInt64] {
        precondition(counts.count == count)
        var sums: [UInt64] = []
        sums.reserveCapacity(wanted.count)
        var (sum, index): (UInt64, Int) = (0, 0)
        for bound in wanted {
            while index < bounds.count, bounds[index] <= bound {
                sum += counts[index]
                index += 1
            }
            sums.append(sum)
        }
        return sums
    }

    /// The latency, in nanoseconds, that a share of all is not above: linear between the bounds of
    /// the bucket in which it lies, and in the last one `longest` or the last bound.
    ///
    /// - Parameters:
    ///   - share: 0 ... 1, such as 0.99.
    ///   - longest: The longest latency, if it is known; no result is above it.
    /// - Returns: `nil` when nothing has been counted.
    static func percentile(
        _ share: Double, of counts: [UInt64], longest: UInt64? = nil
    ) -> Double? {
        precondition(counts.count == count && (0...1).contains(share))
        let total = counts.reduce(0, &+)
        guard total > 0 else { return nil }
        let rank = max(share * Double(total), 1)
        var below: UInt64 = 0
        for (index, count) in counts.enumerated() where count > 0 {
            guard Double(below + count) >= rank else {
                below += count
                continue
            }
            guard index < bounds.count else { break }
            let lower = index == 0 ? 0 : Double(bounds[index - 1])
            let part = (rank - Double(below)) / Double(count)
            let value = lower + part * (Double(bounds[index]) - lower)
            return longest.map { min(value, Double($0)) } ?? value
        }
        return Double(longest ?? Self.longest)
    }
}
