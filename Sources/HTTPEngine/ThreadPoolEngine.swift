package import Containers
internal import Reactor
package import Syscalls

/// The honest baseline: an acceptor and a bounded pool of threads with blocking sockets, each of
/// which serves one connection at a time.
///
/// The same `ServerConnection`, handler, limits and answers as the reactor's; no readiness facility
/// over many connections. An idle connection keeps its worker only while no other waits.
package struct ThreadPoolEngine: ~Copyable {
    /// How large the pool is.
    package struct Size: Sendable {
        /// Threads that serve.
        package var workerCount: Int
        /// Connections that may wait for one of them when a new one comes; the new one then hears
        /// 503 with `Retry-After`.
        package var queueSize: Int

        /// A pool of so many workers, 1 or more, with so long a queue, 1 or more.
        package init(workerCount: Int, queueSize: Int) {
            precondition(workerCount > 0 && queueSize > 0)
            self.workerCount = workerCount
            self.queueSize = queueSize
        }
    }

    /// What other threads may hold on to.
    package let control: EngineControl

    private var listeners: Slab<Listener>
    private let handler: any RequestHandler
    private let limits: Limits
    private let serverName: String
    private let size: Size
    private let statistics: EngineStatistics
    private let observer: (any ExchangeObserver)?

    /// Connections that are served.
    private let queue: ConnectionQueue
    /// Connections that only hear 503, from one thread of their own: few, and nobody waits for them.
    private let overflow: ConnectionQueue

    /// Takes the listeners over; they accept when it runs.
    ///
    /// - Throws: `EMFILE` and the like when the descriptors of its wake-ups cannot be had.
    package init(
        listeners: consuming Slab<Listener>, handler: any RequestHandler, limits: Limits,
        serverName: String, size: Size, statistics: EngineStatistics? = nil,
        observer: (any ExchangeObserver)? = nil
    ) throws(Errno) {
        let wakeup = try Wakeup()
        let queue = try ConnectionQueue(
            capacity: limits.maxConnections, newLimit: size.queueSize,
            workerCount: size.workerCount, limits: limits, acceptor: wakeup)
        let overflow = try ConnectionQueue(
            capacity: limits.overflowConnections, newLimit: limits.overflowConnections,
            workerCount: 1, limits: limits, acceptor: wakeup)
        control = EngineControl(wakeup: wakeup)
        self.listeners = listeners
        self.handler = handler
        self.limits = limits
        self.serverName = serverName
        self.size = size
        self.queue = queue
        self.overflow = overflow
        self.statistics =
            statistics ?? ServerEngine.statistics(.threadPool(size), limits)
        self.statistics.directory.beginGivingOut()
        self.observer = observer
    }

    /// Serves until a drain or a stop is complete: accepts on the calling thread, on those of the
    /// pool does the rest.
    ///
    /// - Throws: `EAGAIN` when the threads cannot be had, and what `ppoll(2)` throws.
    package mutating func run() throws(Errno) -> DrainReport {
        var threads = Ring<Thread>(capacity: size.workerCount + 1)
        defer {
            queue.end()
            overflow.end()
            while let thread = threads.popFirst() { thread.join() }
            control.enter(.stopped)
        }
        // So that tasks cannot shut everybody out. A single worker has no other to leave free.
        let slots = HandlerSlots(max(1, size.workerCount - 1))
        do throws(Errno) {
            for index in 0..<size.workerCount {
                threads.append(try start("worker-\(index)", index, of: queue, slots))
            }
            threads.append(
                try start("refuser", 0, of: overflow, slots, number: size.workerCount))
            return try serve()
        } catch {
            control.stop()
            throw error
        }
    }

    private func start(
        _ name: String, _ index: Int, of queue: ConnectionQueue, _ slots: HandlerSlots,
        number: Int? = nil
    ) throws(Errno) -> Thread {
        let (control, handler, limits, serverName) = (control, handler, limits, serverName)
        let (statistics, observer) = (statistics, observer)
        return try Thread(name: name) {
            var worker = PoolWorker(
                index, of: queue, control: control, handler: handler, limits: limits,
                serverName: serverName, slots: slots, statistics: statistics, observer: observer,
                number: number ?? index)
            worker.run()
        }
    }

    private mutating func serve() throws(Errno) -> DrainReport {
        try acceptUntilAsked()
        guard case .drain = control.request else { return DrainReport(forcedConnections: 0) }
        control.enter(.draining)
        queue.wakeAll()
        overflow.wakeAll()
        acceptBacklog()
        closeListeners()
        try waitForDrain()
        let forced = queue.openCount + overflow.openCount
        control.stop()
        return DrainReport(forcedConnections: forced)
    }
}

