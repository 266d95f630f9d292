internal import Synchronization

/// How many requests there have been.
final class RequestCount: Sendable {
    private let count = Atomic<Int>(0)

    /// Counts one more, and says how many there are.
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}
