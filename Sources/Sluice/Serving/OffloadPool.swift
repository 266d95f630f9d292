internal import Synchronization
internal import Syscalls

/// Threads for work that blocks: files, databases without an asynchronous client, passwords to hash.
/// The loop's thread must never wait for such; a task waits here instead, and its thread goes on.
///
///     let text = try await offload { try readConfiguration(path) }
///
/// Work is begun in the order in which it came. When all threads are busy and the queue is full,
/// more is refused at once, with 503 and `Retry-After`: a server that lets work pile up answers
/// nobody in time.
///
/// Threads are started when there is work for them, and stay until the pool is let go of. They do
/// not keep a program from ending.
public final class OffloadPool: Sendable {
    /// How many threads a pool may have: more would spend their time changing places.
    public static let threadRange = 1...256
    /// How much work may wait: beyond, the last would wait longer than any client does.
    public static let queueRange = 0...65_536

    /// The pool that `offload` uses: a thread for each core, at least two, and 256 waiting.
    public static let shared = OffloadPool(
        threads: min(max(2, coreCount), threadRange.upperBound), queue: 256)

    private let core: OffloadCore

    /// A pool of its own, such as for a database that stands so many connections and no more.
    ///
    /// - Parameters:
    ///   - threads: Work that is done at the same time.
    ///   - queue: Work that may wait for a thread; beyond, `run` throws 503.
    /// - Precondition: Both are in their ranges.
    public convenience init(threads: Int, queue: Int) {
        self.init(threads: threads, queue: queue, threadEnded: {})
    }

    /// A pool whose threads say that they end, each as the last it does.
    package init(threads: Int, queue: Int, threadEnded: @escaping @Sendable () -> Void) {
        precondition(
            Self.threadRange.contains(threads), "threads \(threads) is not in 1 ... 256")
        precondition(Self.queueRange.contains(queue), "queue \(queue) is not in 0 ... 65536")
        core = OffloadCore(threads: threads, queue: queue, threadEnded)
    }

    deinit {
        // Nothing waits: who waits in `run` holds the pool.
        core.end()
    }

    /// Work that waits for a thread now.
    public var queuedCount: Int { core.queuedCount }

    /// Work that is being done now.
    public var busyCount: Int { core.busyCount }

    /// All that is counted, from one moment.
    var counts: OffloadCounts { core.counts }

    /// Does blocking work on a thread of the pool, and returns its result. Costs a few allocations
    /// and, when nothing else is going on, waking two threads: tens of microseconds. What takes less
    /// than that is better done in place.
    ///
    /// When the task is cancelled before the work has begun, it never begins. Work that has begun
    /// runs to its end, and its result is returned as if nothing had happened.
    ///
    /// - Throws: What the work throws; `HTTPError` 503 with `Retry-After` when all threads are busy
    ///   and the queue is full; `CancellationError`.
    public func run<Result: Sendable>(
        _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        try await run(isAdmitted: false, work)
    }

    /// As `run`, but a part of something that was admitted before waits for its turn however full
    /// the queue is: to refuse the last piece of a file helps nobody. Who admits must bound how many
    /// such parts there can be at a time.
    package func run<Result: Sendable>(
        isAdmitted: Bool, _ work: @escaping @Sendable () throws -> Result
    ) async throws -> Result {
        let ticket = Mutex(OffloadTicket.new)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let job = OffloadQueue.Job(
                    run: {
                        let result = Swift.Result { try work() }
                        return { continuation.resume(with: result) }
                    },
                    refuse: { continuation.resume(throwing: $0) })
                ticket.withLock { ticket in
                    if case .cancelled = ticket { return job.refuse(CancellationError()) }
                    let id = core.submit(job, isAdmitted: isAdmitted)
                    if id == nil { job.refuse(OffloadCore.tooBusy) }
                    ticket = .given(id)
                }
            }
        } onCancel: {
            let id: OffloadQueue.ID? = ticket.withLock { ticket in
                defer { ticket = .cancelled }
                if case .given(let id) = ticket { return id } else { return nil }
            }
            if let id { core.cancel(id) }
        }
    }

    /// Does the last part of something that was admitted before, for which nobody waits, such as
    /// letting go of a file; on the caller's thread, should the system have no thread to give.
    func detach(_ work: @escaping @Sendable () -> Void) {
        let done: @Sendable () -> Void = {}
        let job = OffloadQueue.Job(
            run: {
                work()
                return done
            }, refuse: { _ in work() })
        _ = core.submit(job, isAdmitted: true)
    }

    /// Does work for which no task waits, such as reading ahead, unless there is too much to do
    /// already; on the caller's thread, should the system have no thread to give.
    ///
    /// - Returns: Whether it is done, now or later.
    func begin(_ work: @escaping @Sendable () -> Void) -> Bool {
        let done: @Sendable () -> Void = {}
        let job = OffloadQueue.Job(
            run: {
                work()
                return done
            }, refuse: { _ in work() })
        return core.submit(job, isAdmitted: false) != nil
    }

    private static var coreCount: Int {
        do {
            return try CPUAffinity.allowedCores().count
        } catch {
            return 1
        }
    }
}

