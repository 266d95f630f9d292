internal import Containers

/// Exact bounds of a percentile from samples taken together, for rounds too short to have
/// percentiles of their own.
///
/// A percentile lies below a value exactly when the share of slower answers is small enough, so the
/// bounds are values between which Clopper and Pearson cannot decide (David and Nagaraja, "Order
/// Statistics", §7.1). They take answers for independent; the judge looks at the worst round too.
enum PercentileBounds {
    /// What the percentile does not exceed, wrong at most once in 1/`alpha` times; infinite when so
    /// few samples bound nothing.
    static func upper(_ percentile: Double, of samples: Histogram, alpha: Double) -> Double {
        let share = (100 - percentile) / 100
        // How many answers may be slower than the bound.
        let slower = count(upTo: samples.count) {
            ClopperPearson.upperBound(events: $0, of: samples.count, alpha: alpha) <= share
        }
        return slower == 0 ? .infinity : value(rank: samples.count - (slower - 1), of: samples)
    }

    /// What the percentile is not below, wrong at most once in 1/`alpha` times; 0 when so few
    /// samples bound nothing.
    static func lower(_ percentile: Double, of samples: Histogram, alpha: Double) -> Double {
        let share = (100 - percentile) / 100
        let tooFew = count(upTo: samples.count) {
            ClopperPearson.lowerBound(events: $0, of: samples.count, alpha: alpha) <= share
        }
        // From `tooFew` answers on, so many are as slow as the slowest of them that it is sure.
        return tooFew > samples.count ? 0 : value(rank: samples.count - tooFew + 1, of: samples)
    }

    /// How many of 0, 1, … `last` satisfy a condition that holds up to some number.
    private static func count(upTo last: UInt64, _ holds: (UInt64) -> Bool) -> UInt64 {
        var (low, high) = (UInt64(0), last + 1)
        while low < high {
            let middle = low + (high - low) / 2
            if holds(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The value that is `rank`th from below, counted from 1.
    private static func value(rank: UInt64, of samples: Histogram) -> Double {
        let percentile = Double(rank) / Double(samples.count) * 100
        return Double(samples.value(atPercentile: min(100, percentile)))
    }
}
