internal import Synchronization
internal import Syscalls

/// How many descriptors are open, without ever holding the thread that asks: where the kernel does
/// not say it at once (before Linux 6.2), they are counted by a thread of the pool while the last
/// count is shown.
final class OpenFileCounter: Sendable {
    private struct State {
        var count = 0
        var isCounting = false
    }

    private let state: Mutex<State>
    private let pool: OffloadPool

    init(pool: OffloadPool = .shared) {
        self.pool = pool
        state = Mutex(State(count: ProcessStatistics.countOpenFiles()))
    }

    /// The count now, or that of the last time.
    ///
    /// - Parameter statistics: May have it.
    func count(_ statistics: ProcessStatistics?) -> Int {
        if let count = statistics?.openFileCount { return count }
        let (count, begins) = state.withLock { state in
            defer { state.isCounting = true }
            return (state.count, !state.isCounting)
        }
        if begins {
            let isBegun = pool.begin {
                let count = ProcessStatistics.countOpenFiles()
                self.state.withLock { $0 = State(count: count) }
            }
            if !isBegun { state.withLock { $0.isCounting = false } }
        }
        return count
    }
}
