internal import Reactor
internal import Syscalls

/// One thread of the pool: takes a connection, serves it with blocking calls, and lets it go or
/// puts it back.
///
/// Theory of operation
///
///     take ──► visit: flush ──► end it? ──► work left? ──► wait for bytes or room ──► read ─┐
///               ▲  ▲                                          │ nothing, and others wait     │
///               │  └──────────────────────────────────────────┼──────────────────────────────┘
///               └──────────── putBack ◄───────────────────────┘
///
/// A visit ends when the connection does; and, while others wait, after `requestsPerVisit` requests
/// or one fruitless `shortWait`. When nobody waits the worker rests on its connection until bytes, a
/// deadline or a new connection come. No worker ever looks at two connections.
///
/// Tasks that answer run on the worker too, between its own steps, and hold it until they have
/// ended; so only `HandlerSlots` of them may run at once.
struct PoolWorker: ~Copyable {
    private let index: Int
    private let queue: ConnectionQueue
    private let control: EngineControl
    private let executor: LoopExecutor
    private var workspace: Workspace
    private let statistics: EngineStatistics
    private var jobs: [UnownedJob] = []
    private var posts: [UInt64] = []
    private var readArea = ReadArea()
    /// Its connection, and what ends a long wait.
    private var polled = PollList(count: 2)

    private enum Place {
        static let connection = 0
        static let wakeup = 1
    }

    /// The client of this visit has sent its next request within a wait. It will do so again: the
    /// next wait is a plain blocking receive, one call where a wait that ends in time takes two.
    private var isBrisk = false

    /// What becomes of a connection after a visit.
    private enum Outcome {
        case close
        case putBack
    }

    init(
        _ index: Int, of queue: ConnectionQueue, control: EngineControl,
        handler: any RequestHandler, limits: Limits, serverName: String, slots: HandlerSlots,
        statistics: EngineStatistics, observer: (any ExchangeObserver)?, number: Int
    ) {
        self.index = index
        self.statistics = statistics
        self.queue = queue
        self.control = control
        executor = LoopExecutor(wakeup: queue.wakeup(of: index))
        workspace = Workspace(
            handler: handler, limits: limits, serverName: serverName, executor: executor,
            slots: slots, mayWaitForDisk: true, recorder: observer?.makeRecorder(thread: number),
            statistics: statistics, thread: number)
    }

    /// Works until the queue has ended.
    mutating func run() {
        executor.adoptCallingThread()
        _ = Signals.blockBrokenPipe()
        // Tasks that do not end when they are cancelled may outlive their worker.
        defer {
            workspace.deferral?.end()
            executor.stop()
        }
        while var connection = queue.take() {
            switch visit(&connection) {
            case .putBack:
                queue.putBack(connection)
            case .close:
                connection.http.releaseBuffers(&workspace)
                workspace.closeTurn(at: MonotonicClock.now())
                workspace.statistics.add(1, to: .closedConnections)
                statistics.directory.giveBack(connection.place)
                // The socket is closed before the count says so.
                _ = consume connection
                queue.closed()
                waitForTasks()
                workspace.noteTasks()
            }
        }
    }

    private mutating func visit(_ connection: inout Connection) -> Outcome {
        let requestsBefore = connection.http.requestCount
        var turns = 0
        isBrisk = false
        var now = MonotonicClock.now()
        workspace.refreshDate(at: now)
        catchUp(&connection, at: now)
        // On the way through the queue something has probably come.
        _ = connection.read(into: &readArea, at: now, &workspace)
        while true {
            runTasks(&connection, at: now)
            connection.flush(at: now, &workspace)
            connection.report(connection.http.state, to: statistics.directory, at: now)
            workspace.noteTasks()
            if workspace.hasTurnToClose { workspace.closeTurn(at: MonotonicClock.now()) }
            guard connection.staysOpen(at: now) else { return .close }
            let served = connection.http.requestCount - requestsBefore
            if connection.http.hasWorkLeft(&workspace) {
                // A long stream is work like many requests.
                turns += 1
                if max(served, turns) >= workspace.limits.requestsPerVisit, !queue.isEmpty,
                    areTasksIdle
                {
                    return .putBack
                }
                connection.http.resume(at: now, &workspace)
            } else if !areTasksIdle {
                waitForNews(on: &connection, now: now)
            } else {
                guard wait(on: &connection, served: served, now: now) else { return .putBack }
            }
            now = MonotonicClock.now()
            workspace.refreshDate(at: now)
            catchUp(&connection, at: now)
            if let deadline = connection.http.deadline(&workspace), deadline <= now {
                connection.http.deadlineReached(at: now, &workspace)
            }
        }
    }

    // MARK: Tasks

