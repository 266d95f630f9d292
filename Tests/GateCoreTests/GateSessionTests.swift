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

    // MARK: Looks

    @Test func `a truth at the threshold is undecided after the last look`() throws {
        var passCount = 0
        for seed in 0..<60 as Range<UInt64> {
            var behaviours = Self.healthy()
            behaviours["reactor"]?.rate = 36_000
            let plan = try Self.plan(
                scenarios: [.crowd], checks: ["reactor.rps >= 1.8 * threadpool.rps"], seed: seed)
            let report = Self.run(
                plan, ScriptedRunner(behaviours, noise: 0.1, seed: seed &* 1_003))
            if report.verdict == .pass { passCount += 1 }
            if report.verdict == .inconclusive {
                #expect(report.scenarios[0].orders.count == 21)
                #expect(report.reason.hasPrefix("1 of 1 check undecided: crowd: reactor.rps"))
                #expect(report.checks[0].notes.contains { $0.hasPrefix("could have shown") })
            }
        }
        // 3.7 % is what the plan allows: 2 of 60.
        #expect(passCount <= 4)
    }

    @Test func `more pairs decide what fewer could not`() throws {
        var behaviours = Self.healthy()
        behaviours["reactor"]?.rate = 20_000 * 2.1
        let plan = try Self.plan(
            scenarios: [.crowd], checks: ["reactor.rps >= 1.8 * threadpool.rps"])
        let counts = (0..<20 as Range<UInt64>).map { seed in
            let report = Self.run(plan, ScriptedRunner(behaviours, noise: 0.12, seed: seed))
            return report.verdict == .pass ? report.scenarios[0].orders.count : 0
        }
        #expect(Set(counts).isSuperset(of: [6, 11]))
    }

    @Test func `a decided check keeps its verdict while others go on`() throws {
        var behaviours = Self.healthy()
        behaviours["reactor"]?.rate = 36_000
        let plan = try Self.plan(
            scenarios: [.crowd],
            checks: ["reactor.error_rate <= 1%", "reactor.rps >= 1.8 * threadpool.rps"])
        let report = Self.run(plan, ScriptedRunner(behaviours, noise: 0.1, seed: 5))
        #expect(report.checks.map(\.verdict) == [.pass, .inconclusive])
        #expect(report.checks.map(\.pairCount) == [6, 21])
    }

    @Test func `one failed check ends the run`() throws {
        var behaviours = Self.healthy()
        behaviours["reactor"]?.rate = 36_000
        behaviours["reactor"]?.errorShare = 0.05
        let plan = try Self.plan(
            scenarios: [.crowd],
            checks: ["reactor.error_rate <= 1%", "reactor.rps >= 1.71 * threadpool.rps"])
        let report = Self.run(plan, ScriptedRunner(behaviours, noise: 0.1, seed: 5))
        #expect(report.verdict == .fail)
        #expect(report.reason == "1 of 2 checks failed: crowd: reactor.error_rate <= 1%")
        #expect(report.scenarios[0].orders.count == 6)
    }

    // MARK: Voided pairs

    @Test func `a stolen round voids its pair, which is repeated`() throws {
        let report = try Self.run { $0.special = [3: .steal(0.12)] }
        #expect(report.verdict == .pass)
        let voided = report.scenarios.flatMap(\.voided)
        #expect(voided.map(\.reason) == ["steal 12 %"])
        #expect(voided.map(\.engine) == ["reactor"])
        for scenario in report.scenarios {
            #expect(scenario.engines.map(\.rounds.count) == [6, 6])
            #expect(scenario.orders.count == 6)
        }
    }

    @Test func `a repeated pair keeps its order and counts its attempts`() throws {
        var runner = ScriptedRunner(Self.healthy())
        runner.behaviours["reactor"]?.special = [2: .steal(0.5), 3: .steal(0.5)]
        let report = GateSession.run(
            try Self.plan(scenarios: [.busy]), environment: GateEnvironment(), with: &runner)
        #expect(report.verdict == .pass)
        #expect(report.scenarios[0].voided.map(\.attempt) == [2, 3])
        let orders = report.scenarios[0].orders
        #expect(orders[0] == orders[1].reversed())
    }

    @Test func `a machine that steals all the time is invalid`() throws {
        let report = try Self.run { $0.stealShare = 0.2 }
        #expect(report.verdict == .invalid)
        // A fifth of 21 pairs, rounded up, and the one too many.
        #expect(report.scenarios[0].voided.count == 6)
        #expect(report.reason.contains("6 pairs had to be voided"))
    }

    @Test func `a rate that the client missed voids, one that the server missed warns`() throws {
        let byClient = try Self.run {
            $0.rateRatio = 0.9
            $0.openClientShare = 0.99
        }
        #expect(byClient.verdict == .invalid)
        #expect(byClient.scenarios[0].voided.first?.reason == "rate held to 0.90")
        let byServer = try Self.run {
            $0.rateRatio = 0.9
            $0.openClientShare = 0.4
        }
        #expect(byServer.verdict == .pass)
        #expect(byServer.scenarios.flatMap(\.voided) == [])
        #expect(
            byServer.warnings.first
                == "busy: reactor took only 90.00% of the open loop's rate in time, in 6 of 6 rounds"
        )
    }

    // MARK: The client's limit

    @Test func `a client-bound reactor can pass a ratio and not fail it`() throws {
        let fast = try Self.run { $0.clientShare = 0.99 }
        #expect(fast.verdict == .pass)
        #expect(fast.warnings.count { $0.contains("its rate is a lower limit") } == 2)
        let capped = try Self.run {
            $0.clientShare = 0.99
            $0.rate = 25_000
        }
        let ratio = try #require(
            capped.checks.first { $0.check.expression.hasPrefix("reactor.rps") })
        #expect(ratio.verdict == .inconclusive)
    }

    // MARK: Warnings

    @Test func `a pool that starves connections is told`() throws {
        let report = try Self.run(changing: "threadpool") {
            $0.servedConnections = 16
            $0.errorShare = 0.02
        }
        #expect(report.verdict == .pass)
        #expect(report.warnings.contains("crowd: threadpool served 16 of 2,000 connections"))
        #expect(
            report.warnings.contains {
                $0.hasPrefix("busy: threadpool has an error rate of 2.00%")
            })
    }

    @Test func `a busy machine and a little steal are told`() throws {
        var environment = GateEnvironment()
        environment.machine.coreCount = 4
        environment.loadBefore = 2.5
        var runner = ScriptedRunner(Self.healthy())
        runner.behaviours["reactor"]?.stealShare = 0.03
        let report = GateSession.run(
            try Self.plan(), environment: environment, with: &runner)
        #expect(
            report.warnings == [
                "the machine was busy before the run: load 2.5 on 4 cores; end what else runs",
                "busy: the hypervisor took up to 3.00% of a round",
                "crowd: the hypervisor took up to 3.00% of a round",
            ])
    }
}

