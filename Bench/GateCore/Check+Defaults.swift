extension Check {
    /// The checks of a run that names none.
    ///
    /// The reactor has to answer at all and in time, under both clocks: a closed loop's latency
    /// only says how many requests were in flight, an open loop's says how long a client waits. In
    /// the crowd it has to serve 1.8 times the pool's requests at 1.8 times less processor time
    /// for each. In `busy` the kernel does the same work for both, so what a reactor can save of
    /// the whole is less: 1.3 times. Checks are left out whose engine or phase is not run.
    package static func defaults(scenarios: [Scenario], engines: [String]) -> [Check] {
        var checks: [Check] = []
        for scenario in scenarios {
            var texts = ["reactor.error_rate <= 1%", "reactor.p95 <= 200ms"]
            if scenario.openDuration > 0 { texts.append("reactor.open_p95 <= 200ms") }
            if scenario.name == Scenario.crowd.name, engines.contains("threadpool") {
                texts.append("reactor.rps >= 1.8 * threadpool.rps")
                texts.append("threadpool.cpu_us_per_req >= 1.8 * reactor.cpu_us_per_req")
            }
            if scenario.name == Scenario.busy.name, engines.contains("threadpool") {
                texts.append("threadpool.cpu_us_per_req >= 1.3 * reactor.cpu_us_per_req")
            }
            guard engines.contains("reactor") else { continue }
            checks += texts.flatMap { ours($0, scenario, engines) }
        }
        return checks
    }

    /// The checks that `after` is no worse than `before`, of two builds or of an engine and itself
    /// (then both have one name, and the checks show what this machine can tell apart).
    ///
    /// Both names have to be ones that a check can hold (`MetricReference.canName`). The margins are what a good machine can show in 21 pairs: processor time is the steadiest.
    package static func comparison(
        scenarios: [Scenario], before: String, after: String
    ) -> [Check] {
        scenarios.flatMap { scenario in
            [
                "\(after).error_rate <= 1%",
                "\(after).rps >= 0.9 * \(before).rps",
                "\(after).cpu_us_per_req <= 1.05 * \(before).cpu_us_per_req",
                "\(after).p95 <= 1.15 * \(before).p95",
            ].flatMap { ours($0, scenario, [before, after]) }
        }
    }

    /// A check of ours, which is right in itself.
    private static func ours(_ text: String, _ scenario: Scenario, _ engines: [String]) -> [Check] {
        do {
            return try parse(
                text, scenarios: [scenario.name], engines: engines, isSelfComparison: true)
        } catch {
            preconditionFailure(error.description)
        }
    }
}

extension GatePlan {
    /// Scenarios that no check is asked of: a run of them would prove nothing.
    package var scenariosWithoutCheck: [String] {
        scenarios.map(\.name).filter { name in !checks.contains { $0.scenario == name } }
    }
}