    /// No task holds this worker.
    private var areTasksIdle: Bool { workspace.deferral?.isIdle ?? true }

    /// Runs what tasks can do now, and lets the connection see what they have changed.
    private mutating func runTasks(_ connection: inout Connection, at now: Instant) {
        while executor.hasWork {
            if runJobs() { connection.http.tasksHaveNews(at: now, &workspace) }
        }
    }

    /// Runs the jobs that are there; says whether there were posts.
    private mutating func runJobs() -> Bool {
        executor.take(jobs: &jobs, posts: &posts)
        for job in jobs { executor.run(job) }
        jobs.removeAll(keepingCapacity: true)
        defer { posts.removeAll(keepingCapacity: true) }
        return !posts.isEmpty
    }

    /// Waits on the connection, while its tasks are under way, for what comes first: bytes, room,
    /// its deadline, or news of a task.
    private mutating func waitForNews(on connection: inout Connection, now: Instant) {
        watch(connection)
        let wakeup = queue.wakeup(of: index)
        wakeup.join(&polled, at: Place.wakeup)
        if !executor.hasWork {
            _ = look(
                &connection, within: nil, deadline: connection.http.deadline(&workspace), now: now)
        }
        if !polled.events(Place.wakeup).isEmpty { wakeup.clear() }
    }

    /// The connection is gone; its tasks, which are cancelled, still hold the worker.
    private mutating func waitForTasks() {
        let wakeup = queue.wakeup(of: index)
        while !areTasksIdle || executor.hasWork {
            _ = runJobs()
            if control.request == .stop { return }
            if areTasksIdle || executor.hasWork { continue }
            polled.clear(Place.connection)
            wakeup.join(&polled, at: Place.wakeup)
            // Only a lack of kernel memory is an error here, and another try.
            _ = try? polled.wait(timeoutNanoseconds: nil)
            wakeup.clear()
        }
    }

    /// Tells the connection what has happened to the engine.
    private mutating func catchUp(_ connection: inout Connection, at now: Instant) {
        switch control.request {
        case .none: break
        case .drain:
            guard connection.http.beginDrain(at: now) else { return }
            // A last read: what the kernel has received by now counts as arrived.
            _ = connection.read(
                into: &readArea, at: now, &workspace, hadArrivedBeforeDrain: true)
        case .stop:
            connection.http.connectionLost()
        }
    }

    /// Waits until there is something to read or room to send, and reads. False when the connection
    /// should make room for others.
    private mutating func wait(
        on connection: inout Connection, served: Int, now: Instant
    ) -> Bool {
        if served >= workspace.limits.requestsPerVisit, !queue.isEmpty { return false }
        if isBrisk, connection.http.wantsBytes, !connection.http.awaitsRoom {
            isBrisk = connection.read(into: &readArea, at: now, &workspace, waits: true)
            if isBrisk { return true }
        }
        let deadline = connection.http.deadline(&workspace)
        watch(connection)
        switch queue.patience(hasServed: served > 0) {
        case .short(let time):
            polled.clear(Place.wakeup)
            return look(&connection, within: time, deadline: deadline, now: now)
        case .long:
            guard queue.rest(index) else { return true }
            let wakeup = queue.wakeup(of: index)
            wakeup.join(&polled, at: Place.wakeup)
            _ = look(&connection, within: nil, deadline: deadline, now: now)
            queue.getUp(index)
            if !polled.events(Place.wakeup).isEmpty { wakeup.clear() }
            return true
        }
    }

    private mutating func watch(_ connection: borrowing Connection) {
        var events: PollList.Events = []
        if connection.http.wantsBytes { events.insert(.readable) }
        if connection.http.awaitsRoom { events.insert(.writable) }
        polled.set(Place.connection, connection.socket, events)
    }

    /// True when something has come, or the deadline.
    private mutating func look(
        _ connection: inout Connection, within time: UInt64?, deadline: Instant?, now: Instant
    ) -> Bool {
        let untilDeadline = deadline.map { $0.nanoseconds - min($0, now).nanoseconds }
        let isCut = untilDeadline.map { untilDeadline in time.map { untilDeadline <= $0 } ?? true }
        let longest = isCut == true ? untilDeadline : time
        do {
            guard try polled.wait(timeoutNanoseconds: longest) else { return isCut == true }
        } catch {
            // Only a lack of kernel memory: the socket itself will say more.
            return true
        }
        let events = polled.events(Place.connection)
        if !events.isDisjoint(with: .gone) {
            connection.http.connectionLost()
        } else if events.contains(.readable) {
            isBrisk = connection.read(into: &readArea, at: MonotonicClock.now(), &workspace)
        }
        return true
    }
}
