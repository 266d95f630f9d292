internal import Syscalls

/// How long the client has had to take the answer under way: runs while bytes are unsent, stands
/// while there is nothing to send.
struct WriteClock {
    /// When the current blockage began; `nil` while nothing is unsent.
    private var blockedSince: Instant?
    /// Time that earlier blockages of the same answer have used up.
    private var elapsed: UInt64 = 0
    /// Bytes of this answer that the client has taken.
    private var takenByteCount = 0
    private var lastProgress = Instant(nanoseconds: 0)

    /// Some bytes could not be sent.
    mutating func blocked(at now: Instant) {
        guard blockedSince == nil else { return }
        blockedSince = now
        lastProgress = now
    }

    /// The client took bytes; none is no progress.
    mutating func progressed(by byteCount: Int, at now: Instant) {
        guard byteCount > 0 else { return }
        takenByteCount += byteCount
        lastProgress = now
    }

    /// Nothing is unsent.
    mutating func unblocked(at now: Instant) {
        guard let since = blockedSince else { return }
        elapsed += now.nanoseconds - since.nanoseconds
        blockedSince = nil
    }

    /// The answer has left entirely: the next one starts anew.
    mutating func answerFinished() {
        self = WriteClock()
    }

    /// Whether this clock has counted anything, so that `answerFinished` is due.
    var isUsed: Bool { blockedSince != nil || elapsed > 0 || takenByteCount > 0 }

    /// When the client will have had too long, or `nil` while nothing is unsent.
    func deadline(within time: TransferTime) -> Instant? {
        guard let since = blockedSince else { return nil }
        let start = Instant(nanoseconds: since.nanoseconds - min(elapsed, since.nanoseconds))
        return time.deadline(start: start, lastProgress: lastProgress, byteCount: takenByteCount)
    }
}
