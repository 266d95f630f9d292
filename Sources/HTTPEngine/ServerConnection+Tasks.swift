internal import Containers
internal import HTTP1
package import Syscalls

// Exchanges whose answers come from tasks, and bodies that tasks read.

extension ServerConnection {
    // MARK: Events

    /// Some task has changed its exchange: it has answered, written, taken or asked for a body.
    package mutating func tasksHaveNews(at now: Instant, _ workspace: inout Workspace) {
        guard lifecycle == .open || lifecycle == .closing else { return }
        takeFirstAnswers(at: now, &workspace)
        if !pipeline.isEmpty { takeAnswers(at: now, &workspace) }
        if awaitsContinue { sendContinueIfWanted(at: now, &workspace) }
        pipeline.firstMayProduce()
        resume(at: now, &workspace)
    }

    /// Lets answers leave that are whole, and that nothing waits before: without a copy of their own.
    private mutating func takeFirstAnswers(at now: Instant, _ workspace: inout Workspace) {
        while refusal == .none, !isInStreamedBody, pipeline.firstIsPending,
            let deferred = pipeline.deferred(at: 0), deferred.hasWholeAnswer
        {
            var message = ResponseMessage()
            _ = deferred.takeAnswer(into: &message)
            let leaving = pipeline.removeFirst()
            let outputStart = outputPosition
            let context = send(message: &message, leaving.context, &workspace)
            Self.noteAnswer(leaving.id, message, context, in: &records, &workspace.ledger)
            noteOutput(leaving.id, from: outputStart, isWhole: true, at: now, &workspace)
        }
        if pipeline.isEmpty && !hasBegunHead && isInHead { waitStart = now }
    }

    /// Takes all other answers to where they wait, and lets those leave that can.
    private mutating func takeAnswers(at now: Instant, _ workspace: inout Workspace) {
        for position in 0..<pipeline.count {
            guard let deferred = pipeline.deferred(at: position) else { continue }
            var message = ResponseMessage()
            guard let answer = deferred.takeAnswer(into: &message),
                pipeline.state(at: position) == .pending
            else { continue }
            if answer == .streamed { message.stream(deferred) }
            fill(position, with: &message, isWhole: answer == .whole, &workspace)
        }
        advance(at: now, &workspace)
    }

    /// This message becomes the answer at this place.
    private mutating func fill(
        _ position: Int, with message: inout ResponseMessage, isWhole: Bool,
        _ workspace: inout Workspace
    ) {
        var context = pipeline.context(at: position)
        adopt(&message, into: &context)
        if isWhole, position == pipeline.count - 1, endStreamedBody(&workspace) {
            context.closes = true
        }
        Self.noteAnswer(
            pipeline.id(at: position), message, context, in: &records, &workspace.ledger)
        pipeline.complete(
            at: position, context: context, bytes: encoded(message, context),
            producer: message.takeProducer())
    }

    // MARK: Bodies that tasks read

    /// Lets the handler begin, and the body go to its task if it has one.
    ///
    /// - Parameter announced: The body's length, unless it is chunked.
    /// - Returns: The offset of what is to be used next.
    mutating func beginStreamedBody(
        _ source: Span<UInt8>, from start: Int, bodyStart: Int, announced: Int?, maxByteCount: Int,
        at now: Instant, _ workspace: inout Workspace
    ) -> Int {
        let waits =
            workspace.received.value.head.traits.expectsContinue && bodyStart == source.count
        let isLong = (announced ?? 0) > workspace.limits.maxBodyBytes
        guard
            dispatchHead(
                source, from: start, bodyStart: bodyStart, at: now, &workspace,
                mustClose: waits || isLong)
        else {
            guard !isFinished else { return source.count }
            dropBody(announced: announced)
            return bodyStart
        }
        awaitsContinue = waits
        if let announced {
            reading = .streamedBody(remaining: announced)
            if announced == 0 { streamedBodyEnded(at: now, &workspace) }
        } else {
            reading = .streamedChunks(ChunkedDecoder(), room: maxByteCount)
        }
        return bodyStart
    }

