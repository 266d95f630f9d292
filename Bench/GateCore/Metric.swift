/// What a check can ask of an engine. The raw value is its name in checks and reports.
package enum Metric: String, Sendable, CaseIterable {
    /// Valid answers per second of the closed loop.
    case rps
    /// The share of errors in all that came to an end, both phases together.
    case errorRate = "error_rate"
    /// Percentiles and maximum of the closed loop's round trips, in microseconds.
    case p50, p95, p99, max
    /// The same of the open loop, from the planned start.
    case openP50 = "open_p50"
    case openP95 = "open_p95"
    case openP99 = "open_p99"
    case openMax = "open_max"
    /// Server processor time per valid answer of the closed loop, in microseconds.
    case cpuPerRequest = "cpu_us_per_req"
    /// Server processor time per valid answer of the open loop, in microseconds.
    case openCPUPerRequest = "open_cpu_us_per_req"
    /// Largest resident memory in MiB.
    case memory = "rss_mb"
    /// Jain's index of the closed loop.
    case fairness
}

/// A metric of an engine: `reactor.p95`.
package struct MetricReference: Sendable, Hashable, CustomStringConvertible {
    /// The engine's name.
    package var engine: String
    /// What of it.
    package var metric: Metric

    /// A metric of an engine.
    package init(_ engine: String, _ metric: Metric) {
        self.engine = engine
        self.metric = metric
    }

    /// As it is written in a check.
    package var description: String { "\(engine).\(metric.rawValue)" }
}
