internal import Containers
internal import HTTP1
package import Syscalls

/// One HTTP/1.1 connection, seen from the server, without its socket: bytes and instants in, bytes
/// and a verdict out. The same code under every engine and in every test.
///
/// Theory of operation
///
/// Three things change independently; their product is the state of the connection:
///
///     reading                                lifecycle               pipeline
///                                                                    (exchanges that wait)
///        proxyHeader
///             ▼
///     ┌──► head ───────────────► finished    open                    empty
///     │     │  │  │               ▲            │ last answer is in      │  ▲
///     │     │  │  └► dropping ────┤            ▼ the send buffer        ▼  │
///     │     │  └───► chunkedBody ─┤          closing               first: pending
///     │     └──────► body ────────┘            │ send buffer              complete
///     │              │                         ▼ empty: half-close        streaming
///     └──────────────┘                       lingering                sendingFile
///       request dispatched                     │ end of stream, time or bytes are up
///                                              ▼
///                                            closed (or reset)
///
/// - Where the listener says so, a header of the PROXY protocol comes first. Without one, or when it
///   takes longer than a head may, the connection is closed without an answer.
/// - `received` parses what it can. Bytes that cannot be used yet are kept in `receiveBuffer`:
///   a partial head; a head with a part of its body; requests behind one that must be waited for.
///   `stop` says why parsing has stopped, and so whether more bytes help.
/// - A complete request goes to the handler at once. Its answer goes straight to `output` while
///   nothing waits before it, else into its place in the pipeline. Answers leave in order.
/// - A handler may ask for its request before the body has come, and answer from a task
///   (`DeferredExchange`). Then the body goes to the task as it comes, and is not read while the task
///   has not taken what is there. What a task has changed comes to light in `tasksHaveNews`.
/// - Safe methods without a body may be in flight together; any other request waits until the
///   pipeline is empty, and everything behind it waits for it (RFC 9112 §9.3.2).
/// - After the last answer we close our half, and read and drop for a bounded time, so that the
///   peer reads the answer and not a reset (RFC 9112 §9.6).
/// - A body may be sent from a file: behind its head, which is in `output`, the engine sends what
///   `file` says and reports it by `fileSent`. It keeps its place in the pipeline until the last
///   byte has gone.
///
/// The engine calls one event at a time and looks at `output`, `file`, `wantsBytes`, `hasWorkLeft`,
/// `deadline` and `ending` afterwards. An idle connection holds no buffer.
package struct ServerConnection: ~Copyable, Sendable {
    // MARK: State

    var reading = Reading.head
    var lifecycle = Lifecycle.open
    var stop = Stop.needsBytes

    /// Why the next request is refused, if it is.
    var refusal: Refusal

    /// The next request's number.
    var nextExchange: UInt32 = 0

    /// Requests that have been taken up.
    var requestCount = 0

    var pipeline = Pipeline()

    // MARK: Bytes

    /// Received and not yet used; without memory while nothing is kept.
    var receiveBuffer = ByteBuffer()

    /// Bytes that a partial head must have before another parse can tell more, unless a line ends.
    var headMinimum = 0

    /// Bytes at the front of `receiveBuffer` that had arrived when the drain began.
    var acceptedByteCount = 0

    /// To be sent; without memory while nothing is unsent.
    var sendBuffer = ByteBuffer()

    /// What is sent behind `sendBuffer`, as far as the engine has to know each turn.
    var behindOutput = BehindOutput.nothing

    // MARK: Times

    /// The start of what we wait for: idleness, a head, a body, a lingering end.
    var waitStart: Instant

    /// When the body's latest bytes came.
    var lastProgress: Instant

    /// Bytes of the body so far, or bytes dropped while lingering.
    var transferred = 0

    /// Some of the next head has arrived.
    var hasBegunHead = false

    /// The peer has closed its half.
    var peerClosed = false

    var writeClock = WriteClock()

    // MARK: Tasks

    /// What a task posts when it has changed one of the exchanges here; the engine's own name for
    /// this connection.
    package var address: UInt64 = 0

    /// The client sends its body only when it has heard `100 Continue`, and has not heard it.
    var awaitsContinue = false

    /// The tasks have been told that the client is probably gone.
    var hasCancelledTasks = false

    // MARK: For observers

    /// Its number in this server, from 1.
    package var number: UInt64 = 0

    /// Bytes that have come, and bytes that the socket has taken.
    package private(set) var receivedByteCount: UInt64 = 0
    var sentByteCount: UInt64 = 0

    /// When bytes came last: the read that has completed whatever can be parsed now.
    var lastRead: Instant

    var records = ConnectionRecords()

    // MARK: The other end

    /// Who is there: the socket's peer, or whom the PROXY protocol names.
    var peer: SocketAddress

    /// The PROXY protocol has named the peer, and those who look from outside do not know.
    var hasNewPeer = false

    /// - Parameters:
    ///   - refusesAll: The connection is beyond the server's limit and only hears 503.
    ///   - peer: The socket's peer.
    ///   - readsProxyHeader: A header of the PROXY protocol comes before anything else.
    package init(
        at now: Instant, refusesAll: Bool, peer: SocketAddress, readsProxyHeader: Bool = false
    ) {
        self.peer = peer
        if readsProxyHeader { reading = .proxyHeader }
        refusal = refusesAll ? .overloaded : .none
        waitStart = now
        lastProgress = now
        lastRead = now
    }

    /// Bytes have come, whatever becomes of them.
    mutating func noteRead(_ byteCount: Int, at now: Instant) {
        receivedByteCount += UInt64(byteCount)
        lastRead = now
    }

    /// What is being read.
    enum Reading {
        /// Between two requests, or inside a head.
        case head
        /// A body of known length; the whole request lies at the front of the buffer.
        case body(requestByteCount: Int)
        /// A chunked body; the head and what is decoded lie at the front of the buffer.
        case chunkedBody(ChunkedCollection)
        /// The body of a request that was refused.
        case dropping(remaining: Int)
        case droppingChunked(ChunkedDecoder)
        /// A body that a task reads as it comes.
        case streamedBody(remaining: Int)
        /// The same, chunked; so many bytes may still come, decoded.
        case streamedChunks(ChunkedDecoder, room: Int)
        /// No further request is read.
        case finished
        /// The header of the PROXY protocol, before the first head.
        case proxyHeader
    }

    /// How far a chunked body has been decoded in place.
    struct ChunkedCollection {
        let headByteCount: Int
        let maxByteCount: Int
        var decodedByteCount = 0
        var decoder = ChunkedDecoder()
    }

    enum Lifecycle {
        case open
        /// The last answer is in the pipeline or the send buffer.
        case closing
        /// Our half is closed; what comes is dropped.
        case lingering
        case closed
        /// Closed without waiting for the send buffer.
        case reset
    }

    /// Why parsing has stopped.
    enum Stop {
        /// Nothing is left that could be used without more bytes.
        case needsBytes
        /// The bound of requests per turn.
        case turnIsOver
        /// The pipeline is full.
        case pipelineIsFull
        /// The next request must wait until the pipeline is empty.
        case pipelineIsBusy
        /// The peer does not take its answers.
        case backpressure
        /// A task has not taken what has come of its body.
        case bodyIsFull
    }

    /// What is sent behind the send buffer.
    enum BehindOutput {
        case nothing
        /// Bytes that others hold, too: they are sent with what is in the buffer, from where they
        /// are. Only between an answer and the end of its turn, while nothing comes behind them.
        case shared([UInt8])
        /// The first exchange's file.
        case file
        /// The same; the socket has had no room for all of it.
        case blockedFile
    }

    enum Refusal {
        case none
        /// Every request hears 503: the server is full.
        case overloaded
        /// What was not there when the drain began hears 503.
        case draining
    }

    // MARK: What the engine looks at after each event

    /// The bytes to send.
    package var output: Span<UInt8> {
        @_lifetime(borrow self)
        get { sendBuffer.span }
    }

    /// Whether the socket should be read.
    package var wantsBytes: Bool {
        switch lifecycle {
        case .open: stop == .needsBytes && !isFinished
        case .closing, .closed, .reset: false
        case .lingering: true
        }
    }

    /// Whether the next turn has work that no event will announce: call `resume` then.
    package mutating func hasWorkLeft(_ workspace: inout Workspace) -> Bool {
        guard lifecycle == .open || lifecycle == .closing else { return false }
        if pipeline.canProduce, sendBuffer.count <= workspace.limits.lowWatermark { return true }
        if case .file = behindOutput, sendBuffer.isEmpty, !isWarming { return true }
        guard !isFinished else { return false }
        switch stop {
        case .needsBytes, .bodyIsFull: return false
        case .turnIsOver: return true
        case .pipelineIsFull: return pipeline.count < workspace.limits.maxPipelinedRequests
        case .pipelineIsBusy: return pipeline.isEmpty
        case .backpressure: return unsentByteCount <= workspace.limits.lowWatermark
        }
    }

    /// Nothing that comes later in this turn will add to what is to be sent: no answer waits for a
    /// task, or is longer than what is there.
    var isReadyToSettle: Bool {
        mutating get {
            if case .file = behindOutput { return false }
            return pipeline.isEmpty
        }
    }

    /// How the connection is to end, once everything in `output` has been sent.
    package enum Ending: Sendable {
        /// It goes on.
        case none
        /// Close our half, then call `halfClosed`.
        case halfClose
        /// Close the socket. Nothing is unsent.
        case close
        /// Close the socket with a reset; what is unsent is lost.
        case reset
    }

    /// What the engine has to do about the end of this connection now.
    package var ending: Ending {
        switch lifecycle {
        case .open, .lingering: .none
        case .closing:
            if !sendBuffer.isEmpty || !pipeline.isEmpty {
                .none
            } else {
                peerClosed ? .close : .halfClose
            }
        case .closed: .close
        case .reset: .reset
        }
    }

    /// Neither a request nor an answer is under way.
    package var isIdle: Bool {
        lifecycle == .open && !hasBegunHead && pipeline.isEmpty && sendBuffer.isEmpty && isInHead
            && stop == .needsBytes
    }

    /// What it does, for those who look from outside.
    var state: EngineStatistics.ConnectionState {
        mutating get {
            switch lifecycle {
            case .lingering, .closed, .reset: return .closing
            case .open, .closing: break
            }
            if awaitsRoom { return .writing }
            if !pipeline.isEmpty { return .answering }
            if lifecycle == .open, hasBegunHead || !isInHead { return .reading }
            return .idle
        }
    }

    /// As it is behind most answers: open, with nothing under way or left over. It then goes on, has
    /// no work left, wants bytes and no room, and its next deadline is `idleDeadline`.
    var isAtRest: Bool {
        mutating get {
            guard lifecycle == .open, stop == .needsBytes, case .nothing = behindOutput else {
                return false
            }
            return sendBuffer.isEmpty && pipeline.isEmpty && !hasBegunHead && isInHead
                && refusal == .none
        }
    }

    /// When a connection that is at rest is given up; `nil`: never.
    @inline(__always)
    mutating func idleDeadline(_ workspace: inout Workspace) -> Instant? {
        workspace.limits.keepAliveTimeout > 0
            ? waitStart + workspace.limits.keepAliveTimeout : nil
    }

    // MARK: Helpers of the extensions

    var isInHead: Bool {
        if case .head = reading { true } else { false }
    }

    var isInChunkedBody: Bool {
        if case .chunkedBody = reading { true } else { false }
    }

    /// A task reads the body.
    var isInStreamedBody: Bool {
        switch reading {
        case .streamedBody, .streamedChunks: true
        case .head, .body, .chunkedBody, .dropping, .droppingChunked, .finished, .proxyHeader: false
        }
    }

    var isFinished: Bool {
        if case .finished = reading { true } else { false }
    }

    /// Unsent bytes, those behind a waiting answer included.
    var unsentByteCount: Int {
        sendBuffer.count + pipeline.byteCount
    }
}
