internal import Presentation

/// What to do about a verdict that settles nothing.
enum AdviceRendering {
    /// How much a single pair may scatter before noise is named as the reason. With six pairs and
    /// a deviation of 0.2, a true ratio of 2.2 passes 1.8 in half of all runs.
    private static let noisyDeviation = 0.2

    /// A sentence or two; nil where the verdict says all.
    static func text(_ report: GateReport) -> String? {
        if report.isInterrupted {
            return "Nothing is judged: what was measured until then is shown. Run it again."
        }
        switch report.verdict {
        case .pass, .fail: return nil
        case .inconclusive: return inconclusive(report)
        case .invalid: return invalid(report)
        }
    }

    private static func inconclusive(_ report: GateReport) -> String {
        let plan = report.plan
        if plan.isDebugBuild {
            return "A debug build measures itself and never passes: build with -c release."
        }
        if plan.isSelfComparison {
            return "An engine compared with itself never passes: what counts here is the noise."
        }
        if report.environment.clientCore == nil {
            return "Server and client need a core each, and there was one: give the gate two cores "
                + "(taskset, or the limits of the container)."
        }
        let voided = report.scenarios.map(\.voided.count).max() ?? 0
        if voided > VoidingRule.voidLimit(pairCount: plan.looks.last?.pairCount ?? 0) {
            return "\(FigureRendering.count(voided, "pair")) had to be left out, because others "
                + "used the cores or the client fell behind: stop other work on the machine, or "
                + "use another one, and run it again."
        }
        let bound = clientBound(report)
        if !bound.isEmpty {
            return
                "The client was the limit for \(bound.joined(separator: " and ")), so a limit is "
                + "all that is known of its speed: ask for cpu_us_per_req, which the client does "
                + "not touch, or for a --path that costs the server more."
        }
        if let noise = report.scenarios.compactMap({ PairRatios($0)?.noise }).max(),
            noise > noisyDeviation
        {
            return "The pairs differ too much (sd of the log ratio \(Format.fixed(noise, 2))): "
                + "stop other work on the machine, measure longer (--duration), or take more pairs "
                + "(--profile nightly)."
        }
        return "The truth lies too close to the limit for this many pairs: take more of them "
            + "(--profile nightly), or ask for a limit that leaves room."
    }

    /// The engines in undecided checks that the client could not load any further.
    private static func clientBound(_ report: GateReport) -> [String] {
        var names: [String] = []
        for result in report.checks where result.verdict == .inconclusive {
            let scenario = report.scenarios.first { $0.scenario.name == result.check.scenario }
            guard result.check.metric.metric.isLimitedByClient else { continue }
            var engines = [result.check.metric.engine]
            if case .multiple(_, let other) = result.check.limit { engines.append(other.engine) }
            for engine in engines where !names.contains(engine) {
                let found = scenario?.engines.first { $0.engine == engine }
                if found?.isClientBound == true { names.append(engine) }
            }
        }
        return names.map(FigureRendering.visible)
    }

    private static func invalid(_ report: GateReport) -> String {
        if report.checks.contains(where: { $0.verdict == .invalid }) {
            return "A check had nothing to judge by: its note says what is missing."
        }
        return "Engines can only be compared while all of them start and give the same right "
            + "answers: put right what the reason names, and run it again."
    }
}

extension Metric {
    /// Whether a client that is at its limit changes the figure: it asks less than the server
    /// could answer, and reads answers later than they came.
    fileprivate var isLimitedByClient: Bool {
        switch self {
        case .rps, .p50, .p95, .p99, .max, .openP50, .openP95, .openP99, .openMax: true
        case .errorRate, .cpuPerRequest, .openCPUPerRequest, .memory, .fairness: false
        }
    }
}
