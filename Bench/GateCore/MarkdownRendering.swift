internal import Presentation

/// The report as GitHub-flavoured Markdown: for a pull request, a step summary or a wiki.
package enum MarkdownRendering {
    /// What GitHub takes as the summary of one step; more is refused as a whole.
    package static let maximumByteCount = 1_048_576

    /// One scenario's engines. The first seven columns are those of the Python project, in its
    /// order, so that what reads its tables reads these.
    package static func table(_ report: ScenarioReport) -> String {
        let titles = [
            "Engine", "Requests", "Errors", "Error Rate", "RPS", "p50 ms", "p95 ms", "p99 ms",
            "max ms", "open p95 ms", "CPU µs/req", "RSS MiB", "Served", "Fairness",
        ]
        let rows = report.labelled.map { label, engine in
            [
                text(label), "\(engine.validCount + engine.errorCount)",
                "\(engine.errorCount)",
                FigureRendering.text(engine.value(.errorRate), of: .errorRate),
                spread(engine, .rps, digits: 0), milliseconds(engine, .p50),
                milliseconds(engine, .p95), milliseconds(engine, .p99), milliseconds(engine, .max),
                milliseconds(engine, .openP95), spread(engine, .cpuPerRequest, digits: 2),
                number(engine.value(.memory), digits: 1),
                ScenarioTable.served(engine, report.scenario),
                number(engine.value(.fairness), digits: 3),
            ]
        }
        return grid(titles, rows, leftColumns: 1)
    }

    /// The whole report, at most `maximumByteCount` long: the rounds go first, then everything
    /// behind the limit.
    package static func summary(
        _ report: GateReport, maximumByteCount: Int = maximumByteCount
    ) -> String {
        let main = main(report)
        let details = details(report)
        if main.utf8.count + details.utf8.count <= maximumByteCount { return main + details }
        let note = "\n_The rounds are left out here: the whole report was too long._\n"
        if main.utf8.count + note.utf8.count <= maximumByteCount { return main + note }
        let end = "\n\n_Cut: the report was too long._\n"
        let room = max(0, maximumByteCount - end.utf8.count)
        // Whole lines, so that no character and no table cell is torn.
        let bytes = main.utf8.prefix(room)
        let lines = bytes.prefix(upTo: bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.startIndex)
        return String(decoding: lines, as: UTF8.self) + end
    }

    // MARK: - Parts

    private static func main(_ report: GateReport) -> String {
        let names = report.plan.engines.map(text).joined(separator: " vs ")
        var result = "## gate: \(report.verdictWord)\n\n\(names), "
        result += FigureRendering.count(report.pairCount, "pair")
        result += ", profile \(text(report.plan.profile))"
        if !report.reason.isEmpty { result += ": \(text(report.reason))" }
        result += ".\n"
        if let advice = AdviceRendering.text(report) { result += "\n\(text(advice))\n" }
        result += checks(report) + baseline(report)
        result += list("Warnings", report.warnings)
        if report.plan.isSelfComparison, !report.isInterrupted {
            result += list("Noise", NoiseRendering.lines(report))
        }
        for scenario in report.scenarios {
            result += "\n### \(text(scenario.scenario.name))\n\n"
            result += "\(text(scenario.shape)); \(ScenarioTable.times(scenario.scenario)), "
            result += FigureRendering.count(scenario.pairCount, "pair")
            if let rate = scenario.openRate {
                result += ", open loop at \(Format.rate(rate)) requests/s"
            }
            result += ".\n\n" + table(scenario)
            result += ratio(scenario)
        }
        return result
    }

    private static func checks(_ report: GateReport) -> String {
        guard !report.isInterrupted, !report.checks.isEmpty else { return "" }
        let rows = report.checks.map { result in
            [
                code("\(result.check.scenario): \(result.check.expression)"),
                text(FigureRendering.limit(result)), text(FigureRendering.estimate(result)),
                text(FigureRendering.bound(result)),
                "**\(result.verdict.rawValue)**"
                    + (result.notes.isEmpty
                        ? "" : ": " + result.notes.map(text).joined(separator: "; ")),
            ]
        }
        return "\n"
            + grid(["Check", "Limit", "Estimate", "Bound", "Verdict"], rows, leftColumns: 1)
    }

    private static func baseline(_ report: GateReport) -> String {
        guard !report.isInterrupted, !report.baselineChecks.isEmpty else { return "" }
        let rows = report.baselineChecks.map { result in
            [
                code("\(result.scenario): \(result.subject)"), result.text(result.before),
                result.text(result.now),
                result.probability.map { Format.fixed($0, 4) } ?? FigureRendering.absent,
                "**\(result.verdict.rawValue)**" + (result.note.map { ": " + text($0) } ?? ""),
            ]
        }
        return "\n" + grid(["Baseline", "Before", "Now", "p", "Verdict"], rows, leftColumns: 1)
    }

    private static func ratio(_ report: ScenarioReport) -> String {
        guard let ratios = PairRatios(report), ratios.estimate != nil else { return "" }
        var line = "\nRPS \(text(ratios.engines.first)) / \(text(ratios.engines.second)): about "
        line += FigureRendering.ratio(ratios.estimate)
        if let noise = ratios.noise {
            line += ", sd of the log ratio \(Format.fixed(noise, 2))"
        }
        return line + ".\n"
    }

    private static func list(_ title: String, _ items: [String]) -> String {
        guard !items.isEmpty else { return "" }
        return "\n**\(title)**\n\n" + items.map { "- \(text($0))\n" }.joined()
    }

    // MARK: - Details

    private static func details(_ report: GateReport) -> String {
        var result = "\n<details><summary>Every round, the machine and the builds</summary>\n"
        for scenario in report.scenarios {
            result += "\n**\(text(scenario.scenario.name))**\n\n" + rounds(scenario)
            let voided = scenario.voided.map {
                "attempt \($0.attempt): \($0.engine), \($0.reason)"
            }
            result += list("Voided", voided)
        }
        let looks = report.plan.looks.map {
            "\(FigureRendering.count($0.pairCount, "pair")) at \(Format.percent($0.alpha))"
        }
        result += list("Run", environment(report, looks))
        return result + "\n</details>\n"
    }

    private static func environment(_ report: GateReport, _ looks: [String]) -> [String] {
        let environment = report.environment
        let machine = environment.machine
        let facts = [
            machine.processor, FigureRendering.count(machine.coreCount, "core"),
            machine.architecture, machine.kernel,
        ]
        return [
            "seed \(report.plan.seed)", "looks after " + looks.joined(separator: ", "),
            facts.filter { !$0.isEmpty }.joined(separator: ", "),
            TerminalRendering.cores(environment),
            "load average \(Format.fixed(environment.loadBefore, 2)) before the run",
        ]
            + environment.engines.map {
                "\($0.engine): \($0.fingerprint ?? "no fingerprint"), \($0.command)"
            }
    }

    private static func rounds(_ report: ScenarioReport) -> String {
        let titles = [
            "Pair", "Order", "Engine", "RPS", "Errors", "p50 ms", "p95 ms", "p99 ms",
            "open p95 ms", "CPU µs/req", "Client", "Steal",
        ]
        let letters = EngineLetters(report.engines.map(\.engine))
        let rows = (0..<report.pairCount).flatMap { pair in
            report.labelled.filter { pair < $0.engine.rounds.count }.map { label, engine in
                let round = engine.rounds[pair]
                func milliseconds(_ metric: Metric) -> String {
                    number(round.value(metric).map { $0 / 1_000 }, digits: 3)
                }
                return [
                    "\(pair + 1)",
                    pair < report.orders.count ? letters.word(report.orders[pair]) : "-",
                    text(label), number(round.value(.rps), digits: 0),
                    "\(round.errorCount)", milliseconds(.p50), milliseconds(.p95),
                    milliseconds(.p99), milliseconds(.openP95),
                    number(round.value(.cpuPerRequest), digits: 2),
                    Format.percent(round.closedLoop.clientCPUShare),
                    Format.percent(round.stealShare),
                ]
            }
        }
        return grid(titles, rows, leftColumns: 3)
    }

    // MARK: - Cells

    private static func milliseconds(_ engine: EngineReport, _ metric: Metric) -> String {
        number(engine.value(metric).map { $0 / 1_000 }, digits: 3)
    }

    private static func number(_ value: Double?, digits: Int) -> String {
        guard let value, value.isFinite else { return FigureRendering.absent }
        return Format.fixed(value, digits)
    }

    /// The median over rounds, and the range that it comes from.
    private static func spread(_ engine: EngineReport, _ metric: Metric, digits: Int) -> String {
        let middle = number(engine.value(metric), digits: digits)
        let values = engine.values(metric).compactMap(\.self)
        guard values.count > 1, let low = values.min(), let high = values.max() else {
            return middle
        }
        return "\(middle) (\(number(low, digits: digits))…\(number(high, digits: digits)))"
    }

    private static func grid(
        _ titles: [String], _ rows: [[String]], leftColumns: Int
    ) -> String {
        let rule = titles.indices.map { $0 < leftColumns ? "---" : "---:" }
        return ([titles, rule] + rows)
            .map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
    }

    /// Text that Markdown shows as it is, also in a cell of a table. A `<` is left alone where it
    /// opens no tag (CommonMark §6.6), so that `<= 200ms` stays readable in the source too.
    static func text(_ text: String) -> String {
        let characters = Array(FigureRendering.visible(text))
        var result = ""
        for (index, character) in characters.enumerated() {
            switch character {
            case "\\", "|", "`", "*", "[", "]", "~", "#", "$": result += "\\\(character)"
            case "&": result += "&amp;"
            case "<":
                let next = index + 1 < characters.count ? characters[index + 1] : " "
                result += next == " " || next == "=" || next.isNumber ? "<" : "&lt;"
            default: result.append(character)
            }
        }
        return result
    }

    /// Text as code. Its fence is longer than any run of backticks in it (CommonMark §6.1), and a
    /// bar is escaped, which a table undoes even in code.
    static func code(_ text: String) -> String {
        let visible = FigureRendering.visible(text).replacing("|", with: "\\|")
        var longest = 0
        var run = 0
        for character in visible {
            run = character == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: longest + 1)
        let gap = longest > 0 ? " " : ""
        return fence + gap + visible + gap + fence
    }
}
