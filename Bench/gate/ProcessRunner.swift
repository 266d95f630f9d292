internal import GateCore
internal import LoadGenCore
internal import Presentation
internal import Synchronization
internal import Syscalls

/// Starts engines as processes on their core, and loads them from this one.
///
/// Every verification and every round has a process of its own, so that nothing of a round before
/// is left in it. The client is this process: its one load thread and the thread that waits for it
/// share the client's core, and nothing of ours runs on the server's.
struct ProcessRunner: Runner {
    /// How often what servers write is taken in during load, in nanoseconds: a pipe holds 64 KiB.
    private static let outputInterval: UInt64 = 100_000_000

    let engines: [String: EngineCommand]
    let serverCore: Int
    let clientCore: Int
    /// Decides the loads' random numbers; the same in every round.
    let seed: UInt64
    /// Whether engines may answer differently, each always the same.
    let allowsAnyBody: Bool
    let interruption: Interruption
    let display: ProgressDisplay

    /// Bodies by scenario and engine, as they were verified.
    private var bodies: [String: [String: [UInt8]]] = [:]
    /// The engine that each scenario's first body came from.
    private var firstEngines: [String: String] = [:]

    init(
        engines: [EngineCommand], cores: (server: Int, client: Int), seed: UInt64,
        allowsAnyBody: Bool, interruption: Interruption, display: ProgressDisplay
    ) {
        self.engines = Dictionary(engines.map { ($0.name, $0) }) { first, _ in first }
        serverCore = cores.server
        clientCore = cores.client
        self.seed = seed
        self.allowsAnyBody = allowsAnyBody
        self.interruption = interruption
        self.display = display
    }

    // MARK: - Runner

    mutating func verify(
        _ name: String, in scenario: Scenario
    ) throws(RunnerError) -> Verification {
        let engine = try engine(name)
        let server: ServerProcess
        do throws(ServerFailure) { server = try start(engine) } catch {
            switch error {
            case .unusable(let problem): throw RunnerError(problem)
            case .crashed(let clause): return .failed(clause)
            case .interrupted: return .interrupted
            }
        }
        var target = server.target
        target.path = scenario.path
        let verifier = EngineVerifier(
            engine: engine, scenario: scenario, target: target, agreed: agreedBody(scenario))
        let (verification, body) = verifier.run()
        let complaint = server.stop()
        if interruption.isInterrupted { return .interrupted }
        guard verification == .correct else { return verification }
        if let complaint { return .failed(complaint) }
        bodies[scenario.name, default: [:]][name] = body
        firstEngines[scenario.name] = firstEngines[scenario.name] ?? name
        return .correct
    }

    mutating func measure(
        _ name: String, in scenario: Scenario, openRate: Double?
    ) throws(RunnerError) -> RoundOutcome {
        let engine = try engine(name)
        var server: ServerProcess
        do throws(ServerFailure) { server = try start(engine) } catch {
            switch error {
            case .unusable(let problem): throw RunnerError(problem)
            case .crashed(let clause): return .crashed(clause)
            case .interrupted: return .interrupted
            }
        }
        let ticks = coreTicks()
        let body = bodies[scenario.name]?[name] ?? []
        let closed: PhaseSample
        var open: PhaseSample?
        do throws(LoadError) {
            closed = try load(
                LoadOptions.closedLoop(
                    Self.asked(scenario, openRate: openRate), at: server.target, expecting: body,
                    seed: seed),
                &server)
            if let openRate, !interruption.isInterrupted {
                open = try load(
                    LoadOptions.openLoop(
                        scenario, at: server.target, expecting: body, seed: seed, rate: openRate),
                    &server)
            }
        } catch {
            // The server's own end explains more than what its client met.
            if let complaint = server.stop() { return .crashed(complaint) }
            throw RunnerError(error.description)
        }
        var sample = RoundSample(closedLoop: closed, openLoop: open)
        sample.peakMemory = ProcessTree.peakMemory(of: server.id)
        if let ticks, let now = coreTicks() {
            sample.stealShare = now.stolenShare(since: ticks)
        }
        let complaint = server.stop()
        if interruption.isInterrupted { return .interrupted }
        if let complaint { return .crashed(complaint) }
        return .measured(sample)
    }

