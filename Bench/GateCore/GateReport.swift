/// Everything that a run found out, for whoever renders it.
package struct GateReport: Sendable {
    package var verdict: Verdict
    /// One clause: why this verdict. "6 checks passed", "reactor answered 503 to GET /".
    package var reason: String
    /// A signal ended the run; then nothing is judged and `checks` is empty.
    package var isInterrupted = false
    package var plan: GatePlan
    package var environment: GateEnvironment
    package var scenarios: [ScenarioReport] = []
    package var checks: [CheckResult] = []
    /// Checks against a saved baseline; empty without one.
    package var baselineChecks: [BaselineResult] = []
    /// What a reader should know and no check says: the pool served 900 of 2,000 connections.
    package var warnings: [String] = []

    package init(
        verdict: Verdict, reason: String, plan: GatePlan, environment: GateEnvironment
    ) {
        self.verdict = verdict
        self.reason = reason
        self.plan = plan
        self.environment = environment
    }

    /// Every check passed, and there was one.
    package var allPassed: Bool { verdict == .pass }
}

/// What was planned before the first round: nothing of it changes on the way.
package struct GatePlan: Sendable, Equatable {
    /// `default`, `ci`, `nightly`.
    package var profile: String
    package var scenarios: [Scenario]
    /// Engines in the order of the report; the first two are what ratios compare by default.
    package var engines: [String]
    package var checks: [Check]
    /// After how many pairs the checks are looked at, and with what one-sided error each.
    package var looks: [Look]
    /// Decides the order of engines in every pair.
    package var seed: UInt64
    /// Compares an engine with itself: prints the noise and can never pass.
    package var isSelfComparison = false
    /// A debug build, allowed by a flag for tests: can never pass.
    package var isDebugBuild = false

    /// A point of the sequential plan.
    package struct Look: Sendable, Equatable {
        package var pairCount: Int
        package var alpha: Double

        package init(pairCount: Int, alpha: Double) {
            self.pairCount = pairCount
            self.alpha = alpha
        }
    }

    package init(
        profile: String, scenarios: [Scenario], engines: [String], checks: [Check],
        looks: [Look], seed: UInt64
    ) {
        self.profile = profile
        self.scenarios = scenarios
        self.engines = engines
        self.checks = checks
        self.looks = looks
        self.seed = seed
    }
}

/// Where a run took place, and with what builds.
package struct GateEnvironment: Sendable, Equatable {
    /// What decides whether absolute numbers of two runs may be compared.
    package struct Machine: Sendable, Equatable {
        package var processor = ""
        package var coreCount = 0
        package var kernel = ""
        package var architecture = ""

        package init() {}
    }

    package var machine = Machine()
    /// The core that servers are held to, and the one of the client; nil when there is only one.
    package var serverCore: Int?
    package var clientCore: Int?
    /// Per engine: the command line that starts it, and the fingerprint of its executable.
    package var engines: [EngineBuild] = []
    /// 1-minute load average before the run.
    package var loadBefore: Double = 0

    package init() {}

    package struct EngineBuild: Sendable, Equatable {
        package var engine: String
        package var command: String
        /// Size and 64-bit FNV-1a of the executable's bytes, `2472584-9f0c…`; nil for a program
        /// that is not found as a file.
        package var fingerprint: String?

        package init(engine: String, command: String, fingerprint: String?) {
            self.engine = engine
            self.command = command
            self.fingerprint = fingerprint
        }
    }
}

/// One scenario's rounds.
package struct ScenarioReport: Sendable {
    package var scenario: Scenario
    /// Requests per second of the open-loop phase; nil when there was none.
    package var openRate: Double?
    /// In the order of the plan.
    package var engines: [EngineReport]
    /// The engines of each pair in the order in which they ran, voided pairs left out.
    package var orders: [[String]] = []
    /// Pairs that a rule set beforehand took out.
    package var voided: [VoidedPair] = []

    package init(scenario: Scenario, openRate: Double?, engines: [EngineReport]) {
        self.scenario = scenario
        self.openRate = openRate
        self.engines = engines
    }
}

/// A pair that does not count, and the rule that said so.
package struct VoidedPair: Sendable, Equatable {
    /// Which attempt it was, from 1.
    package var attempt: Int
    package var engine: String
    /// "steal 12 %", "rate held to 0.93".
    package var reason: String

    package init(attempt: Int, engine: String, reason: String) {
        self.attempt = attempt
        self.engine = engine
        self.reason = reason
    }
}

/// One engine's rounds in one scenario; round k of every engine belongs to pair k.
package struct EngineReport: Sendable {
    package var engine: String
    package var rounds: [RoundSample]
    /// Threads that serve, as far as is known: `16` for the pool, `1` for the reactor.
    package var workerCount: Int?

    package init(engine: String, rounds: [RoundSample], workerCount: Int? = nil) {
        self.engine = engine
        self.rounds = rounds
        self.workerCount = workerCount
    }
}

/// A number held against a saved one.
package struct BaselineResult: Sendable, Equatable {
    package var scenario: String
    /// `reactor.rps`, or a ratio such as `reactor.rps / threadpool.rps`.
    package var subject: String
    package var verdict: Verdict
    /// Medians.
    package var before: Double
    package var now: Double
    /// One-sided exact Mann–Whitney probability that nothing has got worse; nil when not compared.
    package var probability: Double?
    /// "better by 12 %: refresh the baseline", "another machine: not compared".
    package var note: String?

    package init(
        scenario: String, subject: String, verdict: Verdict, before: Double, now: Double,
        probability: Double?, note: String? = nil
    ) {
        self.scenario = scenario
        self.subject = subject
        self.verdict = verdict
        self.before = before
        self.now = now
        self.probability = probability
        self.note = note
    }
}
