internal import Arguments

/// A limit that the run itself must keep, or the program ends with 3: `p99=20ms`, `rps>=1000`.
package struct ServiceLevel: Sendable, Equatable, CustomStringConvertible {
    /// What is limited. Latencies are response times: in an open loop from the planned start.
    package enum Metric: Sendable, Equatable {
        /// At most this many microseconds at a percentile.
        case percentile(Double, microseconds: Int)
        /// At most this many microseconds for the slowest answer.
        case maximum(microseconds: Int)
        /// At most this many microseconds on average.
        case mean(microseconds: Int)
        /// At least this many valid answers per second.
        case validRate(RequestRate)
    }

    /// The limit.
    package let metric: Metric
    /// The limit as it is printed: `p99 <= 20ms`.
    package let description: String

    private static let percentiles: [(name: String, value: Double)] = [
        ("p50", 50), ("p75", 75), ("p90", 90), ("p95", 95), ("p99", 99), ("p99.9", 99.9),
        ("p999", 99.9), ("p99.99", 99.99), ("p9999", 99.99),
    ]

    /// Reads one limit: a metric, then `=` or `<=` (`=` or `>=` for `rps`), then the bound.
    static func parse(_ text: some StringProtocol) throws(ValueError) -> ServiceLevel {
        let cure = "write for example p99=20ms, max<=1s, mean=5ms or rps>=1000"
        let name = text.prefix { !"<>=".contains($0) }
        let comparison = text[name.endIndex...].prefix { "<>=".contains($0) }
        let bound = String(text[comparison.endIndex...])
        let key = name.trimmed.lowercased()
        guard !bound.isEmpty, ["=", "<=", "<", ">=", ">"].contains(comparison) else {
            throw ValueError("is not a limit", cure: cure)
        }
        let isLowerBound = comparison.hasPrefix(">")
        if key == "rps" {
            guard !comparison.hasPrefix("<") else {
                throw ValueError("a rate has a lower limit", cure: "write rps>=\(bound)")
            }
            let rate = try Quantity.rate(bound.trimmed)
            return ServiceLevel(metric: .validRate(rate), description: "rps >= \(rate)")
        }
        let percentile = percentiles.first { $0.name == key }
        guard percentile != nil || key == "max" || key == "mean" else {
            throw ValueError(
                "'\(key)' is not a metric that can be limited",
                cure: "use p50 p75 p90 p95 p99 p99.9 p99.99 max mean or rps")
        }
        guard !isLowerBound else {
            throw ValueError(
                "a latency has an upper limit", cure: "write \(key)<=\(bound)")
        }
        // A bare number would mean seconds as it does elsewhere, and nobody means 20 seconds.
        guard bound.last?.isLetter == true else {
            throw ValueError("the limit has no unit", cure: "write \(key)=\(bound)ms")
        }
        let nanoseconds = try Values.positiveDuration(bound.trimmed[...])
        let microseconds = Int(nanoseconds / 1_000)
        let metric: Metric =
            if let percentile {
                .percentile(percentile.value, microseconds: microseconds)
            } else if key == "max" {
                .maximum(microseconds: microseconds)
            } else {
                .mean(microseconds: microseconds)
            }
        return ServiceLevel(metric: metric, description: "\(key) <= \(bound.trimmed)")
    }
}

extension StringProtocol {
    /// The text without blanks at its ends.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(String(start.reversed()).drop { $0.isWhitespace }.reversed())
    }
}
