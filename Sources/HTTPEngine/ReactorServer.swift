internal import Containers
internal import Reactor
internal import Syscalls

/// The reactor's client that serves HTTP: accepts, reads, lets connections work, and settles each
/// touched connection once at the end of the turn.
///
/// Slots 0 ..< slotCount of the timer wheel are the connections'; the two behind them belong to the
/// accept backoff and the drain. Listeners have tokens from `slotCount` on.
struct ReactorServer: ~Copyable, ReactorClient {
    static let extraTimerSlots = 2

    let control: EngineControl
    private let statistics: EngineStatistics
    private let directory: ConnectionDirectory
    var connections: Slab<WatchedConnection>
    var listeners: Slab<Listener>
    var workspace: Workspace
    private(set) var forcedConnections = 0

    private var readArea: ReadArea
    private var overflowCount = 0
    private var isAccepting = false
    private var isBackingOff = false

    /// Some connection has been settled before the end of this turn.
    private var hasWorked = false

    /// Slots to settle at the end of this turn.
    private var touched: [Int] = []
    /// Slots that have work for the next turn.
    private var continuing: [Int] = []
    /// Those of them whose files there was no room for in this turn.
    private var postponed: [Int] = []

    init(
        listeners: consuming Slab<Listener>, control: EngineControl,
        workspace: consuming Workspace, statistics: EngineStatistics
    ) {
        let slotCount = workspace.limits.maxConnections + workspace.limits.overflowConnections
        connections = Slab(capacity: slotCount)
        self.listeners = listeners
        self.control = control
        self.statistics = statistics
        directory = statistics.directory
        self.workspace = workspace
        readArea = ReadArea()
        touched.reserveCapacity(Reactor.eventsPerTurn * 2)
        continuing.reserveCapacity(Reactor.eventsPerTurn)
    }

    var connectionCount: Int { connections.count }

    /// Stopped, or drained to the last connection.
    var isDone: Bool {
        switch control.request {
        case .none: false
        case .drain: control.state == .draining && connections.count == 0
        case .stop: connections.count == 0 && listeners.count == 0
        }
    }

    private var slotCount: Int { connections.capacity }
    private var backoffSlot: Int { slotCount }
    private var drainSlot: Int { slotCount + 1 }

    // MARK: Events of the loop

    mutating func socketReady(_ token: Token, _ readiness: Readiness, in reactor: inout Reactor) {
        guard token.slot < slotCount else {
            acceptBurst(on: token.slot - slotCount, in: &reactor)
            return
        }
        guard connections.contains(slot: token.slot, generation: token.generation) else {
            return  // Stale: its connection was closed earlier in this batch.
        }
        if readiness.isHungUp {
            connections[token.slot].connection.http.connectionLost()
            touch(token.slot)
            return
        }
        if readiness.isReadable {
            read(token.slot, in: &reactor)
        }
        // Reading may have ended the connection.
        if readiness.isWritable,
            connections.contains(slot: token.slot, generation: token.generation)
        {
            touch(token.slot)
        }
    }

    mutating func continueWork(in reactor: inout Reactor) {
        workspace.refreshDate(at: reactor.now)
        // Settling appends to `continuing` only at the end of the turn, so the list stands still.
        for index in 0..<continuing.count {
            let slot = continuing[index]
            guard connections.isOccupied(slot) else { continue }
            connections[slot].connection.http.resume(at: reactor.now, &workspace)
            touch(slot)
        }
        continuing.removeAll(keepingCapacity: true)
    }

    mutating func woken(in reactor: inout Reactor) {
        switch control.request {
        case .none: break
        case .drain: beginDrain(in: &reactor)
        case .stop: closeEverything(in: &reactor)
        }
    }

    mutating func deadlineReached(slot: Int, in reactor: inout Reactor) -> Instant? {
        if slot == backoffSlot {
            isBackingOff = false
            resumeAccepting(in: &reactor)
            return nil
        }
        if slot == drainSlot {
            forcedConnections = connections.count
            closeEverything(in: &reactor)
            return nil
        }
        guard connections.isOccupied(slot) else { return nil }
        let deadline = connections[slot].connection.http.deadline(&workspace)
        guard let deadline, deadline <= reactor.now else {
            connections[slot].timerLooked(again: deadline)
            return deadline
        }
        connections[slot].timerLooked(again: nil)
        workspace.refreshDate(at: reactor.now)
        connections[slot].connection.http.deadlineReached(at: reactor.now, &workspace)
        touch(slot)
        return nil
    }

