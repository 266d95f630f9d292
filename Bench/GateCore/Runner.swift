/// What a server answered before anything was timed.
package enum Verification: Sendable, Equatable {
    /// Status, fields and body are right, also in order at the scenario's depth.
    case correct
    /// The server refused to serve (5xx) or did not answer: it fails.
    case failed(String)
    /// It answers something else than what is to be compared: nothing can be judged.
    case wrong(String)
    /// A signal ended the run: nothing is judged.
    case interrupted
}

/// One engine's part of a round.
package enum RoundOutcome: Sendable, Equatable {
    case measured(RoundSample)
    /// The server crashed, refused to start, hung, or did not end cleanly: that fails, whatever it
    /// was before.
    case crashed(String)
    /// A signal ended the run: nothing is judged.
    case interrupted
}

/// Why nothing can be run at all: a missing program, a core too few, a port that stays closed.
package struct RunnerError: Error, Sendable, Equatable {
    /// One clause, naming what is missing and the cure.
    package var problem: String
    /// A reason.
    package init(_ problem: String) { self.problem = problem }
}

/// Starts engines, asks and loads them. The real one starts processes; tests make numbers up.
///
/// One call at a time; each may take seconds.
package protocol Runner {
    /// Starts the engine, compares what it answers with what it has to answer, and stops it.
    mutating func verify(_ engine: String, in scenario: Scenario) throws(RunnerError)
        -> Verification

    /// Starts the engine, loads it for one round, and stops it.
    ///
    /// - Parameter openRate: Requests per second of the open-loop phase; nil leaves that phase out.
    mutating func measure(_ engine: String, in scenario: Scenario, openRate: Double?)
        throws(RunnerError) -> RoundOutcome
}