    /// Gives the task what there is room for; returns how many bytes.
    mutating func handOnBody(
        _ bytes: Span<UInt8>, _ remaining: Int, at now: Instant, _ workspace: inout Workspace
    ) -> Int {
        let room = pipeline.lastDeferred?.room() ?? 0
        let count = min(room, remaining, bytes.count)
        guard count > 0 else {
            bodyIsFull(at: now)
            return 0
        }
        pipeline.lastDeferred?.receive(bytes.extracting(0..<count))
        noteBody(bytes.extracting(0..<count), &workspace)
        reading = .streamedBody(remaining: remaining - count)
        if count == remaining { streamedBodyEnded(at: now, &workspace) }
        return count
    }

    /// The same for chunks; returns the offset behind what was used.
    mutating func handOnChunks(
        _ decoder: ChunkedDecoder, room: Int, _ source: Span<UInt8>, from start: Int,
        at now: Instant, _ workspace: inout Workspace
    ) -> Int {
        var (decoder, room, offset) = (decoder, room, start)
        guard let deferred = pipeline.lastDeferred else { return source.count }
        do {
            while true {
                let wasBehindData = decoder.isBehindData
                let callStart = offset
                let window = deferred.room()
                guard window > 0 else {
                    reading = .streamedChunks(decoder, room: room)
                    bodyIsFull(at: now)
                    return offset
                }
                let end = min(source.count, offset + window)
                let event = try decoder.decode(source.extracting(0..<end), from: offset)
                switch event {
                case .data(let dataStart, let count):
                    // The whole chunk counts, also what of it has not come.
                    guard count <= room, decoder.pendingDataCount <= room - count else {
                        failStreamedBody(.tooLarge, &workspace)
                        return source.count
                    }
                    room -= count
                    offset = dataStart + count
                    deferred.receive(
                        source.extracting(dataStart..<offset), remainder: source.count - offset)
                    noteBody(source.extracting(dataStart..<offset), &workspace)
                    if offset == source.count {
                        reading = .streamedChunks(decoder, room: room)
                        return offset
                    }
                case .needMore, .end:
                    offset = end
                    if case .end(let next) = event { offset = next }
                    if decoder.isBehindData {
                        let trailerStart = wasBehindData ? callStart : decoder.trailerStart
                        deferred.receiveTrailers(source.extracting(trailerStart..<offset))
                    }
                    reading = .streamedChunks(decoder, room: room)
                    if case .end = event { streamedBodyEnded(at: now, &workspace) }
                    if offset == source.count || !isInStreamedBody { return offset }
                }
            }
        } catch {
            failStreamedBody(.malformed, &workspace)
            return source.count
        }
    }

    private mutating func streamedBodyEnded(at now: Instant, _ workspace: inout Workspace) {
        reading = .head
        waitStart = now
        awaitsContinue = false
        pipeline.lastDeferred?.bodyEnded()
        if pipeline.lastCloses { finishReading(&workspace) }
    }

    /// The task has not taken what there is: the client's time stands still.
    private mutating func bodyIsFull(at now: Instant) {
        stop = .bodyIsFull
        lastProgress = now
    }

    /// The body cannot be read to its end. The task hears why, and its answer is the last.
    mutating func failStreamedBody(_ failure: BodyFailure, _ workspace: inout Workspace) {
        pipeline.lastDeferred?.bodyFailed(failure)
        noteFailureOfLast(FailureKind(failure))
        finishReading(&workspace)
        pipeline.closeAfterLast()
    }

