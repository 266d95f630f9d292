internal import Containers
internal import HTTPEngine
internal import Synchronization
internal import Syscalls

/// The last requests that took long. Any thread; one that did not costs a comparison.
///
/// Limit: `capacity`; the oldest make room.
final class SlowRequests: Sendable {
    /// As many as a person looks at.
    static let capacity = 64

    /// One of them.
    struct Entry: Sendable {
        let exchange: FinishedExchange
        /// Seconds since 1970 when it was over.
        let endSeconds: Int64
        /// `nil`: it was answered in the turn in which it came, and nobody had kept its text.
        let text: SlowRequestText?
    }

    private struct State {
        var entries: [Entry] = []
        var count: UInt64 = 0
    }

    /// From how many nanoseconds on a request is slow.
    let threshold: UInt64
    private let state = Mutex(State())

    init(threshold: UInt64) {
        self.threshold = threshold
    }

    /// How long it took until the answer began, in nanoseconds; without an answer, until the end.
    /// What comes behind the first byte is the client's time, or a stream that has no end.
    static func wait(of exchange: FinishedExchange) -> UInt64 {
        let (start, first) = (exchange.start.nanoseconds, exchange.firstByte.nanoseconds)
        return first > start ? first &- start : exchange.latency
    }

    /// Whether it is listed. Any thread; a comparison.
    func isSlow(_ exchange: FinishedExchange) -> Bool { Self.wait(of: exchange) >= threshold }

    /// Takes an exchange in, if it was slow. Allocates and locks then.
    ///
    /// - Parameter text: What was kept of its request; `nil`: nothing.
    func record(_ exchange: FinishedExchange, text: @autoclosure () -> SlowRequestText?) {
        guard isSlow(exchange) else { return }
        let entry = Entry(
            exchange: exchange, endSeconds: WallClock.now().seconds, text: text())
        state.withLock { state in
            state.count += 1
            if state.entries.count == Self.capacity { state.entries.removeFirst() }
            state.entries.append(entry)
        }
    }

    /// All that are kept, the latest first.
    var entries: [Entry] { state.withLock { $0.entries.reversed() } }

    /// How many there were.
    var count: UInt64 { state.withLock { $0.count } }
}
