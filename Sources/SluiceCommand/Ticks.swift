internal import Sluice

/// Events with ascending ids, one per interval; the first comes at once.
struct Ticks: AsyncSequence, Sendable {
    /// Where ids of ours end: far from where adding could overflow, and at one a millisecond
    /// thousands of years away.
    static let maxNumber = 1 << 50

    let first: Int
    /// `nil`: without end.
    let count: Int?
    let interval: Duration

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let ticks: Ticks
        private var sentCount = 0
        /// When the next one is due. Counted from the one before and not from when it was sent, so
        /// that delays do not add up.
        private var due = ContinuousClock.now

        fileprivate init(_ ticks: Ticks) {
            self.ticks = ticks
        }

        mutating func next() async throws -> ServerSentEvent? {
            if let count = ticks.count, sentCount == count { return nil }
            if sentCount > 0 {
                due = Swift.max(due.advanced(by: ticks.interval), .now)
                try await Task.sleep(until: due, clock: .continuous)
            }
            let number = ticks.first + sentCount
            sentCount += 1
            return try ServerSentEvent(data: "tick \(number)", id: "\(number)")
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}
