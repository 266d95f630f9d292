internal import Syscalls

/// A socket and the protocol state of its peer, whichever engine moves the bytes.
struct Connection: ~Copyable {
    let socket: FileDescriptor
    var http: ServerConnection

    /// It is beyond the server's limit and is here only to hear 503.
    let isOverflow: Bool

    /// Its place among the open ones.
    private(set) var place = 0

    init(_ socket: consuming FileDescriptor, _ http: consuming ServerConnection, isOverflow: Bool) {
        self.socket = socket
        self.http = http
        self.isOverflow = isOverflow
    }

    /// A connection that a listener gave. `nil` when its peer may not connect there; it is closed
    /// then.
    init?(
        _ accepted: consuming Accepted, from listener: borrowing Listener, isOverflow: Bool,
        at now: Instant, trustedProxies: [AddressRange]
    ) {
        // A listener of ours is IPv4 or IPv6, so a peer has an address.
        let peer = accepted.peer ?? .any(port: 0)
        guard listener.mayConnect(peer, trustedProxies: trustedProxies) else { return nil }
        let http = ServerConnection(
            at: now, refusesAll: isOverflow, peer: peer,
            readsProxyHeader: listener.readsProxyHeader)
        self.init(accepted.takeDescriptor(), http, isOverflow: isOverflow)
    }

    /// Receives once, if it wants bytes, and lets the protocol work on what has come. True when
    /// something has: bytes, the end, or an error.
    ///
    /// - Parameter waits: On a blocking socket: for bytes, as long as its receive timeout says.
    mutating func read(
        into area: inout ReadArea, at now: Instant, _ workspace: inout Workspace,
        hadArrivedBeforeDrain: Bool = false, waits: Bool = false
    ) -> Bool {
        guard http.wantsBytes else { return false }
        do {
            let result =
                waits
                ? try area.receive(from: socket) : try area.receiveWithoutWaiting(from: socket)
            switch result {
            case .bytes(let count):
                if hadArrivedBeforeDrain { http.willReceiveFromBeforeDrain(count) }
                let requestCount = http.requestCount
                http.received(area.bytes(count), at: now, &workspace)
                workspace.turnCounts.receivedBytes += UInt64(count)
                if http.requestCount == requestCount + 1 {
                    workspace.turnCounts.singleRequests += 1
                } else {
                    workspace.statistics.notePipelineDepth(http.requestCount - requestCount)
                }
            case .endOfStream:
                http.endOfStreamReceived(at: now, &workspace)
            case .wouldBlock:
                return false
            }
        } catch {
            workspace.statistics.noteReadError(error)
            http.connectionLost()
        }
        return true
    }

    /// Sends once, if there is something to send; with files, until a window of them has gone.
    @inline(__always)
    mutating func flush(at now: Instant, _ workspace: inout Workspace) {
        let sentBefore = http.sentByteCount
        if http.hasMoreBehindOutput {
            flushFiles(at: now, &workspace)
        } else if !http.output.isEmpty {
            do {
                switch try Socket.send(http.output, to: socket) {
                case .bytes(let count): http.outputSent(count, at: now, &workspace)
                case .wouldBlock, .endOfStream: http.outputSent(0, at: now, &workspace)
                }
            } catch {
                workspace.statistics.noteWriteError(error)
                http.connectionLost()
            }
        }
        workspace.turnCounts.sentBytes += http.sentByteCount - sentBefore
        http.settleRecords(at: now, &workspace)
    }

    /// It has been taken from the kernel, and has this place among the open ones.
    mutating func open(
        at now: Instant, in place: Int, _ thread: ThreadStatistics, _ statistics: EngineStatistics
    ) {
        self.place = place
        http.number = statistics.nextNumber()
        thread.add(1, to: .acceptedConnections)
        if isOverflow { thread.add(1, to: .overflowConnections) }
        statistics.directory.open(
            place, number: http.number, peer: http.peer, descriptor: socket.rawValue, at: now)
    }

    /// Tells those who look from outside what it does. Behind each flush; a few plain stores.
    @inline(__always)
    mutating func report(
        _ state: EngineStatistics.ConnectionState, to directory: ConnectionDirectory,
        at now: Instant
    ) {
        if http.hasNewPeer {
            http.hasNewPeer = false
            directory.setPeer(place, http.peer)
        }
        directory.update(
            place, isOverflow ? .refused : state, at: now, requestCount: http.requestCount,
            receivedByteCount: http.receivedByteCount, sentByteCount: http.sentByteCount)
    }

    /// Does to the socket what the protocol wants of its end. False when it is to be let go, which
    /// closes it.
    @inline(__always)
    mutating func staysOpen(at now: Instant) -> Bool {
        switch http.ending {
        case .none:
            return true
        case .halfClose:
            // An error here means that the peer is gone, which the next event tells.
            try? Socket.shutdownWrite(socket)
            http.halfClosed(at: now)
            return true
        case .close:
            return false
        case .reset:
            try? Socket.setLinger(socket, seconds: 0)
            return false
        }
    }
}
