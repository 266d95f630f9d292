package import Containers

/// What one thread recorded, or the sum of several.
package struct ThreadResult: Sendable, Equatable {
    /// Status codes are counted below this; slot 0 holds what is none.
    static let statusLimit = 600

    /// Valid answers: the only ones that count as throughput.
    package internal(set) var validCount: UInt64 = 0
    /// Requests that went out, each once.
    package internal(set) var sentCount: UInt64 = 0
    /// Of an open loop: those that went out before the end of the measured part.
    package internal(set) var sentInTimeCount: UInt64 = 0
    /// Requests sent again because the server had announced that it would close.
    package internal(set) var sentAgainCount: UInt64 = 0
    /// Requests cut off by the end of the run; no errors.
    package internal(set) var outstandingCount: UInt64 = 0
    /// Planned requests that never went out.
    package internal(set) var unsentCount: UInt64 = 0
    /// Connections that were opened.
    package internal(set) var connectionCount: UInt64 = 0
    /// Those of them that replaced another during the measured part.
    package internal(set) var reconnectCount: UInt64 = 0
    /// Bytes received during the measured part.
    package internal(set) var receivedByteCount: UInt64 = 0
    /// Bytes sent during the measured part.
    package internal(set) var sentByteCount: UInt64 = 0
    /// Answers by status code, of valid and invalid ones.
    package internal(set) var statusCounts = [UInt64](repeating: 0, count: statusLimit)
    /// Errors by class.
    package internal(set) var errors = ErrorTally()
    /// From the planned start; in a closed loop from the send. With timeouts, without other errors.
    package internal(set) var responseTime = Histogram()
    /// From the send. Empty in a closed loop, where it would be the same.
    package internal(set) var serviceTime = Histogram()
    /// Of answers that were not valid, from the planned start.
    package internal(set) var errorTime = Histogram()
    /// From the connect to the connection.
    package internal(set) var connectTime = Histogram()
    /// From the planned start to the send: the generator's own lateness. Open loop only.
    package internal(set) var sendLag = Histogram()
    /// The run by intervals.
    package internal(set) var series = IntervalSeries()
    /// Answers per connection.
    package internal(set) var fairness = Fairness()
    /// Length of the measured part in nanoseconds.
    package internal(set) var elapsed: UInt64 = 0
    /// Share of a core that this thread used; above 0.95 it was the limit itself.
    package internal(set) var cpuShare = 0.0

    let isOpenLoop: Bool

    init(isOpenLoop: Bool) { self.isOpenLoop = isOpenLoop }

    /// Adds another thread's or machine's part; both were measured at the same time.
    mutating func merge(_ other: ThreadResult) {
        precondition(isOpenLoop == other.isOpenLoop)
        validCount += other.validCount
        sentCount += other.sentCount
        sentInTimeCount += other.sentInTimeCount
        sentAgainCount += other.sentAgainCount
        outstandingCount += other.outstandingCount
        unsentCount += other.unsentCount
        connectionCount += other.connectionCount
        reconnectCount += other.reconnectCount
        receivedByteCount += other.receivedByteCount
        sentByteCount += other.sentByteCount
        for index in statusCounts.indices { statusCounts[index] += other.statusCounts[index] }
        errors.merge(other.errors)
        responseTime.merge(other.responseTime)
        serviceTime.merge(other.serviceTime)
        errorTime.merge(other.errorTime)
        connectTime.merge(other.connectTime)
        sendLag.merge(other.sendLag)
        series.merge(other.series)
        fairness.merge(other.fairness)
        elapsed = max(elapsed, other.elapsed)
        cpuShare = max(cpuShare, other.cpuShare)
    }
}