    mutating func posted(_ number: UInt64, in reactor: inout Reactor) {
        let token = Token(rawValue: number)
        guard token.slot < slotCount,
            connections.contains(slot: token.slot, generation: token.generation)
        else { return }  // Its connection has ended.
        workspace.refreshDate(at: reactor.now)
        connections[token.slot].connection.http.tasksHaveNews(at: reactor.now, &workspace)
        touch(token.slot)
    }

    mutating func finishTurn(in reactor: inout Reactor) {
        workspace.fileRoom = workspace.limits.fileTurnWindow
        if postponed.isEmpty {
            for index in 0..<touched.count { settleIfTouched(touched[index], in: &reactor) }
        } else {
            settlePostponedFirst(in: &reactor)
        }
        if hasWorked || !touched.isEmpty {
            hasWorked = false
            workspace.statistics.noteTurn(nanoseconds: reactor.turnNanoseconds)
        }
        workspace.closeTurn(at: reactor.now)
        workspace.noteTasks()
        workspace.statistics.set(.timers, to: UInt64(reactor.timerCount))
        touched.removeAll(keepingCapacity: true)
        if !isAccepting { resumeAccepting(in: &reactor) }
    }

    // MARK: Reading and settling

    /// One read per readable event: level-triggered epoll reports what is left again.
    private mutating func read(_ slot: Int, in reactor: inout Reactor) {
        workspace.refreshDate(at: reactor.now)
        guard connections[slot].read(into: &readArea, at: reactor.now, &workspace) else { return }
        if connections[slot].connection.http.isReadyToSettle {
            hasWorked = true
            settle(slot, in: &reactor)
        } else {
            touch(slot)
        }
    }

    private mutating func touch(_ slot: Int) {
        if connections[slot].touch() {
            touched.append(slot)
        }
    }

    /// Sends once, then brings selector, timer and lists in line with what the connection wants.
    @inline(__always)
    private mutating func settle(_ slot: Int, in reactor: inout Reactor) {
        let wishes = connections[slot].settle(at: reactor.now, &workspace, directory)
        guard wishes.isOpen else {
            release(slot, in: &reactor)
            return
        }
        if wishes.hasWorkLeft {
            continuing.append(slot)
            reactor.hasWorkLeft = true
            if workspace.hasPostponedFile {
                workspace.hasPostponedFile = false
                postponed.append(slot)
            }
        }
        if let deadline = wishes.deadline {
            reactor.schedule(slot: slot, at: deadline)
        }
        if wishes.interestHasChanged {
            watch(slot, in: &reactor)
        }
    }

    /// Settles all that were touched, beginning with those that came too late in the last turn, so
    /// that everybody's file gets on.
    private mutating func settlePostponedFirst(in reactor: inout Reactor) {
        let order = exchange(&postponed, with: []) + touched
        for slot in order { settleIfTouched(slot, in: &reactor) }
    }

    /// Settles a connection on the list, unless that has been done since it was put there: behind a
    /// read, which may have ended it.
    private mutating func settleIfTouched(_ slot: Int, in reactor: inout Reactor) {
        guard connections.isOccupied(slot), connections[slot].isTouched else { return }
        settle(slot, in: &reactor)
    }

    private mutating func watch(_ slot: Int, in reactor: inout Reactor) {
        do {
            try reactor.reregister(
                connections[slot].connection.socket, for: connections[slot].interest,
                token: token(of: slot))
        } catch {
            release(slot, in: &reactor)
        }
    }

    private mutating func release(_ slot: Int, in reactor: inout Reactor) {
        reactor.cancel(slot: slot)
        connections[slot].connection.http.releaseBuffers(&workspace)
        statistics.directory.close(slot)
        workspace.statistics.add(1, to: .closedConnections)
        let released = connections.remove(slot)
        if released.connection.isOverflow { overflowCount -= 1 }
    }

    private func token(of slot: Int) -> Token {
        Token(slot: slot, generation: connections.generation(of: slot))
    }
}

// MARK: - Accepting

extension ReactorServer {
    /// Watches every listener. Called once, before the first turn.
    mutating func startAccepting(in reactor: inout Reactor) throws(Errno) {
        var index = listeners.firstSlot(from: 0)
        while let slot = index {
            try reactor.register(
                listeners[slot].descriptor, for: .readable,
                token: Token(slot: slotCount + slot, generation: 0))
            index = listeners.firstSlot(from: slot + 1)
        }
        isAccepting = true
    }

    /// Takes a bounded number of connections from the backlog.
    private mutating func acceptBurst(on listener: Int, in reactor: inout Reactor) {
        guard isAccepting, listeners.isOccupied(listener) else { return }
        _ = acceptUpTo(workspace.limits.acceptsPerTurn, on: listener, in: &reactor)
    }

