internal import Containers
internal import Reactor
internal import Synchronization
internal import Syscalls

// Writing and reading: what suspends the task.

extension DeferredExchange {
    /// Takes as much as there is room for.
    func append(_ bytes: Span<UInt8>) throws(StreamFailure) -> Int {
        let taken: Result<Int, StreamFailure> = state.withLock { state in
            if let failure = failure(of: state) { return .failure(failure) }
            let room = context.window - state.output.count
            let count = max(0, min(room, bytes.count))
            state.isWriteCut = count < bytes.count
            guard count > 0 else { return .success(0) }
            if let remaining = state.remaining {
                guard bytes.count <= remaining else { return .failure(.tooLong) }
                state.remaining = remaining - count
            }
            state.appendFramed(bytes.extracting(0..<count), isChunked: isChunked)
            state.isFlushed = false
            if state.heartbeat != nil { state.putHeartbeatOff() }
            return .success(count)
        }
        post()
        return try taken.get()
    }

    /// Appends the last bytes of the body, whatever there is room for: the few that only the end
    /// brings forth, such as a checksum. `end` follows.
    package func writeTail(_ bytes: Span<UInt8>) {
        state.withLock { state in
            guard failure(of: state) == nil else { return }
            state.appendFramed(bytes, isChunked: isChunked)
            state.isFlushed = false
        }
    }

    func checkStream() throws(StreamFailure) {
        if let failure = state.withLock({ failure(of: $0) }) { throw failure }
        if Task.isCancelled { throw .cancelled }
    }

    func failure(of state: borrowing State) -> StreamFailure? {
        switch state.abandonment {
        case .clientGone: return .clientGone
        case .deadline: return .deadline
        case nil: break
        }
        switch state.phase {
        case .streaming: return state.hasNoBody ? .noBody : nil
        case .open, .ended: return .notStreaming
        }
    }

    func waitForRoom() async throws(StreamFailure) {
        await wait { state in
            state.abandonment != nil || state.output.count < context.window
        }
        try checkStream()
    }

    /// Suspends the writer unless there is nothing to wait for.
    func wait(for isDone: @Sendable (inout State) -> Bool) async {
        await withTaskCancellationHandler {
            await Waiter.suspend { waiter in
                // A cancellation that comes before this is seen here; one that comes later finds
                // the waiter.
                state.withLock { state in
                    if isDone(&state) || Task.isCancelled { return false }
                    precondition(state.writer == nil, "one task writes at a time")
                    state.writer = waiter
                    return true
                }
            }
        } onCancel: {
            state.withLock { $0.writer.take() }?.resume()
        }
    }

    /// Suspends until the body has something new.
    func waitForBody() async {
        await withTaskCancellationHandler {
            await Waiter.suspend { waiter in
                state.withLock { state in
                    if !state.isWaitingForBody || Task.isCancelled { return false }
                    precondition(state.reader == nil, "one task reads at a time")
                    state.reader = waiter
                    return true
                }
            }
        } onCancel: {
            state.withLock { $0.reader.take() }?.resume()
        }
    }

    var isBodyOpen: Bool { state.withLock { $0.isWaitingForBody } }

}

extension DeferredExchange.State {
    var isWaitingForBody: Bool {
        guard chunk.isEmpty, abandonment == nil, case .open = bodyEnd else { return false }
        return true
    }

    /// Heartbeats are due now and then: the body is open, and has room for them.
    var beats: Bool {
        heartbeat != nil && phase == .streaming && abandonment == nil && !hasNoBody
            && remaining == nil
    }

    /// Something has been written just now.
    mutating func putHeartbeatOff() {
        guard let heartbeat else { return }
        heartbeatDeadline = MonotonicClock.now() + heartbeat.nanoseconds
    }

    /// One chunk (RFC 9112 §7.1), or the bytes as they are where something else ends the body.
    mutating func appendFramed(_ bytes: Span<UInt8>, isChunked: Bool) {
        guard isChunked, remaining == nil else {
            output.append(bytes)
            return
        }
        output.reserve(bytes.count + 20)
        output.append(hexadecimal: bytes.count)
        output.append("\r\n")
        output.append(bytes)
        output.append("\r\n")
    }
}
