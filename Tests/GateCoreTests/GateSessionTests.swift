import GateCore
import Testing

@Suite struct GateSessionTests {
    typealias Behaviour = ScriptedRunner.Behaviour

    /// What a healthy run looks like: the reactor serves 2.5 times the pool's requests.
    static func healthy() -> [String: Behaviour] {
        var reactor = Behaviour()
        reactor.rate = 50_000
        reactor.processorTime = 9
        reactor.servedConnections = 2_000
        var pool = Behaviour()
        pool.processorTime = 22
        pool.servedConnections = 2_000
        return ["reactor": reactor, "threadpool": pool]
    }

    static func plan(
        scenarios: [Scenario] = [.busy, .crowd], engines: [String] = ["reactor", "threadpool"],
        checks texts: [String]? = nil, lookCount: Int = 3, seed: UInt64 = 1
    ) throws -> GatePlan {
        var checks = Check.defaults(scenarios: scenarios, engines: engines)
        if let texts {
            checks = try texts.flatMap {
                try Check.parse(
                    $0, scenarios: scenarios.map(\.name), engines: engines, isSelfComparison: true)
            }
        }
        let looks = [(6, 0.016), (11, 0.016), (21, 0.018)].prefix(lookCount).map {
            GatePlan.Look(pairCount: $0, alpha: $1)
        }
        return GatePlan(
            profile: "default", scenarios: scenarios, engines: engines, checks: checks,
            looks: looks, seed: seed)
    }

    static func run(_ plan: GatePlan, _ runner: ScriptedRunner) -> GateReport {
        var runner = runner
        return GateSession.run(plan, environment: GateEnvironment(), with: &runner)
    }

    /// A run of the default plan with one of the two changed.
    static func run(
        changing engine: String = "reactor", noise: Double = 0.05, seed: UInt64 = 1,
        _ change: (inout Behaviour) -> Void
    ) throws -> GateReport {
        var behaviours = healthy()
        change(&behaviours[engine]!)
        return run(try plan(), ScriptedRunner(behaviours, noise: noise, seed: seed))
    }

    // MARK: The way through

    @Test func `a clear case passes at the first look`() throws {
        let report = try Self.run { _ in }
        #expect(report.verdict == .pass, "\(report.reason)")
        #expect(report.allPassed)
        #expect(report.reason == "9 checks passed")
        #expect(report.warnings.isEmpty, "\(report.warnings)")
        for scenario in report.scenarios {
            #expect(scenario.engines.map(\.rounds.count) == [6, 6])
            #expect(scenario.orders.count == 6)
        }
    }

    @Test func `every engine gets the same open-loop rate: half of the slowest's`() throws {
        var runner = ScriptedRunner(Self.healthy(), noise: 0)
        let report = GateSession.run(
            try Self.plan(), environment: GateEnvironment(), with: &runner)
        #expect(report.scenarios.map(\.openRate) == [10_000, 10_000])
        // Two engines in two scenarios: four unjudged rounds, then six pairs of each.
        #expect(runner.calls.count == 4 + 6 * 4)
        #expect(runner.calls.prefix(4).allSatisfy { $0.openRate == nil })
        #expect(runner.calls.dropFirst(4).allSatisfy { $0.openRate == 10_000 })
        #expect(runner.verified == ["reactor", "threadpool", "reactor", "threadpool"])
    }

    @Test func `a scenario without an open loop has none`() throws {
        var scenario = Scenario.busy
        scenario.openDuration = 0
        var runner = ScriptedRunner(Self.healthy())
        let report = GateSession.run(
            try Self.plan(scenarios: [scenario]), environment: GateEnvironment(), with: &runner)
        #expect(report.verdict == .pass)
        #expect(runner.calls.allSatisfy { $0.openRate == nil })
        #expect(report.scenarios[0].openRate == nil)
    }

