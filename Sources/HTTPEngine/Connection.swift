internal import Reactor
internal import Syscalls

/// One connection's place in the reactor's slab: its socket, its protocol state, and what the
/// selector and the turn know about it.
struct Connection: ~Copyable {
    let socket: FileDescriptor
    var http: ServerConnection

    /// What the selector watches for.
    private(set) var interest = Interest.readable

    /// It sits in a reserved place, only to hear 503.
    let isOverflow: Bool

    /// When the timer wheel will look at this connection, if it will: a deadline that is not nearer
    /// need not be scheduled.
    private var lookAt: Instant?

    /// It is on this turn's list of connections to settle.
    private var isTouched = false

    init(_ socket: consuming FileDescriptor, _ http: consuming ServerConnection, isOverflow: Bool) {
        self.socket = socket
        self.http = http
        self.isOverflow = isOverflow
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

    /// Receives once, if it wants bytes, and lets the protocol work on what has come. True when it
    /// has to be put on the list of connections to settle.
    mutating func read(
        into area: inout ReadArea, at now: Instant, _ workspace: inout Workspace,
        hadArrivedBeforeDrain: Bool = false
    ) -> Bool {
        guard http.wantsBytes else { return false }
        do {
            switch try area.receive(from: socket) {
            case .bytes(let count):
                if hadArrivedBeforeDrain { http.willReceiveFromBeforeDrain(count) }
                http.received(area.bytes(count), at: now, &workspace)
            case .endOfStream:
                http.endOfStreamReceived(at: now, &workspace)
            case .wouldBlock:
                return false
            }
        } catch {
            http.connectionLost()
        }
        return touch()
    }

    /// The timer wheel has looked; it will look again at this instant, if at all.
    mutating func timerLooked(again: Instant?) {
        lookAt = again
    }

    /// Sends once what is ready, ends what is to end, and says what the loop has to do.
    mutating func settle(at now: Instant, _ workspace: inout Workspace) -> Wishes {
        isTouched = false
        if !http.output.isEmpty { flush(at: now, &workspace) }
        var wishes = Wishes()
        switch http.ending {
        case .none:
            break
        case .halfClose:
            // An error here means that the peer is gone, which the next event tells.
            try? Socket.shutdownWrite(socket)
            http.halfClosed(at: now)
        case .close:
            wishes.isOpen = false
            return wishes
        case .reset:
            try? Socket.setLinger(socket, seconds: 0)
            wishes.isOpen = false
            return wishes
        }
        wishes.hasWorkLeft = http.hasWorkLeft(&workspace)
        if let deadline = http.deadline(&workspace) {
            if let lookAt, lookAt <= deadline {
                // The wheel looks, finds the deadline in the future, and looks again then.
            } else {
                lookAt = deadline
                wishes.deadline = deadline
            }
        }
        wishes.interestHasChanged = updateInterest(hasWorkLeft: wishes.hasWorkLeft)
        return wishes
    }

    private mutating func flush(at now: Instant, _ workspace: inout Workspace) {
        do {
            switch try Socket.send(http.output, to: socket) {
            case .bytes(let count): http.outputSent(count, at: now, &workspace)
            case .wouldBlock, .endOfStream: http.outputSent(0, at: now, &workspace)
            }
        } catch {
            http.connectionLost()
        }
    }

    private mutating func updateInterest(hasWorkLeft: Bool) -> Bool {
        // The loop does not wait while there is work: what is watched may stay as it is.
        let reads = hasWorkLeft ? interest.watchesReading : http.wantsBytes
        let wanted = Interest(reading: reads, writing: !http.output.isEmpty)
        defer { interest = wanted }
        // Another module's option set compares through generic code; its bits do not.
        return wanted.rawValue != interest.rawValue
    }
}