/// Does blocking work on `OffloadPool.shared`, while the loop's thread goes on.
///
///     router.get("/report") { request, response in
///         let report = try await offload { try makeReport() }
///         response.send(report)
///     }
///
/// - Throws: What the work throws; `HTTPError` 503 with `Retry-After` when there is too much of it
///   already; `CancellationError` when the task was cancelled before the work began.
public func offload<Result: Sendable>(
    _ work: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await OffloadPool.shared.run(work)
}

/// What a pool counts.
struct OffloadCounts: Equatable, Sendable {
    /// Threads that it has.
    let threads: Int
    /// Work that is being done, and work that waits.
    let busy: Int
    let queued: Int
    /// Work that was taken in since it was made, and work that was refused.
    let accepted: UInt64
    let refused: UInt64
}

/// How far a task has come that wants work done.
private enum OffloadTicket {
    case new
    /// Handed in; `nil`: refused.
    case given(OffloadQueue.ID?)
    case cancelled
}

/// What the threads of a pool share with it. They hold this and not the pool, so that it can end.
private final class OffloadCore: Sendable {
    private struct State: ~Copyable, Sendable {
        var queue: OffloadQueue
        /// Threads there are, or are about to be. Invariant: at least `busyCount`.
        var threadCount = 0
        var busyCount = 0
        var acceptedCount: UInt64 = 0
        var refusedCount: UInt64 = 0
        var hasEnded = false
    }

    private let maxThreadCount: Int
    private let queueSize: Int
    private let threadEnded: @Sendable () -> Void
    private let state: Monitor<State>

    init(threads: Int, queue: Int, _ threadEnded: @escaping @Sendable () -> Void) {
        maxThreadCount = threads
        queueSize = queue
        self.threadEnded = threadEnded
        // Work for threads that are about to take it waits too.
        state = Monitor(State(queue: OffloadQueue(expecting: threads + queue)))
    }

    var queuedCount: Int { state.withLock { $0.queue.count } }

    var busyCount: Int { state.withLock { $0.busyCount } }

    var counts: OffloadCounts {
        state.withLock { state in
            OffloadCounts(
                threads: state.threadCount, busy: state.busyCount, queued: state.queue.count,
                accepted: state.acceptedCount, refused: state.refusedCount)
        }
    }

    /// Takes in a job; `nil`: there is too much to do already, and the job is as it was.
    func submit(_ job: OffloadQueue.Job, isAdmitted: Bool) -> OffloadQueue.ID? {
        let (id, newThread) = state.withLock { state -> (OffloadQueue.ID?, Int?) in
            let count = state.busyCount + state.queue.count
            guard isAdmitted || count < maxThreadCount + queueSize else {
                state.refusedCount += 1
                return (nil, nil)
            }
            state.acceptedCount += 1
            let id = state.queue.append(job)
            let idleCount = state.threadCount - state.busyCount
            guard state.queue.count > idleCount, state.threadCount < maxThreadCount else {
                return (id, nil)
            }
            state.threadCount += 1
            return (id, state.threadCount)
        }
        guard let id else { return nil }
        if let newThread { start(newThread) } else { state.signal() }
        return id
    }

    /// Takes a job out of the queue, if it still waits there.
    func cancel(_ id: OffloadQueue.ID) {
        let job = state.withLock { $0.queue.remove(id) }
        job?.refuse(CancellationError())
    }

    /// The threads end, each when it has nothing to do.
    func end() {
        state.withLock { $0.hasEnded = true }
        state.signalAll()
    }

    private func start(_ number: Int) {
        do {
            _ = try Thread(name: "offload-\(number)") { self.work() }
        } catch {
            // The system has no thread to give. The others take the work; without any, nobody does.
            let abandoned = state.withLock { state in
                state.threadCount -= 1
                var jobs: [OffloadQueue.Job] = []
                while state.threadCount == 0, let job = state.queue.popFirst() { jobs.append(job) }
                return jobs
            }
            for job in abandoned { job.refuse(Self.tooBusy) }
        }
    }

    /// A thread's life.
    private func work() {
        while let job = nextJob() {
            let tellResult = job.run()
            // Before the result is told, so that who has it finds the thread free.
            state.withLock { $0.busyCount -= 1 }
            tellResult()
        }
        threadEnded()
    }

    private func nextJob() -> OffloadQueue.Job? {
        let next = state.wait { state -> OffloadQueue.Job?? in
            if let job = state.queue.popFirst() {
                state.busyCount += 1
                return .some(job)
            }
            return state.hasEnded ? .some(nil) : nil
        }
        return next
    }

    static let tooBusy = HTTPError(
        .serviceUnavailable, message: "the server has too much to do",
        fields: [("Retry-After", "1")])
}
