internal import Containers
internal import Reactor
internal import Syscalls

// Opening connections, losing them, and opening them again.

extension LoadThread {
    /// Starts a connection in a closed slot.
    mutating func connect(_ slot: Int, in reactor: inout Reactor) {
        let now = MonotonicClock.now().nanoseconds
        do throws(Errno) {
            let started = try plan.target.connect(
                number: slots[slot].number, choice: addressChoice)
            let isOpen = started.isOpen
            slots[slot].connecting(started.takeSocket(), at: now)
            slots[slot].interest = isOpen ? .readable : .writable
            try slots[slot].register(with: reactor, slot: slot)
            if isOpen {
                opened(slot, in: &reactor)
            } else {
                let deadline = now &+ connectTimeout
                reactor.schedule(slot: slot, at: Instant(nanoseconds: deadline))
            }
        } catch {
            connectFailed(
                slot, .connectFailure(errno: error.rawValue), detail: Int(error.rawValue), at: now)
        }
    }

    /// The handshake is over, one way or the other.
    mutating func finishConnect(_ slot: Int, in reactor: inout Reactor) {
        let failure: Errno?
        do throws(Errno) { failure = try slots[slot].connectError() } catch { failure = error }
        if let failure {
            connectFailed(
                slot, .connectFailure(errno: failure.rawValue), detail: Int(failure.rawValue),
                at: MonotonicClock.now().nanoseconds)
        } else {
            opened(slot, in: &reactor)
        }
    }

    private mutating func opened(_ slot: Int, in reactor: inout Reactor) {
        let now = MonotonicClock.now().nanoseconds
        let options = plan.options
        recorder.connected(
            began: slots[slot].began, now: now, isReconnect: slots[slot].hasBeenOpen)
        if phase == .connecting, !slots[slot].isSettled { settle(slot) }
        slots[slot].opened(
            requestLimit: options.keepsAlive ? options.reconnectEvery ?? .max : 1)
        if slots[slot].interest != .readable { watch(slot, for: .readable, in: reactor) }
        takeUp(slot, at: now, in: &reactor)
    }

    /// An attempt failed: an error of its own, or that of the requests that waited for it to be sent
    /// again; a pause, and the host's next address.
    mutating func connectFailed(
        _ slot: Int, _ errorClass: ErrorClass, detail: Int, at now: UInt64
    ) {
        if slots[slot].http.outstandingCount > 0 {
            failOutstanding(slot, errorClass, detail: detail, at: now)
        } else {
            recorder.connectFailed(
                errorClass, detail: detail, connection: slots[slot].number, now: now)
            noteFailedStart()
        }
        slots[slot].failed()
        if phase == .connecting, slots[slot].failureCount >= plan.target.choiceCount {
            settle(slot)
        }
        addressChoice = (addressChoice + 1) % plan.target.choiceCount
        slots[slot].close()
        backOff(slot, at: now)
    }

    private mutating func settle(_ slot: Int) {
        guard !slots[slot].isSettled else { return }
        slots[slot].isSettled = true
        settledCount += 1
    }

    /// Watches for something else; a connection that cannot be watched is of no use.
    mutating func watch(_ slot: Int, for interest: Interest, in reactor: borrowing Reactor) {
        slots[slot].interest = interest
        do throws(Errno) {
            try slots[slot].reregister(with: reactor, slot: slot)
        } catch {
            lose(
                slot, .read, detail: Int(error.rawValue), at: MonotonicClock.now().nanoseconds)
        }
    }

    /// Replaces a connection that served its requests; those behind the announced close go along.
    mutating func reopen(_ slot: Int, at now: UInt64) {
        let hasServed = slots[slot].http.answeredCount > 0
        slots[slot].close()
        if hasServed {
            wait(slot, until: now)
        } else {
            // A server that only accepts and closes must not be run down.
            slots[slot].failed()
            backOff(slot, at: now)
        }
    }

    /// Gives up a connection: every request that is outstanding on it failed for this reason.
    mutating func lose(_ slot: Int, _ errorClass: ErrorClass, detail: Int, at now: UInt64) {
        let number = slots[slot].number
        if slots[slot].http.outstandingCount == 0, errorClass == .unexpectedBytes {
            recorder.requestFailed(
                errorClass, detail: detail, connection: number, planned: now, now: now)
        }
        failOutstanding(slot, errorClass, detail: detail, at: now)
        replace(slot, at: now)
    }

    private mutating func failOutstanding(
        _ slot: Int, _ errorClass: ErrorClass, detail: Int, at now: UInt64
    ) {
        let number = slots[slot].number
        while let request = slots[slot].http.popOutstanding() {
            outstandingCount &-= 1
            recorder.requestFailed(
                errorClass, detail: detail, connection: number, planned: request.planned, now: now)
        }
    }

    /// Gives up a connection whose oldest request has waited too long. What is behind it could only
    /// come after it, so it has timed out too.
    mutating func timeOut(_ slot: Int, at now: UInt64) {
        let number = slots[slot].number
        while let request = slots[slot].http.popOutstanding() {
            outstandingCount &-= 1
            recorder.requestTimedOut(
                connection: number, planned: request.planned, sent: request.sent, now: now)
        }
        replace(slot, at: now)
    }

    private mutating func replace(_ slot: Int, at now: UInt64) {
        let hasServed = slots[slot].http.answeredCount > 0
        slots[slot].close()
        slots[slot].failed()
        if hasServed { wait(slot, until: now) } else { backOff(slot, at: now) }
    }

    /// Pauses for 1 ms after the first failure in a row, doubling to 250 ms, less up to a half by
    /// chance so that connections do not come back together.
    private mutating func backOff(_ slot: Int, at now: UInt64) {
        let doublings = UInt64(max(0, min(slots[slot].failureCount - 1, 8)))
        let pause = min(Self.longestBackoff, Self.shortestBackoff << doublings)
        wait(slot, until: now + pause - generator.next(below: pause / 2))
    }
}
