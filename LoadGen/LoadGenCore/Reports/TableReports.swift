internal import Containers
internal import Presentation

/// A result as two lines of comma-separated values (RFC 4180): names and values, so that runs
/// can be put under each other.
package enum CSVReport {
    /// Both lines.
    package static func render(_ result: RunResult) -> String {
        let columns = columns(result)
        let names = columns.map { quoted($0.name) }.joined(separator: ",")
        let values = columns.map { quoted($0.value) }.joined(separator: ",")
        return names + "\r\n" + values + "\r\n"
    }

    private static func columns(_ result: RunResult) -> [(name: String, value: String)] {
        let (run, total) = (result.description, result.total)
        var columns: [(name: String, value: String)] = [
            ("target", run.target), ("loop", result.isOpenLoop ? "open" : "closed"),
            ("rate", run.rate ?? ""), ("connections", String(run.connectionCount)),
            ("pipeline_depth", String(run.pipelineDepth)), ("threads", String(run.threadCount)),
            ("started", Format.utcDate(secondsSince1970: run.startMilliseconds / 1_000)),
            ("elapsed_s", Format.fixed(result.seconds, 3)),
            ("requests", String(result.finishedCount)), ("errors", String(total.errors.total)),
            ("error_rate", Format.fixed(result.errorRate, 8)),
            ("rps", Format.fixed(result.validRate, 2)), ("sent", String(total.sentCount)),
            ("rate_ratio", result.rateRatio.map { Format.fixed($0, 6) } ?? ""),
        ]
        columns += latencies(total.responseTime, "response")
        columns += latencies(result.serviceTime, "service")
        columns += ErrorClass.allCases.map { ("errors_" + $0.key, String(total.errors[$0])) }
        columns += [
            ("received_bytes", String(total.receivedByteCount)),
            ("sent_bytes", String(total.sentByteCount)),
            ("idle_connections", String(total.fairness.idleCount)),
            ("jain_index", Format.fixed(total.fairness.jainIndex, 6)),
            ("client_cpu_max", Format.fixed(result.threadCPUShares.max() ?? 0, 4)),
            ("interrupted", result.isInterrupted ? "1" : "0"),
        ]
        return columns
    }

    private static func latencies(
        _ histogram: Histogram, _ clock: String
    ) -> [(name: String, value: String)] {
        func value(_ microseconds: Int) -> String {
            histogram.isEmpty ? "" : Format.fixed(Double(microseconds) / 1_000, 3)
        }
        return JSONReport.percentiles.map {
            ("\(clock)_\($0.key)_ms", value(histogram.value(atPercentile: $0.value)))
        } + [
            ("\(clock)_max_ms", value(histogram.maximum)),
            ("\(clock)_samples", String(histogram.count)),
        ]
    }

    static func quoted(_ field: String) -> String {
        // A field that begins like a formula is text, and a spreadsheet must see it as text.
        let text = field.first.map { "=@".contains($0) } == true ? "'" + field : field
        guard text.contains(where: { ",\"\r\n".contains($0) || $0.isNewline }) else { return text }
        return "\"" + text.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
    }
}

/// A run by intervals: one JSON object per line.
package enum TimeSeriesReport {
    /// All lines.
    package static func render(_ result: RunResult) -> String {
        let series = result.total.series
        return series.rows.enumerated().map { index, row in
            let length = Double(series.length(ofRow: index)) / 1e9
            let start = Double(UInt64(index) * series.intervalLength) / 1e9
            func milliseconds(_ value: Int) -> JSONValue {
                row.responseTime.isEmpty ? .null : .rounded(Double(value) / 1_000, 3)
            }
            let latency = row.responseTime
            return JSONValue.object([
                .init("t", .rounded(start, 3)),
                .init("length_s", .rounded(length, 3)),
                .init("valid", .count(row.validCount)),
                .init("errors", .count(row.errorCount)),
                .init("rps", .rounded(Double(row.validCount) / length, 2)),
                .init("received_bytes", .count(row.receivedByteCount)),
                .init("clock", .string(result.isOpenLoop ? "planned_start" : "round_trip")),
                .init("p50_ms", milliseconds(latency.value(atPercentile: 50))),
                .init("p90_ms", milliseconds(latency.value(atPercentile: 90))),
                .init("p99_ms", milliseconds(latency.value(atPercentile: 99))),
                .init("max_ms", milliseconds(latency.maximum)),
            ]).compactText + "\n"
        }.joined()
    }
}

