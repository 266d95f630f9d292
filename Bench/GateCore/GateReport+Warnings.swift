internal import Presentation

extension GateReport {
    /// Half of the cores busy before the run: whatever keeps them so will want the two that the
    /// gate uses.
    static let busyLoadPerCore = 0.5
    /// What a hypervisor may take without a word.
    static let notableSteal = 0.01

    /// What a reader should know and no check says.
    func findWarnings() -> [String] {
        var warnings: [String] = []
        let cores = environment.machine.coreCount
        if cores > 0, environment.loadBefore > Self.busyLoadPerCore * Double(cores) {
            warnings.append(
                "the machine was busy before the run: load \(Format.fixed(environment.loadBefore, 1))"
                    + " on \(cores) cores; end what else runs")
        }
        for scenario in scenarios {
            for engine in scenario.engines where !engine.rounds.isEmpty {
                warnings += Self.warnings(engine, scenario.scenario).map {
                    "\(scenario.scenario.name): \(engine.engine) \($0)"
                }
            }
            let steal = scenario.engines.flatMap(\.rounds).map(\.stealShare).max() ?? 0
            if steal > Self.notableSteal {
                warnings.append(
                    "\(scenario.scenario.name): the hypervisor took up to "
                        + "\(Format.percent(steal)) of a round")
            }
        }
        return warnings
    }

    /// Clauses behind an engine's name.
    private static func warnings(_ engine: EngineReport, _ scenario: Scenario) -> [String] {
        var warnings: [String] = []
        if scenario.keepsAlive, engine.servedConnections < scenario.connectionCount {
            warnings.append(
                "served \(Format.grouped(engine.servedConnections)) of "
                    + "\(Format.grouped(scenario.connectionCount)) connections")
        }
        if let rate = engine.value(.errorRate), rate > Judge.notableErrorRate {
            warnings.append(
                "has an error rate of \(Format.percent(rate)): its figures are those of the rest")
        }
        if engine.isClientBound {
            warnings.append("did all that one client can ask: its rate is a lower limit")
        }
        let missed = engine.rounds.compactMap(\.openLoop).filter(\.missedRate)
        if let worst = missed.compactMap(\.rateRatio).min() {
            warnings.append(
                "took only \(Format.percent(worst)) of the open loop's rate in time, in "
                    + "\(missed.count) of \(engine.rounds.count) rounds")
        }
        return warnings
    }
}
