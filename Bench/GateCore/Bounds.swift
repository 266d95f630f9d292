internal import Glibc

/// An estimate with the bounds that a look allows, and how they lie to a limit.
struct Bounds {
    /// In the unit that reports show.
    let estimate: Double
    private let lower: Double?
    private let upper: Double?
    /// The same bounds where the limit is 0, so that no rounding moves one across it.
    private let lowerDistance: Double?
    private let upperDistance: Double?
    private let limit: Double

    /// Bounds of a ratio to `scale` from the logarithms of that ratio, one per pair.
    init(_ logarithms: [Double], alpha: Double, scale: Double) {
        let ranks = SignedRank(logarithms)
        limit = scale
        estimate = scale * exp(ranks.estimate)
        lowerDistance = ranks.lowerBound(alpha: alpha)
        upperDistance = ranks.upperBound(alpha: alpha)
        lower = lowerDistance.map { scale * exp($0) }
        upper = upperDistance.map { scale * exp($0) }
    }

    /// Bounds that are known already.
    init(estimate: Double, lower: Double, upper: Double, limit: Double) {
        self.estimate = estimate
        self.limit = limit
        (self.lower, self.upper) = (lower, upper)
        (lowerDistance, upperDistance) = (lower - limit, upper - limit)
    }

    /// Pass when even the bad end of what is likely keeps the limit, fail when even the good end
    /// breaks it.
    func verdict(_ comparison: Check.Comparison) -> Verdict {
        guard let lowerDistance, let upperDistance else { return .inconclusive }
        let (bad, good) =
            comparison.isUpperLimit
            ? (upperDistance, lowerDistance) : (lowerDistance, upperDistance)
        if comparison.holds(bad, 0) { return .pass }
        return comparison.holds(good, 0) ? .inconclusive : .fail
    }

    /// The bound that decided; where nothing is decided, the one that would have to pass.
    func decisive(_ comparison: Check.Comparison, _ verdict: Verdict) -> Double? {
        comparison.isUpperLimit == (verdict != .fail) ? upper : lower
    }

    /// The true ratio that pairs with this much noise would have shown to keep the limit, every
    /// other time: the limit and the distance of the bound from the estimate. Nil when the noise
    /// has no measure.
    func detectable(_ comparison: Check.Comparison) -> Double? {
        guard let bound = decisive(comparison, .pass), bound > 0, bound.isFinite, estimate > 0,
            estimate.isFinite
        else { return nil }
        return limit * estimate / bound
    }
}

/// What a client at its limit makes of a figure: the server could have done more than it shows.
struct OneSided {
    /// Where the true value may lie.
    enum Kind: String {
        /// At the measured value or above.
        case lowerLimit = "a lower limit"
        /// At the measured value or below.
        case upperLimit = "an upper limit"
        /// Anywhere: limits of both kinds came together.
        case neither = "says nothing"
    }

    let kind: Kind
    /// Engines whose client was at its limit; empty when the figure is what it is.
    let engines: [String]

    private init(_ kind: Kind, _ engines: [String]) {
        self.kind = kind
        self.engines = engines
    }

    /// What is known of an engine's metric. Rates are too low and closed-loop latencies too high;
    /// all else does not depend on who waits for whom.
    init(_ metric: Metric, of engine: EngineReport) {
        let isAffected = engine.isClientBound
        switch metric {
        case .rps: self.init(.lowerLimit, isAffected ? [engine.engine] : [])
        case .p50, .p95, .p99, .max: self.init(.upperLimit, isAffected ? [engine.engine] : [])
        case .errorRate, .openP50, .openP95, .openP99, .openMax, .cpuPerRequest,
            .openCPUPerRequest, .memory, .fairness:
            self.init(.neither, [])
        }
    }

    /// What is known of a ratio: a divisor's limit turns around.
    func divided(by other: OneSided) -> OneSided {
        if other.engines.isEmpty { return self }
        let turned: Kind
        switch other.kind {
        case .lowerLimit: turned = .upperLimit
        case .upperLimit: turned = .lowerLimit
        case .neither: turned = .neither
        }
        if engines.isEmpty { return OneSided(turned, other.engines) }
        let names = engines == other.engines ? engines : engines + other.engines
        return OneSided(kind == turned ? kind : .neither, names)
    }
}