    /// Nobody reads the rest of the body: it is dropped.
    ///
    /// - Returns: Whether the connection has to end instead, because nobody can know whether the
    ///   rest will come, or because it is long.
    mutating func endStreamedBody(_ workspace: inout Workspace) -> Bool {
        guard isInStreamedBody else { return false }
        let isWaiting = awaitsContinue
        awaitsContinue = false
        transferred = 0
        if stop == .bodyIsFull { stop = .turnIsOver }
        switch reading {
        case .streamedBody(let remaining):
            reading = .dropping(remaining: remaining)
            return isWaiting || remaining > workspace.limits.maxBodyBytes
        case .streamedChunks(let decoder, _):
            reading = .droppingChunked(decoder)
            return isWaiting
        case .head, .body, .chunkedBody, .dropping, .droppingChunked, .finished, .proxyHeader:
            return false
        }
    }

    /// The task asks for the body: the client may send it (RFC 9110 §10.1.1).
    private mutating func sendContinueIfWanted(at now: Instant, _ workspace: inout Workspace) {
        guard awaitsContinue, pipeline.count == 1, pipeline.state(at: 0) == .pending,
            pipeline.lastDeferred?.isBodyWanted == true
        else { return }
        awaitsContinue = false
        waitStart = now
        lastProgress = now
        prepareSendBuffer(&workspace)
        sendBuffer.append("HTTP/1.1 100 Continue\r\n\r\n")
    }

    // MARK: Times

    /// When a task will have had too long, or been quiet for too long, or its client will have been
    /// gone for long enough.
    func taskDeadline(_ workspace: inout Workspace) -> Instant? {
        var answerDeadline = pipeline.answerDeadline
        if let heartbeat = pipeline.heartbeatDeadline {
            answerDeadline = min(answerDeadline ?? heartbeat, heartbeat)
        }
        guard peerClosed, !hasCancelledTasks, pipeline.awaitsTask else { return answerDeadline }
        let graceEnd = waitStart + workspace.limits.halfCloseGrace
        return min(answerDeadline ?? graceEnd, graceEnd)
    }

    mutating func taskDeadlineReached(at now: Instant, _ workspace: inout Workspace) {
        if let heartbeat = pipeline.heartbeatDeadline, heartbeat <= now,
            pipeline.deferred(at: 0)?.beat(at: now) == true
        {
            pipeline.firstMayProduce()
            produce(at: now, &workspace)
        }
        if peerClosed, !hasCancelledTasks, waitStart + workspace.limits.halfCloseGrace <= now {
            hasCancelledTasks = true
            pipeline.cancelTasks()
        }
        guard let deadline = pipeline.answerDeadline, deadline <= now else { return }
        for position in 0..<pipeline.count {
            guard let deferred = pipeline.deferred(at: position), let end = deferred.deadline,
                end <= now
            else { continue }
            switch pipeline.state(at: position) {
            case .pending:
                deferred.abandon(.deadline)
                failLate(position, deferred, &workspace)
            case .streaming, .sendingFile:
                // What was promised cannot be kept: the client must be able to see it.
                deferred.abandon(.deadline)
                noteFailureOfFirst(.deadline)
                lifecycle = .reset
                return
            case .complete:
                break
            }
        }
        advance(at: now, &workspace)
    }

    private mutating func failLate(
        _ position: Int, _ deferred: DeferredExchange, _ workspace: inout Workspace
    ) {
        let failure = RequestFailure(
            status: deferred.deadlineStatus, reason: "the answer took too long", kind: .deadline)
        workspace.fail(failure, deferred)
        if deferred.deadlineStatus == 503 {
            workspace.message.appendRetryAfter(seconds: workspace.limits.retryAfterSeconds)
        }
        let id = pipeline.id(at: position)
        records.change(id) { $0.exchange.failure = .deadline }
        // The message is the workspace's, and so is what fills.
        var message = ResponseMessage()
        swap(&message, &workspace.message)
        fill(position, with: &message, isWhole: true, &workspace)
        swap(&message, &workspace.message)
    }
}