    /// Returns false when the backlog is empty or accepting had to pause.
    private mutating func acceptUpTo(
        _ most: Int, on listener: Int, in reactor: inout Reactor
    ) -> Bool {
        for _ in 0..<most {
            guard !connections.isFull else {
                pauseAccepting(in: &reactor)
                return false
            }
            do {
                guard
                    let accepted = try Socket.accept(
                        on: listeners[listener].descriptor, nonBlocking: true)
                else { return false }
                add(accepted, from: listener, in: &reactor)
            } catch {
                guard error.isExhaustion else { continue }
                // No descriptor or memory is left. The connection stays in the backlog, which would
                // report it again at once: look away for a while instead of spinning.
                workspace.statistics.add(1, to: .acceptPauses)
                pauseAccepting(in: &reactor)
                isBackingOff = true
                reactor.schedule(
                    slot: backoffSlot, at: reactor.now + workspace.limits.acceptBackoff)
                return false
            }
        }
        return true
    }

    private mutating func add(
        _ accepted: consuming Accepted, from listener: Int, in reactor: inout Reactor
    ) {
        let isOverflow = connections.count - overflowCount >= workspace.limits.maxConnections
        guard
            let connection = Connection(
                accepted, from: listeners[listener], isOverflow: isOverflow, at: reactor.now,
                trustedProxies: workspace.limits.trustedProxies)
        else { return }
        guard let key = connections.insert(WatchedConnection(connection)) else {
            preconditionFailure("accepting pauses before the slab is full")
        }
        if isOverflow { overflowCount += 1 }
        connections[key.slot].connection.http.address = token(of: key.slot).rawValue
        connections[key.slot].connection.open(
            at: reactor.now, in: key.slot, workspace.statistics, statistics)
        do {
            try reactor.register(
                connections[key.slot].connection.socket, for: .readable, token: token(of: key.slot))
            touch(key.slot)
        } catch {
            release(key.slot, in: &reactor)
        }
    }

    private mutating func pauseAccepting(in reactor: inout Reactor) {
        guard isAccepting else { return }
        isAccepting = false
        watchListeners(for: [], in: &reactor)
    }

    /// Accepts again when there is room and the backoff is over.
    private mutating func resumeAccepting(in reactor: inout Reactor) {
        guard !isAccepting, !isBackingOff, !connections.isFull else { return }
        isAccepting = true
        watchListeners(for: .readable, in: &reactor)
    }

    private mutating func watchListeners(for interest: Interest, in reactor: inout Reactor) {
        var index = listeners.firstSlot(from: 0)
        while let slot = index {
            // A listener that cannot be watched any more stays as it is; nothing else would help.
            try? reactor.reregister(
                listeners[slot].descriptor, for: interest,
                token: Token(slot: slotCount + slot, generation: 0))
            index = listeners.firstSlot(from: slot + 1)
        }
    }
}

// MARK: - Draining

extension ReactorServer {
    /// Takes in what the kernel has accepted, closes the listeners, and lets every connection end
    /// with what it has accepted.
    private mutating func beginDrain(in reactor: inout Reactor) {
        guard control.state == .running else { return }
        workspace.refreshDate(at: reactor.now)
        closeListeners(takingIn: true, in: &reactor)
        var index = connections.firstSlot(from: 0)
        while let slot = index {
            drain(slot, in: &reactor)
            index = connections.firstSlot(from: slot + 1)
        }
        // Whoever sees this knows that what he sends now comes too late.
        control.enter(.draining)
        if workspace.limits.drainTimeout > 0 {
            reactor.schedule(
                slot: drainSlot, at: reactor.now + workspace.limits.drainTimeout)
        }
    }

    /// A last read: what the kernel has received by now counts as arrived.
    private mutating func drain(_ slot: Int, in reactor: inout Reactor) {
        connections[slot].connection.http.beginDrain(at: reactor.now)
        touch(slot)
        _ = connections[slot].read(
            into: &readArea, at: reactor.now, &workspace, hadArrivedBeforeDrain: true)
    }

    private mutating func closeListeners(takingIn: Bool, in reactor: inout Reactor) {
        var index = listeners.firstSlot(from: 0)
        while let slot = index {
            if takingIn {
                // Bounded by the free slots.
                _ = acceptUpTo(connections.capacity, on: slot, in: &reactor)
            }
            _ = listeners.remove(slot)
            index = listeners.firstSlot(from: slot + 1)
        }
        isAccepting = true  // There is nothing to resume.
    }

    private mutating func closeEverything(in reactor: inout Reactor) {
        closeListeners(takingIn: false, in: &reactor)
        var index = connections.firstSlot(from: 0)
        while let slot = index {
            connections[slot].connection.http.connectionLost()
            touch(slot)
            index = connections.firstSlot(from: slot + 1)
        }
    }
}
