internal import Containers
internal import Reactor
internal import Syscalls

/// What came of one read.
struct ReadOutcome {
    /// Final answers that were completed.
    var answeredCount = 0
    /// The server asked for the body that was held back.
    var continues = false
    /// Why the connection must go, if it must.
    var fault: (errorClass: ErrorClass, detail: Int)?
}

/// How one read went.
enum ReadResult {
    /// Nothing was there.
    case nothing
    /// Bytes were, and this came of them.
    case read(ReadOutcome)
    /// The stream has ended.
    case ended(StreamEnd)
    /// The read failed with this errno.
    case failed(Int32)
}

/// One of the connections that a thread keeps open: its socket of the moment, its protocol state,
/// and what of its requests is still to be written. It lives through all reconnects.
struct LoadSlot: ~Copyable {
    enum State: UInt8 {
        case closed, connecting, open
    }

    /// How long a body waits for `100 Continue` before it is sent all the same (RFC 9110 §10.1.1).
    static let continueWait: UInt64 = 1_000_000_000

    /// Its number over all threads. Immutable.
    let number: Int
    private(set) var state = State.closed
    /// Names the socket of the moment; events of earlier ones are stale.
    private(set) var generation: UInt32 = 0
    /// What the selector watches for.
    var interest: Interest = []
    /// When the connect began.
    private(set) var began: UInt64 = 0
    /// Failures since the last answer.
    private(set) var failureCount = 0
    private(set) var hasBeenOpen = false
    /// It has been open, or has failed at every address, before the load began.
    var isSettled = false
    /// It is in the thread's queue of connections with room.
    var isAvailable = false
    /// It has something to send at the end of this turn.
    var isTouched = false
    /// It waits in the thread's heap.
    var isWaiting = false
    /// Until when a body is held back; 0 when none is.
    private(set) var holdsBodyUntil: UInt64 = 0
    /// The errno of a send that failed; the answers that came before are read all the same.
    private(set) var sendFailure: Int32?

    var http: ClientConnection
    private var socket: FileDescriptor?
    /// Bytes of constant requests that are still to be sent.
    private var owed = 0
    /// Bytes of other requests that are still to be sent.
    private var output = ByteBuffer()
    /// Received bytes that are no whole head yet.
    private var tail = ByteBuffer()

    init(number: Int, depth: Int) {
        self.number = number
        http = ClientConnection(depth: depth)
    }

    /// Whether all that was to be sent has been.
    var isFlushed: Bool { owed == 0 && output.isEmpty }

    /// How many more requests may be sent now.
    var room: Int {
        state == .open && sendFailure == nil && holdsBodyUntil == 0 ? http.room : 0
    }

    /// When something must happen if nothing comes; nil when nothing is waited for.
    func deadline(timeout: UInt64, connectTimeout: UInt64) -> UInt64? {
        switch state {
        case .closed: return nil
        case .connecting: return began &+ connectTimeout
        case .open:
            guard http.outstandingCount > 0 else { return nil }
            let timeout = http.oldest.sent &+ timeout
            return holdsBodyUntil == 0 ? timeout : min(timeout, holdsBodyUntil)
        }
    }

    // MARK: - Opening and closing

    mutating func connecting(_ socket: consuming FileDescriptor, at now: UInt64) {
        precondition(state == .closed)
        self.socket = consume socket
        generation &+= 1
        state = .connecting
        began = now
    }

    mutating func opened(requestLimit: Int) {
        state = .open
        hasBeenOpen = true
        http.opened(requestLimit: requestLimit)
    }

    /// Lets the socket go; what is outstanding stays in the window.
    mutating func close() {
        socket = nil
        state = .closed
        interest = []
        owed = 0
        output.removeAll()
        tail.removeAll()
        holdsBodyUntil = 0
        sendFailure = nil
        http.closed()
    }

    mutating func failed() { failureCount += 1 }

    /// How a connect ended: nil when the connection is there.
    func connectError() throws(Errno) -> Errno? {
        switch socket {
        case .some(let socket): try Socket.connectError(socket)
        case .none: .notConnected
        }
    }

    func register(with reactor: borrowing Reactor, slot: Int) throws(Errno) {
        let token = Token(slot: slot, generation: generation)
        switch socket {
        case .some(let socket): try reactor.register(socket, for: interest, token: token)
        case .none: break
        }
    }

    func reregister(with reactor: borrowing Reactor, slot: Int) throws(Errno) {
        let token = Token(slot: slot, generation: generation)
        switch socket {
        case .some(let socket): try reactor.reregister(socket, for: interest, token: token)
        case .none: break
        }
    }

    // MARK: - Sending

    /// Puts a request behind what is to be sent.
    mutating func enqueue(
        _ request: OutstandingRequest, from source: borrowing RequestSource, at now: UInt64
    ) {
        guard !source.isConstant else {
            owed &+= source.constantByteCount
            return
        }
        source.render(request, into: &output)
        if source.holdsBody(kind: request.kind) { holdsBodyUntil = now &+ Self.continueWait }
    }

