internal import Reactor
internal import Syscalls

/// A connection's place in the reactor's slab: what the selector and the turn know about it.
struct WatchedConnection: ~Copyable {
    var connection: Connection

    /// What the selector watches for.
    private(set) var interest = Interest.readable

    /// When the timer wheel will look at this connection, if it will: a deadline that is not nearer
    /// need not be scheduled.
    private var lookAt: Instant?

    /// It is on this turn's list of connections to settle.
    private(set) var isTouched = false

    init(_ connection: consuming Connection) {
        self.connection = connection
    }

    /// What a connection needs from the loop after a turn.
    struct Wishes {
        var isOpen = true
        var hasWorkLeft = false
        var interestHasChanged = false
        var deadline: Instant?
    }

    /// Marks it to be settled. True when it was not marked before.
    mutating func touch() -> Bool {
        defer { isTouched = true }
        return !isTouched
    }

    /// Receives once. True when it has to be settled.
    mutating func read(
        into area: inout ReadArea, at now: Instant, _ workspace: inout Workspace,
        hadArrivedBeforeDrain: Bool = false
    ) -> Bool {
        connection.read(
            into: &area, at: now, &workspace, hadArrivedBeforeDrain: hadArrivedBeforeDrain)
    }

    /// The timer wheel has looked; it will look again at this instant, if at all.
    mutating func timerLooked(again: Instant?) {
        lookAt = again
    }

    /// Sends once what is ready, ends what is to end, and says what the loop has to do.
    @inline(__always)
    mutating func settle(
        at now: Instant, _ workspace: inout Workspace, _ directory: ConnectionDirectory
    ) -> Wishes {
        isTouched = false
        connection.flush(at: now, &workspace)
        var wishes = Wishes()
        if connection.http.isAtRest, interest.rawValue == Interest.readable.rawValue {
            connection.report(.idle, to: directory, at: now)
            wishes.deadline = newDeadline(connection.http.idleDeadline(&workspace))
            return wishes
        }
        connection.report(connection.http.state, to: directory, at: now)
        guard connection.staysOpen(at: now) else {
            wishes.isOpen = false
            return wishes
        }
        wishes.hasWorkLeft = connection.http.hasWorkLeft(&workspace)
        wishes.deadline = newDeadline(connection.http.deadline(&workspace))
        wishes.interestHasChanged = updateInterest(hasWorkLeft: wishes.hasWorkLeft)
        return wishes
    }

    /// The deadline, if the wheel would not look before it anyway: then it finds the deadline in the
    /// future, and looks again.
    @inline(__always)
    private mutating func newDeadline(_ deadline: Instant?) -> Instant? {
        guard let deadline else { return nil }
        if let lookAt, lookAt <= deadline { return nil }
        lookAt = deadline
        return deadline
    }

    @inline(__always)
    private mutating func updateInterest(hasWorkLeft: Bool) -> Bool {
        // The loop does not wait while there is work: what is watched may stay as it is.
        let reads = hasWorkLeft ? interest.watchesReading : connection.http.wantsBytes
        let wanted = Interest(reading: reads, writing: connection.http.awaitsRoom)
        defer { interest = wanted }
        // Another module's option set compares through generic code; its bits do not.
        return wanted.rawValue != interest.rawValue
    }
}
