internal import Presentation

/// What takes a round out, set before the first one ran. Nothing else does: a round is never
/// dropped for its result.
enum VoidingRule {
    /// The share of the time that a hypervisor may take away. Beyond it the clock has measured the
    /// neighbours.
    static let maximumSteal = 0.05
    /// The share of an open loop's requests that have to go out in time.
    static let minimumRateRatio = 0.99

    /// How many pairs of a scenario may be voided in a plan of `pairCount`: a fifth, and at least
    /// two. A machine that needs more cannot measure, and repeating until it looks good is no
    /// measurement either.
    static func voidLimit(pairCount: Int) -> Int { max(2, (pairCount + 4) / 5) }

    /// Why the round does not count; nil when it does.
    static func reason(_ round: RoundSample) -> String? {
        if round.stealShare > maximumSteal {
            return "steal \(Format.fixed(round.stealShare * 100, 0)) %"
        }
        if let open = round.openLoop, open.missedRate, open.isClientBound {
            return "rate held to \(Format.fixed(open.rateRatio ?? 0, 2))"
        }
        return nil
    }
}

extension PhaseSample {
    /// The planned rate did not go out in time. When the client had time to spare, the server's
    /// full connections held the requests back, and that is a result.
    var missedRate: Bool { (rateRatio ?? 1) < VoidingRule.minimumRateRatio }

    /// Whether the client was at its limit.
    var isClientBound: Bool { clientCPUShare >= EngineReport.clientBoundShare }
}
