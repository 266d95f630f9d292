internal import Containers
package import Presentation

/// The report at the end of a run, for a terminal of 80 columns.
package enum TerminalReport {
    /// The width that no line exceeds; warnings are wrapped to it.
    static let columnCount = 80
    private static let labelWidth = 11

    /// The whole text.
    package static func render(
        _ result: RunResult, limits: ResultLimits, style: TerminalStyle
    ) -> String {
        var lines = header(result, style)
        lines += throughput(result, style)
        lines += latency(result, style)
        lines += details(result)
        lines += judgements(result, limits, style)
        for warning in result.warnings {
            lines += wrapped(warning.text, label: "warning").enumerated().map {
                $0.offset == 0 ? style.paint($0.element, .caution) : $0.element
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func header(_ result: RunResult, _ style: TerminalStyle) -> [String] {
        let run = result.description
        let name = line("loadgen", run.target)
        var shape = run.rate.map { "open loop at \($0)/s" } ?? "closed loop"
        shape += "   c=\(run.connectionCount) p=\(run.pipelineDepth) t=\(run.threadCount)"
        if !run.keepsAlive { shape += " no keep-alive" }
        shape += "   \(Format.span(nanoseconds: result.total.elapsed))"
        if run.warmUp > 0 { shape += " (+\(Format.span(nanoseconds: run.warmUp)) warm-up)" }
        if result.machineCount > 1 { shape += "   sum of \(result.machineCount)" }
        if result.isInterrupted { shape += "   INTERRUPTED" }
        return [style.paint(cut(name), .strong)] + wrapped(shape, label: "") + [""]
    }

    private static func throughput(_ result: RunResult, _ style: TerminalStyle) -> [String] {
        let total = result.total
        let success = result.finishedCount == 0 ? "-" : Format.percent(1 - result.errorRate)
        let valid =
            Format.grouped(total.validCount).leftPadded(to: 13)
            + "  \(Format.rate(result.validRate)) req/s   ok \(success)"
        var lines = [style.paint(line("valid", valid), total.validCount > 0 ? .good : .bad)]
        var sent =
            Format.grouped(total.sentCount).leftPadded(to: 13)
            + "  \(Format.rate(result.sentRate)) req/s"
        if total.sentAgainCount > 0 {
            sent += "   again \(Format.grouped(total.sentAgainCount))"
        }
        if total.outstandingCount > 0 {
            sent += "   in flight at end \(Format.grouped(total.outstandingCount))"
        }
        if total.unsentCount > 0 { sent += "   never sent \(Format.grouped(total.unsentCount))" }
        lines.append(cut(line("sent", sent)))
        let seconds = max(result.seconds, 1e-9)
        let received = Format.bytes(Double(total.receivedByteCount) / seconds)
        let sentBytes = Format.bytes(Double(total.sentByteCount) / seconds)
        lines.append(line("bytes", "in \(received)/s   out \(sentBytes)/s"))
        return lines + errors(total.errors, style) + [""]
    }

    private static func errors(_ errors: ErrorTally, _ style: TerminalStyle) -> [String] {
        let count = Format.grouped(errors.total).leftPadded(to: 13)
        guard errors.total > 0 else { return [line("errors", count)] }
        let classes = errors.occurring.map { "\($0.label) \(Format.grouped(errors[$0]))" }
        var lines = wrapped("\(count)  " + classes.joined(separator: "  "), label: "errors")
        lines[0] = style.paint(lines[0], .bad)
        for errorClass in errors.occurring {
            guard let example = errors.example(of: errorClass) else { continue }
            lines.append(cut(line("", "  first \(errorClass.label): \(example.description)")))
        }
        return lines
    }

    // MARK: - Latency

    private static func latency(_ result: RunResult, _ style: TerminalStyle) -> [String] {
        var lines = percentiles(result.total.responseTime, clock: result.responseClock)
        if result.isOpenLoop {
            lines += percentiles(result.serviceTime, clock: "service time, from the send")
        }
        guard !result.total.responseTime.isEmpty else { return lines + [""] }
        let strip = LatencyStrip(result.total.responseTime, columnCount: 40)
        let low = Format.duration(microseconds: result.total.responseTime.minimum)
        let high = Format.duration(microseconds: result.total.responseTime.maximum)
        let bars = Sparkline.render(strip.columns.map(Double.init))
        let deviation = Format.duration(
            microseconds: result.total.responseTime.standardDeviation)
        lines.append(line("spread", "\(low.leftPadded(to: 7)) \(bars) \(high)  sd \(deviation)"))
        return lines + [""]
    }

    private static func percentiles(_ histogram: Histogram, clock: String) -> [String] {
        var names = " "
        var values = " "
        for percentile in JSONReport.percentiles {
            names += percentile.label.leftPadded(to: 9)
            values += cell(histogram, percentile.value).leftPadded(to: 9)
        }
        names += "max".leftPadded(to: 9)
        let maximum =
            histogram.isEmpty ? "-" : Format.duration(microseconds: histogram.maximum)
        values += maximum.leftPadded(to: 9)
        var title = "\(clock)   n=\(Format.grouped(histogram.count))"
        if !histogram.isEmpty {
            title += "   mean \(Format.duration(microseconds: histogram.mean))"
        }
        return wrapped(title, label: "latency") + [names, values]
    }

    /// A percentile, or a dash when it rests on fewer than ten values.
    static func cell(_ histogram: Histogram, _ percentile: Double) -> String {
        histogram.hasTooFewValues(forPercentile: percentile)
            ? "-" : Format.duration(microseconds: histogram.value(atPercentile: percentile))
    }

    // MARK: - Details

    private static func details(_ result: RunResult) -> [String] {
        let total = result.total
        var lines: [String] = []
        let statuses = result.statuses.map { status in
            (status.code == 0 ? "other" : "\(status.code)") + " " + Format.grouped(status.count)
        }
        lines += wrapped(
            statuses.isEmpty ? "no answers" : statuses.joined(separator: "   "), label: "status")
        let fairness = total.fairness
        lines.append(
            line(
                "fairness",
                "requests/conn min \(Format.grouped(fairness.minimum)) "
                    + "med \(Format.grouped(fairness.median)) "
                    + "max \(Format.grouped(fairness.maximum))   "
                    + "idle \(Format.grouped(fairness.idleCount))   "
                    + "Jain \(Format.fixed(fairness.jainIndex, 2))"))
        let connect = total.connectTime
        if !connect.isEmpty {
            var text =
                "opened \(Format.grouped(total.connectionCount))   "
                + "connect p50 \(cell(connect, 50)) "
                + "max \(Format.duration(microseconds: connect.maximum))"
            if total.reconnectCount > 0 {
                text += "   reconnects \(Format.grouped(total.reconnectCount))"
            }
            lines += wrapped(text, label: "conns")
        }
        return lines + client(result)
    }

    private static func client(_ result: RunResult) -> [String] {
        let shares = result.threadCPUShares.map { Format.fixed($0 * 100, 0) + "%" }
        var text = "thread CPU " + (shares.isEmpty ? "-" : shares.prefix(8).joined(separator: " "))
        if shares.count > 8 {
            text += " and \(shares.count - 8) more, at most "
            text += Format.fixed((result.threadCPUShares.max() ?? 0) * 100, 0) + "%"
        }
        if result.isOpenLoop {
            let lag = result.total.sendLag
            text += "   send lag p50 \(cell(lag, 50)) p99 \(cell(lag, 99))"
            text += lag.isEmpty ? "" : " max \(Format.duration(microseconds: lag.maximum))"
        }
        var lines = wrapped(text, label: "client")
        if let ratio = result.rateRatio, let planned = result.description.plannedCount {
            lines += wrapped(
                (result.heldRate ? "held" : "NOT HELD")
                    + ": \(Format.percent(ratio)) of \(Format.grouped(planned)) planned requests "
                    + "went out in time", label: "rate")
        }
        return lines
    }

    private static func judgements(
        _ result: RunResult, _ limits: ResultLimits, _ style: TerminalStyle
    ) -> [String] {
        result.judge(limits).map { judgement in
            let verdict =
                result.isInterrupted ? "not judged" : judgement.isKept ? "kept" : "BROKEN"
            let role: TerminalStyle.Role =
                result.isInterrupted ? .quiet : judgement.isKept ? .good : .bad
            return style.paint(
                cut(line("limit", "\(verdict)  \(judgement.limit)  (\(judgement.measured))")), role)
        }
    }

    // MARK: - Lines

    private static func line(_ label: String, _ text: String) -> String {
        " " + label.rightPadded(to: labelWidth - 1) + text
    }

    private static func cut(_ line: String) -> String {
        line.count <= columnCount ? line : line.prefix(columnCount - 1) + "…"
    }

    /// A labelled text in as many lines as it needs, broken at blanks.
    private static func wrapped(_ text: String, label: String) -> [String] {
        let width = columnCount - labelWidth
        var lines: [String] = []
        var current = String(text.prefix { $0 == " " })
        var isFirstWord = true
        for word in text.dropFirst(current.count).split(
            separator: " ", omittingEmptySubsequences: false)
        {
            let longer = isFirstWord ? current + word : current + " " + word
            isFirstWord = false
            if longer.count > width, !current.trimmed.isEmpty {
                lines.append(current)
                current = String(word)
            } else {
                current = longer
            }
        }
        lines.append(current)
        return lines.enumerated().map { index, text in
            cut(line(index == 0 ? label : "", index == 0 ? text : text.trimmed))
        }
    }
}
