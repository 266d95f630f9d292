internal import Containers
internal import Reactor
internal import Synchronization
internal import Syscalls

/// The thread pool's connections that wait for a worker, first in, first out.
///
/// It also knows its workers: those that wait for a connection, and those that rest on a connection
/// with nothing to read. One of them is woken when a connection comes; so an idle pool sleeps, and
/// a new connection never waits for an idle one.
///
/// Limit: `capacity` open connections, waiting or with a worker. The acceptor asks `hasRoom` before
/// it adds one; a connection that a worker puts back always has its place.
final class ConnectionQueue: Sendable {
    private struct State: ~Copyable {
        var waiting: Ring<Connection>
        /// Waiting, or with a worker.
        var openCount = 0
        /// Workers that wait in `take`.
        var idleWorkerCount = 0
        /// Workers that rest on their connection; the last one is woken first.
        var restingWorkers: [Int] = []
        /// Visits since the last request that found nothing to read.
        var fruitlessVisits = 0
        var isEnding = false
        /// What the acceptor wants to be woken for.
        var awaited = Awaited.nothing
    }

    private enum Awaited {
        case nothing
        case room
        case theEnd
    }

    /// How long a worker waits on its connection.
    enum Patience {
        /// Others wait: so many nanoseconds.
        case short(UInt64)
        /// Nobody waits: until its connection or a wake-up says something.
        case long
    }

    let capacity: Int
    private let newLimit: Int
    private let workerCount: Int
    private let shortWait: UInt64
    private let idleLap: UInt64
    private let state: Monitor<State>
    private let wakeups: [Wakeup]
    private let acceptor: Wakeup

    /// - Parameters:
    ///   - capacity: Open connections, 1 or more.
    ///   - newLimit: Connections that may wait when a new one comes.
    ///   - acceptor: Ends the acceptor's wait.
    init(
        capacity: Int, newLimit: Int, workerCount: Int, limits: Limits, acceptor: Wakeup
    ) throws(Errno) {
        self.capacity = capacity
        self.newLimit = newLimit
        self.workerCount = workerCount
        shortWait = limits.shortWait
        idleLap = limits.idleLap
        state = Monitor(State(waiting: Ring(capacity: capacity)))
        var wakeups: [Wakeup] = []
        for _ in 0..<workerCount { wakeups.append(try Wakeup()) }
        self.wakeups = wakeups
        self.acceptor = acceptor
    }

    /// Waiting, or with a worker.
    var openCount: Int { state.withLock { $0.openCount } }

    /// Ends the worker's long wait.
    func wakeup(of worker: Int) -> Wakeup { wakeups[worker] }

    // MARK: The acceptor

    /// Whether a new connection may come: not more of them wait than may, and there is a place. If
    /// not, the acceptor is woken when one may.
    func hasRoom() -> Bool {
        state.withLock { state in
            let hasRoom =
                state.openCount < capacity
                && state.waiting.count < newLimit + state.idleWorkerCount
            state.awaited = hasRoom ? .nothing : .room
            return hasRoom
        }
    }

    /// Whether all connections are gone. If not, the acceptor is woken when they are.
    func isDrained() -> Bool {
        state.withLock { state in
            state.awaited = .theEnd
            return state.openCount == 0
        }
    }

    /// Adds a new connection.
    ///
    /// - Precondition: There is a place for it: fewer than `capacity` are open.
    func add(_ connection: consuming Connection) {
        put(connection, isNew: true)
    }

    // MARK: Workers

    /// The next connection; waits for one. `nil` when the queue has ended and is empty.
    func take() -> Connection? {
        var isIdle = false
        var makesRoom = false
        let taken = state.wait { (state) -> Taken? in
            if isIdle { state.idleWorkerCount -= 1 }
            isIdle = false
            if let connection = state.waiting.popFirst() {
                makesRoom = Self.settle(&state.awaited, .room)
                return Taken(connection)
            }
            if state.isEnding { return Taken(nil) }
            isIdle = true
            state.idleWorkerCount += 1
            makesRoom = Self.settle(&state.awaited, .room)
            return nil
        }
        if makesRoom { acceptor.wake() }
        return taken.connection
    }

