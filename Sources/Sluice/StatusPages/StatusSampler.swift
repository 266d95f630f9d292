internal import Syscalls

/// Reads a server's numbers once a second, on a thread of its own, so that there is a history before
/// somebody asks for it, and so that the loop has no work with it. Ends when it is let go of.
final class StatusSampler: Sendable {
    let history = StatusHistory()
    private let ending: Ending

    /// What the thread holds, too.
    private final class Ending: Sendable {
        let flag: EventDescriptor

        init() throws(Errno) { flag = try EventDescriptor() }
    }

    /// - Throws: When the system has no thread or descriptor left.
    init(_ inside: ServerInside) throws(Errno) {
        ending = try Ending()
        let (history, ending) = (history, ending)
        _ = try Thread(name: "status") {
            var next = MonotonicClock.now()
            while !Self.waits(for: ending, until: next) {
                history.take(StatusReading(inside))
                next = max(next + 1_000_000_000, MonotonicClock.now())
            }
        }
    }

    deinit {
        // It cannot fail: the counter is far from its limit.
        try? ending.flag.signal()
    }

    /// - Returns: Whether it is over.
    private static func waits(for ending: borrowing Ending, until time: Instant) -> Bool {
        var list = PollList(count: 1)
        list.set(0, ending.flag.descriptor, .readable)
        let now = MonotonicClock.now()
        let left = time > now ? time.nanoseconds - now.nanoseconds : 0
        // What a signal has ended early is a sample that comes early.
        return (try? list.wait(timeoutNanoseconds: left)) ?? true
    }
}
