internal import Containers
internal import HTTP1
internal import Reactor
internal import Synchronization
internal import Syscalls

/// One exchange whose answer comes after its handler's call: the meeting point of a connection,
/// which belongs to its loop, and a task, which may be anywhere.
///
/// Theory of operation
///
///                     connection's side                     task's side
///     body            receive, bodyEnded, bodyFailed ──►    nextChunk
///                     room ◄──────────────────────────────  (taking a chunk makes room)
///     answer          takeAnswer ◄────────────────────────  finish(whole message)
///                                                        or begin(head), write …, end
///                     takeOutput ◄────────────────────────  write suspends while it is full
///     end             abandon ────────────────────────────► task is cancelled, writes throw
///
/// Everything lies behind one lock, which is free nearly always, because the task runs on the
/// connection's own thread unless it goes elsewhere. What the task changes it posts to the loop once;
/// the connection looks at it in the same turn.
///
/// Limits: `DeferralContext.window` bytes of body that nobody has taken, and as many of output, beside
/// what the connection's own buffers may hold. So either side can be as slow as it likes.
///
/// One that is over may be begun again for another request, by who is alone in knowing it: whoever
/// keeps one keeps it from that. So what is no part of the state may be read by all, and changes
/// only in `begin`.
package final class DeferredExchange: @unchecked Sendable {
    struct State: ~Copyable {
        // Body
        var chunk: [UInt8] = []
        var bodyEnd = BodyEnd.open
        var trailers: [UInt8] = []
        var reader: Waiter?
        var isBodyWanted = false
        /// The connection has found no room, and wants to hear of it.
        var awaitsRoom = false

        // Answer
        var answer: Answer?
        var message = ResponseMessage()
        var output = ByteBuffer()
        var isOutputComplete = false
        var endTrailers: [UInt8] = []
        /// Bytes that the answer may still have, where it has announced a length.
        var remaining: Int?
        /// The client gets none of the body: HEAD, 204, 304.
        var hasNoBody = false
        var writer: Waiter?
        /// What `writer` waits for.
        var awaitsFlush = false
        /// All of the output is with the kernel.
        var isFlushed = true

        /// What is said while the task is quiet.
        var heartbeat: Heartbeat?
        /// A write waits for room in the middle: nothing else may come there.
        var isWriteCut = false
        /// When it is due.
        var heartbeatDeadline = Instant(nanoseconds: 0)

        var phase = Phase.open
        var abandonment: Abandonment?
        /// The connection has been told to look, or is about to.
        var isPosted = true
        /// There has been something to see.
        var hasChanged = false
        var task: Task<Void, Never>?
        var handlerHasEnded = false
    }

    struct Heartbeat {
        let bytes: [UInt8]
        let nanoseconds: UInt64
    }

    enum BodyEnd {
        case open
        case complete
        case failed(BodyFailure)
    }

    enum Phase {
        /// The head may still change.
        case open
        case streaming
        case ended
    }

    /// What the connection takes.
    enum Answer {
        case whole
        case streamed
    }

    /// Why nobody waits for the answer any more.
    package enum Abandonment: Sendable {
        case clientGone
        /// Its time was up, and the client has been told so.
        case deadline
    }

    /// The request's head; to be looked at only as long as this exchange lives.
    package let request: RequestCopy

    /// Answered with `deadlineStatus` unless the answer has begun by then.
    private(set) var deadline: Instant?
    private(set) var deadlineStatus = 503

    /// What its handler has called it, and has told observers, when it was deferred. The task has
    /// notes of its own.
    private(set) var label: UInt32 = 0
    private(set) var notes: ExchangeNotes?

    /// The body comes behind the head, and was not there when the handler was called.
    private var bodyFollows = false
    private var connection: UInt64 = 0
    let context: DeferralContext
    private(set) var isChunked = false
    private var expectsContinue = false
    let state = Mutex(State())

    /// To be begun.
    init(context: DeferralContext) {
        request = context.takeCopy()
        self.context = context
    }

    deinit { context.giveBack(request) }

    /// Becomes the exchange of this request.
    ///
    /// - Precondition: The caller alone knows it.
    func begin(
        _ view: borrowing RequestView, within timeLimit: TimeLimit?, label: UInt32,
        notes: ExchangeNotes?
    ) {
        request.fill(from: view)
        connection = context.connection
        bodyFollows = context.bodyFollows
        self.label = label
        if self.notes != nil || notes != nil { self.notes = notes }
        let traits = view.received.value.head.traits
        isChunked = !traits.isHTTP10
        expectsContinue = traits.expectsContinue
        deadline = timeLimit.map { MonotonicClock.now() + $0.nanoseconds }
        deadlineStatus = timeLimit?.status ?? 503
        let bodyFollows = bodyFollows
        state.withLock { $0.reset(bodyFollows: bodyFollows, hasNoBody: traits.asksForHead) }
    }

    /// Whether its memory is small enough to be kept for another request.
    var isWorthKeeping: Bool { request.isWorthKeeping }

    // MARK: The task

    /// The task has come as far as it does without waiting.
    ///
    /// - Parameter message: Takes the answer, if there is one, and it is whole.
    /// - Returns: Whether it is. If not, the connection is told when there is something to see.
    func hasStarted(
        _ runner: TaskRunner, answering message: inout ResponseMessage
    ) -> Bool {
        let (isAnswered, posts) = state.withLock { state in
            if !state.handlerHasEnded { state.task = runner.task }
            guard state.answer == .whole else {
                state.isPosted = state.hasChanged
                return (false, state.hasChanged)
            }
            state.answer = nil
            message.takeOver(&state.message)
            return (true, false)
        }
        if posts { context.executor.post(connection) }
        return isAnswered
    }

    /// The task is about to end: it holds nothing any more. To be called once for each exchange.
    package func handlerEnded() {
        if state.withLock({ $0.noteHandlerEnd() }) { context.release() }
    }

    /// The answer is this message as a whole, and the task is about to end: as `handlerEnded`. The
    /// first answer counts.
    ///
    /// - Parameter message: Taken; what is left is of no use.
    package func finish(_ message: inout ResponseMessage) {
        let (posts, isFirst) = state.withLock { state in
            if state.phase == .open, state.abandonment == nil {
                swap(&state.message, &message)
                state.answer = .whole
                state.phase = .ended
            }
            return (state.noteChange(), state.noteHandlerEnd())
        }
        if posts { context.executor.post(connection) }
        if isFirst { context.release() }
    }

    /// The head leaves; its body is written from now on. Nothing happens when it has left already.
    ///
    /// - Parameter message: Its body is dropped; its `streamLength` is kept to.
    package func begin(_ message: consuming ResponseMessage) {
        var parcel: ResponseMessage? = message
        change { state in
            guard state.phase == .open, state.abandonment == nil, var message = parcel.take() else {
                return
            }
            message.removeBody()
            state.remaining = message.streamLength
            if message.forbidsBody { state.hasNoBody = true }
            state.message = message
            state.answer = .streamed
            state.phase = .streaming
        }
    }

    /// Appends to the body, in pieces of at most `DeferralContext.window`; suspends while more than
    /// that waits for the client. An empty write does nothing.
    ///
    /// - Throws: When nobody will get these bytes.
    package func write(_ bytes: Span<UInt8>) async throws(StreamFailure) {
        var offset = 0
        while offset < bytes.count {
            let start = offset
            offset += try append(bytes.extracting(start..<bytes.count))
            if offset < bytes.count { try await waitForRoom() }
        }
    }

    /// Suspends until all that was written is with the kernel.
    package func flush() async throws(StreamFailure) {
        await wait { state in
            guard state.abandonment == nil, !state.isFlushed else { return true }
            state.awaitsFlush = true
            return false
        }
        try checkStream()
    }

    /// Lets the connection itself write these bytes whenever the task has written nothing for so
    /// long: for that nobody has to wake. Not while the client has not taken what there is, and not
    /// in a body whose length was announced.
    ///
    /// - Parameter nanoseconds: More than 0; `nil`: no more of that.
    package func setHeartbeat(_ bytes: [UInt8], every nanoseconds: UInt64?) {
        let heartbeat = nanoseconds.map { Heartbeat(bytes: bytes, nanoseconds: $0) }
        change { state in
            state.heartbeat = heartbeat
            state.putHeartbeatOff()
        }
    }

    /// The body is complete. Nothing happens before the head has left, or a second time.
    ///
    /// - Parameter trailers: Field lines, encoded; only a chunked body has a place for them.
    package func end(trailers: [UInt8] = []) {
        change { state in
            guard state.phase == .streaming else { return }
            state.phase = .ended
            state.endTrailers = trailers
            // A promise that was not kept: the client must be able to see it.
            if (state.remaining ?? 0) > 0 { state.output = ByteBuffer() }
            state.isOutputComplete = true
        }
    }

    /// The answer has begun and cannot be completed: the connection ends without its end.
    package func fail() {
        change { state in
            guard state.phase == .streaming else { return }
            state.phase = .ended
            state.remaining = .max
            state.isOutputComplete = true
        }
    }

    /// The next bytes of the body, at most about `DeferralContext.window`; `nil` at its end. The
    /// first call lets a client that waits for `100 Continue` go on.
    package func nextChunk() async throws(BodyFailure) -> [UInt8]? {
        while true {
            var posts = false
            let found: Result<[UInt8]?, BodyFailure>? = state.withLock { state in
                if !state.isBodyWanted {
                    state.isBodyWanted = true
                    posts = expectsContinue
                }
                if !state.chunk.isEmpty {
                    posts = posts || state.awaitsRoom
                    state.awaitsRoom = false
                    return .success(exchange(&state.chunk, with: []))
                }
                switch state.bodyEnd {
                case .complete: return .success(nil)
                case .failed(let failure): return .failure(failure)
                case .open: return state.abandonment == nil ? nil : .failure(.clientGone)
                }
            }
            if posts { post() }
            if let found { return try found.get() }
            await waitForBody()
            if Task.isCancelled, isBodyOpen { throw .cancelled }
        }
    }

    /// The whole body, where it has come already; `nil` where it must be waited for.
    package func takeWholeBody() -> [UInt8]? {
        if !bodyFollows { return [] }
        return state.withLock { state in
            guard case .complete = state.bodyEnd else { return nil }
            return state.chunk.isEmpty ? [] : exchange(&state.chunk, with: [])
        }
    }

    /// The trailer section behind a chunked body, encoded as it came, its empty line included;
    /// empty until it has ended.
    package var trailers: [UInt8] {
        state.withLock { state in
            guard state.chunk.isEmpty, case .complete = state.bodyEnd else { return [] }
            return state.trailers
        }
    }

    /// Why nobody waits for the answer any more; `nil` while somebody does.
    package var abandonment: Abandonment? { state.withLock { $0.abandonment } }

    /// The task has given the answer up when its head had left (`fail`).
    package var isBrokenOff: Bool {
        state.withLock { $0.phase == .ended && ($0.remaining ?? 0) > 0 }
    }

    /// Nothing of the answer has left.
    package var isOpen: Bool { state.withLock { $0.phase == .open && $0.abandonment == nil } }

    // MARK: The connection

    /// Bytes of body that may come now. At 0 the connection hears of it when there is room again.
    func room() -> Int {
        state.withLock { state in
            let room = context.window - state.chunk.count
            state.awaitsRoom = room <= 0
            return max(0, room)
        }
    }

    /// More of the body.
    ///
    /// - Parameter remainder: Bytes that lie behind these and will probably follow at once: there is
    ///   room for them from the beginning, so that nothing is copied twice.
    func receive(_ bytes: Span<UInt8>, remainder: Int = 0) {
        wakeReader { state in
            if state.chunk.isEmpty { state.chunk.reserveCapacity(bytes.count + remainder) }
            state.chunk.append(copying: bytes)
        }
    }

    /// More of the trailer section, as it came; the empty line at its end is part of it.
    func receiveTrailers(_ bytes: Span<UInt8>) {
        state.withLock { $0.trailers.append(copying: bytes) }
    }

    func bodyEnded() {
        wakeReader { $0.bodyEnd = .complete }
    }

    func bodyFailed(_ failure: BodyFailure) {
        wakeReader { $0.bodyEnd = .failed(failure) }
    }

    /// Somebody has asked for the body.
    var isBodyWanted: Bool { state.withLock { $0.isBodyWanted } }

    /// An answer has been given, and all of its bytes are there.
    var hasWholeAnswer: Bool { state.withLock { $0.answer == .whole && !$0.message.isStream } }

    /// The answer, if one has been given; its message then lies in `message`. What changes from now
    /// on is posted again: the connection looks at everything else after this.
    func takeAnswer(into message: inout ResponseMessage) -> Answer? {
        state.withLock { state in
            state.isPosted = false
            guard let answer = state.answer else { return nil }
            state.answer = nil
            swap(&state.message, &message)
            return answer
        }
    }

    /// When the connection is to write for the task, if ever.
    var heartbeatDeadline: Instant? {
        state.withLock { $0.beats ? $0.heartbeatDeadline : nil }
    }

    /// Writes for the task, if it has been quiet for long enough.
    ///
    /// - Returns: Whether there is output now.
    func beat(at now: Instant) -> Bool {
        state.withLock { state in
            guard let heartbeat = state.heartbeat, state.beats, state.heartbeatDeadline <= now
            else {
                return false
            }
            state.heartbeatDeadline = now + heartbeat.nanoseconds
            guard state.output.isEmpty, !state.isWriteCut else { return false }
            state.appendFramed(heartbeat.bytes.span, isChunked: isChunked)
            state.isFlushed = false
            return true
        }
    }

    /// All of the output is with the kernel.
    func outputHasLeft() {
        let writer = state.withLock { state in
            guard state.output.isEmpty else { return Waiter?.none }
            state.isFlushed = true
            guard state.awaitsFlush else { return nil }
            state.awaitsFlush = false
            return state.writer.take()
        }
        writer?.resume()
    }

    /// Cancels the task; its answer, if it still gives one, is taken.
    func cancelTask() {
        state.withLock { $0.task }?.cancel()
    }

    /// Nobody waits for the answer any more. The task is cancelled, and whatever waits goes on.
    func abandon(_ reason: Abandonment) {
        let (task, reader, writer) = state.withLock { state in
            state.abandonment = state.abandonment ?? reason
            if case .open = state.bodyEnd { state.bodyEnd = .failed(.clientGone) }
            state.output = ByteBuffer()
            state.chunk = []
            return (state.task, state.reader.take(), state.writer.take())
        }
        task?.cancel()
        reader?.resume()
        writer?.resume()
    }

    // MARK: Both

    private func wakeReader(_ change: (inout State) -> Void) {
        let reader = state.withLock { state in
            change(&state)
            return state.reader.take()
        }
        reader?.resume()
    }

    /// Changes what the connection looks at, and tells it.
    private func change(_ change: (inout State) -> Void) {
        let posts = state.withLock { state in
            change(&state)
            return state.noteChange()
        }
        if posts { context.executor.post(connection) }
    }

    /// Tells the connection to look, once until it does.
    func post() { change { _ in } }
}

