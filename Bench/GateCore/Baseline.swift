/// A run's figures, kept to hold later runs against.
///
/// It keeps every round and not their middle, since the test needs the scatter. A run under another
/// load is refused. On another machine absolute figures mean nothing, so only ratios between
/// engines of the same pair are compared.
package struct Baseline: Sendable, Equatable {
    /// Rounds of each run that a comparison needs.
    package static let minimumRoundCount = 4
    /// The most rounds that are kept; no plan has more.
    package static let maximumRoundCount = MannWhitney.maximumCount / 2

    /// One scenario's figures.
    package struct ScenarioRecord: Sendable, Equatable {
        package var scenario: Scenario
        /// Requests per second of the open loop; nil without one.
        package var openRate: Double?
        package var engines: [EngineRecord]
    }

    /// One engine's figures in a scenario.
    package struct EngineRecord: Sendable, Equatable {
        package var engine: String
        /// How it is started, without the folder of the program: two checkouts are alike.
        package var command: String
        /// Of every metric one value per round, nil where a round had none.
        package var values: [Metric: [Double?]]

        /// The values that there are.
        func present(_ metric: Metric) -> [Double] {
            values[metric, default: []].compactMap(\.self)
        }
    }

    package var machine: GateEnvironment.Machine
    package var scenarios: [ScenarioRecord]

    init(machine: GateEnvironment.Machine, scenarios: [ScenarioRecord]) {
        self.machine = machine
        self.scenarios = scenarios
    }

    /// What there is to keep of a run. A run that proves nothing, or did not get far, is refused.
    package init(_ report: GateReport) throws(BaselineError) {
        func refuse(_ why: String) -> BaselineError {
            BaselineError("this run cannot be a baseline: \(why)")
        }
        if report.isInterrupted { throw refuse("it was interrupted") }
        if report.verdict == .invalid { throw refuse("it is invalid") }
        if let disclaimer = report.disclaimer { throw refuse(disclaimer) }
        let counts = report.scenarios.flatMap(\.engines).map(\.rounds.count)
        guard let least = counts.min(), least >= Self.minimumRoundCount else {
            throw refuse("it has fewer than \(Self.minimumRoundCount) pairs")
        }
        self.init(current: report)
    }

    /// The figures of a run, whether or not they are worth keeping.
    init(current report: GateReport) {
        machine = report.environment.machine
        scenarios = report.scenarios.map { scenario in
            let engines = scenario.engines.map { engine in
                let build = report.environment.engines.first { $0.engine == engine.engine }
                let values = Metric.allCases.map {
                    ($0, Array(engine.values($0).prefix(Self.maximumRoundCount)))
                }
                return EngineRecord(
                    engine: engine.engine, command: Self.withoutFolder(build?.command ?? ""),
                    values: Dictionary(uniqueKeysWithValues: values))
            }
            return ScenarioRecord(
                scenario: scenario.scenario, openRate: scenario.openRate, engines: engines)
        }
    }

    /// `/usr/bin/nginx -c FILE` is `nginx -c FILE` wherever it lies.
    private static func withoutFolder(_ command: String) -> String {
        let end = command.firstIndex(of: " ") ?? command.endIndex
        guard let slash = command[..<end].lastIndex(of: "/") else { return command }
        return String(command[command.index(after: slash)...])
    }
}

/// Why a baseline cannot be saved, read or used: one sentence with the cure.
package struct BaselineError: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
    init(_ description: String) { self.description = description }
}