/// A result as metrics in Prometheus' text format, for the node exporter's text file collector.
package enum PrometheusReport {
    /// All metrics.
    package static func render(_ result: RunResult) -> String {
        let total = result.total
        let target = "target=\"\(escaped(result.description.target))\""
        var text = ""
        func family(
            _ name: String, _ type: String, _ help: String, _ samples: [(labels: String, String)]
        ) {
            text += "# HELP loadgen_\(name) \(help)\n# TYPE loadgen_\(name) \(type)\n"
            for (labels, value) in samples { text += "loadgen_\(name)\(labels) \(value)\n" }
        }
        func gauge(_ name: String, _ help: String, _ value: String) {
            family(name, "gauge", help, [("{\(target)}", value)])
        }
        gauge("valid_per_second", "Valid answers per second.", "\(result.validRate)")
        gauge("sent_per_second", "Requests sent per second.", "\(result.sentRate)")
        gauge("valid_answers", "Valid answers.", "\(total.validCount)")
        gauge("error_ratio", "Errors in all finished requests.", "\(result.errorRate)")
        family(
            "errors", "gauge", "Errors by class.",
            ErrorClass.allCases.map { ("{\(target),class=\"\($0.key)\"}", "\(total.errors[$0])") })
        family(
            "answers", "gauge", "Answers by status code.",
            result.statuses.map { ("{\(target),code=\"\($0.code)\"}", "\($0.count)") })
        for (name, histogram, help) in [
            ("response_time_seconds", total.responseTime, result.responseClock),
            ("service_time_seconds", result.serviceTime, "service time, from the send"),
        ] {
            var samples = JSONReport.percentiles.map { percentile in
                let seconds = Double(histogram.value(atPercentile: percentile.value)) / 1e6
                let quantile = Format.fixed(percentile.value / 100, 4)
                return (
                    "{\(target),quantile=\"\(quantile)\"}",
                    histogram.isEmpty ? "NaN" : "\(seconds)"
                )
            }
            let sum = histogram.mean / 1e6 * Double(histogram.count)
            samples.append(("_sum{\(target)}", "\(sum)"))
            samples.append(("_count{\(target)}", "\(histogram.count)"))
            family(name, "summary", "Latency: \(help).", samples)
        }
        gauge(
            "latency_max_seconds", "The slowest answer.",
            "\(Double(total.responseTime.maximum) / 1e6)")
        gauge("idle_connections", "Connections without an answer.", "\(total.fairness.idleCount)")
        gauge("jain_index", "Fairness over connections.", "\(total.fairness.jainIndex)")
        gauge(
            "client_cpu_ratio", "Core share of the busiest thread.",
            "\(result.threadCPUShares.max() ?? 0)")
        gauge("rate_ratio", "Share of planned requests sent in time.", "\(result.rateRatio ?? 1)")
        gauge(
            "start_timestamp_seconds", "When the run began.",
            Format.fixed(Double(result.description.startMilliseconds) / 1_000, 3))
        gauge("elapsed_seconds", "Length of the measured part.", "\(result.seconds)")
        return text
    }

    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            default: String(character)
            }
        }.joined()
    }
}

extension HistogramLog {
    /// The log of a run: response times by interval at two digits, then the whole run at three,
    /// tagged, so that readers who add the untagged lines count nothing twice.
    package init(_ result: RunResult) {
        self.init(
            startSeconds: Double(result.description.startMilliseconds) / 1_000,
            comment: "loadgen \(LoadGen.version), \(result.responseClock), microseconds, "
                + result.description.target)
        let series = result.total.series
        for (index, row) in series.rows.enumerated() {
            append(
                start: Double(UInt64(index) * series.intervalLength) / 1e9,
                length: Double(series.length(ofRow: index)) / 1e9, histogram: row.responseTime)
        }
        append(
            tag: "whole-run-response-time", start: 0, length: result.seconds,
            histogram: result.total.responseTime)
        append(
            tag: "whole-run-service-time", start: 0, length: result.seconds,
            histogram: result.serviceTime)
    }
}
