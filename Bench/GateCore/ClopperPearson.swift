internal import Glibc

/// Exact bounds of a proportion from a count of events (Clopper and Pearson 1934), for error rates.
///
/// They hold for any count, also for none: no error in 300 attempts still allows a rate of 1 %
/// once in twenty times. They assume that attempts fail one by one; errors come in clusters of a
/// connection, which is why the judge also looks at the worst round.
package enum ClopperPearson {
    /// What the true share stays below, wrong at most once in 1/`alpha` times.
    package static func upperBound(events: UInt64, of attempts: UInt64, alpha: Double) -> Double {
        precondition(events <= attempts && alpha > 0 && alpha < 1)
        guard events < attempts else { return 1 }
        return inverse(1 - alpha, Double(events) + 1, Double(attempts - events))
    }

    /// What the true share exceeds, wrong at most once in 1/`alpha` times.
    package static func lowerBound(events: UInt64, of attempts: UInt64, alpha: Double) -> Double {
        precondition(events <= attempts && alpha > 0 && alpha < 1)
        guard events > 0 else { return 0 }
        return inverse(alpha, Double(events), Double(attempts - events) + 1)
    }

    /// The share at which the beta distribution function reaches `probability`, by bisection: it
    /// rises without a break, and 100 halvings leave nothing of a Double.
    private static func inverse(_ probability: Double, _ a: Double, _ b: Double) -> Double {
        var (low, high) = (0.0, 1.0)
        for _ in 0..<100 {
            let middle = (low + high) / 2
            if regularizedBeta(middle, a, b) < probability { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// The regularised incomplete beta function I_x(a, b), from the continued fraction on whichever
    /// side of the mean converges fast (DLMF 8.17.22).
    static func regularizedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        let logarithm =
            logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x)
        let front = exp(logarithm)
        return x < (a + 1) / (a + b + 2)
            ? front * continuedFraction(x, a, b) / a
            : 1 - front * continuedFraction(1 - x, b, a) / b
    }

    /// The continued fraction, evaluated from the front (Lentz's method).
    private static func continuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        /// Instead of a zero denominator; nothing that matters comes near it.
        let tiny = 1e-300
        /// It needs about the square root of the larger parameter: 10,000 for 10^8 attempts.
        let maximumSteps = 1_000_000
        func nonZero(_ value: Double) -> Double { value.magnitude < tiny ? tiny : value }

        var numerator = 1.0
        var denominator = 1 / nonZero(1 - (a + b) * x / (a + 1))
        var result = denominator
        for step in 1...maximumSteps {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            denominator = 1 / nonZero(1 + even * denominator)
            numerator = nonZero(1 + even / numerator)
            result *= denominator * numerator
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            denominator = 1 / nonZero(1 + odd * denominator)
            numerator = nonZero(1 + odd / numerator)
            let factor = denominator * numerator
            result *= factor
            if (factor - 1).magnitude < 1e-14 { break }
        }
        return result
    }

    private static func logGamma(_ value: Double) -> Double { lgamma(value).0 }
}