// MARK: - Accepting

extension ThreadPoolEngine {
    private enum Accepting {
        /// Nothing waits in the backlog any more.
        case isEmpty
        /// A burst is over; more may wait.
        case goesOn
        /// No place, neither to be served nor to be refused: somebody has to leave first.
        case waitsForRoom
        /// No descriptor is left.
        case backsOff
    }

    private mutating func acceptUntilAsked() throws(Errno) {
        var polled = PollList(count: listeners.capacity + 1)
        control.wakeup.join(&polled, at: listeners.capacity)
        var accepting = Accepting.isEmpty
        while case .none = control.request {
            var slot = listeners.firstSlot(from: 0)
            while let listener = slot {
                switch accepting {
                case .isEmpty, .goesOn:
                    polled.set(listener, listeners[listener].descriptor, .readable)
                case .waitsForRoom, .backsOff: polled.clear(listener)
                }
                slot = listeners.firstSlot(from: listener + 1)
            }
            let backoff: UInt64? =
                if case .backsOff = accepting { limits.acceptBackoff } else { nil }
            _ = try polled.wait(timeoutNanoseconds: backoff)
            // Before anything is looked at that it could have announced.
            control.wakeup.clear()
            accepting = acceptFromAll()
        }
    }

    private mutating func acceptFromAll() -> Accepting {
        var slot = listeners.firstSlot(from: 0)
        while let listener = slot {
            let accepting = accept(on: listener)
            switch accepting {
            case .isEmpty, .goesOn: slot = listeners.firstSlot(from: listener + 1)
            case .waitsForRoom, .backsOff: return accepting
            }
        }
        return .isEmpty
    }

    /// Accepts a bounded burst; poll(2) reports what is left again.
    private func accept(on listener: Int) -> Accepting {
        for _ in 0..<limits.acceptsPerTurn {
            let isServed = queue.hasRoom()
            guard isServed || overflow.hasRoom() else { return .waitsForRoom }
            do {
                guard
                    let accepted = try Socket.accept(
                        on: listeners[listener].descriptor, nonBlocking: false)
                else { return .isEmpty }
                add(accepted, from: listener, isServed: isServed)
            } catch {
                guard error.isExhaustion else { continue }
                statistics.thread(statistics.threadCount - 1).add(1, to: .acceptPauses)
                return .backsOff
            }
        }
        return .goesOn
    }

    private func add(_ accepted: consuming Accepted, from listener: Int, isServed: Bool) {
        guard
            var connection = Connection(
                accepted, from: listeners[listener], isOverflow: !isServed,
                at: MonotonicClock.now(), trustedProxies: limits.trustedProxies)
        else { return }
        do {
            // A call that would block longer leaves the worker to whoever waits.
            try Socket.setSendTimeout(connection.socket, nanoseconds: limits.shortWait)
            try Socket.setReceiveTimeout(connection.socket, nanoseconds: limits.shortWait)
        } catch {
            return  // The peer is gone already.
        }
        connection.open(
            at: MonotonicClock.now(), in: statistics.directory.takePlace(),
            statistics.thread(statistics.threadCount - 1), statistics)
        (isServed ? queue : overflow).add(connection)
    }
}

// MARK: - Draining

extension ThreadPoolEngine {
    /// What the kernel has accepted by now counts as accepted.
    private mutating func acceptBacklog() {
        var slot = listeners.firstSlot(from: 0)
        while let listener = slot {
            var accepting = Accepting.goesOn
            // Bounded by the places that there are.
            while case .goesOn = accepting { accepting = accept(on: listener) }
            slot = listeners.firstSlot(from: listener + 1)
        }
    }

    private mutating func closeListeners() {
        var slot = listeners.firstSlot(from: 0)
        while let listener = slot {
            _ = listeners.remove(listener)
            slot = listeners.firstSlot(from: listener + 1)
        }
    }

    /// Waits until the last connection is done, the drain's time is up, or a stop is asked for.
    private func waitForDrain() throws(Errno) {
        var polled = PollList(count: 1)
        control.wakeup.join(&polled, at: 0)
        let deadline = MonotonicClock.now() + limits.drainTimeout
        while case .drain = control.request {
            // Both are asked, so that each wakes us when it is done.
            let (isServed, isRefused) = (queue.isDrained(), overflow.isDrained())
            if isServed && isRefused { return }
            let now = MonotonicClock.now()
            if limits.drainTimeout > 0, now >= deadline { return }
            _ = try polled.wait(
                timeoutNanoseconds: limits.drainTimeout > 0
                    ? deadline.nanoseconds - now.nanoseconds : nil)
            control.wakeup.clear()
        }
    }
}