    // MARK: - Parts

    /// A round that leaves the scenario's open loop out is the one that its rate is taken from. It
    /// asks as the open loop will, one request at a time on each connection: four at a time cost
    /// client and server so much less that half of that rate may be more than either can do.
    private static func asked(_ scenario: Scenario, openRate: Double?) -> Scenario {
        guard openRate == nil, scenario.openDuration > 0 else { return scenario }
        var scenario = scenario
        scenario.pipelineDepth = 1
        return scenario
    }

    private func engine(_ name: String) throws(RunnerError) -> EngineCommand {
        guard let engine = engines[name] else {
            throw RunnerError("there is no engine '\(name)'; add --engine '\(name)=COMMAND'")
        }
        return engine
    }

    private func start(_ engine: EngineCommand) throws(ServerFailure) -> ServerProcess {
        try ServerProcess(engine, onCore: serverCore, ownCore: clientCore, interruption)
    }

    /// What a body is compared with: what ours have to say where that is known, or else what the
    /// first engine said.
    private func agreedBody(_ scenario: Scenario) -> (engine: String, body: [UInt8])? {
        if allowsAnyBody { return nil }
        if scenario.path == "/",
            let ours = engines.values.filter({ $0.kind != .foreign })
                .map(\.name).min()
        {
            return (ours, EngineVerifier.greeting)
        }
        guard let first = firstEngines[scenario.name],
            let body = bodies[scenario.name]?[first]
        else { return nil }
        return (first, body)
    }

    /// Loads the server for one phase. The server's processor time is read by the load's own thread
    /// at the ends of the measured part, before it closes a connection; see `ProcessTree` for how
    /// exact that is.
    private func load(
        _ options: Options, _ server: inout ServerProcess
    ) throws(LoadError) -> PhaseSample {
        let readings = CPUReadings(server.id)
        let run = try LoadRun(
            options, target: LoadTarget(options),
            marks: LoadMarks(began: { readings.take() }, ended: { readings.take() }))
        let result = try interruption.during(run) { () throws(LoadError) in
            try run.run(showingEvery: Self.outputInterval) { _ in
                server.takeOutput()
                display.draw()
            }
        }
        let ports = result.total.errors[.portsExhausted]
        guard ports == 0 else {
            throw LoadError(
                "this machine ran out of client ports \(Format.grouped(ports)) times; "
                    + "wait a minute, or shorten --duration", isUsage: false)
        }
        return PhaseSample(result, serverCPUTime: readings.difference)
    }

    private func coreTicks() -> CoreTicks? {
        ProcessTree.text(of: "/proc/stat").flatMap {
            CoreTicks($0, cores: [serverCore, clientCore])
        }
    }
}

/// A server's processor time at two moments.
private final class CPUReadings: Sendable {
    private let id: Int32
    private let values = Mutex<[UInt64]>([])

    init(_ id: Int32) { self.id = id }

    func take() {
        let value = ProcessTree.processorTime(of: id)
        values.withLock { $0.append(value) }
    }

    /// From the first reading to the last. A descendant that ended takes its time with it, but time
    /// never runs backwards.
    var difference: UInt64 {
        values.withLock { values in
            guard let first = values.first, let last = values.last else { return 0 }
            return last - min(first, last)
        }
    }
}

extension PhaseSample {
    /// What the gate keeps of a phase.
    fileprivate init(_ result: RunResult, serverCPUTime: UInt64) {
        self.init()
        let total = result.total
        validCount = total.validCount
        errorCount = total.errors.total
        seconds = result.seconds
        latency = total.responseTime
        self.serverCPUTime = serverCPUTime
        clientCPUShare = result.threadCPUShares.max() ?? 0
        fairness = total.fairness.jainIndex
        servedConnections = total.fairness.connectionCount - total.fairness.idleCount
        rateRatio = result.rateRatio
    }
}
