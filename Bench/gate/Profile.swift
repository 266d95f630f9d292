internal import GateCore

/// How long a run may take, and how sure it may then be.
struct Profile: Sendable, Equatable {
    /// The name on the command line.
    var name: String
    /// Times of a round in nanoseconds; see `Scenario`.
    var duration: UInt64
    var warmUp: UInt64
    var openDuration: UInt64
    /// When checks are looked at.
    var looks: [GatePlan.Look]

    /// Six pairs are the fewest that can decide anything: the smallest error that Wilcoxon's bound
    /// can have with them is 1/64. All three looks together pass falsely in less than 4 % of runs
    /// at the limit itself.
    private static let looks = [
        GatePlan.Look(pairCount: 6, alpha: 0.016), GatePlan.Look(pairCount: 11, alpha: 0.016),
        GatePlan.Look(pairCount: 21, alpha: 0.018),
    ]

    /// For a developer's machine.
    static let standard = Profile(
        name: "default", duration: 2_000_000_000, warmUp: 1_000_000_000,
        openDuration: 1_000_000_000, looks: looks)
    /// For a shared machine that somebody waits for.
    static let ci = Profile(
        name: "ci", duration: 1_000_000_000, warmUp: 500_000_000, openDuration: 500_000_000,
        looks: Array(looks.prefix(2)))
    /// For a quiet machine that has all night.
    static let nightly = Profile(
        name: "nightly", duration: 5_000_000_000, warmUp: 1_000_000_000,
        openDuration: 2_000_000_000, looks: looks)

    static let all = [standard, ci, nightly]
}
