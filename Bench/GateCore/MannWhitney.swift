/// Whether one small set of numbers tends to be larger than another, pairs or no pairs: the exact
/// one-sided Mann–Whitney test. For figures of two runs on different days.
///
/// Equal numbers share the mean of their ranks, and the distribution is that of the very ranks at
/// hand: all ways to deal them out are counted. With ties it stays exact, where tables do not.
package enum MannWhitney {
    /// Numbers on both sides together whose ways to be dealt out are counted: 5 × 10^11 of them
    /// fit a Double exactly, and two runs of 21 pairs need no more.
    package static let maximumCount = 42

    /// The chance that `sample` is as far above `other` as it is, or farther, when both come from
    /// the same source. Four on each side can go down to 1/70.
    ///
    /// - Parameters: Both not empty, together at most `maximumCount`, none of them NaN.
    package static func probability(that sample: [Double], exceeds other: [Double]) -> Double {
        precondition(!sample.isEmpty && !other.isEmpty)
        precondition(sample.count + other.count <= maximumCount)
        let ranks = doubledRanks(of: sample + other)
        let observed = ranks[..<sample.count].reduce(0, +)

        // ways[k][s]: choices of k ranks that add up to s.
        let largest = ranks.reduce(0, +)
        let none = Array(repeating: 0.0, count: largest + 1)
        var ways = Array(repeating: none, count: sample.count + 1)
        ways[0][0] = 1
        for (index, rank) in ranks.enumerated() {
            for chosen in stride(from: min(index + 1, sample.count), to: 0, by: -1) {
                for sum in rank...largest { ways[chosen][sum] += ways[chosen - 1][sum - rank] }
            }
        }
        let all = ways[sample.count].reduce(0, +)
        return ways[sample.count][observed...].reduce(0, +) / all
    }

    /// Twice the rank of every value, so that the mean of two neighbouring ranks is whole.
    static func doubledRanks(of values: [Double]) -> [Int] {
        precondition(!values.contains { $0.isNaN })
        return values.map { value in
            let below = values.count { $0 < value }
            let equal = values.count { $0 == value }
            // Ranks below + 1 … below + equal, of which twice the mean is this.
            return 2 * below + equal + 1
        }
    }
}
