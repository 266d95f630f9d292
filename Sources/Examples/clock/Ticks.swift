import Glibc
import Sluice

/// An event for each second, or each so many, whose id is the seconds since 1970. It ends with the
/// task that waits for it: `Task.sleep` throws when the client has gone.
struct Ticks: AsyncSequence, Sendable {
    let first: Int
    let every: Int
    /// `nil`: without end.
    let count: Int?

    /// Seconds since 1970.
    static var now: Int { time(nil) }

    struct Iterator: AsyncIteratorProtocol {
        let every: Int
        var second: Int
        var remaining: Int?

        mutating func next() async throws -> ServerSentEvent? {
            if let remaining {
                guard remaining > 0 else { return nil }
                self.remaining = remaining - 1
            }
            while Ticks.now < second { try await Task.sleep(for: .milliseconds(20)) }
            defer { second += every }
            return try ServerSentEvent(data: Ticks.text(second), id: "\(second)")
        }
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(every: every, second: first, remaining: count)
    }

    /// `17:04:09 UTC`
    static func text(_ second: Int) -> String {
        let parts = [second / 3_600 % 24, second / 60 % 60, second % 60]
        return parts.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":") + " UTC"
    }
}
