internal import Presentation

/// Figures as every report writes them, so that two reports of a run never differ in a digit.
enum FigureRendering {
    /// What stands where there is no figure: a zero would be one.
    static let absent = "-"

    /// A metric with its unit: `812,338`, `0.02%`, `12.9ms`, `1.10µs`, `14.2MiB`, `0.98`.
    static func text(_ value: Double?, of metric: Metric) -> String {
        text(value, of: metric, extraDigits: 0)
    }

    /// A ratio: `2.30x`.
    static func ratio(_ value: Double?) -> String {
        guard let value, value.isFinite else { return absent }
        return Format.fixed(value, 2) + "x"
    }

    // MARK: - Checks

    /// What the estimate is held against: `1.80x`, `200ms`.
    static func limit(_ result: CheckResult) -> String {
        figure(result.limit, of: result, extraDigits: 0)
    }

    /// The best guess.
    static func estimate(_ result: CheckResult) -> String {
        result.estimate.map { apart($0, result) } ?? absent
    }

    /// The bound, and on which side of it the truth lies: `>= 2.02x`.
    static func bound(_ result: CheckResult) -> String {
        guard let bound = result.bound, !bound.isNaN else { return absent }
        // "At most anything" is no bound; "at least infinite" is one: every request failed.
        guard bound.isFinite || isLowerBound(bound, result) else { return absent }
        return (isLowerBound(bound, result) ? ">= " : "<= ") + apart(bound, result)
    }

    /// A bound below the estimate says "at least". Where the two are equal, as with rounds that
    /// all agree, the verdict tells which of the two was asked.
    private static func isLowerBound(_ bound: Double, _ result: CheckResult) -> Bool {
        if let estimate = result.estimate, estimate != bound { return bound < estimate }
        let wantsMore =
            result.check.comparison == .greater || result.check.comparison == .greaterOrEqual
        return wantsMore != (result.verdict == .fail)
    }

    /// A figure with as many digits as tell it from the limit: 1.796 must not read as 1.80 beside
    /// a limit that it breaks.
    private static func apart(_ value: Double, _ result: CheckResult) -> String {
        guard value != result.limit else { return figure(value, of: result, extraDigits: 0) }
        let digits = (0...4).first {
            figure(value, of: result, extraDigits: $0)
                != figure(result.limit, of: result, extraDigits: $0)
        }
        return figure(value, of: result, extraDigits: digits ?? 0)
    }

    private static func figure(
        _ value: Double, of result: CheckResult, extraDigits: Int
    ) -> String {
        guard value.isFinite else { return value == .infinity ? "infinite" : absent }
        switch result.check.limit {
        case .constant: return text(value, of: result.check.metric.metric, extraDigits: extraDigits)
        case .multiple: return Format.fixed(value, 2 + extraDigits) + "x"
        }
    }

    // MARK: - Units

    private static func text(_ value: Double?, of metric: Metric, extraDigits: Int) -> String {
        guard let value, value.isFinite else { return absent }
        switch metric {
        case .rps: return extraDigits == 0 ? Format.rate(value) : Format.fixed(value, extraDigits)
        case .errorRate:
            return extraDigits == 0
                ? Format.percent(value) : Format.fixed(value * 100, 2 + extraDigits) + "%"
        case .p50, .p95, .p99, .max, .openP50, .openP95, .openP99, .openMax:
            return duration(value, isFraction: false, extraDigits)
        case .cpuPerRequest, .openCPUPerRequest:
            return duration(value, isFraction: true, extraDigits)
        case .memory: return Format.fixed(value, (value < 99.95 ? 1 : 0) + extraDigits) + "MiB"
        case .fairness: return Format.fixed(value, 2 + extraDigits)
        }
    }

    /// Latencies are whole microseconds; processor times are not.
    private static func duration(
        _ microseconds: Double, isFraction: Bool, _ extraDigits: Int
    ) -> String {
        func digits(_ value: Double) -> String {
            Format.fixed(value, (value < 9.995 ? 2 : value < 99.95 ? 1 : 0) + extraDigits)
        }
        switch microseconds {
        case ..<999.5:
            return (isFraction ? digits(microseconds) : Format.fixed(microseconds, extraDigits))
                + "µs"
        case ..<999_500: return digits(microseconds / 1_000) + "ms"
        default: return digits(microseconds / 1_000_000) + "s"
        }
    }

    // MARK: - Words

    /// The text without anything that a terminal or a parser would take for more than text. Names,
    /// commands and reasons come from command lines and from servers.
    static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: \.isInvisible) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            result.unicodeScalars.append(scalar.isInvisible ? " " : scalar)
        }
        return result
    }

    /// `1 pair`, `6 pairs`.
    static func count(_ number: Int, _ noun: String) -> String {
        "\(Format.grouped(number)) \(noun)" + (number == 1 ? "" : "s")
    }
}

extension Unicode.Scalar {
    /// Whether it moves, hides or ends something instead of showing: controls (escape, newline),
    /// format characters (the direction of writing), line and paragraph separators.
    fileprivate var isInvisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
            .privateUse:
            true
        default: false
        }
    }
}

extension GateReport {
    /// The pairs that count, in the scenario that has the most of them.
    var pairCount: Int { scenarios.map(\.pairCount).max() ?? 0 }

    /// `PASS`, or `INTERRUPTED` when nothing was judged.
    var verdictWord: String { isInterrupted ? "INTERRUPTED" : verdict.rawValue.uppercased() }

    /// Whether a check accounts for the verdict. If none does, the run itself is the reason: a
    /// crash, a wrong body, an engine compared with itself.
    var isExplainedByChecks: Bool {
        guard !isInterrupted else { return false }
        return verdict == .pass || checks.contains { $0.verdict == verdict }
            || baselineChecks.contains { $0.verdict == verdict && $0.probability != nil }
    }
}

extension ScenarioReport {
    /// The pairs that count.
    var pairCount: Int { engines.map(\.rounds.count).max() ?? 0 }

    /// The engines with names of their own: one that is compared with itself is there twice, and
    /// then the second is called `reactor (2)`.
    var labelled: [(label: String, engine: EngineReport)] {
        var taken: Set<String> = []
        return engines.map { engine in
            var label = engine.engine
            var number = 1
            while !taken.insert(label).inserted {
                number += 1
                label = "\(engine.engine) (\(number))"
            }
            return (label, engine)
        }
    }

    /// What its clients do: `GET /   200 connections, 4 deep, no pause`.
    var shape: String {
        var text = "GET \(FigureRendering.visible(scenario.path))   "
        text += FigureRendering.count(scenario.connectionCount, "connection")
        if scenario.pipelineDepth > 1 { text += ", \(scenario.pipelineDepth) deep" }
        if !scenario.keepsAlive { text += ", one request each" }
        if scenario.thinkTime > 0 {
            let pause = Double(scenario.thinkTime) / 1_000
            text += ", pausing \(Format.duration(microseconds: pause))"
        }
        return text
    }
}

extension BaselineResult {
    /// A median in the unit of the subject; a quotient of two metrics has none.
    func text(_ value: Double) -> String {
        guard !subject.contains(" / ") else { return FigureRendering.ratio(value) }
        let name = subject.split(separator: ".").last.map(String.init) ?? ""
        guard let metric = Metric(rawValue: name) else { return Format.fixed(value, 2) }
        return FigureRendering.text(value, of: metric)
    }
}
