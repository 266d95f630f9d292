internal import Containers
package import Presentation

/// A result as one JSON object, complete enough to be read back and added to others.
///
/// The first keys are those that scripts look for: `requests`, `errors`, `error_rate`, `rps`,
/// `p50_ms`, `p95_ms`, `status_counts`. `requests` are those that came to an end, `rps` counts
/// valid answers only. Latencies at the top are response times. Every percentile has a number as
/// long as there is any sample; `too_few_samples` lists those that rest on fewer than ten.
package enum JSONReport {
    /// Rises when a key changes its meaning or goes away.
    package static let schemaVersion = 1

    /// The percentiles of all reports.
    static let percentiles: [(key: String, label: String, value: Double)] = [
        ("p50", "p50", 50), ("p75", "p75", 75), ("p90", "p90", 90), ("p95", "p95", 95),
        ("p99", "p99", 99), ("p999", "p99.9", 99.9), ("p9999", "p99.99", 99.99),
    ]

    /// The object for `result`.
    package static func value(_ result: RunResult, limits: ResultLimits) -> JSONValue {
        let total = result.total
        var members: [JSONValue.Member] = [
            .init("schema_version", .integer(schemaVersion)),
            .init("tool", .string("loadgen")),
            .init("tool_version", .string(LoadGen.version)),
            .init("requests", .count(result.finishedCount)),
            .init("errors", .count(total.errors.total)),
            .init("error_rate", .rounded(result.errorRate, 8)),
            .init("rps", .rounded(result.validRate, 2)),
        ]
        members += latencies(total.responseTime)
        members += [
            .init("status_counts", statuses(result)),
            .init("latency_clock", .string(result.isOpenLoop ? "planned_start" : "round_trip")),
            .init("valid", .count(total.validCount)),
            .init("sent", .count(total.sentCount)),
            .init("sent_per_second", .rounded(result.sentRate, 2)),
            .init("sent_again", .count(total.sentAgainCount)),
            .init("in_flight_at_end", .count(total.outstandingCount)),
            .init("unsent", .count(total.unsentCount)),
            .init("elapsed_ns", .count(total.elapsed)),
            .init("interrupted", .bool(result.isInterrupted)),
            .init("response_time", histogram(total.responseTime)),
            .init("service_time", histogram(result.serviceTime)),
            .init("error_time", histogram(total.errorTime)),
            .init("connect_time", histogram(total.connectTime)),
            .init("send_lag", histogram(total.sendLag)),
            .init("rate", rate(result)),
            .init("errors_by_class", errors(total.errors)),
            .init("fairness", fairness(total.fairness)),
            .init("connections", connections(total)),
            .init("bytes", bytes(total)),
            .init("client", client(result)),
            .init("warnings", .array(result.warnings.map(warning))),
            .init("limits", .array(result.judge(limits).map(judgement))),
            .init("config", config(result)),
            .init("series", series(total.series)),
        ]
        return .object(members)
    }

    private static func latencies(_ histogram: Histogram) -> [JSONValue.Member] {
        func milliseconds(_ microseconds: Double) -> JSONValue {
            histogram.isEmpty ? .null : .rounded(microseconds / 1_000, 3)
        }
        var members = percentiles.map { percentile in
            JSONValue.Member(
                percentile.key + "_ms",
                milliseconds(Double(histogram.value(atPercentile: percentile.value))))
        }
        members += [
            .init("max_ms", milliseconds(Double(histogram.maximum))),
            .init("min_ms", milliseconds(Double(histogram.minimum))),
            .init("mean_ms", milliseconds(histogram.mean)),
            .init("stddev_ms", milliseconds(histogram.standardDeviation)),
            .init("samples", .count(histogram.count)),
            .init(
                "too_few_samples",
                .array(
                    percentiles.filter { histogram.hasTooFewValues(forPercentile: $0.value) }
                        .map { .string($0.key + "_ms") })),
        ]
        return members
    }

    private static func histogram(_ histogram: Histogram) -> JSONValue {
        .object(
            latencies(histogram) + [
                .init("min_us", .integer(histogram.minimum)),
                .init("max_us", .integer(histogram.maximum)),
                .init("above_range", .count(histogram.clampedCount)),
                .init("hdr_v2", .string(HistogramCodec.encodeCompressedText(histogram))),
            ])
    }

    private static func statuses(_ result: RunResult) -> JSONValue {
        .object(result.statuses.map { .init(String($0.code), .count($0.count)) })
    }

    private static func rate(_ result: RunResult) -> JSONValue {
        guard let rate = result.description.rate else { return .null }
        return .object([
            .init("planned", .string(rate)),
            .init("planned_requests", .count(result.description.plannedCount ?? 0)),
            .init("sent_in_time", .count(result.total.sentInTimeCount)),
            .init("ratio", .rounded(result.rateRatio ?? 0, 6)),
            .init("held", .bool(result.heldRate)),
        ])
    }

    private static func errors(_ errors: ErrorTally) -> JSONValue {
        .object(
            ErrorClass.allCases.filter { errors[$0] > 0 }.map { errorClass in
                var members: [JSONValue.Member] = [.init("count", .count(errors[errorClass]))]
                if let example = errors.example(of: errorClass) {
                    members += [
                        .init("first", .string(example.description)),
                        .init("first_detail", .integer(example.detail)),
                        .init("first_connection", .integer(example.connection)),
                        .init("first_ns", .count(example.time)),
                    ]
                }
                return .init(errorClass.key, .object(members))
            })
    }

    private static func fairness(_ fairness: Fairness) -> JSONValue {
        .object([
            .init("connections", .count(fairness.connectionCount)),
            .init("idle", .count(fairness.idleCount)),
            .init("min", .integer(fairness.minimum)),
            .init("median", .integer(fairness.median)),
            .init("max", .integer(fairness.maximum)),
            .init("jain_index", .rounded(fairness.jainIndex, 6)),
            .init("sum", .number(fairness.sums.plain)),
            .init("square_sum", .number(fairness.sums.squared)),
            .init(
                "hdr_v2",
                .string(HistogramCodec.encodeCompressedText(fairness.requestsPerConnection))),
        ])
    }

    private static func connections(_ total: ThreadResult) -> JSONValue {
        .object([
            .init("opened", .count(total.connectionCount)),
            .init("reconnects", .count(total.reconnectCount)),
        ])
    }

    private static func bytes(_ total: ThreadResult) -> JSONValue {
        .object([
            .init("received", .count(total.receivedByteCount)),
            .init("sent", .count(total.sentByteCount)),
        ])
    }

    private static func client(_ result: RunResult) -> JSONValue {
        .object([
            .init("thread_cpu", .array(result.threadCPUShares.map { .rounded($0, 4) })),
            .init("bound", .bool((result.threadCPUShares.max() ?? 0) >= 0.95)),
        ])
    }

    private static func warning(_ warning: RunWarning) -> JSONValue {
        .object([.init("kind", .string(warning.key)), .init("text", .string(warning.text))])
    }

    private static func judgement(_ judgement: Judgement) -> JSONValue {
        .object([
            .init("limit", .string(judgement.limit)),
            .init("measured", .string(judgement.measured)),
            .init("kept", .bool(judgement.isKept)),
        ])
    }

    private static func config(_ result: RunResult) -> JSONValue {
        let description = result.description
        return .object([
            .init("target", .string(description.target)),
            .init("loop", .string(result.isOpenLoop ? "open" : "closed")),
            .init("connections", .integer(description.connectionCount)),
            .init("pipeline_depth", .integer(description.pipelineDepth)),
            .init("threads", .integer(description.threadCount)),
            .init("keepalive", .bool(description.keepsAlive)),
            .init("warmup_ns", .count(description.warmUp)),
            .init("timeout_ns", .count(description.timeout)),
            .init("started_ms", .integer(description.startMilliseconds)),
            .init("seed", .count(description.seed)),
            .init("machines", .integer(result.machineCount)),
        ])
    }

    private static func series(_ series: IntervalSeries) -> JSONValue {
        .object([
            .init("interval_ns", .count(series.intervalLength)),
            .init("elapsed_ns", .count(series.elapsed)),
            .init(
                "rows",
                .array(
                    series.rows.map { row in
                        .object([
                            .init("valid", .count(row.validCount)),
                            .init("errors", .count(row.errorCount)),
                            .init("received", .count(row.receivedByteCount)),
                            .init("min_us", .integer(row.responseTime.minimum)),
                            .init("max_us", .integer(row.responseTime.maximum)),
                            .init("above_range", .count(row.responseTime.clampedCount)),
                            .init(
                                "hdr_v2",
                                .string(HistogramCodec.encodeCompressedText(row.responseTime))),
                        ])
                    })),
        ])
    }
}
