internal import Containers
internal import Reactor
internal import Syscalls

// Reading answers, and what follows from them.

extension LoadThread {
    /// One read per event: level-triggered epoll reports what is left again.
    mutating func read(_ slot: Int, in reactor: inout Reactor) {
        let (result, now) = slots[slot].read(into: &area, source, &workspace, &recorder)
        switch result {
        case .nothing: return
        case .read(let outcome):
            outstandingCount &-= outcome.answeredCount
            react(slot, to: outcome, at: now, in: &reactor)
        case .ended(let end): streamEnded(slot, end, at: now)
        case .failed(let errno):
            lose(slot, .readFailure(errno: errno), detail: Int(errno), at: now)
        }
    }

    private mutating func react(
        _ slot: Int, to outcome: ReadOutcome, at now: UInt64, in reactor: inout Reactor
    ) {
        if let fault = outcome.fault {
            lose(slot, fault.errorClass, detail: fault.detail, at: now)
            return
        }
        if slots[slot].http.isUsedUp {
            reopen(slot, at: now)
            return
        }
        if outcome.continues { slots[slot].enqueueHeldBody(from: source) }
        guard outcome.answeredCount > 0 || outcome.continues else { return }
        let pause =
            outcome.answeredCount > 0 && !isOpenLoop
            ? thinkTime.next(using: &generator) : 0
        if pause > 0 {
            wait(slot, until: now + pause)
        } else {
            refill(slot, at: now, in: &reactor)
        }
    }

    private mutating func streamEnded(_ slot: Int, _ end: StreamEnd, at now: UInt64) {
        switch end {
        case .idle, .announced: reopen(slot, at: now)
        case .completed:
            outstandingCount &-= 1
            reopen(slot, at: now)
        case .early(let byteCount):
            // After a failed send the kernel reports the end, though it was a reset.
            if let errno = slots[slot].sendFailure {
                lose(slot, .writeFailure(errno: errno), detail: Int(errno), at: now)
            } else {
                lose(slot, .earlyEnd, detail: byteCount, at: now)
            }
        }
    }
}
