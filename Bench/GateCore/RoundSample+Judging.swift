internal import Containers

extension RoundSample {
    /// The round's value as a judge takes it: requests that all failed have taken forever and
    /// their processor time has bought nothing, which is not the same as no samples.
    func judgedValue(_ metric: Metric) -> Double? {
        if let value = value(metric) { return value }
        switch metric {
        case .rps, .errorRate, .memory, .fairness: return nil
        case .p50, .p95, .p99, .max, .cpuPerRequest, .openP50, .openP95, .openP99, .openMax,
            .openCPUPerRequest:
            guard let phase = phase(metric), phase.validCount == 0 else { return nil }
            // An engine that fails all day may not even come to its one slow request.
            return phase.errorCount > 0 || validCount == 0 && errorCount > 0 ? .infinity : nil
        }
    }

    /// The share of its latencies that are above `limit`.
    func share(above limit: Double, _ metric: Metric) -> Double {
        guard let latency = phase(metric)?.latency, !latency.isEmpty else { return 1 }
        let kept = latency.countAtOrBelow(Int(min(limit, 1e15)))
        return Double(latency.count - kept) / Double(latency.count)
    }

    /// Whether it has latencies, only not enough of them.
    func hasFewSamples(_ metric: Metric) -> Bool {
        metric.percentile != nil && phase(metric)?.latency.isEmpty == false
    }
}

extension Metric {
    /// Whether the number in the tables comes from all rounds together, and not from their middle.
    var isPooled: Bool { percentile != nil || self == .memory }

    /// What a round needs to have a value.
    var needs: String {
        switch self {
        case .rps: "it took no time"
        case .errorRate: "no request came to an end"
        case .p50, .p95, .p99, .max: "no request came to an end"
        case .openP50, .openP95, .openP99, .openMax, .openCPUPerRequest:
            "it needs an open-loop phase with answers"
        case .cpuPerRequest, .fairness: "it needs valid answers"
        case .memory: "the server's memory was not read"
        }
    }
}
