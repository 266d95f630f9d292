internal import Presentation

/// Workflow commands that GitHub Actions turns into annotations on the page of a run.
package enum GitHubRendering {
    /// GitHub shows ten annotations of a kind for one step and drops the rest in silence.
    static let maximumPerKind = 10

    /// The kinds of annotation that there are.
    private enum Kind: String, CaseIterable { case error, warning, notice }

    private struct Annotation {
        var kind: Kind
        var title: String
        var message: String
    }

    /// The lines to print: one per check that did not pass, one per ratio, in the order of
    /// severity.
    package static func annotations(_ report: GateReport) -> String {
        var all: [Annotation] = []
        if !report.isExplainedByChecks {
            all.append(
                Annotation(
                    kind: kind(report.isInterrupted ? .invalid : report.verdict) ?? .notice,
                    title: "gate: \(report.verdictWord.lowercased())", message: report.reason))
        }
        if !report.isInterrupted {
            all += report.checks.compactMap(annotation)
            all += report.baselineChecks.compactMap(annotation)
            all += report.scenarios.compactMap(annotation)
        }
        return Kind.allCases.flatMap { kind in
            limited(all.filter { $0.kind == kind }, kind)
        }.map(line).joined()
    }

    /// At most as many as are shown; the last one then says how many are missing.
    private static func limited(_ all: [Annotation], _ kind: Kind) -> [Annotation] {
        guard all.count > maximumPerKind else { return all }
        let shown = all.prefix(maximumPerKind - 1)
        let rest = all.count - shown.count
        return shown + [
            Annotation(
                kind: kind, title: "gate", message: "\(rest) more: the summary lists them all")
        ]
    }

    private static func kind(_ verdict: Verdict) -> Kind? {
        switch verdict {
        case .pass: nil
        case .fail, .invalid: .error
        case .inconclusive: .warning
        }
    }

    private static func annotation(_ result: CheckResult) -> Annotation? {
        guard let kind = kind(result.verdict) else { return nil }
        var message =
            "\(result.check.scenario): \(result.check.expression): estimate "
            + "\(FigureRendering.estimate(result)), bound \(FigureRendering.bound(result))"
        for note in result.notes { message += "\n" + note }
        return Annotation(
            kind: kind, title: "gate: \(result.verdict.rawValue)", message: message)
    }

    private static func annotation(_ result: BaselineResult) -> Annotation? {
        guard let kind = kind(result.verdict) else { return nil }
        let message =
            "\(result.scenario): \(result.subject): \(result.text(result.before)) before, "
            + "\(result.text(result.now)) now" + (result.note.map { "\n" + $0 } ?? "")
        return Annotation(
            // What was not compared is no reason to worry.
            kind: result.verdict == .inconclusive && result.probability == nil ? .notice : kind,
            title: "gate baseline: \(result.verdict.rawValue)", message: message)
    }

    private static func annotation(_ report: ScenarioReport) -> Annotation? {
        guard let ratios = PairRatios(report), let estimate = ratios.estimate else { return nil }
        return Annotation(
            kind: .notice, title: "gate: \(report.scenario.name)",
            message: "rps \(ratios.engines.first) / \(ratios.engines.second): about "
                + "\(FigureRendering.ratio(estimate)) over "
                + FigureRendering.count(report.pairCount, "pair"))
    }

    // MARK: - Escaping

    private static func line(_ annotation: Annotation) -> String {
        "::\(annotation.kind.rawValue) title=\(property(annotation.title))::"
            + "\(message(annotation.message))\n"
    }

    /// What stands behind the second `::`. A line end would begin a new command.
    static func message(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%": result += "%25"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A property's value, which a colon or a comma would end.
    static func property(_ text: String) -> String {
        message(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
    }
}
