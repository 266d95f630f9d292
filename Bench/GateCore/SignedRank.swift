/// What the ratios of a few pairs say about the true ratio: the Hodges–Lehmann estimate and exact
/// bounds from Wilcoxon's signed-rank test (Hollander and Wolfe, "Nonparametric Statistical
/// Methods", §3.1 to 3.3).
///
/// It takes logarithms of ratios, since twice as fast and half as fast are then equally far from
/// equal. The only assumption is that the noise of a pair is as likely to help as to hurt by any
/// amount; how large it is, and how heavy its tails are, does not matter. A bootstrap of so few
/// pairs is wrong two to three times as often as it says, and a t interval trusts a bell curve.
///
/// Without any noise all pairs are equal, estimate and bounds coincide, and the verdict is as
/// certain as the ratio is constant. Clocks of processors never do that; percentiles of a
/// histogram may, and then they mean it.
///
/// Values may be infinite: a server that answered nothing has a ratio of zero. An infinitely good
/// pair and an infinitely bad one average to nothing known, which counts against every bound.
package struct SignedRank: Sendable {
    /// Pairs that an exact distribution is kept for: its counts, up to 2^n, fit with ease, and no
    /// plan has more than 21.
    package static let maximumCount = 40

    /// How many values there are.
    package let count: Int
    /// Averages of every value with every other and with itself, in order.
    private let averages: [Double]
    /// Averages that could be anything; with the others they are n(n + 1)/2.
    private let unknownCount: Int

    /// - Parameter values: One per pair, 1 to `maximumCount`, none of them NaN.
    package init(_ values: [Double]) {
        precondition(!values.isEmpty && values.count <= Self.maximumCount)
        precondition(!values.contains { $0.isNaN })
        count = values.count
        var averages: [Double] = []
        averages.reserveCapacity(count * (count + 1) / 2)
        for (index, value) in values.enumerated() {
            // An infinite value with itself is itself; half of each cannot overflow.
            for other in values[index...] { averages.append(value / 2 + other / 2) }
        }
        let known = averages.filter { !$0.isNaN }.sorted()
        unknownCount = averages.count - known.count
        self.averages = known
    }

    /// The median of the averages of all pairs of values: nearly as efficient as the mean where the
    /// mean is best, and unmoved by a wild value.
    package var estimate: Double {
        // Never empty: every value is an average, with itself.
        averages.median ?? .nan
    }

    /// What the true value exceeds, wrong at most once in 1/`alpha` times; nil when so few values
    /// can show nothing at that level.
    ///
    /// Six values at 1.6 % give the smallest of them: all six lie on the wrong side of the truth
    /// once in 64 times.
    package func lowerBound(alpha: Double) -> Double? {
        guard let rank = Self.rank(count: count, alpha: alpha) else { return nil }
        return rank <= unknownCount ? -.infinity : averages[rank - unknownCount - 1]
    }

    /// What the true value stays below, wrong at most once in 1/`alpha` times; nil when so few
    /// values can show nothing at that level.
    package func upperBound(alpha: Double) -> Double? {
        guard let rank = Self.rank(count: count, alpha: alpha) else { return nil }
        return rank <= unknownCount ? .infinity : averages[averages.count - rank + unknownCount]
    }

    /// Which average, counted from 1 at either end, is the bound: the largest k whose chance that
    /// fewer than k averages lie on the wrong side is at most `alpha`. Nil when there is none.
    static func rank(count: Int, alpha: Double) -> Int? {
        var chance = 0.0
        for (sum, probability) in distribution(count: count).enumerated() {
            chance += probability
            if chance > alpha { return sum == 0 ? nil : sum }
        }
        return nil
    }

    /// The chance of every rank sum 0 … n(n + 1)/2 when the true value is zero: every rank is in the
    /// sum or not, like the flip of a coin.
    static func distribution(count: Int) -> [Double] {
        precondition((1...maximumCount).contains(count))
        // Whole numbers up to 2^40 are exact in a Double.
        var ways = Array(repeating: 0.0, count: count * (count + 1) / 2 + 1)
        ways[0] = 1
        for rank in 1...count {
            for sum in stride(from: ways.count - 1, through: rank, by: -1) {
                ways[sum] += ways[sum - rank]
            }
        }
        let total = Double(1 << count)
        return ways.map { $0 / total }
    }
}
