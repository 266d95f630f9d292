internal import Containers

// The numbers that tables and checks show. Rounds are the unit: medians are over rounds, percentiles
// come from merged histograms, since percentiles of percentiles mean nothing.

extension EngineReport {
    /// From what share of a core on the client's busiest thread counts as used up. The rest of a
    /// full core goes to interrupts that are booked to nobody.
    package static let clientBoundShare = 0.95

    /// One value per round, in the metric's own unit; nil where a round has none: no open-loop
    /// phase, too few samples for a percentile, no valid answer to share processor time among.
    package func values(_ metric: Metric) -> [Double?] {
        rounds.map { $0.value(metric) }
    }

    /// The number for tables; nil without samples.
    ///
    /// Percentiles are those of all rounds' latencies in one histogram, the error rate is that of
    /// all attempts, memory is the most of any round; all else is the median over rounds. Rounds
    /// that have no value do not count.
    package func value(_ metric: Metric) -> Double? {
        switch metric {
        case .errorRate:
            let attempts = validCount + errorCount
            return attempts == 0 ? nil : Double(errorCount) / Double(attempts)
        case .p50, .p95, .p99, .max, .openP50, .openP95, .openP99, .openMax:
            return latency(metric).value(metric.percentile)
        case .memory: return values(metric).compactMap(\.self).max()
        case .rps, .cpuPerRequest, .openCPUPerRequest, .fairness:
            return values(metric).compactMap(\.self).median
        }
    }

    /// Valid answers of both phases and all rounds.
    package var validCount: UInt64 { rounds.reduce(0) { $0 + $1.validCount } }

    /// Requests of both phases and all rounds that came to any other end.
    package var errorCount: UInt64 { rounds.reduce(0) { $0 + $1.errorCount } }

    /// Whether the client was what limited the closed loop, in the median round. The engine could
    /// then do more than its figures say.
    package var isClientBound: Bool {
        guard let share = rounds.map(\.closedLoop.clientCPUShare).median else { return false }
        return share >= Self.clientBoundShare
    }

    /// Connections that got an answer in the closed loop, in the round with the fewest.
    package var servedConnections: UInt64 {
        rounds.map(\.closedLoop.servedConnections).min() ?? 0
    }

    /// All rounds' latencies of the phase that the metric is of.
    func latency(_ metric: Metric) -> Histogram {
        var sum = Histogram()
        for round in rounds {
            if let phase = round.phase(metric) { sum.absorb(phase.latency) }
        }
        return sum
    }
}

extension RoundSample {
    /// The phase that the metric is of; nil when it was not run.
    func phase(_ metric: Metric) -> PhaseSample? { metric.isOpen ? openLoop : closedLoop }

    /// Valid answers of both phases.
    package var validCount: UInt64 { closedLoop.validCount + (openLoop?.validCount ?? 0) }

    /// Requests of both phases that came to any other end.
    package var errorCount: UInt64 { closedLoop.errorCount + (openLoop?.errorCount ?? 0) }

    /// The round's value in the metric's own unit; nil when it has none.
    package func value(_ metric: Metric) -> Double? {
        switch metric {
        case .rps:
            guard closedLoop.seconds > 0 else { return nil }
            return Double(closedLoop.validCount) / closedLoop.seconds
        case .errorRate:
            let attempts = validCount + errorCount
            return attempts == 0 ? nil : Double(errorCount) / Double(attempts)
        case .p50, .p95, .p99, .max: return closedLoop.latency.value(metric.percentile)
        case .openP50, .openP95, .openP99, .openMax:
            return openLoop?.latency.value(metric.percentile)
        case .cpuPerRequest: return closedLoop.cpuPerRequest
        case .openCPUPerRequest: return openLoop?.cpuPerRequest
        // No process lives without memory: nothing means not measured.
        case .memory: return peakMemory == 0 ? nil : Double(peakMemory) / 1_048_576
        // Jain's index of no answers at all is not a number.
        case .fairness: return closedLoop.validCount == 0 ? nil : closedLoop.fairness
        }
    }
}

extension PhaseSample {
    /// Microseconds of the server's processor per valid answer; nil without an answer.
    fileprivate var cpuPerRequest: Double? {
        validCount == 0 ? nil : Double(serverCPUTime) / 1_000 / Double(validCount)
    }
}

extension Metric {
    /// Whether it is one of the open-loop phase.
    package var isOpen: Bool {
        switch self {
        case .openP50, .openP95, .openP99, .openMax, .openCPUPerRequest: true
        case .rps, .errorRate, .p50, .p95, .p99, .max, .cpuPerRequest, .memory, .fairness: false
        }
    }

    /// The percentile that a latency metric names, 100 for the maximum; nil for all others.
    package var percentile: Double? {
        switch self {
        case .p50, .openP50: 50
        case .p95, .openP95: 95
        case .p99, .openP99: 99
        case .max, .openMax: 100
        case .rps, .errorRate, .cpuPerRequest, .openCPUPerRequest, .memory, .fairness: nil
        }
    }
}

extension Histogram {
    /// The value at `percentile`; nil when fewer than ten values lie above it. The maximum needs
    /// one value.
    fileprivate func value(_ percentile: Double?) -> Double? {
        guard let percentile, !isEmpty else { return nil }
        guard percentile == 100 || !hasTooFewValues(forPercentile: percentile) else { return nil }
        return Double(value(atPercentile: percentile))
    }
}

extension [Double] {
    /// The middle value, or the mean of the two middle ones; nil without values.
    package var median: Double? {
        guard !isEmpty else { return nil }
        let sorted = sorted()
        let (low, high) = (sorted[(count - 1) / 2], sorted[count / 2])
        // Two infinite values of one sign have themselves as their mean.
        return low == high ? low : (low + high) / 2
    }
}
