internal import Containers
internal import HTTP1
package import Syscalls

extension ServerConnection {
    // MARK: Events

    /// The engine has closed our half of the socket.
    package mutating func halfClosed(at now: Instant) {
        lifecycle = peerClosed ? .closed : .lingering
        waitStart = now
        transferred = 0
    }

    /// The socket is dead: nothing can be sent or received any more.
    package mutating func connectionLost() {
        lifecycle = .closed
    }

    /// Gives the buffers back, before the connection is forgotten.
    package mutating func releaseBuffers(_ workspace: inout Workspace) {
        if !pipeline.isEmpty { pipeline.abandon(.clientGone) }
        if !records.isEmpty { records.end(sentByteCount: sentByteCount, in: &workspace.ledger) }
        if receiveBuffer.capacity > 0 { workspace.pool.giveBack(from: &receiveBuffer) }
        if sendBuffer.capacity > 0 { workspace.pool.giveBack(from: &sendBuffer) }
    }

    /// The instant at which `deadlineReached` is due, by what is being waited for; `nil`: none.
    ///
    /// It is computed when asked for and stored nowhere: the timer wheel compares lazily.
    package mutating func deadline(_ workspace: inout Workspace) -> Instant? {
        var readDeadline = self.readDeadline(&workspace)
        if !pipeline.isEmpty, let taskDeadline = self.taskDeadline(&workspace) {
            readDeadline = min(readDeadline ?? taskDeadline, taskDeadline)
        }
        guard let writeDeadline = self.writeDeadline(&workspace) else { return readDeadline }
        guard let readDeadline else { return writeDeadline }
        return min(readDeadline, writeDeadline)
    }

    /// Some deadline may have passed.
    package mutating func deadlineReached(at now: Instant, _ workspace: inout Workspace) {
        if let writeDeadline = self.writeDeadline(&workspace), writeDeadline <= now {
            lifecycle = .reset
            return
        }
        if !pipeline.isEmpty { taskDeadlineReached(at: now, &workspace) }
        guard let readDeadline = self.readDeadline(&workspace), readDeadline <= now else { return }
        if lifecycle == .lingering {
            lifecycle = .closed
            return
        }
        switch reading {
        case .proxyHeader:
            lifecycle = .closed
        case .head where refusal == .overloaded:
            failUnavailableHead(at: now, &workspace)
        case .head where hasBegunHead && refusal == .draining:
            failUnavailableHead(at: now, &workspace)
        case .head where hasBegunHead:
            failHead(
                RequestFailure(status: 408, reason: "the request head took too long"), at: now,
                &workspace)
        case .head, .dropping, .droppingChunked:
            finishReading(&workspace)
        case .body, .chunkedBody:
            failKept(
                RequestFailure(status: 408, reason: "the request body took too long"), at: now,
                &workspace)
        case .streamedBody, .streamedChunks:
            failStreamedBody(.timedOut, &workspace)
        case .finished:
            break
        }
    }

    /// The server is going to stop: what is complete here and now is still answered, what comes
    /// later hears 503, and the connection ends with its last answer.
    ///
    /// An idle connection stays open for `Limits.drainGrace`, so that a request that is on its way
    /// hears 503 and not a reset; then our half is closed. Half a head has as long to be completed.
    ///
    /// - Returns: `false` when it knew already, or is being refused anyway.
    @discardableResult
    package mutating func beginDrain(at now: Instant) -> Bool {
        guard refusal == .none else { return false }
        refusal = .draining
        acceptedByteCount = receiveBuffer.count
        if isInHead || isBeforeProxyHeader { waitStart = now }
        return true
    }

    // MARK: Helpers

    /// No further request is read; the connection ends when the answers under way have left.
    mutating func finishReading(_ workspace: inout Workspace) {
        reading = .finished
        if lifecycle == .open { lifecycle = .closing }
        hasBegunHead = false
        receiveBuffer.removeAll()
        if receiveBuffer.capacity > 0 { workspace.pool.giveBack(from: &receiveBuffer) }
    }

    /// Whether a complete head that had arrived when the drain began lies at or after `start`.
    ///
    /// - Parameter acceptedByteCount: Bytes of the source that had arrived by then.
    static func hasAcceptedHead(
        in source: Span<UInt8>, from start: Int, acceptedByteCount: Int
    ) -> Bool {
        var index = start
        let end = min(source.count, acceptedByteCount)
        while let lineFeed = source.firstLineFeed(from: index), lineFeed < end {
            if lineFeed - start >= 3 && source[lineFeed - 1] == UInt8(ascii: "\r")
                && source[lineFeed - 2] == UInt8(ascii: "\n")
            {
                return true
            }
            index = lineFeed + 1
        }
        return false
    }

    /// No answer is under way.
    private var hasAnsweredAll: Bool { pipeline.isEmpty && sendBuffer.isEmpty }

    private mutating func writeDeadline(_ workspace: inout Workspace) -> Instant? {
        writeClock.deadline(
            within: TransferTime(
                allowance: workspace.limits.writeTimeout,
                minRate: workspace.limits.minTransferRate))
    }

    private mutating func readDeadline(_ workspace: inout Workspace) -> Instant? {
        switch lifecycle {
        case .lingering:
            return waitStart
                + (refusal == .draining
                    ? workspace.limits.drainLingerTimeout : workspace.limits.lingerTimeout)
        case .closing, .closed, .reset: return nil
        case .open: break
        }
        guard stop == .needsBytes else { return nil }
        switch reading {
        case .head where refusal == .overloaded:
            return waitStart + workspace.limits.overflowPatience
        case .head where refusal == .draining && (hasBegunHead || hasAnsweredAll):
            return waitStart + workspace.limits.drainGrace
        case .head where hasBegunHead:
            return workspace.limits.headerTimeout > 0
                ? waitStart + workspace.limits.headerTimeout : nil
        case .head:
            return hasAnsweredAll ? idleDeadline(&workspace) : nil
        case .streamedBody where awaitsContinue, .streamedChunks where awaitsContinue:
            return nil  // It is not the client's turn.
        case .body, .chunkedBody, .dropping, .droppingChunked, .streamedBody, .streamedChunks:
            return TransferTime(
                allowance: workspace.limits.bodyTimeout, minRate: workspace.limits.minTransferRate
            )
            .deadline(start: waitStart, lastProgress: lastProgress, byteCount: transferred)
        case .finished:
            return nil
        case .proxyHeader:
            return proxyHeaderDeadline(&workspace)
        }
    }
}
