internal import Reactor
internal import Synchronization
internal import Syscalls

/// What all deferred exchanges of one thread share.
package final class DeferralContext: Sendable {
    let executor: LoopExecutor
    private let trustedProxies: [AddressRange]

    /// Bytes of a body, in each direction, that wait between a connection and a task.
    let window: Int

    /// Where tasks hold threads: how many may.
    private let slots: HandlerSlots?

    /// Operations that have not ended.
    private let running = Atomic<Int>(0)

    private struct Idle {
        var runners: [TaskRunner] = []
        var hasEnded = false
    }

    private let idle = Mutex(Idle())
    private let spareCopies = Mutex<[RequestCopy]>([])

    /// Runners and copies that are kept while nobody needs them: as many as events in a turn.
    private static let maxIdleCount = Reactor.eventsPerTurn

    init(executor: LoopExecutor, limits: Limits, slots: HandlerSlots?) {
        self.executor = executor
        trustedProxies = limits.trustedProxies
        window = limits.highWatermark
        self.slots = slots
    }

    // MARK: For whom the handler's call is

    // Of one thread only; atomic because the context is known to all that it starts.
    private let currentConnection = Atomic<UInt64>(0)
    private let currentBodyFollows = Atomic<Bool>(false)

    var connection: UInt64 { currentConnection.load(ordering: .relaxed) }
    var bodyFollows: Bool { currentBodyFollows.load(ordering: .relaxed) }

    func setPlace(connection: UInt64, bodyFollows: Bool) {
        currentConnection.store(connection, ordering: .relaxed)
        currentBodyFollows.store(bodyFollows, ordering: .relaxed)
    }

    // MARK: Runners

    /// A runner for the next request: the one that has become idle last, whose memory is still in the
    /// cache, if there is any.
    func takeRunner() -> TaskRunner {
        idle.withLock { $0.runners.popLast() } ?? TaskRunner(in: self)
    }

    /// Keeps a runner that has nothing to do, if there is room.
    func park(_ runner: TaskRunner) -> Bool {
        idle.withLock { idle in
            guard !idle.hasEnded, idle.runners.count < Self.maxIdleCount else { return false }
            idle.runners.append(runner)
            return true
        }
    }

    /// The thread does not go on: its idle runners end.
    func end() {
        let runners = idle.withLock { idle in
            idle.hasEnded = true
            return exchange(&idle.runners, with: [])
        }
        for runner in runners { runner.end() }
    }

    // MARK: Copies of requests

    /// Memory for the copy of a request's head: that of an earlier one if there is any.
    func takeCopy() -> RequestCopy {
        spareCopies.withLock { $0.popLast() } ?? RequestCopy(trustedProxies: trustedProxies)
    }

    /// Keeps the memory of a copy that nobody looks at any more, if there is room.
    func giveBack(_ copy: RequestCopy) {
        guard copy.isWorthKeeping else { return }
        spareCopies.withLock { spares in
            if spares.count < Self.maxIdleCount { spares.append(copy) }
        }
    }

    // MARK: Counting

    /// Tasks that are under way. Any thread.
    var runningCount: Int { running.load(ordering: .relaxed) }

    /// Whether no task is under way.
    var isIdle: Bool { running.load(ordering: .acquiring) == 0 }

    /// Makes room for one more task, if there is any.
    func acquire() -> Bool {
        if let slots, !slots.acquire() { return false }
        running.add(1, ordering: .relaxed)
        return true
    }

    func release() {
        running.subtract(1, ordering: .releasing)
        slots?.release()
        // A worker that waits for its last task to end must look.
        if slots != nil { executor.post(.max) }
    }
}

/// How many tasks may hold a thread of the pool at the same time.
package final class HandlerSlots: Sendable {
    private let free: Atomic<Int>

    /// - Parameter count: 1 or more.
    init(_ count: Int) {
        free = Atomic(count)
    }

    func acquire() -> Bool {
        var count = free.load(ordering: .relaxed)
        while count > 0 {
            let result = free.compareExchange(
                expected: count, desired: count - 1, ordering: .acquiringAndReleasing)
            if result.exchanged { return true }
            count = result.original
        }
        return false
    }

    func release() {
        free.add(1, ordering: .releasing)
    }
}

/// How long an answer may take, and what the client hears then: 503 or 504.
package struct TimeLimit: Sendable {
    package let nanoseconds: UInt64
    package let status: Int

    package init(nanoseconds: UInt64, status: Int) {
        self.nanoseconds = nanoseconds
        self.status = status
    }
}
