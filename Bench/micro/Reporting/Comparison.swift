/// A measurement beside its threshold.
struct Comparison: Equatable, Sendable {
    enum Verdict: Equatable, Sendable {
        /// At most the threshold.
        case fine
        /// So far below it that a regression could hide there.
        case loose
        /// More instructions or allocations than the threshold.
        case broken
        /// Nobody has said what it may cost.
        case missing
    }

    /// Beyond this share below its threshold a count asks for a tighter one: `--update` leaves 2 %.
    static let looseShare = 0.05

    let measurement: Measurement
    let threshold: Threshold?

    init(_ measurement: Measurement, _ threshold: Threshold?) {
        self.measurement = measurement
        self.threshold = threshold
    }

    var verdict: Verdict {
        guard let threshold else { return .missing }
        if measurement.instructions > threshold.instructions
            || measurement.allocations > threshold.allocations
        {
            return .broken
        }
        let isLoose =
            Double(measurement.instructions)
            < Double(threshold.instructions) * (1 - Self.looseShare)
            // Two per cent of a few instructions are rounded up to a whole one.
            && threshold.instructions - measurement.instructions > 2
        return isLoose || measurement.allocations < threshold.allocations ? .loose : .fine
    }

    /// The change from the threshold's instructions in per cent.
    var changePercent: Double? {
        guard let threshold, threshold.instructions > 0 else { return nil }
        return 100 * (Double(measurement.instructions) / Double(threshold.instructions) - 1)
    }
}

extension Comparison.Verdict {
    /// A word, which is also what a colour means.
    var word: String {
        switch self {
        case .fine: "ok"
        case .loose: "loose"
        case .broken: "BROKEN"
        case .missing: "NO THRESHOLD"
        }
    }

    var isFailure: Bool { self == .broken || self == .missing }
}
