import Containers
import GateCore

/// Reports made by hand, for the tests of what is written about them.
enum SampleReport {
    /// A name that is code in every format that reports are written in.
    static let hostileName = "a|b`c\u{1B}[31m<d>&\"e\"%0A::error::\n*f*"

    /// Two engines in two scenarios, six pairs each: everything passes.
    static func passing() -> GateReport {
        var report = GateReport(
            verdict: .pass, reason: "3 checks passed", plan: plan(["reactor", "threadpool"]),
            environment: environment(["reactor", "threadpool"]))
        report.scenarios = [
            scenario(.busy, ratios: [2.4, 2.19, 2.02, 2.51, 2.35, 2.28]),
            scenario(.crowd, ratios: [2.4, 2.19, 2.02, 2.51, 2.35, 2.28]),
        ]
        report.checks = [
            errorRate, latency(.pass), ratio(.pass, estimate: 2.3, bound: 2.02),
        ]
        report.warnings = ["crowd: threadpool served 16 of 2,000 connections"]
        return report
    }

    /// One check of every verdict, and a baseline.
    static func mixed() -> GateReport {
        var report = passing()
        report.verdict = .fail
        report.reason = "1 of 4 checks failed"
        report.checks = [
            errorRate, latency(.invalid), ratio(.fail, estimate: 1.52, bound: 1.7962),
            ratio(.inconclusive, estimate: 1.9, bound: 1.74),
        ]
        report.checks[1].estimate = nil
        report.checks[1].bound = nil
        report.checks[1].notes = ["no samples: reactor answered nothing"]
        report.checks[3].notes = ["client-bound: a lower limit"]
        report.baselineChecks = [
            BaselineResult(
                scenario: "busy", subject: "reactor.rps", verdict: .fail, before: 90_000,
                now: 70_000, probability: 0.0011),
            BaselineResult(
                scenario: "busy", subject: "reactor.rps / threadpool.rps", verdict: .pass,
                before: 2.1, now: 2.3, probability: 0.9),
            BaselineResult(
                scenario: "crowd", subject: "reactor.p95", verdict: .inconclusive, before: 9_100,
                now: 12_900, probability: nil, note: "another machine: not compared"),
        ]
        report.scenarios[0].voided = [
            VoidedPair(attempt: 3, engine: "threadpool", reason: "steal 12 %")
        ]
        return report
    }

    /// A signal came before the first pair was complete.
    static func interrupted() -> GateReport {
        var report = GateReport(
            verdict: .invalid, reason: "SIGINT in pair 2", plan: plan(["reactor", "threadpool"]),
            environment: environment(["reactor", "threadpool"]))
        report.isInterrupted = true
        report.scenarios = [scenario(.busy, ratios: [2.4])]
        return report
    }

    /// A server answered something else: there are no rounds at all.
    static func wrongBody() -> GateReport {
        GateReport(
            verdict: .invalid, reason: "reactor answered 'Hello' instead of 'Hello, World!'",
            plan: plan(["reactor", "threadpool"]), environment: environment(["reactor"]))
    }

    /// One engine and no open loop.
    static func single() -> GateReport {
        var report = GateReport(
            verdict: .pass, reason: "1 check passed", plan: plan(["reactor"]),
            environment: environment(["reactor"]))
        report.scenarios = [scenario(.busy, ratios: [1, 1])]
        report.scenarios[0].engines.removeLast()
        report.scenarios[0].openRate = nil
        for index in report.scenarios[0].engines[0].rounds.indices {
            report.scenarios[0].engines[0].rounds[index].openLoop = nil
        }
        report.checks = [errorRate]
        return report
    }

    /// `count` engines and `pairCount` pairs, names as given.
    static func many(_ names: [String], pairCount: Int) -> GateReport {
        var report = GateReport(
            verdict: .pass, reason: "1 check passed", plan: plan(names),
            environment: environment(names))
        var busy = scenario(.busy, ratios: Array(repeating: 1.5, count: pairCount))
        let rounds = busy.engines[0].rounds
        busy.engines = names.map { EngineReport(engine: $0, rounds: rounds, workerCount: 1) }
        busy.orders = Array(repeating: names, count: pairCount)
        report.scenarios = [busy]
        report.checks = [errorRate]
        return report
    }

    /// One engine with itself.
    static func selfComparison() -> GateReport {
        var report = many(["reactor", "reactor"], pairCount: 6)
        report.scenarios = [
            scenario(.busy, ratios: [1, 1.1, 0.9, 1, 1.02, 1], ["reactor", "reactor"])
        ]
        report.plan.isSelfComparison = true
        report.verdict = .inconclusive
        report.reason = "an engine compared with itself cannot pass"
        return report
    }