    @Test func `pairs take turns as the report says`() throws {
        var runner = ScriptedRunner(Self.healthy())
        let report = GateSession.run(
            try Self.plan(seed: 9), environment: GateEnvironment(), with: &runner)
        for scenario in report.scenarios {
            let calls = runner.calls.filter { $0.scenario == scenario.scenario.name }.dropFirst(2)
            #expect(calls.map(\.engine) == Array(scenario.orders.joined()))
            for pair in stride(from: 0, to: scenario.orders.count, by: 2) {
                #expect(scenario.orders[pair] == scenario.orders[pair + 1].reversed())
            }
        }
    }

    @Test func `the same seeds give the same report`() throws {
        let (first, second) = (try Self.run { _ in }, try Self.run { _ in })
        #expect(first.checks == second.checks)
        #expect(first.scenarios.map(\.orders) == second.scenarios.map(\.orders))
    }

    // MARK: Broken on purpose

    @Test func `a reactor that sleeps 20 ms in every request fails`() throws {
        let report = try Self.run { reactor in
            // One thread that sleeps serves 50 a second, and 800 requests wait for it.
            reactor.rate = 50
            reactor.latency = 16_000_000
        }
        #expect(report.verdict == .fail)
        let failed = report.checks.filter { $0.verdict == .fail }.map(\.check.expression)
        #expect(failed.contains("reactor.p95 <= 200ms"))
        #expect(failed.contains("reactor.rps >= 1.8 * threadpool.rps"))
        #expect(report.scenarios[0].engines[0].rounds.count == 6)
    }

    @Test func `a wrong body cannot be judged`() throws {
        let report = try Self.run {
            $0.verification = .wrong("reactor answered 'Hullo' instead of 'Hello, World!'")
        }
        #expect(report.verdict == .invalid)
        #expect(report.reason == "busy: reactor answered 'Hullo' instead of 'Hello, World!'")
        #expect(report.scenarios.allSatisfy { $0.engines.allSatisfy { $0.rounds.isEmpty } })
        #expect(report.checks.allSatisfy { $0.verdict == .inconclusive })
    }

    @Test(arguments: ["reactor", "threadpool"])
    func `a server that answers 503 fails`(engine: String) throws {
        let report = try Self.run(changing: engine) { $0.verification = .failed("503 to GET /") }
        #expect(report.verdict == .fail)
        #expect(report.reason == "busy: \(engine): 503 to GET /")
    }

    @Test func `a wrong answer outweighs a refusal, and both are told`() throws {
        var behaviours = Self.healthy()
        behaviours["reactor"]?.verification = .failed("503 to GET /")
        behaviours["threadpool"]?.verification = .wrong("an empty body")
        let report = Self.run(
            try Self.plan(scenarios: [.busy]), ScriptedRunner(behaviours))
        #expect(report.verdict == .invalid)
        #expect(report.reason == "busy: threadpool: an empty body")
        #expect(report.warnings == ["busy: reactor: 503 to GET /"])
    }

    @Test func `a server that begins to fail after it was verified fails`() throws {
        let report = try Self.run { $0.errorShare = 1 }
        #expect(report.verdict == .fail)
    }

    @Test func `two copies of one engine never pass the ratio checks`() throws {
        for seed in 0..<30 as Range<UInt64> {
            var behaviours = Self.healthy()
            behaviours["threadpool"] = behaviours["reactor"]
            let plan = try Self.plan(
                scenarios: [.crowd], checks: ["reactor.rps >= 1.8 * threadpool.rps"], seed: seed)
            let report = Self.run(
                plan, ScriptedRunner(behaviours, noise: 0.3, seed: seed &* 77))
            #expect(report.verdict == .fail || report.verdict == .inconclusive, "seed \(seed)")
        }
    }

    @Test(arguments: [0, 1, 3, 9], ["reactor", "threadpool"])
    func `a crash fails at once, whoever it was`(round: Int, engine: String) throws {
        let report = try Self.run(changing: engine) {
            $0.special = [round: .crash("signal 11")]
        }
        #expect(report.verdict == .fail)
        #expect(report.reason.hasSuffix(": \(engine): signal 11"))
        #expect(report.checks.count == 9)
        #expect(report.checks.allSatisfy { $0.verdict != .fail })
    }