@Suite struct GateProgressTests {
    @Test func `counts down to the next look and to the last`() throws {
        let plan = try GateSessionTests.plan(lookCount: 2)
        var runner = ScriptedRunner(GateSessionTests.healthy())
        var seen: [GateProgress] = []
        _ = GateSession.run(plan, environment: GateEnvironment(), with: &runner) {
            seen.append($0)
        }
        #expect(seen.count == 4 + 4 + 6 * 4)
        #expect(seen[0].step == .verifying)
        #expect(seen[0].engine == "reactor" && seen[0].scenario == "busy")
        #expect(seen[4].step == .calibrating)
        #expect(seen[8].step == .measuring(pair: 1))
        #expect(seen.allSatisfy { $0.nextLook == 6 && $0.pairLimit == 11 && $0.checkCount == 9 })
        for (earlier, later) in zip(seen, seen.dropFirst()) {
            #expect(later.secondsToNextLook < earlier.secondsToNextLook)
            #expect(later.secondsToLastLook < earlier.secondsToLastLook)
        }
        #expect(abs(try #require(seen.last).secondsToNextLook - 4.4) < 1e-9)
    }

    @Test func `the timetable adds up the plan's own durations`() throws {
        // 1 s of warm-up, 2 s, 1 s of open loop, 0.4 s around them, two engines, two scenarios.
        let table = Timetable(try GateSessionTests.plan())
        let (verification, calibration) = (4 * 0.4, 4 * 3.4)
        #expect(
            abs(table.seconds(fromStep: 0, toPair: 6) - (verification + calibration + 6 * 4 * 4.4))
                < 1e-9)
        let third = table.step(pass: 2 + 2, scenario: 0, place: 0)
        #expect(abs(table.seconds(fromStep: third, toPair: 6) - 4 * 4 * 4.4) < 1e-9)
        #expect(abs(table.seconds(fromStep: third + 1, toPair: 3) - 3 * 4.4) < 1e-9)
        #expect(table.seconds(fromStep: third, toPair: 2) == 0)
    }
}
