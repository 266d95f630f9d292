internal import Containers
internal import Presentation

/// A result as one page that needs nothing else: charts are inline SVG, there is no script, and
/// it follows the reader's light or dark preference.
package enum HTMLReport {
    /// The whole page.
    package static func render(_ result: RunResult, limits: ResultLimits) -> String {
        let title = "loadgen: \(result.description.target)"
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(HTML.escaped(title))</title>
            <style>\(HTMLStyle.sheet)</style>
            </head>
            <body>
            <main>
            \(header(result))
            \(notices(result, limits))
            \(tiles(result))
            \(charts(result))
            \(errorTable(result.total.errors))
            <div class="columns">
            \(tables(result))
            </div>
            <footer>loadgen \(LoadGen.version). Latencies are \
            \(HTML.escaped(result.responseClock)) unless a table says otherwise. A dash stands \
            where fewer than ten samples lie above a percentile.</footer>
            </main>
            </body>
            </html>

            """
    }

    private static func header(_ result: RunResult) -> String {
        let run = result.description
        var parts = [
            run.rate.map { "open loop at \($0)/s" } ?? "closed loop",
            "\(Format.grouped(run.connectionCount)) connections",
            "pipeline depth \(run.pipelineDepth)",
            run.threadCount == 1 ? "1 thread" : "\(run.threadCount) threads",
            Format.span(nanoseconds: result.total.elapsed),
        ]
        if !run.keepsAlive { parts.append("no keep-alive") }
        if result.machineCount > 1 { parts.append("sum of \(result.machineCount) runs") }
        if run.startMilliseconds > 0 {
            parts.append(Format.utcDate(secondsSince1970: run.startMilliseconds / 1_000))
        }
        return """
            <header>
            <p class="eyebrow">Load report</p>
            <h1>\(HTML.escaped(run.target))</h1>
            <p class="shape">\(HTML.escaped(parts.joined(separator: " · ")))</p>
            </header>
            """
    }

    private static func notices(_ result: RunResult, _ limits: ResultLimits) -> String {
        var items = result.warnings.map { "<li class=\"caution\">\(HTML.escaped($0.text))</li>" }
        for judgement in result.judge(limits) {
            let verdict =
                result.isInterrupted ? "not judged" : judgement.isKept ? "kept" : "broken"
            let kind = result.isInterrupted ? "" : judgement.isKept ? "good" : "bad"
            let text = "\(judgement.limit) \(verdict): \(judgement.measured)"
            items.append("<li class=\"\(kind)\">\(HTML.escaped(text))</li>")
        }
        return items.isEmpty ? "" : "<ul class=\"notices\">\(items.joined())</ul>"
    }

    private static func tiles(_ result: RunResult) -> String {
        let latency = result.total.responseTime
        let errors = result.total.errors.total
        let all: [(label: String, value: String, note: String, kind: String)] = [
            (
                "Valid answers", Format.rate(result.validRate), "per second", ""
            ),
            (
                "Errors", Format.percent(result.errorRate),
                "\(Format.grouped(errors)) of \(Format.grouped(result.finishedCount))",
                errors > 0 ? "bad" : ""
            ),
            ("Median", TerminalReport.cell(latency, 50), "p50", ""),
            ("Tail", TerminalReport.cell(latency, 99), "p99", ""),
            (
                "Slowest", latency.isEmpty ? "-" : Format.duration(microseconds: latency.maximum),
                "of \(Format.grouped(latency.count))", ""
            ),
        ]
        let rate = result.rateRatio.map { ratio in
            (
                label: "Rate", value: result.heldRate ? "held" : "not held",
                note: "\(Format.percent(ratio)) sent in time", kind: result.heldRate ? "" : "bad"
            )
        }
        return "<div class=\"tiles\">"
            + (all + (rate.map { [$0] } ?? [])).map { tile in
                "<div class=\"tile \(tile.kind)\"><span>\(HTML.escaped(tile.label))</span>"
                    + "<strong>\(HTML.escaped(tile.value))</strong>"
                    + "<span>\(HTML.escaped(tile.note))</span></div>"
            }.joined() + "</div>"
    }

    // MARK: - Charts

    private static func charts(_ result: RunResult) -> String {
        let latency = result.total.responseTime
        guard !latency.isEmpty else {
            return figure(
                "Throughput and errors", "per second", throughputLegend,
                HTMLCharts.throughput(result.total.series))
        }
        var curves = [(histogram: latency, kind: "response")]
        var legend = [("response", result.responseClock)]
        if result.isOpenLoop, !result.serviceTime.isEmpty {
            curves.append((result.serviceTime, "service"))
            legend.append(("service", "service time, from the send"))
        }
        let seconds = Format.span(nanoseconds: result.total.series.intervalLength)
        return figure(
            "Latency distribution", "share of answers; \(result.responseClock)", [],
            HTMLCharts.distribution(latency))
            + figure(
                "Latency by percentile", "timeouts included", legend,
                HTMLCharts.percentiles(curves))
            + figure(
                "Latency over time", "intervals of \(seconds); \(result.responseClock)",
                HTMLCharts.latencySeries.map { ($0.kind, $0.name) },
                HTMLCharts.latencyOverTime(result.total.series))
            + figure(
                "Throughput and errors", "per second, intervals of \(seconds)", throughputLegend,
                HTMLCharts.throughput(result.total.series))
    }

    private static let throughputLegend = [("response", "valid answers"), ("error", "errors")]

    private static func figure(
        _ title: String, _ note: String, _ legend: [(kind: String, name: String)], _ chart: String
    ) -> String {
        let keys = legend.map {
            "<li><i class=\"\($0.kind)\"></i>\(HTML.escaped($0.name))</li>"
        }.joined()
        return """
            <figure>
            <figcaption><h2>\(title)</h2><p>\(HTML.escaped(note))</p>\
            \(keys.isEmpty ? "" : "<ul class=\"legend\">\(keys)</ul>")</figcaption>
            \(chart)
            </figure>

            """
    }

    // MARK: - Tables

    private static func tables(_ result: RunResult) -> String {
        let total = result.total
        var tables = [percentileTable(result)]
        tables.append(
            table(
                "Answers by status", ["Status", "Answers"],
                result.statuses.map {
                    [$0.code == 0 ? "other" : "\($0.code)", Format.grouped($0.count)]
                }))
        let fairness = total.fairness
        tables.append(
            table(
                "Fairness", ["Answers per connection", ""],
                [
                    ["Fewest", Format.grouped(fairness.minimum)],
                    ["Median", Format.grouped(fairness.median)],
                    ["Most", Format.grouped(fairness.maximum)],
                    ["Idle connections", Format.grouped(fairness.idleCount)],
                    ["Jain index", Format.fixed(fairness.jainIndex, 3)],
                ]))
        let seconds = max(result.seconds, 1e-9)
        tables.append(
            table(
                "Traffic", ["", ""],
                [
                    ["Requests sent", Format.grouped(total.sentCount)],
                    ["Sent again", Format.grouped(total.sentAgainCount)],
                    ["In flight at end", Format.grouped(total.outstandingCount)],
                    ["Never sent", Format.grouped(total.unsentCount)],
                    ["Connections opened", Format.grouped(total.connectionCount)],
                    ["Reconnects", Format.grouped(total.reconnectCount)],
                    ["Received", Format.bytes(Double(total.receivedByteCount) / seconds) + "/s"],
                    ["Sent", Format.bytes(Double(total.sentByteCount) / seconds) + "/s"],
                ]))
        tables.append(clientTable(result))
        return tables.joined(separator: "\n")
    }

    private static func percentileTable(_ result: RunResult) -> String {
        var histograms = [
            (result.isOpenLoop ? "Response" : "Round trip", result.total.responseTime)
        ]
        if result.isOpenLoop { histograms.append(("Service", result.serviceTime)) }
        if !result.total.errorTime.isEmpty {
            histograms.append(("Invalid", result.total.errorTime))
        }
        var rows = JSONReport.percentiles.map { percentile in
            [percentile.label] + histograms.map { TerminalReport.cell($0.1, percentile.value) }
        }
        func row(_ name: String, _ figure: (Histogram) -> String) {
            rows.append([name] + histograms.map { $0.1.isEmpty ? "-" : figure($0.1) })
        }
        row("max") { Format.duration(microseconds: $0.maximum) }
        row("mean") { Format.duration(microseconds: $0.mean) }
        row("std. dev.") { Format.duration(microseconds: $0.standardDeviation) }
        rows.append(["n"] + histograms.map { Format.grouped($0.1.count) })
        return table("Latency", ["Percentile"] + histograms.map(\.0), rows)
    }

    private static func errorTable(_ errors: ErrorTally) -> String {
        table(
            "Errors", ["Class", "Count", "First"],
            errors.occurring.map { errorClass in
                [
                    errorClass.label, Format.grouped(errors[errorClass]),
                    errors.example(of: errorClass)?.description ?? "",
                ]
            }, isWide: true)
    }

    private static func clientTable(_ result: RunResult) -> String {
        let shares = result.threadCPUShares
        let connect = result.total.connectTime
        let slowestConnect =
            connect.isEmpty ? "-" : Format.duration(microseconds: connect.maximum)
        let warmUp = result.description.warmUp
        var rows = [
            ["Busiest thread", Format.fixed((shares.max() ?? 0) * 100, 0) + "% of a core"],
            ["Threads", Format.grouped(shares.count)],
            [
                "Connect p50 / max",
                TerminalReport.cell(connect, 50) + " / " + slowestConnect,
            ],
            ["Warm-up", warmUp == 0 ? "none" : Format.span(nanoseconds: warmUp)],
            ["Timeout", Format.span(nanoseconds: result.description.timeout)],
            ["Seed", "\(result.description.seed)"],
        ]
        if result.isOpenLoop {
            rows.append([
                "Send lag p50 / p99",
                TerminalReport.cell(result.total.sendLag, 50) + " / "
                    + TerminalReport.cell(result.total.sendLag, 99),
            ])
        }
        return table("Client", ["", ""], rows)
    }

    private static func table(
        _ title: String, _ head: [String], _ rows: [[String]], isWide: Bool = false
    ) -> String {
        let cells = rows.map { row in
            "<tr>" + row.map { "<td>\(HTML.escaped($0))</td>" }.joined() + "</tr>"
        }
        let names =
            head.allSatisfy(\.isEmpty)
            ? ""
            : "<thead><tr>" + head.map { "<th>\(HTML.escaped($0))</th>" }.joined()
                + "</tr></thead>"
        let body =
            rows.isEmpty
            ? "<p class=\"none\">none</p>"
            : "<table>\(names)<tbody>\(cells.joined())</tbody></table>"
        return "<section\(isWide ? " class=\"wide\"" : "")><h2>\(HTML.escaped(title))</h2>"
            + body + "</section>"
    }
}