    /// Puts a connection that is still open behind the others.
    func putBack(_ connection: consuming Connection) {
        put(connection, isNew: false)
    }

    /// A worker has let a connection go.
    func closed() {
        let wakesAcceptor = state.withLock { state in
            state.openCount -= 1
            return Self.settle(&state.awaited, .room)
                || (state.openCount == 0 && Self.settle(&state.awaited, .theEnd))
        }
        if wakesAcceptor { acceptor.wake() }
    }

    /// Whether this was awaited; it is no longer.
    private static func settle(_ awaited: inout Awaited, _ what: Awaited) -> Bool {
        guard awaited == what else { return false }
        awaited = .nothing
        return true
    }

    /// Whether no connection waits.
    var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

    /// How long a worker with nothing to read should wait on its connection.
    ///
    /// - Parameter hasServed: It has answered something since it took the connection up.
    func patience(hasServed: Bool) -> Patience {
        state.withLock { state in
            if hasServed { state.fruitlessVisits = 0 }
            guard !state.waiting.isEmpty else { return .long }
            if !hasServed { state.fruitlessVisits += 1 }
            return .short(
                Self.shortWait(
                    shortWait, idleLap: idleLap, fruitlessVisits: state.fruitlessVisits,
                    openCount: state.openCount, workerCount: workerCount))
        }
    }

    /// The wait on one connection while others wait: doubled for each lap over all connections in
    /// which nobody has sent anything, up to where such a lap takes `idleLap`.
    static func shortWait(
        _ shortWait: UInt64, idleLap: UInt64, fruitlessVisits: Int, openCount: Int,
        workerCount: Int
    ) -> UInt64 {
        let laps = min(fruitlessVisits / max(1, openCount), 20)
        let longest = max(
            shortWait, idleLap / UInt64(max(1, openCount)) * UInt64(max(1, workerCount)))
        return min(shortWait << UInt64(laps), min(longest, idleLap / 10))
    }

    /// The worker is about to rest on its connection. False when another connection has come
    /// meanwhile, or the queue has ended.
    func rest(_ worker: Int) -> Bool {
        state.withLock { state in
            guard state.waiting.isEmpty, !state.isEnding else { return false }
            state.restingWorkers.append(worker)
            return true
        }
    }

    /// The worker does not rest any more.
    func getUp(_ worker: Int) {
        state.withLock { state in
            // Whoever has woken it has taken it off the list.
            if let index = state.restingWorkers.firstIndex(of: worker) {
                state.restingWorkers.remove(at: index)
            }
        }
    }

    // MARK: The end

    /// Wakes all workers, so that they look at the engine's state.
    func wakeAll() {
        for wakeup in wakeups { wakeup.wake() }
    }

    /// `take` gives out what is left and then `nil`.
    func end() {
        state.withLock { $0.isEnding = true }
        state.signalAll()
        wakeAll()
    }

    private func put(_ connection: consuming Connection, isNew: Bool) {
        // A closure cannot consume what it captures; it can take it out of an optional.
        var parcel: Connection? = connection
        let (wakesIdle, resting): (Bool, Int?) = state.withLock { state in
            if let connection = parcel.take() { state.waiting.append(connection) }
            if isNew {
                state.openCount += 1
                state.fruitlessVisits = 0
            }
            // Idle workers that were signalled before may not have come yet.
            if state.waiting.count <= state.idleWorkerCount { return (true, nil) }
            return (false, state.restingWorkers.popLast())
        }
        if wakesIdle { state.signal() }
        if let resting { wakeups[resting].wake() }
    }

    /// What `take` found: a connection, or the end.
    private struct Taken: ~Copyable {
        var connection: Connection?

        init(_ connection: consuming Connection?) {
            self.connection = connection
        }
    }
}
