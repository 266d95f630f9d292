package import Presentation

/// The report for a terminal: the verdict first, the evidence below.
///
/// Lines have at most 100 columns; names are cut to keep it so, and texts are broken at blanks. A
/// check that is longer stays whole, since people copy it. Every colour repeats what a word says.
package enum TerminalRendering {
    /// The width that tables and texts keep to.
    static let columnCount = 100
    /// Where the texts behind a label begin.
    private static let labelWidth = 10

    /// The whole text.
    package static func render(_ report: GateReport, style: TerminalStyle) -> String {
        var blocks = [header(report, style)]
        blocks.append(checks(report, style))
        blocks.append(baseline(report, style))
        blocks.append(paragraphs("warning", report.warnings, style, .caution))
        if report.plan.isSelfComparison, !report.isInterrupted {
            blocks.append(paragraphs("noise", NoiseRendering.lines(report), style, .strong))
        }
        blocks += report.scenarios.map { ScenarioTable.render($0, style) }
        blocks.append(environment(report))
        let lines = blocks.filter { !$0.isEmpty }.joined(separator: [""])
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: - Verdict

    private static func header(_ report: GateReport, _ style: TerminalStyle) -> [String] {
        let plan = report.plan
        let names = plan.engines.map(FigureRendering.visible).joined(separator: " vs ")
        var facts = [names, FigureRendering.count(report.pairCount, "pair")]
        facts += ["profile \(FigureRendering.visible(plan.profile))", "seed \(plan.seed)"]
        if plan.isSelfComparison { facts.append("self comparison") }
        if plan.isDebugBuild { facts.append("debug build") }
        let role = report.isInterrupted ? .caution : role(of: report.verdict)
        let first = cut(" GATE \(report.verdictWord)   " + facts.joined(separator: "   "))
        var lines = [style.paint(first, role)]
        if !report.reason.isEmpty {
            lines += wrapped(FigureRendering.visible(report.reason), label: "because")
        }
        if let advice = AdviceRendering.text(report) { lines += wrapped(advice, label: "then") }
        return lines
    }

    private static func role(of verdict: Verdict) -> TerminalStyle.Role {
        switch verdict {
        case .pass: .good
        case .inconclusive: .caution
        case .fail, .invalid: .bad
        }
    }

    // MARK: - Checks

    private static func checks(_ report: GateReport, _ style: TerminalStyle) -> [String] {
        guard !report.isInterrupted, !report.checks.isEmpty else { return [] }
        var rows = [["", "", "check", "estimate", "bound"]]
        rows += report.checks.map { result in
            [
                result.verdict.rawValue.uppercased(),
                FigureRendering.visible(result.check.scenario),
                FigureRendering.visible(result.check.expression),
                FigureRendering.estimate(result), FigureRendering.bound(result),
            ]
        }
        let aligned = TextColumns.align(rows, leftColumns: 3)
        var lines = [style.paint(" " + aligned[0], .quiet)]
        for (result, text) in zip(report.checks, aligned.dropFirst()) {
            let line = " " + text
            // Only the word is coloured, so that what is behind it stays easy to read.
            let word = result.verdict.rawValue.uppercased()
            lines.append(
                " " + style.paint(word, role(of: result.verdict))
                    + line.dropFirst(1 + word.count))
            lines += result.notes.flatMap {
                TextColumns.wrap(FigureRendering.visible($0), width: columnCount - 6)
                    .map { style.paint("      " + $0, .quiet) }
            }
        }
        return lines
    }

    private static func baseline(_ report: GateReport, _ style: TerminalStyle) -> [String] {
        guard !report.isInterrupted, !report.baselineChecks.isEmpty else { return [] }
        var rows = [["", "", "baseline", "before", "now", "p"]]
        rows += report.baselineChecks.map { result in
            [
                result.verdict.rawValue.uppercased(), FigureRendering.visible(result.scenario),
                FigureRendering.visible(result.subject), result.text(result.before),
                result.text(result.now),
                result.probability.map { Format.fixed($0, 4) } ?? FigureRendering.absent,
            ]
        }
        let aligned = TextColumns.align(rows, leftColumns: 3)
        var lines = [style.paint(" " + aligned[0], .quiet)]
        for (result, text) in zip(report.baselineChecks, aligned.dropFirst()) {
            lines.append(style.paint(" " + text, role(of: result.verdict)))
            if let note = result.note {
                lines += TextColumns.wrap(FigureRendering.visible(note), width: columnCount - 6)
                    .map { style.paint("      " + $0, .quiet) }
            }
        }
        return lines
    }

    // MARK: - Environment

    private static func environment(_ report: GateReport) -> [String] {
        let environment = report.environment
        let machine = environment.machine
        let facts = [
            machine.processor, FigureRendering.count(machine.coreCount, "core"),
            machine.architecture, machine.kernel,
            "load \(Format.fixed(environment.loadBefore, 2)) before",
        ]
        var lines = wrapped(
            facts.filter { !$0.isEmpty }.map(FigureRendering.visible).joined(separator: "   "),
            label: "machine")
        lines += wrapped(cores(environment), label: "cores")
        for build in environment.engines {
            let fingerprint = build.fingerprint ?? "no fingerprint"
            let text = "\(build.engine): \(fingerprint)   \(build.command)"
            lines.append(cut(line("build", FigureRendering.visible(text))))
        }
        return lines
    }

    /// Which core does what.
    static func cores(_ environment: GateEnvironment) -> String {
        guard let server = environment.serverCore, let client = environment.clientCore else {
            return "server and client were not held to cores of their own"
        }
        return "servers on core \(server), client on core \(client)"
    }

    // MARK: - Lines

    private static func paragraphs(
        _ label: String, _ texts: [String], _ style: TerminalStyle, _ role: TerminalStyle.Role
    ) -> [String] {
        texts.flatMap { wrapped(FigureRendering.visible($0), label: label) }
            .map { style.paint($0, role) }
    }

    private static func line(_ label: String, _ text: String) -> String {
        " " + label.rightPadded(to: labelWidth - 1) + text
    }

    static func cut(_ line: String) -> String { TextColumns.cut(line, width: columnCount) }

    private static func wrapped(_ text: String, label: String) -> [String] {
        TextColumns.wrap(text, width: columnCount - labelWidth).enumerated().map {
            line($0.offset == 0 ? label : "", $0.element)
        }
    }
}