extension DeferredExchange.State {
    /// Forgets what was, for another request. What is empty already is not touched: an assignment
    /// costs a call even then.
    mutating func reset(bodyFollows: Bool, hasNoBody: Bool) {
        message.reset()
        if !chunk.isEmpty { chunk = [] }
        if !trailers.isEmpty { trailers = [] }
        if !endTrailers.isEmpty { endTrailers = [] }
        if output.capacity > 0 { output = ByteBuffer() }
        if heartbeat != nil { heartbeat = nil }
        if task != nil { task = nil }
        if reader != nil { reader = nil }
        if writer != nil { writer = nil }
        bodyEnd = bodyFollows ? .open : .complete
        self.hasNoBody = hasNoBody
        isBodyWanted = false
        awaitsRoom = false
        answer = nil
        isOutputComplete = false
        remaining = nil
        awaitsFlush = false
        isFlushed = true
        isWriteCut = false
        phase = .open
        abandonment = nil
        isPosted = true
        hasChanged = false
        handlerHasEnded = false
    }

    /// Says whether the connection has to be told that something has changed.
    mutating func noteChange() -> Bool {
        hasChanged = true
        defer { isPosted = true }
        return !isPosted
    }

    /// Says whether the end of the handler is new.
    mutating func noteHandlerEnd() -> Bool {
        if task != nil { task = nil }
        defer { handlerHasEnded = true }
        return !handlerHasEnded
    }
}

extension DeferredExchange: BodyProducer {
    /// Hands the output over to the connection, without a copy where it has none itself.
    package func produce(into writer: inout BodyWriter) throws -> BodyProgress {
        var isBroken = false
        let (progress, waiting) = state.withLock { state in
            writer.write(framed: &state.output)
            let waiting = state.awaitsFlush ? nil : state.writer.take()
            guard state.isOutputComplete else { return (BodyProgress.waiting, waiting) }
            isBroken = (state.remaining ?? 0) > 0
            writer.setTrailers(state.endTrailers)
            return (BodyProgress.finished, waiting)
        }
        waiting?.resume()
        if isBroken { throw StreamFailure.incomplete }
        return progress
    }
}