    /// Names and reasons that would break every format if they were written as they are.
    static func hostile() -> GateReport {
        var report = many([hostileName, "x\r\n]]>"], pairCount: 3)
        report.reason = hostileName
        report.verdict = .fail
        report.warnings = [hostileName]
        report.plan.profile = hostileName
        report.checks[0].check.expression = hostileName
        report.checks[0].verdict = .fail
        report.checks[0].notes = [hostileName]
        report.baselineChecks = [
            BaselineResult(
                scenario: hostileName, subject: hostileName, verdict: .fail, before: .nan,
                now: .infinity, probability: nil, note: hostileName)
        ]
        report.scenarios[0].scenario.path = "/|`\n"
        report.scenarios[0].voided = [
            VoidedPair(attempt: 1, engine: hostileName, reason: hostileName)
        ]
        return report
    }

    static func all() -> [GateReport] {
        [
            passing(), mixed(), interrupted(), wrongBody(), single(), selfComparison(), hostile(),
            many((1...5).map { "engine\($0)" }, pairCount: 17),
        ]
    }

    // MARK: - Parts

    static var errorRate: CheckResult {
        CheckResult(
            Check(
                scenario: "busy", metric: .init("reactor", .errorRate), comparison: .lessOrEqual,
                limit: .constant(0.01), expression: "reactor.error_rate <= 1%"),
            .pass, estimate: 0.000_04, bound: 0.000_2, pairCount: 6, notes: ["worst round 0.01 %"])
    }

    static func latency(_ verdict: Verdict) -> CheckResult {
        CheckResult(
            Check(
                scenario: "busy", metric: .init("reactor", .p95), comparison: .lessOrEqual,
                limit: .constant(200_000), expression: "reactor.p95 <= 200ms"),
            verdict, estimate: 12_900, bound: 14_100, pairCount: 6)
    }

    static func ratio(_ verdict: Verdict, estimate: Double, bound: Double) -> CheckResult {
        CheckResult(
            Check(
                scenario: "crowd", metric: .init("reactor", .rps), comparison: .greaterOrEqual,
                limit: .multiple(1.8, .init("threadpool", .rps)),
                expression: "reactor.rps >= 1.8 * threadpool.rps"),
            verdict, estimate: estimate, bound: bound, pairCount: 6)
    }

    static func plan(_ engines: [String]) -> GatePlan {
        GatePlan(
            profile: "ci", scenarios: [.busy, .crowd], engines: engines,
            checks: [errorRate.check],
            looks: [.init(pairCount: 6, alpha: 0.016), .init(pairCount: 11, alpha: 0.016)],
            seed: 42)
    }

    static func environment(_ engines: [String]) -> GateEnvironment {
        var environment = GateEnvironment()
        environment.machine.processor = "Some Processor 9000"
        environment.machine.coreCount = 2
        environment.machine.kernel = "Linux 6.1"
        environment.machine.architecture = "x86_64"
        environment.serverCore = 0
        environment.clientCore = 1
        environment.engines = engines.map {
            .init(engine: $0, command: "sluice --engine \($0) --port 0", fingerprint: "24-9f0c")
        }
        environment.loadBefore = 0.4
        return environment
    }

    /// A scenario in which the first engine does `ratios` times the 10,000 requests per second of
    /// the second.
    static func scenario(
        _ scenario: Scenario, ratios: [Double],
        _ names: [String] = ["reactor", "threadpool"]
    ) -> ScenarioReport {
        let connections = UInt64(scenario.connectionCount)
        var report = ScenarioReport(
            scenario: scenario, openRate: 5_000,
            engines: [
                EngineReport(
                    engine: names[0],
                    rounds: ratios.map {
                        round(count: UInt64((20_000 * $0).rounded()), served: connections)
                    }, workerCount: 1),
                EngineReport(
                    engine: names[1], rounds: ratios.map { _ in round(count: 20_000, served: 16) },
                    workerCount: 16),
            ])
        report.orders = ratios.indices.map { $0.isMultiple(of: 2) ? names : names.reversed() }
        return report
    }

    /// As exact as the layout of real rounds, and quick to add: debug builds run these tests.
    private static let layout = HistogramLayout(highest: 2_047, significantDigits: 3)!

    private static let closedLatency = latencies(from: 1_000)
    private static let openLatency = latencies(from: 300)

    /// A thousand values, one for each microsecond.
    private static func latencies(from first: Int) -> Histogram {
        var histogram = Histogram(layout: layout)
        for value in 0..<1_000 { histogram.record(first + value) }
        return histogram
    }

    /// Two seconds with `count` answers of 1 to 2 ms, and one at a fixed rate.
    static func round(count: UInt64, served: UInt64, clientShare: Double = 0.5) -> RoundSample {
        var closed = PhaseSample()
        closed.validCount = count
        closed.errorCount = 1
        closed.seconds = 2
        closed.latency = closedLatency
        closed.serverCPUTime = count * 6_100
        closed.clientCPUShare = clientShare
        closed.fairness = 0.98
        closed.servedConnections = served
        var open = PhaseSample()
        open.validCount = 5_000
        open.seconds = 1
        open.latency = openLatency
        open.serverCPUTime = 5_000 * 7_200
        open.servedConnections = served
        open.rateRatio = 1
        var round = RoundSample(closedLoop: closed, openLoop: open)
        round.peakMemory = 14_889_779
        return round
    }
}
