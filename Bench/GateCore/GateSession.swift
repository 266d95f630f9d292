/// A whole run: from the first verification to the verdict.
///
/// Theory of operation. The plan is fixed before the first round: which checks, which looks with
/// what error, which order, what voids a pair. A session only follows it:
///
///     verify every engine ──▶ one unjudged round each ──▶ pairs up to the next look ──▶ judge
///                                                              ▲                          │
///                                                              └── a check is undecided ──┘
///
/// The unjudged round warms everybody up and sets the rate of the open loop. A pair is one round
/// of every engine in each scenario. At a look every undecided check is judged with that look's
/// error; a decided one keeps its verdict, since a second chance would be a second error. The run
/// stops when all are decided, or one has failed or cannot be judged. A crash ends it at once.
package struct GateSession {
    private let plan: GatePlan
    private let timetable: Timetable
    private let orders: [PairOrder]
    private let observe: (GateProgress) -> Void
    private var report: GateReport
    /// One per check of the plan; nil before the first look. Only what is inconclusive changes.
    private var results: [CheckResult?]
    private var lookIndex = 0

    /// What ends a run before its time.
    private enum Ending: Error {
        case interrupted
        /// A server that is compared crashed or refuses to serve.
        case failed(String)
        case invalid(String)
        /// The machine is too busy; the engines may be as good as they like.
        case unmeasurable(String)
    }

    /// Carries out `plan`. Takes as long as the runner does.
    ///
    /// - Parameters:
    ///   - plan: At least one look, with rising pair counts; checks, engines and scenarios that
    ///     belong together.
    ///   - environment: Goes into the report as it is.
    ///   - workerCounts: Threads that serve, for engines of which it is known.
    ///   - runner: Does what takes time.
    ///   - observe: Is called before every step.
    package static func run(
        _ plan: GatePlan, environment: GateEnvironment, workerCounts: [String: Int] = [:],
        with runner: inout some Runner, observe: @escaping (GateProgress) -> Void = { _ in }
    ) -> GateReport {
        var session = GateSession(plan, environment, workerCounts, observe)
        do throws(Ending) {
            try session.verify(&runner)
            try session.calibrate(&runner)
            try session.measure(&runner)
            session.conclude()
        } catch {
            session.end(error)
        }
        return session.report
    }

    private init(
        _ plan: GatePlan, _ environment: GateEnvironment, _ workerCounts: [String: Int],
        _ observe: @escaping (GateProgress) -> Void
    ) {
        precondition(!plan.looks.isEmpty && plan.looks[0].pairCount > 0)
        precondition(
            zip(plan.looks, plan.looks.dropFirst()).allSatisfy { $0.pairCount < $1.pairCount })
        self.plan = plan
        self.observe = observe
        timetable = Timetable(plan)
        orders = plan.scenarios.indices.map {
            PairOrder(seed: plan.seed, stream: $0, engineCount: plan.engines.count)
        }
        results = Array(repeating: nil, count: plan.checks.count)
        report = GateReport(
            verdict: .inconclusive, reason: "", plan: plan, environment: environment)
        report.scenarios = plan.scenarios.map { scenario in
            let engines = plan.engines.map {
                EngineReport(engine: $0, rounds: [], workerCount: workerCounts[$0])
            }
            return ScenarioReport(scenario: scenario, openRate: nil, engines: engines)
        }
    }

    // MARK: Before the pairs

    /// Verifies everything even after a problem: who sees two wrong engines repairs both.
    private mutating func verify(_ runner: inout some Runner) throws(Ending) {
        var (wrong, failed): ([String], [String]) = ([], [])
        for (index, scenario) in plan.scenarios.enumerated() {
            for (place, engine) in plan.engines.enumerated() {
                announce(.verifying, engine, index, pass: 0, place: place)
                let verification: Verification
                do throws(RunnerError) {
                    verification = try runner.verify(engine, in: scenario)
                } catch { throw .invalid(error.problem) }
                switch verification {
                case .correct: break
                case .failed(let problem): failed.append(named(scenario, engine, problem))
                case .wrong(let problem): wrong.append(named(scenario, engine, problem))
                case .interrupted: throw .interrupted
                }
            }
        }
        report.warnings += (wrong + failed).dropFirst()
        if let first = wrong.first { throw .invalid(first) }
        if let first = failed.first { throw .failed(first) }
    }

    /// The rate of the open loop is half of what the slowest engine serves when pushed: all keep
    /// up with it, and all get the same.
    private mutating func calibrate(_ runner: inout some Runner) throws(Ending) {
        for (index, scenario) in plan.scenarios.enumerated() {
            var slowest = Double.infinity
            for (place, engine) in plan.engines.enumerated() {
                announce(.calibrating, engine, index, pass: 1, place: place)
                let round = try measure(engine, in: scenario, openRate: nil, &runner)
                slowest = min(slowest, round.value(.rps) ?? 0)
            }
            if scenario.openDuration > 0, slowest.isFinite {
                report.scenarios[index].openRate = max(1, slowest / 2)
            }
        }
    }

    // MARK: Pairs

    private mutating func measure(_ runner: inout some Runner) throws(Ending) {
        var pairCount = 0
        for (index, look) in plan.looks.enumerated() {
            lookIndex = index
            while pairCount < look.pairCount {
                for scenario in plan.scenarios.indices {
                    try measurePair(pairCount, scenario: scenario, &runner)
                }
                pairCount += 1
            }
            judge(alpha: look.alpha)
            if isDecided { return }
        }
    }

    /// One round of every engine; again from the start when a rule takes one of them out.
    private mutating func measurePair(
        _ pair: Int, scenario index: Int, _ runner: inout some Runner
    ) throws(Ending) {
        let order = orders[index].engines(ofPair: pair)
        while true {
            var rounds: [(engine: Int, round: RoundSample)] = []
            for (place, number) in order.enumerated() {
                let engine = plan.engines[number]
                announce(.measuring(pair: pair + 1), engine, index, pass: 2 + pair, place: place)
                let round = try measure(
                    engine, in: plan.scenarios[index], openRate: report.scenarios[index].openRate,
                    &runner)
                if let reason = VoidingRule.reason(round) {
                    try void(engine, reason, scenario: index)
                    break
                }
                rounds.append((number, round))
            }
            guard rounds.count == order.count else { continue }
            for (number, round) in rounds {
                report.scenarios[index].engines[number].rounds.append(round)
            }
            report.scenarios[index].orders.append(order.map { plan.engines[$0] })
            return
        }
    }

    private mutating func void(
        _ engine: String, _ reason: String, scenario index: Int
    ) throws(Ending) {
        let scenario = report.scenarios[index]
        let attempt = scenario.orders.count + scenario.voided.count + 1
        report.scenarios[index].voided.append(
            VoidedPair(attempt: attempt, engine: engine, reason: reason))
        let count = scenario.voided.count + 1
        guard count <= VoidingRule.voidLimit(pairCount: pairLimit) else {
            throw .unmeasurable(
                "\(scenario.scenario.name): \(count) pairs had to be voided, the last for "
                    + "\(reason) of \(engine): the machine is too busy to measure")
        }
    }

    private func measure(
        _ engine: String, in scenario: Scenario, openRate: Double?, _ runner: inout some Runner
    ) throws(Ending) -> RoundSample {
        let outcome: RoundOutcome
        do throws(RunnerError) {
            outcome = try runner.measure(engine, in: scenario, openRate: openRate)
        } catch { throw .invalid(error.problem) }
        switch outcome {
        case .measured(let round): return round
        case .crashed(let problem): throw .failed(named(scenario, engine, problem))
        case .interrupted: throw .interrupted
        }
    }

    // MARK: Verdicts

    private mutating func judge(alpha: Double) {
        for (index, check) in plan.checks.enumerated() {
            if let result = results[index], result.verdict != .inconclusive { continue }
            let scenario = report.scenarios.first { $0.scenario.name == check.scenario }
            results[index] = Judge.judge(check, engines: scenario?.engines ?? [], alpha: alpha)
        }
    }

    private var isDecided: Bool {
        let verdicts = results.map { $0?.verdict ?? .inconclusive }
        return !verdicts.contains(.inconclusive) || verdicts.contains(.fail)
            || verdicts.contains(.invalid)
    }

    private mutating func conclude() {
        report.checks = results.compactMap(\.self)
        report.warnings += report.findWarnings()
        report.settle()
    }

    private mutating func end(_ ending: Ending) {
        switch ending {
        case .interrupted:
            report.isInterrupted = true
            report.reason = "interrupted: nothing is judged"
        case .failed(let reason):
            (report.verdict, report.reason) = (.fail, reason)
            report.checks = unfinishedChecks
        case .invalid(let reason):
            (report.verdict, report.reason) = (.invalid, reason)
            report.checks = unfinishedChecks
        case .unmeasurable(let reason):
            // What earlier looks decided stays decided.
            report.checks = unfinishedChecks
            report.settle()
            if report.verdict == .inconclusive || report.verdict == .pass {
                (report.verdict, report.reason) = (.inconclusive, reason)
            }
        }
        report.warnings += report.findWarnings()
        report.limitProof()
    }

    /// What earlier looks decided; all else is open.
    private var unfinishedChecks: [CheckResult] {
        zip(plan.checks, results).map { check, result in
            var result =
                result ?? CheckResult(check, .inconclusive, estimate: nil, bound: nil, pairCount: 0)
            if result.verdict == .inconclusive { result.notes = ["the run ended before"] }
            return result
        }
    }

    // MARK: Progress

    private var pairLimit: Int { plan.looks.last?.pairCount ?? 0 }

    private func announce(
        _ step: GateProgress.Step, _ engine: String, _ scenario: Int, pass: Int, place: Int
    ) {
        let number = timetable.step(pass: pass, scenario: scenario, place: place)
        let nextLook = plan.looks[lookIndex].pairCount
        observe(
            GateProgress(
                step: step, engine: engine, scenario: plan.scenarios[scenario].name,
                pairLimit: pairLimit, nextLook: nextLook,
                decidedCount: results.count { ($0?.verdict ?? .inconclusive) != .inconclusive },
                checkCount: plan.checks.count,
                voidedCount: report.scenarios.reduce(0) { $0 + $1.voided.count },
                secondsToNextLook: timetable.seconds(fromStep: number, toPair: nextLook),
                secondsToLastLook: timetable.seconds(fromStep: number, toPair: pairLimit)))
    }
}

/// A problem with where it was seen, unless it names its engine itself.
private func named(_ scenario: Scenario, _ engine: String, _ problem: String) -> String {
    let clause = problem.contains(engine) ? problem : "\(engine): \(problem)"
    return "\(scenario.name): \(clause)"
}
