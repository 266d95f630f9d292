package import Containers

/// What one engine did in one phase of one round.
package struct PhaseSample: Sendable, Equatable {
    /// Answers with the right status and body.
    package var validCount: UInt64 = 0
    /// Everything else that came to an end: refused, cut, timed out, wrong.
    package var errorCount: UInt64 = 0
    /// Length of the phase.
    package var seconds: Double = 0
    /// Latencies in microseconds: round trips of a closed loop, from the planned start in an open
    /// one. Timeouts are in it, other errors are not.
    package var latency = Histogram()
    /// Processor time of the server in nanoseconds, all of its processes and threads.
    package var serverCPUTime: UInt64 = 0
    /// The share of a core that the client's busiest thread used.
    package var clientCPUShare: Double = 0
    /// Jain's index over the answers of the connections.
    package var fairness: Double = 0
    /// Connections that got at least one answer.
    package var servedConnections: UInt64 = 0
    /// Open loop only: the share of planned requests that went out in time.
    package var rateRatio: Double?

    /// Nothing measured yet.
    package init() {}

    /// Requests that came to an end.
    package var attemptCount: UInt64 { validCount + errorCount }
}

/// What one engine did in one round.
package struct RoundSample: Sendable, Equatable {
    /// As fast as the scenario's clients ask.
    package var closedLoop: PhaseSample
    /// At a fixed rate; nil when the scenario has no such phase.
    package var openLoop: PhaseSample?
    /// The largest resident memory of the server, in bytes (VmHWM, proc(5)).
    package var peakMemory: UInt64 = 0
    /// The share of the time in which the hypervisor gave our cores to others (/proc/stat).
    package var stealShare: Double = 0

    /// A round.
    package init(closedLoop: PhaseSample, openLoop: PhaseSample? = nil) {
        self.closedLoop = closedLoop
        self.openLoop = openLoop
    }
}
