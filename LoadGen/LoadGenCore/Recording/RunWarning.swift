internal import Containers
internal import Presentation

/// What a reader must know before believing a result. Each says what to do about it.
package enum RunWarning: Sendable, Equatable {
    /// The run was ended by a signal.
    case interrupted
    /// No connection ever succeeded.
    case neverConnected
    /// The planned rate was not held; the share that went out in time.
    case rateNotHeld(Double)
    /// A thread used this share of its core: the client was the limit.
    case clientBound(Double)
    /// A thread used this share of its core: the client was close to its limit.
    case clientBusy(Double)
    /// Requests went out this many microseconds late at the 99th percentile.
    case lateSends(microseconds: Int)
    /// Connections that never got an answer.
    case idleConnections(UInt64)
    /// This machine ran out of client ports.
    case portsExhausted
    /// Connecting took a second or more, as it does when a full backlog drops the first SYN.
    case slowConnects(microseconds: Int)
    /// Half of the answers took about 40 ms.
    case delayedAcknowledgement
    /// Latencies above the histogram's range.
    case clampedLatencies(UInt64)

    /// The line that is printed, without an end.
    package var text: String {
        switch self {
        case .interrupted: "interrupted: this is what there was until then"
        case .neverConnected: "no connection ever succeeded: is the server running there?"
        case .rateNotHeld(let ratio):
            "RATE NOT HELD: only \(Format.percent(ratio)) of the plan went out in time; "
                + "add connections or lower --rate"
        case .clientBound(let share):
            "CLIENT-BOUND: a thread used \(Format.fixed(share * 100, 0))% of its core; "
                + "this measures loadgen, add threads or machines"
        case .clientBusy(let share):
            "a thread used \(Format.fixed(share * 100, 0))% of its core: "
                + "near its limit, add threads"
        case .lateSends(let microseconds):
            "1% of requests went out \(Format.duration(microseconds: microseconds)) late or "
                + "more: the machine is busy"
        case .idleConnections(let count):
            "\(Format.grouped(count)) connections never got an answer: "
                + "the server starves them"
        case .portsExhausted:
            "client ports ran out (TIME_WAIT): use --keepalive, --source or --unix"
        case .slowConnects(let microseconds):
            "connecting took up to \(Format.duration(microseconds: microseconds)): "
                + "the listen backlog overflows, try --connect-ramp"
        case .delayedAcknowledgement:
            "half of the answers took 40 ms: does the server set TCP_NODELAY?"
        case .clampedLatencies(let count):
            "\(Format.grouped(count)) latencies above 60 s were counted as 60 s"
        }
    }

    /// The word of it in JSON.
    package var key: String {
        switch self {
        case .interrupted: "interrupted"
        case .neverConnected: "never_connected"
        case .rateNotHeld: "rate_not_held"
        case .clientBound: "client_bound"
        case .clientBusy: "client_busy"
        case .lateSends: "late_sends"
        case .idleConnections: "idle_connections"
        case .portsExhausted: "client_ports_exhausted"
        case .slowConnects: "slow_connects"
        case .delayedAcknowledgement: "delayed_acknowledgement"
        case .clampedLatencies: "clamped_latencies"
        }
    }
}

extension RunResult {
    /// What must be said about this result, the gravest first.
    package var warnings: [RunWarning] {
        var warnings: [RunWarning] = []
        if isInterrupted { warnings.append(.interrupted) }
        if total.connectionCount == 0 { return warnings + [.neverConnected] }
        if let ratio = rateRatio, !heldRate, !isInterrupted { warnings.append(.rateNotHeld(ratio)) }
        let busiest = threadCPUShares.max() ?? 0
        if busiest >= 0.95 {
            warnings.append(.clientBound(busiest))
        } else if busiest >= 0.8 {
            warnings.append(.clientBusy(busiest))
        }
        if total.errors[.portsExhausted] > 0 { warnings.append(.portsExhausted) }
        // A dead server leaves all connections idle, and its errors say so already.
        if total.fairness.idleCount > 0, total.validCount > 0 {
            warnings.append(.idleConnections(total.fairness.idleCount))
        }
        let lag = total.sendLag.value(atPercentile: 99)
        if lag > 1_000, heldRate { warnings.append(.lateSends(microseconds: lag)) }
        if total.connectTime.maximum >= 900_000 {
            warnings.append(.slowConnects(microseconds: total.connectTime.maximum))
        }
        if (39_000...45_000).contains(total.responseTime.value(atPercentile: 50)) {
            warnings.append(.delayedAcknowledgement)
        }
        if total.responseTime.clampedCount > 0 {
            warnings.append(.clampedLatencies(total.responseTime.clampedCount))
        }
        return warnings
    }
}
