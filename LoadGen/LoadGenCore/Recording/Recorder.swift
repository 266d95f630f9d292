package import Containers

// What one thread writes down while it loads the server.
//
// Every call takes plain integers and allocates nothing, but once per interval. Instants are
// nanoseconds of one monotonic clock; the histograms count microseconds.
//
// Two clocks. `planned` is when a request was due, `sent` when it went out. In an open loop the
// response time counts from the first and the service time from the second; both are recorded.
// In a closed loop nothing is planned, a request is due when it is sent, and the two are one.
//
// What counts. In a closed loop what was received during the measured part: that is the
// throughput. In an open loop what was planned for the measured part, even if its answer came
// during the drain behind it: leaving those out would leave out the slowest. A timeout is in the
// latency histograms at the time it took, since the true latency was no less; no other error is.

/// The measured part of a run, and what a recorder must know before it begins.
package struct RecorderPlan: Sendable {
    /// When the measured part begins: the end of the warm-up.
    package var start: UInt64
    /// When it ends; `UInt64.max` when only a number of requests ends it.
    package var end: UInt64
    /// Whether requests have planned starts.
    package var isOpenLoop: Bool
    /// This thread's connections: a range of the numbers over all threads.
    package var connections: Range<Int>

    /// A plan.
    package init(start: UInt64, end: UInt64, isOpenLoop: Bool, connections: Range<Int>) {
        precondition(start <= end)
        self.start = start
        self.end = end
        self.isOpenLoop = isOpenLoop
        self.connections = connections
    }
}

