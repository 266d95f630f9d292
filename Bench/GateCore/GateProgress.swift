/// What a session does now, for a live display.
package struct GateProgress: Sendable, Equatable {
    /// A step of a run.
    package enum Step: Sendable, Equatable {
        /// The engine has to answer correctly.
        case verifying
        /// The engine's unjudged round.
        case calibrating
        /// The engine's round of a pair, counted from 1.
        case measuring(pair: Int)
    }

    package var step: Step
    package var engine: String
    package var scenario: String
    /// Pairs that the run takes at most, and those after which it looks next.
    package var pairLimit: Int
    package var nextLook: Int
    /// Checks that earlier looks decided, and all there are.
    package var decidedCount: Int
    package var checkCount: Int
    /// Pairs voided so far.
    package var voidedCount: Int
    /// From the start of this step, as planned; a voided pair adds to them.
    package var secondsToNextLook: Double
    package var secondsToLastLook: Double

    package init(
        step: Step, engine: String, scenario: String, pairLimit: Int, nextLook: Int,
        decidedCount: Int = 0, checkCount: Int = 0, voidedCount: Int = 0,
        secondsToNextLook: Double, secondsToLastLook: Double
    ) {
        self.step = step
        self.engine = engine
        self.scenario = scenario
        self.pairLimit = pairLimit
        self.nextLook = nextLook
        self.decidedCount = decidedCount
        self.checkCount = checkCount
        self.voidedCount = voidedCount
        self.secondsToNextLook = secondsToNextLook
        self.secondsToLastLook = secondsToLastLook
    }
}