    /// Puts the body that was held back behind what is to be sent.
    mutating func enqueueHeldBody(from source: borrowing RequestSource) {
        guard holdsBodyUntil > 0, http.outstandingCount > 0 else { return }
        holdsBodyUntil = 0
        source.renderHeldBody(http.oldest, into: &output)
    }

    /// Sends once. Returns how many bytes went; a failure is kept for the reader to judge, since
    /// answers, and the announcement of a close, may have come before it.
    mutating func send(from source: borrowing RequestSource) -> Int {
        guard !isFlushed else { return 0 }
        do throws(Errno) {
            let result: IOResult
            switch socket {
            case .none: return 0
            case .some(let socket):
                result =
                    owed > 0
                    ? try Socket.send(source.readyBytes(owed: owed), to: socket)
                    : try Socket.send(output.span, to: socket)
            }
            guard case .bytes(let count) = result else { return 0 }
            if owed > 0 { owed &-= count } else { output.consume(count) }
            return count
        } catch {
            sendFailure = error.rawValue
            owed = 0
            output.removeAll()
            return 0
        }
    }

    // MARK: - Receiving

    /// Receives once, and records every answer that is complete then.
    mutating func read(
        into area: inout ReadArea, _ source: borrowing RequestSource,
        _ workspace: inout AnswerWorkspace, _ recorder: inout Recorder
    ) -> (result: ReadResult, now: UInt64) {
        do throws(Errno) {
            let received: IOResult
            switch socket {
            case .some(let socket): received = try area.receive(from: socket)
            case .none: return (.nothing, 0)
            }
            let now = MonotonicClock.now().nanoseconds
            switch received {
            case .wouldBlock: return (.nothing, now)
            case .endOfStream:
                return (.ended(endOfStream(at: now, source, workspace, &recorder)), now)
            case .bytes(let count):
                recorder.bytesReceived(count, now: now)
                return (
                    .read(take(area.bytes(count), at: now, source, &workspace, &recorder)), now
                )
            }
        } catch {
            return (.failed(error.rawValue), MonotonicClock.now().nanoseconds)
        }
    }

    /// Takes in what was received, and records every answer that it completes.
    private mutating func take(
        _ bytes: Span<UInt8>, at now: UInt64, _ source: borrowing RequestSource,
        _ workspace: inout AnswerWorkspace, _ recorder: inout Recorder
    ) -> ReadOutcome {
        var offset = 0
        guard !tail.isEmpty else {
            let outcome = readAnswers(bytes, at: &offset, now, source, &workspace, &recorder)
            if offset < bytes.count { tail.append(bytes.extracting(offset..<bytes.count)) }
            return outcome
        }
        var joined = ByteBuffer()
        swap(&joined, &tail)
        joined.append(bytes)
        let outcome = readAnswers(joined.span, at: &offset, now, source, &workspace, &recorder)
        joined.consume(offset)
        swap(&joined, &tail)
        return outcome
    }

    /// The stream has ended: tells how that is to be taken, after recording what it completed.
    private mutating func endOfStream(
        at now: UInt64, _ source: borrowing RequestSource,
        _ workspace: borrowing AnswerWorkspace, _ recorder: inout Recorder
    ) -> StreamEnd {
        let end = http.endOfStream(leftOver: tail.count, workspace)
        if case .completed(let answer) = end { record(answer, at: now, source, &recorder) }
        return end
    }

    private mutating func readAnswers(
        _ bytes: Span<UInt8>, at offset: inout Int, _ now: UInt64,
        _ source: borrowing RequestSource, _ workspace: inout AnswerWorkspace,
        _ recorder: inout Recorder
    ) -> ReadOutcome {
        var outcome = ReadOutcome()
        while true {
            switch http.next(in: bytes, at: &offset, methods: source.methods, &workspace) {
            case .needMore:
                return outcome
            case .answered(let answer):
                outcome.answeredCount &+= 1
                record(answer, at: now, source, &recorder)
                // The server has answered without the body, which it may not expect any more.
                if holdsBodyUntil > 0 { http.closed() }
            case .continueReceived:
                outcome.continues = true
            case .fault(let errorClass, let detail):
                outcome.fault = (errorClass, detail)
                return outcome
            }
        }
    }

    private mutating func record(
        _ answer: Answer, at now: UInt64, _ source: borrowing RequestSource,
        _ recorder: inout Recorder
    ) {
        failureCount = 0
        let request = answer.request
        if source.accepts(answer.status, kind: request.kind) && answer.bodyIsExpected {
            recorder.validAnswerReceived(
                connection: number, status: answer.status, planned: request.planned,
                sent: request.sent, received: now)
            return
        }
        let isStatus = !source.accepts(answer.status, kind: request.kind)
        recorder.invalidAnswerReceived(
            isStatus ? .status : .bodyMismatch,
            detail: isStatus ? answer.status : answer.bodyByteCount, connection: number,
            status: answer.status, planned: request.planned, sent: request.sent, received: now)
    }
}
