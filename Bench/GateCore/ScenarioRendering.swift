internal import Presentation

/// One scenario on a terminal: what every engine did, and how the pairs compare.
enum ScenarioTable {
    /// An engine's name in a table; a longer one is cut.
    private static let nameWidth = 14

    static func render(_ report: ScenarioReport, _ style: TerminalStyle) -> [String] {
        var title = FigureRendering.visible(report.scenario.name).uppercased()
        title += "   \(report.shape)   \(times(report.scenario))"
        title += "   \(FigureRendering.count(report.pairCount, "pair"))"
        var lines = TextColumns.wrap(title, width: TerminalRendering.columnCount - 1)
            .map { style.paint(" " + $0, .strong) }
        guard report.pairCount > 0 else { return lines + ["   no pair was measured"] }
        lines += table(closedLoop(report), style)
        lines += table(openLoop(report), style)
        lines += pairs(report)
        lines += report.voided.map {
            TerminalRendering.cut(
                "   voided   attempt \($0.attempt): "
                    + FigureRendering.visible("\($0.engine), \($0.reason)"))
        }
        return lines
    }

    /// `2.0 s closed loop + 1.0 s open loop`, for each engine and round.
    static func times(_ scenario: Scenario) -> String {
        let closed = Format.span(nanoseconds: scenario.duration)
        guard scenario.openDuration > 0 else { return closed }
        return "\(closed) + \(Format.span(nanoseconds: scenario.openDuration)) open"
    }

    // MARK: - Engines

    private static func closedLoop(_ report: ScenarioReport) -> [[String]] {
        let titles = [
            "closed loop", "requests", "errors", "rps", "p50", "p95", "p99", "max", "CPU/req",
            "client",
        ]
        return [titles]
            + report.labelled.map { label, engine in
                let metrics: [Metric] = [.errorRate, .rps, .p50, .p95, .p99, .max, .cpuPerRequest]
                return [
                    name(label), Format.grouped(engine.validCount + engine.errorCount),
                ] + metrics.map { FigureRendering.text(engine.value($0), of: $0) } + [
                    client(engine)
                ]
            }
    }

    private static func openLoop(_ report: ScenarioReport) -> [[String]] {
        var title = "no open loop"
        if let rate = report.openRate { title = "open at \(Format.compact(rate))/s" }
        let titles = [
            title, "p50", "p95", "p99", "max", "CPU/req", "memory", "fair", "served",
            "workers",
        ]
        return [titles]
            + report.labelled.map { label, engine in
                let metrics: [Metric] = [
                    .openP50, .openP95, .openP99, .openMax, .openCPUPerRequest, .memory, .fairness,
                ]
                return [name(label)]
                    + metrics.map { FigureRendering.text(engine.value($0), of: $0) }
                    + [served(engine, report.scenario), workers(engine)]
            }
    }

    private static func name(_ label: String) -> String {
        TextColumns.cut(FigureRendering.visible(label), width: nameWidth)
    }

    /// How much of its core the client used, in the median round.
    static func client(_ engine: EngineReport) -> String {
        guard let share = engine.rounds.map(\.closedLoop.clientCPUShare).median else {
            return FigureRendering.absent
        }
        return Format.fixed(share * 100, 0) + "%" + (engine.isClientBound ? " BOUND" : "")
    }

    /// How many connections got an answer: `16 of 2,000`.
    static func served(_ engine: EngineReport, _ scenario: Scenario) -> String {
        guard !engine.rounds.isEmpty else { return FigureRendering.absent }
        return Format.grouped(engine.servedConnections) + " of "
            + Format.grouped(scenario.connectionCount)
    }

    static func workers(_ engine: EngineReport) -> String {
        engine.workerCount.map { Format.grouped($0) } ?? FigureRendering.absent
    }

    private static func table(_ rows: [[String]], _ style: TerminalStyle) -> [String] {
        let lines = TextColumns.align(rows, leftColumns: 1).map { "   " + $0 }
        return [style.paint(lines[0], .quiet)] + lines.dropFirst()
    }

    // MARK: - Pairs

    private static func pairs(_ report: ScenarioReport) -> [String] {
        guard let ratios = PairRatios(report) else { return [] }
        let letters = EngineLetters(report.engines.map(\.engine))
        let width = max(6, report.engines.count + 1)
        let perLine = max(1, (TerminalRendering.columnCount - 11) / width)
        var lines: [String] = []
        for start in stride(from: 0, to: ratios.values.count, by: perLine) {
            let range = start..<min(start + perLine, ratios.values.count)
            func row(_ label: String, _ cell: (Int) -> String) -> String {
                "   " + label.rightPadded(to: 8)
                    + range.map { cell($0).leftPadded(to: width) }.joined()
            }
            lines.append(row("pair") { "\($0 + 1)" })
            lines.append(
                row("order") {
                    report.orders.indices.contains($0) ? letters.word(report.orders[$0]) : "-"
                })
            lines.append(
                row("ratio") {
                    ratios.values[$0].map { Format.fixed($0, 2) } ?? FigureRendering.absent
                })
        }
        let shape = Sparkline.render(ratios.values.map { $0 ?? 0 })
        var summary = "   \("rps".rightPadded(to: 8))  \(shape)  "
        summary += FigureRendering.visible("\(ratios.engines.first) / \(ratios.engines.second)")
        summary += " about \(FigureRendering.ratio(ratios.estimate))"
        if let noise = ratios.noise {
            summary += ", sd of the log ratio \(Format.fixed(noise, 2))"
        }
        lines.append(TerminalRendering.cut(summary))
        // The letters explain themselves where they are the initials of two names.
        guard report.engines.count > 2 || !letters.areInitials else { return lines }
        return lines
            + TextColumns.wrap(letters.legend, width: TerminalRendering.columnCount - 13)
            .map { "             " + $0 }
    }
}

/// Text in columns, by characters.
enum TextColumns {
    /// Pads every column to its widest cell, with two blanks between; numbers go to the right.
    /// Rows are as long as the first.
    static func align(_ rows: [[String]], leftColumns: Int) -> [String] {
        guard let columns = rows.first?.indices else { return [] }
        let widths = columns.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = columns.map { column in
                column < leftColumns
                    ? row[column].rightPadded(to: widths[column])
                    : row[column].leftPadded(to: widths[column])
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// The text in lines of at most `width` columns, broken at blanks; a longer word is cut.
    static func wrap(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var current = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            let longer = current.isEmpty ? String(word) : current + " " + word
            if longer.count > width, !current.isEmpty {
                lines.append(current)
                current = String(word)
            } else {
                current = longer
            }
        }
        return (lines + [current]).map { cut($0, width: width) }
    }

    /// The text, or its beginning and an ellipsis.
    static func cut(_ text: String, width: Int) -> String {
        text.count <= width ? text : text.prefix(width - 1) + "…"
    }
}
