internal import Presentation

extension Baseline {
    /// How unlikely chance has to be.
    static let alpha = 0.01
    /// How far the rates of two open loops may lie apart so that their latencies compare. Every
    /// run measures its own, in one round.
    static let rateTolerance = 0.25

    /// How much worse than before is worse, in shares of what it was. Less than that, nobody can
    /// tell from the neighbours' doings, however many rounds agree.
    struct Tolerance {
        var metric: Metric
        var share: Double
        var higherIsBetter = false

        static let rate = Tolerance(metric: .rps, share: 0.10, higherIsBetter: true)
        static let processorTime = Tolerance(metric: .cpuPerRequest, share: 0.05)
        static let all = [
            rate, Tolerance(metric: .p95, share: 0.15), Tolerance(metric: .openP95, share: 0.15),
            processorTime,
        ]
    }

    /// Holds a run against this baseline. Throws when the two were not measured alike.
    package func compare(_ report: GateReport) throws(BaselineError) -> [BaselineResult] {
        let current = Baseline(current: report)
        let differences = differences(from: current)
        guard differences.isEmpty else {
            throw BaselineError(
                "the baseline was measured differently: \(differences.joined(separator: "; ")); "
                    + "give the same options, or save a new one with --save-baseline")
        }
        let pairs = zip(scenarios, current.scenarios)
        guard machine == current.machine else {
            return pairs.flatMap { Self.ratioResults($0, $1) + Self.shownResults($0, $1) }
        }
        return pairs.flatMap(Self.results)
    }

    // MARK: Results

    /// Every figure against itself.
    private static func results(
        _ before: ScenarioRecord, _ now: ScenarioRecord
    ) -> [BaselineResult] {
        figures(before, now) { tolerance, subject, old, new in
            if tolerance.metric.isOpen, let rate = before.openRate, let newRate = now.openRate,
                max(rate, newRate) > min(rate, newRate) * (1 + rateTolerance)
            {
                return shown(
                    now, subject, old, new, "another open-loop rate: not compared")
            }
            return judge(now, subject, tolerance, before: old, now: new)
        }
    }

    /// Figures of another machine, only to be shown.
    private static func shownResults(
        _ before: ScenarioRecord, _ now: ScenarioRecord
    ) -> [BaselineResult] {
        figures(before, now) { _, subject, old, new in
            shown(now, subject, old, new, "another machine: not compared")
        }
    }

    private static func figures(
        _ before: ScenarioRecord, _ now: ScenarioRecord,
        result: (Tolerance, String, [Double], [Double]) -> BaselineResult
    ) -> [BaselineResult] {
        zip(before.engines, now.engines).flatMap { before, now in
            Tolerance.all.compactMap { tolerance in
                let (old, new) = (before.present(tolerance.metric), now.present(tolerance.metric))
                guard !old.isEmpty, !new.isEmpty else { return nil }
                let subject = "\(MetricReference(now.engine, tolerance.metric))"
                return result(tolerance, subject, old, new)
            }
        }
    }

    /// Ratios of every engine to one of them in the same pair: the machine's speed is in both. The
    /// floor is the best measure, since it changes least; else the second engine is.
    private static func ratioResults(
        _ before: ScenarioRecord, _ now: ScenarioRecord
    ) -> [BaselineResult] {
        let measure =
            now.engines.firstIndex { $0.engine == "floor" } ?? (now.engines.count > 1 ? 1 : nil)
        guard let measure else { return [] }
        return now.engines.indices.filter { $0 != measure }.flatMap { index in
            [Tolerance.rate, .processorTime].compactMap { tolerance in
                let metric = tolerance.metric
                func ratios(_ record: ScenarioRecord) -> [Double] {
                    zip(
                        record.engines[index].values[metric, default: []],
                        record.engines[measure].values[metric, default: []]
                    ).compactMap { value, other in
                        guard let value, let other, other > 0 else { return nil }
                        return value / other
                    }
                }
                let (old, new) = (ratios(before), ratios(now))
                guard !old.isEmpty, !new.isEmpty else { return nil }
                let subject =
                    "\(MetricReference(now.engines[index].engine, metric)) / "
                    + "\(MetricReference(now.engines[measure].engine, metric))"
                return judge(now, subject, tolerance, before: old, now: new)
            }
        }
    }

