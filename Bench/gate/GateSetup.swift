internal import Arguments
internal import GateCore
internal import LoadGenCore

/// What a command line comes to: which engines run, how they are started, and what is asked of them.
struct GateSetup: Sendable {
    var plan: GatePlan
    /// Each engine once, in the order of the plan.
    var engines: [EngineCommand]

    /// The setup for `options`.
    ///
    /// - Parameters:
    ///   - folder: Where the programs of this build lie.
    ///   - seed: Decides the order of engines, unless the options do.
    init(_ options: GateOptions, folder: String, seed: UInt64) throws(UsageError) {
        let scenarios = options.scenarios
        engines = try Self.engines(options, folder: folder, scenarios)
        var names = engines.map(\.name)
        if let name = options.selfCompared { names = [name, name] }
        plan = GatePlan(
            profile: options.profile.name, scenarios: scenarios, engines: names,
            checks: try Self.checks(options, scenarios, names), looks: options.profile.looks,
            seed: options.seed ?? seed)
        plan.isSelfComparison = options.selfCompared != nil
        if let scenario = plan.scenariosWithoutCheck.first {
            throw UsageError("no check applies to scenario \(scenario); give --check")
        }
    }

    /// Threads that serve, by engine, where it is known.
    var workerCounts: [String: Int] {
        Dictionary(engines.compactMap { engine in engine.workerCount.map { (engine.name, $0) } }) {
            first, _ in first
        }
    }

    // MARK: - Engines

    private static func engines(
        _ options: GateOptions, folder: String, _ scenarios: [Scenario]
    ) throws(UsageError) -> [EngineCommand] {
        let connectionCount = scenarios.map(\.connectionCount).max() ?? 0
        func sluice(
            _ name: String, _ engine: String, _ program: String, _ arguments: [String] = []
        ) -> EngineCommand {
            .sluice(
                name, program: program, engine: engine,
                workerCount: engine == "threadpool" ? options.workerCount : 1,
                connectionCount: connectionCount, arguments: arguments)
        }
        let ours = [
            "reactor": sluice("reactor", "reactor", "\(folder)/sluice"),
            "threadpool": sluice("threadpool", "threadpool", "\(folder)/sluice"),
            "floor": .floor(program: "\(folder)/floor"),
        ]
        var engines: [EngineCommand] = []
        if let programA = options.programA, let programB = options.programB {
            let arguments = options.serverArguments ?? []
            engines = [
                sluice("a", "reactor", programA, arguments),
                sluice("b", "reactor", programB, arguments),
            ]
        } else if options.selfCompared == nil {
            engines = [ours["reactor"], ours["threadpool"]].compactMap(\.self)
        }
        for engine in options.engines { try add(engine, to: &engines, ours) }
        let named = options.checks.contains { $0.contains("floor.") } ? ["floor"] : []
        for name in named + [options.selfCompared].compactMap(\.self)
        where !engines.contains(where: { $0.name == name }) {
            guard let engine = ours[name] else {
                throw UsageError(
                    "--aa: there is no engine '\(name)'; add --engine '\(name)=COMMAND'")
            }
            engines.append(engine)
        }
        if let name = options.selfCompared { engines.removeAll { $0.name != name } }
        return engines
    }

    private static func add(
        _ given: GateOptions.Engine, to engines: inout [EngineCommand],
        _ ours: [String: EngineCommand]
    ) throws(UsageError) {
        var engine = ours[given.name]
        if let words = given.words {
            engine = EngineCommand(name: given.name, kind: .foreign, words: words)
            if let url = given.readyURL {
                // The table has read it once.
                guard let target = try? LoadOptions.target(url) else { return }
                engine?.readiness = .url(target)
            }
        }
        guard let engine else { return }
        if let index = engines.firstIndex(where: { $0.name == engine.name }) {
            guard ours[engine.name] == engines[index] else {
                throw UsageError(
                    "--engine: '\(engine.name)' is given twice; give every engine its own name")
            }
            engines[index] = engine
        } else {
            engines.append(engine)
        }
    }

    // MARK: - Checks

    private static func checks(
        _ options: GateOptions, _ scenarios: [Scenario], _ engines: [String]
    ) throws(UsageError) -> [Check] {
        var checks: [Check] = []
        if options.usesDefaultChecks {
            if let name = options.selfCompared {
                checks = Check.comparison(scenarios: scenarios, before: name, after: name)
            } else if options.comparesBuilds {
                checks = Check.comparison(scenarios: scenarios, before: "a", after: "b")
            } else {
                checks = Check.defaults(scenarios: scenarios, engines: engines)
            }
        }
        for text in options.checks {
            do throws(CheckError) {
                checks += try Check.parse(
                    text, scenarios: scenarios.map(\.name), engines: engines,
                    isSelfComparison: options.selfCompared != nil)
            } catch { throw UsageError("--\(error)") }
        }
        return checks
    }
}