/// One thread's record. `finish` makes a `ThreadResult` of it.
package struct Recorder: ~Copyable {
    private var plan: RecorderPlan
    private var result: ThreadResult
    private var answersPerConnection: [UInt32]
    private var statusCounts = [UInt64](repeating: 0, count: ThreadResult.statusLimit)
    private var row = IntervalRow()
    private var rowEnd: UInt64

    /// A recorder with nothing in it.
    package init(_ plan: RecorderPlan) {
        self.plan = plan
        result = ThreadResult(isOpenLoop: plan.isOpenLoop)
        answersPerConnection = Array(repeating: 0, count: plan.connections.count)
        rowEnd = plan.start &+ result.series.currentEnd
    }

    /// Settles when the measured part begins and ends, before the first request. Connections are
    /// opened before that is known.
    package mutating func setMeasuredPart(start: UInt64, end: UInt64) {
        precondition(start <= end && finishedCount == 0)
        plan.start = start
        plan.end = end
        rowEnd = start &+ result.series.currentEnd
    }

    /// Requests of the measured part that came to an end: valid answers and errors.
    package var finishedCount: UInt64 { result.validCount + result.errors.total }

    /// A request went out for the first time.
    package mutating func requestSent(planned: UInt64, sent: UInt64) {
        guard isCounted(planned: planned, now: sent) else { return }
        result.sentCount &+= 1
        guard plan.isOpenLoop else { return }
        if sent < plan.end { result.sentInTimeCount &+= 1 }
        result.sendLag.record(Self.microseconds(from: planned, to: sent))
    }

    /// A valid answer is complete.
    ///
    /// - Parameters:
    ///   - connection: Its number over all threads.
    ///   - status: The status code.
    package mutating func validAnswerReceived(
        connection: Int, status: Int, planned: UInt64, sent: UInt64, received: UInt64
    ) {
        guard isCounted(planned: planned, now: received) else { return }
        if received >= rowEnd { advance(to: received) }
        result.validCount &+= 1
        row.validCount &+= 1
        countStatus(status)
        answersPerConnection[connection - plan.connections.lowerBound] &+= 1
        recordLatency(planned: planned, sent: sent, ended: received)
    }

    /// An answer is complete and not valid: its status or its body is not what was expected.
    ///
    /// - Parameters:
    ///   - errorClass: `.status` or `.bodyMismatch`.
    ///   - detail: The status, or the length of the body.
    package mutating func invalidAnswerReceived(
        _ errorClass: ErrorClass, detail: Int, connection: Int, status: Int, planned: UInt64,
        sent: UInt64, received: UInt64
    ) {
        guard isCounted(planned: planned, now: received) else { return }
        countStatus(status)
        result.errorTime.record(Self.microseconds(from: planned, to: received))
        countError(errorClass, detail: detail, connection: connection, at: received)
    }

    /// A request got no answer within the timeout.
    package mutating func requestTimedOut(
        connection: Int, planned: UInt64, sent: UInt64, now: UInt64
    ) {
        guard isCounted(planned: planned, now: now) else { return }
        if now >= rowEnd { advance(to: now) }
        recordLatency(planned: planned, sent: sent, ended: now)
        countError(.timeout, detail: 0, connection: connection, at: now)
    }

    /// A request failed in another way, or a connection could not be had for it.
    package mutating func requestFailed(
        _ errorClass: ErrorClass, detail: Int, connection: Int, planned: UInt64, now: UInt64
    ) {
        guard isCounted(planned: planned, now: now) else { return }
        countError(errorClass, detail: detail, connection: connection, at: now)
    }

    /// A connection was opened. Connecting is never part of a request's latency on a connection
    /// that is kept. Connects before the measured part count too: they say whether it could run.
    package mutating func connected(began: UInt64, now: UInt64, isReconnect: Bool) {
        result.connectionCount &+= 1
        if isReconnect, now >= plan.start { result.reconnectCount &+= 1 }
        result.connectTime.record(Self.microseconds(from: began, to: now))
    }

    /// An attempt to connect failed. It is an error of its own, whether or not a request waited
    /// for it: a server that is not there must not look idle.
    package mutating func connectFailed(
        _ errorClass: ErrorClass, detail: Int, connection: Int, now: UInt64
    ) {
        guard now >= plan.start, now < plan.end else { return }
        countError(errorClass, detail: detail, connection: connection, at: now)
    }

    /// Requests went out again on a new connection, because the server had announced that it
    /// would close before their turn. They are not attempts of their own.
    package mutating func requestsSentAgain(_ count: Int, now: UInt64) {
        if now >= plan.start { result.sentAgainCount &+= UInt64(count) }
    }

    /// Bytes arrived.
    package mutating func bytesReceived(_ count: Int, now: UInt64) {
        guard now >= plan.start, now < plan.end else { return }
        if now >= rowEnd { advance(to: now) }
        result.receivedByteCount &+= UInt64(count)
        row.receivedByteCount &+= UInt64(count)
    }

    /// Bytes were taken by the kernel.
    package mutating func bytesSent(_ count: Int, now: UInt64) {
        guard now >= plan.start, now < plan.end else { return }
        result.sentByteCount &+= UInt64(count)
    }

    /// What has happened so far, for the live display. Copies 20 KiB: for a few times a second.
    package func snapshot() -> RecorderSnapshot {
        var interval = row.responseTime
        if let last = result.series.rows.last { interval.merge(last.responseTime) }
        return RecorderSnapshot(
            validCount: result.validCount, errorCount: result.errors.total, interval: interval)
    }

    /// Ends the record.
    ///
    /// - Parameters:
    ///   - now: The end of the drain; at most a timeout after the plan's end.
    ///   - outstandingCount: Requests that were cut off without an answer. In a closed loop
    ///     those in flight at the end; they are no errors.
    ///   - unsentCount: Planned requests that never went out.
    ///   - cpuTime: Processor time of this thread during the measured part, in nanoseconds.
    package consuming func finish(
        now: UInt64, outstandingCount: Int, unsentCount: UInt64, cpuTime: UInt64
    ) -> ThreadResult {
        let now = max(now, plan.start)
        if now >= rowEnd { advance(to: now) }
        result.series.finish(with: row, at: now - plan.start)
        result.elapsed = min(now, plan.end) - plan.start
        result.outstandingCount = UInt64(outstandingCount)
        result.unsentCount = unsentCount
        result.cpuShare = result.elapsed == 0 ? 0 : Double(cpuTime) / Double(result.elapsed)
        result.fairness = Fairness(answersPerConnection)
        result.statusCounts = statusCounts
        return result
    }

    private func isCounted(planned: UInt64, now: UInt64) -> Bool {
        plan.isOpenLoop
            ? planned >= plan.start && planned < plan.end
            : now >= plan.start && now < plan.end
    }

    private mutating func recordLatency(planned: UInt64, sent: UInt64, ended: UInt64) {
        let response = Self.microseconds(from: planned, to: ended)
        result.responseTime.record(response)
        row.responseTime.record(response)
        if plan.isOpenLoop {
            result.serviceTime.record(Self.microseconds(from: sent, to: ended))
        }
    }

    private mutating func countStatus(_ status: Int) {
        // The parser lets three digits through; 600 to 999 share the slot of what is no status.
        statusCounts[(100..<ThreadResult.statusLimit).contains(status) ? status : 0] &+= 1
    }

    private mutating func countError(
        _ errorClass: ErrorClass, detail: Int, connection: Int, at now: UInt64
    ) {
        if now >= rowEnd { advance(to: now) }
        row.errorCount &+= 1
        result.errors.record(
            ErrorExample(
                errorClass: errorClass, detail: detail, connection: connection,
                time: now > plan.start ? now - plan.start : 0))
    }

    /// Closes the intervals that are over. Once per interval, and the only allocation.
    private mutating func advance(to now: UInt64) {
        while now >= rowEnd {
            result.series.append(&row)
            rowEnd = plan.start &+ result.series.currentEnd
        }
    }

    /// Whole microseconds, rounded up: an answer that took half of one did take time.
    private static func microseconds(from start: UInt64, to end: UInt64) -> Int {
        end > start ? Int((end - start + 999) / 1_000) : 0
    }
}

/// A glance at a recorder.
package struct RecorderSnapshot: Sendable {
    /// Valid answers so far.
    package var validCount: UInt64
    /// Errors so far.
    package var errorCount: UInt64
    /// Response times of the last interval and the one that is being filled.
    package var interval: Histogram

    /// Adds another thread's.
    package mutating func merge(_ other: RecorderSnapshot) {
        validCount += other.validCount
        errorCount += other.errorCount
        interval.merge(other.interval)
    }
}
