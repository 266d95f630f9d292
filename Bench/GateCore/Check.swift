/// A condition that a run must keep, such as `crowd: reactor.rps >= 1.8 * threadpool.rps`.
package struct Check: Sendable, Equatable {
    /// How the two sides are compared.
    package enum Comparison: String, Sendable, CaseIterable {
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="

        /// Whether the metric is to stay below.
        package var isUpperLimit: Bool {
            switch self {
            case .less, .lessOrEqual: true
            case .greater, .greaterOrEqual: false
            }
        }

        /// Whether `value` keeps `limit`.
        package func holds(_ value: Double, _ limit: Double) -> Bool {
            switch self {
            case .less: value < limit
            case .lessOrEqual: value <= limit
            case .greater: value > limit
            case .greaterOrEqual: value >= limit
            }
        }
    }

    /// What the metric is compared with.
    package enum Limit: Sendable, Equatable {
        /// A number in the metric's own unit (microseconds, a share of 1, MiB, requests/s).
        case constant(Double)
        /// A multiple of another engine's metric, measured in the same pairs.
        case multiple(Double, MetricReference)
    }

    /// The scenario that it is asked of.
    package var scenario: String
    /// The left side.
    package var metric: MetricReference
    package var comparison: Comparison
    package var limit: Limit
    /// What comes behind the colon, in normal form: `reactor.p95 <= 200ms`.
    package var expression: String

    /// A check. The parser makes them from text (`Check+Parsing.swift`).
    package init(
        scenario: String, metric: MetricReference, comparison: Comparison, limit: Limit,
        expression: String
    ) {
        self.scenario = scenario
        self.metric = metric
        self.comparison = comparison
        self.limit = limit
        self.expression = expression
    }
}

/// What became of a check.
package struct CheckResult: Sendable, Equatable {
    package var check: Check
    package var verdict: Verdict
    /// The best guess: a ratio for a multiple (left side ÷ the other engine's metric), else the
    /// metric in its own unit. Nil without samples.
    package var estimate: Double?
    /// The one-sided bound that decided, on the side of the limit; nil without samples.
    package var bound: Double?
    /// Pairs behind it.
    package var pairCount: Int
    /// What a reader has to know: "client-bound: a lower limit", "worst round 2.1 %", the smallest
    /// ratio that this run could have shown.
    package var notes: [String]

    /// A result.
    package init(
        _ check: Check, _ verdict: Verdict, estimate: Double?, bound: Double?, pairCount: Int,
        notes: [String] = []
    ) {
        self.check = check
        self.verdict = verdict
        self.estimate = estimate
        self.bound = bound
        self.pairCount = pairCount
        self.notes = notes
    }

    /// The number that estimate and bound are held against.
    package var limit: Double {
        switch check.limit {
        case .constant(let value): value
        case .multiple(let factor, _): factor
        }
    }
}
