internal import Containers
internal import Presentation

/// How the program ends.
package enum ExitCode: Int32, Sendable {
    /// The run was done, and its own limits were kept.
    case done = 0
    /// No connection ever succeeded.
    case couldNotRun = 1
    /// The command line, or a file that it names, is wrong.
    case usage = 2
    /// `--max-error-rate` or `--slo` was broken.
    case limitBroken = 3
    /// A signal ended the run; its limits were not judged.
    case interrupted = 130

    /// The code for a result and its limits.
    package init(_ result: RunResult, limits: ResultLimits) {
        if result.isInterrupted {
            self = .interrupted
        } else if result.total.connectionCount == 0 {
            self = .couldNotRun
        } else {
            self = result.judge(limits).allSatisfy(\.isKept) ? .done : .limitBroken
        }
    }
}

/// A limit held against a result.
package struct Judgement: Sendable, Equatable {
    /// The limit: `p99 <= 20ms`.
    package var limit: String
    /// What the run had: `18.4ms`.
    package var measured: String
    /// Whether the limit was kept. A run without a single sample keeps none.
    package var isKept: Bool
}

extension RunResult {
    /// Holds every limit against this result. Latencies are response times.
    package func judge(_ limits: ResultLimits) -> [Judgement] {
        var judgements: [Judgement] = []
        if let maximum = limits.maximumErrorRate {
            judgements.append(
                Judgement(
                    limit: "error rate <= \(Format.percent(maximum))",
                    measured: finishedCount == 0 ? "nothing" : Format.percent(errorRate),
                    isKept: finishedCount > 0 && errorRate <= maximum))
        }
        return judgements + limits.serviceLevels.map(judge)
    }

    private func judge(_ level: ServiceLevel) -> Judgement {
        func judge(_ measured: Double, atMost microseconds: Int) -> Judgement {
            guard !total.responseTime.isEmpty else {
                return Judgement(
                    limit: level.description, measured: "nothing", isKept: false)
            }
            return Judgement(
                limit: level.description, measured: Format.duration(microseconds: measured),
                isKept: measured <= Double(microseconds))
        }
        let latency = total.responseTime
        switch level.metric {
        case .percentile(let percentile, let limit):
            return judge(Double(latency.value(atPercentile: percentile)), atMost: limit)
        case .maximum(let limit): return judge(Double(latency.maximum), atMost: limit)
        case .mean(let limit): return judge(latency.mean, atMost: limit)
        case .validRate(let rate):
            return Judgement(
                limit: level.description, measured: Format.rate(validRate) + "/s",
                isKept: validRate >= rate.perSecond)
        }
    }
}
