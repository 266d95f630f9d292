/// How long a run takes, from its own plan, so that a display can say what is left.
///
/// Steps come in the order in which a session takes them: every engine is verified in every
/// scenario, then runs once unjudged, then pair after pair.
package struct Timetable: Sendable {
    /// Start and end of a server around a round, in seconds: a process, its connections, a drain.
    package static let roundOverhead = 0.4
    /// Start, a handful of requests and end, in seconds.
    package static let verificationTime = 0.4

    private let engineCount: Int
    /// Engines × scenarios.
    private let stepsPerPass: Int
    /// Seconds of every step of an unjudged pass, and of a pair.
    private let calibrationTimes: [Double]
    private let roundTimes: [Double]

    /// The timetable of `plan`.
    package init(_ plan: GatePlan) {
        func times(_ seconds: (Scenario) -> UInt64) -> [Double] {
            plan.scenarios.flatMap { scenario in
                let time = Double(seconds(scenario)) / 1e9 + Self.roundOverhead
                return Array(repeating: time, count: plan.engines.count)
            }
        }
        engineCount = plan.engines.count
        stepsPerPass = plan.scenarios.count * plan.engines.count
        calibrationTimes = times { $0.warmUp + $0.duration }
        roundTimes = times { $0.warmUp + $0.duration + $0.openDuration }
    }

    /// Seconds from the start of step `first` until `pairCount` pairs are done.
    package func seconds(fromStep first: Int, toPair pairCount: Int) -> Double {
        let last = stepsPerPass * (2 + pairCount)
        guard stepsPerPass > 0, first < last else { return 0 }
        return (first..<last).reduce(0) { sum, step in
            let (pass, place) = step.quotientAndRemainder(dividingBy: stepsPerPass)
            return switch pass {
            case 0: sum + Self.verificationTime
            case 1: sum + calibrationTimes[place]
            default: sum + roundTimes[place]
            }
        }
    }

    /// The number of a step: in pass 0 engines are verified, in pass 1 they run unjudged, and pass
    /// 2 is the first pair. `place` counts the engines of the scenario in their order.
    package func step(pass: Int, scenario: Int, place: Int) -> Int {
        pass * stepsPerPass + scenario * engineCount + place
    }
}