    @Test(arguments: [0, 1, 7])
    func `an interrupted run judges nothing`(round: Int) throws {
        let report = try Self.run { $0.special = [round: .interruption] }
        #expect(report.isInterrupted)
        #expect(report.checks.isEmpty)
        #expect(report.verdict == .inconclusive)
        #expect(!report.allPassed)
    }

    @Test func `an interrupted verification judges nothing`() throws {
        let report = try Self.run { $0.verification = .interrupted }
        #expect(report.isInterrupted)
        #expect(report.checks.isEmpty)
    }

    @Test func `what cannot be run is invalid, with the runner's words`() throws {
        let report = try Self.run { $0.special = [2: .unusable("no port is left")] }
        #expect(report.verdict == .invalid)
        #expect(report.reason == "no port is left")
    }

    @Test func `a metric without samples never passes`() throws {
        var scenario = Scenario.busy
        scenario.openDuration = 0
        let plan = try Self.plan(
            scenarios: [scenario], checks: ["reactor.rps >= 1", "reactor.open_p99 <= 1s"])
        let report = Self.run(plan, ScriptedRunner(Self.healthy()))
        #expect(report.verdict == .invalid)
        #expect(report.reason.hasPrefix("busy: reactor.open_p99 has no samples in 6 of 6 rounds"))
        #expect(report.checks.map(\.verdict) == [.pass, .invalid])
    }

    @Test func `a metric with too few samples never passes either`() throws {
        var behaviours = Self.healthy()
        behaviours["threadpool"]?.rate = 20
        let plan = try Self.plan(scenarios: [.busy], checks: ["reactor.open_p99 <= 1s"])
        let report = Self.run(plan, ScriptedRunner(behaviours))
        #expect(report.verdict == .inconclusive)
        #expect(
            report.checks[0].notes == [
                "reactor.open_p99 has too few samples in 21 of 21 rounds: give a longer "
                    + "--open-duration"
            ])
    }

    @Test func `a starving pool's low rate still lets the reactor pass`() throws {
        // 16 workers whose clients pause for 50 ms: the open loop sends 160 in a second, too few
        // for a round's p95 and enough for that of all rounds.
        let report = try Self.run(changing: "threadpool") {
            $0.rate = 320
            $0.processorTime = 60
            $0.servedConnections = 16
        }
        #expect(report.verdict == .pass, "\(report.reason)")
        let open = report.checks.filter { $0.check.metric.metric == .openP95 }
        #expect(open.allSatisfy { $0.notes == ["judged all rounds together"] })
    }

    @Test func `no checks are no proof`() throws {
        let report = Self.run(try Self.plan(checks: []), ScriptedRunner(Self.healthy()))
        #expect(report.verdict == .inconclusive)
        #expect(report.reason == "no check was asked")
    }

    // MARK: Runs that prove nothing

    @Test func `a debug build never passes`() throws {
        var plan = try Self.plan()
        plan.isDebugBuild = true
        let report = Self.run(plan, ScriptedRunner(Self.healthy()))
        #expect(report.verdict == .inconclusive)
        #expect(report.reason == "a debug build proves nothing")
        #expect(report.checks.allSatisfy { $0.verdict == .inconclusive })
    }

    @Test func `a debug build still fails`() throws {
        var plan = try Self.plan()
        plan.isDebugBuild = true
        var behaviours = Self.healthy()
        behaviours["reactor"]?.rate = 1_000
        #expect(Self.run(plan, ScriptedRunner(behaviours)).verdict == .fail)
    }

    @Test func `an engine compared with itself never passes`() throws {
        let scenarios = [Scenario.busy]
        var plan = try Self.plan(scenarios: scenarios, engines: ["reactor", "reactor"])
        plan.checks = Check.comparison(
            scenarios: scenarios, before: "reactor", after: "reactor")
        plan.isSelfComparison = true
        let report = Self.run(plan, ScriptedRunner(Self.healthy(), noise: 0.005))
        #expect(report.verdict == .inconclusive)
        #expect(report.reason == "an engine compared with itself proves nothing")
        // Both copies have rounds of their own.
        let copies = report.scenarios[0].engines
        #expect(copies.map(\.rounds.count) == [6, 6])
        #expect(copies[0].values(.rps) != copies[1].values(.rps))
    }
}
