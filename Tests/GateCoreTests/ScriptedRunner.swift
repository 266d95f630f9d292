import Containers
import GateCore
import Glibc

/// Makes rounds up: engines as they would be, with noise from a seed.
struct ScriptedRunner: Runner {
    /// How an engine does.
    struct Behaviour {
        var verification = Verification.correct
        /// Valid answers per second when pushed, median latency in microseconds (the slowest tenth
        /// takes twice as long), and processor time per answer in microseconds.
        var rate = 20_000.0
        var latency = 5_000.0
        var processorTime = 20.0
        /// The share of requests that fail.
        var errorShare = 0.0
        var clientShare = 0.5
        /// The open loop's, where it differs.
        var rateRatio = 1.0
        var openClientShare = 0.3
        var servedConnections: UInt64 = 200
        var stealShare = 0.0
        /// Rounds, counted from 0 with the unjudged one, in which something else happens.
        var special: [Int: Special] = [:]
    }

    enum Special {
        case crash(String), interruption, unusable(String)
        case steal(Double)
    }

    /// One call, for tests of the order.
    struct Call: Equatable {
        var engine: String
        var scenario: String
        var openRate: Double?
    }

    var behaviours: [String: Behaviour]
    /// Standard deviation of the logarithm of every figure.
    var noiseLevel: Double
    private(set) var verified: [String] = []
    private(set) var calls: [Call] = []
    private var noise: Noise

    init(_ behaviours: [String: Behaviour], noise noiseLevel: Double = 0.05, seed: UInt64 = 1) {
        self.behaviours = behaviours
        self.noiseLevel = noiseLevel
        noise = Noise(seed: seed)
    }

    mutating func verify(_ engine: String, in scenario: Scenario) -> Verification {
        verified.append(engine)
        return behaviours[engine]?.verification ?? .wrong("nobody knows it")
    }

    mutating func measure(
        _ engine: String, in scenario: Scenario, openRate: Double?
    ) throws(RunnerError) -> RoundOutcome {
        let round = calls.count { $0.engine == engine }
        calls.append(Call(engine: engine, scenario: scenario.name, openRate: openRate))
        guard let behaviour = behaviours[engine] else { throw RunnerError("\(engine) is missing") }
        var sample = sample(behaviour, scenario, openRate)
        switch behaviour.special[round] {
        case .crash(let problem): return .crashed(problem)
        case .interruption: return .interrupted
        case .unusable(let problem): throw RunnerError(problem)
        case .steal(let share): sample.stealShare = share
        case nil: break
        }
        return .measured(sample)
    }

    private mutating func sample(
        _ behaviour: Behaviour, _ scenario: Scenario, _ openRate: Double?
    ) -> RoundSample {
        var closed = phase(behaviour, behaviour.rate, seconds: Double(scenario.duration) / 1e9)
        closed.clientCPUShare = behaviour.clientShare
        var sample = RoundSample(closedLoop: closed)
        if let openRate {
            var open = phase(behaviour, openRate, seconds: Double(scenario.openDuration) / 1e9)
            open.clientCPUShare = behaviour.openClientShare
            open.rateRatio = behaviour.rateRatio
            sample.openLoop = open
        }
        sample.peakMemory = 12 << 20
        sample.stealShare = behaviour.stealShare
        return sample
    }

    private mutating func phase(
        _ behaviour: Behaviour, _ rate: Double, seconds: Double
    ) -> PhaseSample {
        var phase = PhaseSample()
        let attempts = rate * blur() * seconds
        phase.errorCount = UInt64(attempts * behaviour.errorShare)
        phase.validCount = UInt64(attempts * (1 - behaviour.errorShare))
        phase.seconds = seconds
        phase.latency = .bimodal(
            count: phase.validCount, microseconds: behaviour.latency * blur())
        phase.serverCPUTime = UInt64(
            Double(phase.validCount) * behaviour.processorTime * blur() * 1_000)
        phase.fairness = phase.validCount == 0 ? 0 : 0.99
        phase.servedConnections = behaviour.servedConnections
        return phase
    }

    private mutating func blur() -> Double {
        exp(noise.normal() * noiseLevel)
    }
}

extension Histogram {
    /// Nine tenths of `count` values at `microseconds`, the rest at twice that.
    static func bimodal(count: UInt64, microseconds: Double) -> Histogram {
        let layout = HistogramLayout.interval
        var counters = Array(repeating: UInt64(0), count: layout.counterCount)
        let top = Double(layout.highestTrackableValue)
        counters[layout.index(of: Int(min(top, microseconds)))] = count - count / 10
        counters[layout.index(of: Int(min(top, microseconds * 2)))] += count / 10
        return Histogram(layout: layout, counters: counters)
    }
}