    // MARK: Leaves

    /// A figure is worse when chance is unlikely and the difference matters: either alone cries
    /// wolf. One that only seems worse is not passed off as the same.
    private static func judge(
        _ scenario: ScenarioRecord, _ subject: String, _ tolerance: Tolerance,
        before: [Double], now: [Double]
    ) -> BaselineResult {
        let (old, new) = (before.median ?? 0, now.median ?? 0)
        let probability =
            tolerance.higherIsBetter
            ? MannWhitney.probability(that: before, exceeds: now)
            : MannWhitney.probability(that: now, exceeds: before)
        let change = old == new ? 0 : new / old - 1
        let worsening = tolerance.higherIsBetter ? -change : change
        let extent = "by \(Format.fixed(worsening.magnitude * 100, 0)) %"

        let verdict: Verdict
        var note: String?
        if min(before.count, now.count) < minimumRoundCount {
            verdict = .inconclusive
            note = "fewer than \(minimumRoundCount) rounds"
        } else if worsening > tolerance.share {
            verdict = probability < alpha ? .fail : .inconclusive
            note = "worse \(extent)" + (verdict == .fail ? "" : ", which may be chance")
        } else {
            verdict = .pass
            note = worsening < -tolerance.share ? "better \(extent): refresh the baseline" : nil
        }
        return BaselineResult(
            scenario: scenario.scenario.name, subject: subject, verdict: verdict, before: old,
            now: new, probability: probability, note: note)
    }

    private static func shown(
        _ scenario: ScenarioRecord, _ subject: String, _ before: [Double], _ now: [Double],
        _ note: String
    ) -> BaselineResult {
        BaselineResult(
            scenario: scenario.scenario.name, subject: subject, verdict: .inconclusive,
            before: before.median ?? 0, now: now.median ?? 0, probability: nil, note: note)
    }

    // MARK: Configuration

    /// What differs in how the two were measured, in the words of the options.
    private func differences(from current: Baseline) -> [String] {
        func names(_ baseline: Baseline) -> String {
            baseline.scenarios.map(\.scenario.name).joined(separator: ", ")
        }
        guard names(self) == names(current) else {
            return ["scenarios \(names(self)) then, \(names(current)) now"]
        }
        return zip(scenarios, current.scenarios).flatMap { before, now in
            zip(before.settings, now.settings).compactMap { before, now in
                guard before.text != now.text else { return nil }
                return "\(now.name) \(before.text) then, \(now.text) now"
            }
        }
    }
}

extension Baseline.ScenarioRecord {
    /// All that has to be the same, each with its name. As many for every scenario whose engines
    /// are as many; the engines come before their commands, so that no difference is missed.
    fileprivate var settings: [(name: String, text: String)] {
        func milliseconds(_ nanoseconds: UInt64) -> String { "\(Double(nanoseconds) / 1e6) ms" }
        let shape = [
            ("path", scenario.path),
            ("concurrency", "\(scenario.connectionCount)"),
            ("pipeline depth", "\(scenario.pipelineDepth)"),
            ("keep-alive", scenario.keepsAlive ? "on" : "off"),
            ("think time", milliseconds(scenario.thinkTime)),
            ("warm-up", milliseconds(scenario.warmUp)),
            ("duration", milliseconds(scenario.duration)),
            ("open duration", milliseconds(scenario.openDuration)),
            ("engines", engines.map(\.engine).joined(separator: ", ")),
        ]
        let commands = engines.map { ("command of \($0.engine)", "'\($0.command)'") }
        return (shape + commands).map { ("\(scenario.name): \($0)", $1) }
    }
}
