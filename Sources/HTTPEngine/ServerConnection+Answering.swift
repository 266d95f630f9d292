internal import Containers
internal import HTTP1
package import Syscalls

extension ServerConnection {
    // MARK: Events

    /// The answer to a deferred exchange: what `workspace.message` holds. It leaves when all answers
    /// before it have left.
    ///
    /// - Returns: `false` when the exchange is not waiting (any more): the connection has ended.
    /// - Precondition: The exchange has not been answered yet.
    @discardableResult
    package mutating func complete(
        _ id: ExchangeID, at now: Instant, _ workspace: inout Workspace
    ) -> Bool {
        guard lifecycle == .open || lifecycle == .closing,
            let position = pipeline.position(of: id)
        else { return false }
        var context = pipeline.context(at: position)
        adopt(&workspace.message, into: &context)
        Self.noteAnswer(id, workspace.message, context, in: &records, &workspace.ledger)
        pipeline.complete(
            at: position, context: context, bytes: encoded(workspace.message, context),
            producer: workspace.message.takeProducer())
        advance(at: now, &workspace)
        return true
    }

    /// The engine has sent bytes from the front of `output`.
    ///
    /// - Parameter byteCount: How many; 0 when the socket would block at once.
    package mutating func outputSent(
        _ byteCount: Int, at now: Instant, _ workspace: inout Workspace
    ) {
        sentByteCount += UInt64(byteCount)
        sendBuffer.consume(byteCount)
        guard sendBuffer.isEmpty else {
            writeClock.progressed(by: byteCount, at: now)
            writeClock.blocked(at: now)
            return
        }
        workspace.pool.giveBack(from: &sendBuffer)
        if !pipeline.isEmpty { pipeline.outputHasLeft() }
        if writeClock.isUsed {
            writeClock.progressed(by: byteCount, at: now)
            writeClock.unblocked(at: now)
            if !pipeline.isStreaming { writeClock.answerFinished() }
            if !hasBegunHead && isInHead { waitStart = now }
        }
    }

    // MARK: Calling the handler

    /// Hands a complete request to the handler, and its answer to the send buffer or the pipeline.
    ///
    /// - Parameters:
    ///   - nextStart: Where the next request begins, when that is not the end of the body.
    ///   - mustClose: The connection cannot go on after this request.
    mutating func dispatch(
        _ source: Span<UInt8>, from start: Int, bodyStart: Int, bodyEnd: Int, nextStart: Int? = nil,
        at now: Instant, _ workspace: inout Workspace, mustClose: Bool = false
    ) {
        let id = takeExchangeID()
        var context = ExchangeContext(workspace.received.value.head.traits)
        if mustClose || isLastRequest(&workspace)
            || isLastBeforeStop(source, from: nextStart ?? bodyEnd)
        {
            context.closes = true
        }
        workspace.handle(
            source, body: source.extracting(bodyStart..<bodyEnd), exchange: id, peer: peer,
            connection: address, bodyFollows: false)
        let isPlain =
            context.allowsPlainAnswer && pipeline.isEmpty && workspace.message.isPlain
        if isPlain && records.kept.isEmpty {
            answerPlainly(
                id, source, headByteCount: bodyStart &- start, body: bodyStart..<bodyEnd,
                &workspace)
            return
        }
        if workspace.ledger.isRecording {
            beginRecord(
                source, headByteCount: bodyStart - start, body: bodyStart..<bodyEnd, &workspace)
        }
        answer(id, context, at: now, &workspace)
    }

    /// Hands a request to the handler before its body. True when a task will read that; else the
    /// request has been answered.
    ///
    /// - Parameter mustClose: The connection cannot go on when nobody reads the body.
    mutating func dispatchHead(
        _ source: Span<UInt8>, from start: Int, bodyStart: Int, at now: Instant,
        _ workspace: inout Workspace, mustClose: Bool
    ) -> Bool {
        let id = takeExchangeID()
        var context = ExchangeContext(workspace.received.value.head.traits)
        if isLastRequest(&workspace) { context.closes = true }
        workspace.handle(
            source, body: Span(), exchange: id, peer: peer, connection: address, bodyFollows: true)
        if workspace.ledger.isRecording {
            beginRecord(
                source, headByteCount: bodyStart - start, body: bodyStart..<bodyStart,
                &workspace)
        }
        if workspace.message.isDeferred {
            enqueue(id, .pending, context, ByteBuffer(), &workspace)
            return true
        }
        if mustClose { context.closes = true }
        answer(id, context, at: now, &workspace)
        return false
    }

    private mutating func isLastRequest(_ workspace: inout Workspace) -> Bool {
        if workspace.limits.maxKeepAliveRequests == 0 { return false }
        return requestCount >= workspace.limits.maxKeepAliveRequests
    }

    /// While draining: whether no accepted request follows, so that this answer is the last.
    private mutating func isLastBeforeStop(_ source: Span<UInt8>, from next: Int) -> Bool {
        refusal == .draining
            && !Self.hasAcceptedHead(
                in: source, from: next, acceptedByteCount: acceptedByteCount)
    }

    /// Not inlined, so that what most answers need (`answerPlainly`) lies together.
    @inline(never)
    private mutating func answer(
        _ id: ExchangeID, _ context: ExchangeContext, at now: Instant, _ workspace: inout Workspace
    ) {
        var context = context
        if workspace.message.isDeferred {
            if context.closes { finishReading(&workspace) }
            enqueue(id, .pending, context, ByteBuffer(), &workspace)
            return
        }
        adopt(&workspace.message, into: &context)
        if context.closes { finishReading(&workspace) }
        if pipeline.isEmpty {
            prepareSendBuffer(&workspace)
            let outputStart = sentByteCount + UInt64(sendBuffer.count)
            if context.opensPlainly {
                workspace.stamp.appendPlainOpening(to: &sendBuffer)
            } else {
                let offer = keepAliveOffer(&workspace)
                ResponseEncoder.appendOpening(
                    of: context, reason: workspace.message.reason, keepAlive: offer,
                    stamp: workspace.stamp, to: &sendBuffer)
            }
            if let shared = workspace.message.takeSharedBody() {
                let bodyByteCount = context.hasBody ? shared.count : 0
                ResponseEncoder.appendRemainder(
                    of: workspace.message, context, shared: shared, to: &sendBuffer)
                if context.hasBody { send(shared: shared) }
                if workspace.ledger.isRecording {
                    finishRecord(
                        id, context, bodyByteCount: bodyByteCount, from: outputStart, &workspace)
                }
                return
            }
            ResponseEncoder.appendRemainder(of: workspace.message, context, to: &sendBuffer)
            if context.isStream && !context.isHead {
                let state: Exchange.State =
                    workspace.message.sendsFile ? .sendingFile : .streaming
                enqueue(id, state, context, ByteBuffer(), &workspace)
                noteOutput(id, from: outputStart, isWhole: false, at: now, &workspace)
                beginFile()
            } else if workspace.ledger.isRecording {
                finishRecord(
                    id, context,
                    bodyByteCount: context.hasBody ? workspace.message.body.count : 0,
                    from: outputStart, &workspace)
            }
        } else {
            enqueue(id, .complete, context, encoded(workspace.message, context), &workspace)
        }
    }

    /// Most answers, in one piece, and their records: what `answer` does where nothing is special.
    @inline(__always)
    private mutating func answerPlainly(
        _ id: ExchangeID, _ source: Span<UInt8>, headByteCount: Int, body: Range<Int>,
        _ workspace: inout Workspace
    ) {
        let textStart = workspace.ledger.texts.count
        if workspace.ledger.seesAll {
            workspace.ledger.beginTexts()
            showRequest(source, body: source.extracting(body), &workspace)
        }
        prepareSendBuffer(&workspace)
        let start = sentByteCount &+ UInt64(truncatingIfNeeded: sendBuffer.count)
        workspace.stamp.appendPlainAnswer(
            workspace.message.contentType, body: workspace.message.body, to: &sendBuffer)
        guard workspace.ledger.isRecording else { return }
        if workspace.ledger.seesAll { showAnswer(from: start, &workspace) }
        records.lastInTurn = workspace.ledger.append(
            id, connection: number, ordinal: requestCount, label: workspace.message.label,
            start: lastRead, headByteCount: headByteCount, bodyByteCount: body.count,
            answer: (
                start, sentByteCount &+ UInt64(truncatingIfNeeded: sendBuffer.count),
                workspace.message.body.count
            ), textStart: textStart, previous: records.lastInTurn)
    }

    /// Sends an answer that was the pipeline's first, and that is whole; returns what has become of
    /// its context.
    mutating func send(
        message: inout ResponseMessage, _ context: ExchangeContext, _ workspace: inout Workspace
    ) -> ExchangeContext {
        var context = context
        adopt(&message, into: &context)
        if context.closes {
            finishReading(&workspace)
            if !pipeline.isEmpty {
                // The handler has asked late; what was accepted behind it is answered first.
                pipeline.closeAfterLast()
                context.closes = false
            }
        }
        prepareSendBuffer(&workspace)
        if context.opensPlainly {
            workspace.stamp.appendPlainOpening(to: &sendBuffer)
        } else {
            let offer = keepAliveOffer(&workspace)
            ResponseEncoder.appendOpening(
                of: context, reason: message.reason, keepAlive: offer, stamp: workspace.stamp,
                to: &sendBuffer)
        }
        let shared = message.sharedBody
        ResponseEncoder.appendRemainder(of: message, context, shared: shared, to: &sendBuffer)
        if let shared, context.hasBody { send(shared: shared) }
        return context
    }

    /// What `Exchange.bytes` holds.
    func encoded(
        _ message: borrowing ResponseMessage, _ context: ExchangeContext
    ) -> ByteBuffer {
        var bytes = ByteBuffer()
        if context.hasOwnReason {
            bytes.append(UInt8(message.reason.count))
            bytes.append(message.reason)
        }
        let shared = message.sharedBody
        ResponseEncoder.appendRemainder(of: message, context, shared: shared, to: &bytes)
        if let shared, context.hasBody { bytes.append(shared.span) }
        return bytes
    }

    /// Gives an exchange its place behind the others.
    private mutating func enqueue(
        _ id: ExchangeID, _ state: Exchange.State, _ context: ExchangeContext,
        _ bytes: consuming ByteBuffer, _ workspace: inout Workspace
    ) {
        if workspace.ledger.isRecording {
            keepRecord(id, &workspace)
            if state != .pending {
                Self.noteAnswer(id, workspace.message, context, in: &records, &workspace.ledger)
            }
        }
        pipeline.append(
            Exchange(
                id: id, state: state, context: context, bytes: bytes,
                producer: workspace.message.takeProducer(),
                deferred: workspace.message.takeDeferred()),
            capacity: workspace.limits.maxPipelinedRequests)
    }

    /// Takes what the handler has decided into the exchange's context.
    func adopt(_ message: inout ResponseMessage, into context: inout ExchangeContext) {
        precondition((200...599).contains(message.status), "an answer has a final status")
        context.status = UInt16(message.status)
        context.ownFields = message.ownFields
        // What must not have a body has none, whoever would make it.
        context.isStream = message.isStream && !message.forbidsBody
        context.announcedLength = message.announcedLength
        let isEndedByClose = context.isStream && context.isHTTP10 && context.announcedLength < 0
        if message.closesConnection || (isEndedByClose && !context.isHead) {
            context.closes = true
        }
    }

    // MARK: Answers of the engine's own

    /// Answers what cannot become a request, after all earlier answers, and ends the connection.
    ///
    /// - Parameter unparsed: What has come of it.
    mutating func fail(
        _ failure: RequestFailure, unparsed: Span<UInt8>, at now: Instant,
        _ workspace: inout Workspace
    ) {
        workspace.fail(failure)
        sendFailure(failure, unparsed: unparsed, at: now, &workspace)
    }

    /// Answers the request whose head is in `workspace.received` and lies in `source`, after all earlier
    /// answers, and ends the connection.
    mutating func fail(
        _ failure: RequestFailure, of source: Span<UInt8>, at now: Instant,
        _ workspace: inout Workspace
    ) {
        workspace.fail(
            failure, source, exchange: ExchangeID(rawValue: nextExchange), peer: peer)
        sendFailure(failure, of: source, at: now, &workspace)
    }

    mutating func failTooLarge(
        of source: Span<UInt8>, at now: Instant, _ workspace: inout Workspace
    ) {
        fail(
            RequestFailure(status: 413, reason: "the body is larger than this server takes"),
            of: source, at: now, &workspace)
    }

    /// 503 with `Retry-After` (RFC 9110 §15.6.4), without a head to look at.
    ///
    /// - Parameter unparsed: What has come of it.
    mutating func failUnavailable(
        unparsed: Span<UInt8>, at now: Instant, _ workspace: inout Workspace
    ) {
        let failure = unavailability
        workspace.fail(failure)
        workspace.message.appendRetryAfter(seconds: workspace.limits.retryAfterSeconds)
        sendFailure(failure, unparsed: unparsed, at: now, &workspace)
    }

    /// 503 with `Retry-After` to the request whose head is in `workspace.received`.
    mutating func failUnavailable(
        of source: Span<UInt8>, at now: Instant, _ workspace: inout Workspace
    ) {
        let failure = unavailability
        workspace.fail(
            failure, source, exchange: ExchangeID(rawValue: nextExchange), peer: peer)
        workspace.message.appendRetryAfter(seconds: workspace.limits.retryAfterSeconds)
        sendFailure(failure, of: source, at: now, &workspace)
    }

    private var unavailability: RequestFailure {
        RequestFailure(
            status: 503,
            reason: refusal == .draining
                ? "the server is stopping" : "the server has too many connections",
            kind: refusal == .draining ? .draining : .overloaded)
    }

    /// - Parameter source: Where the head that is in `workspace.received` lies; `nil`: there is none.
    private mutating func sendFailure(
        _ failure: RequestFailure, of source: Span<UInt8>? = nil, unparsed: Span<UInt8> = Span(),
        at now: Instant, _ workspace: inout Workspace
    ) {
        let asksForHead = source != nil && workspace.received.value.head.traits.asksForHead
        var context = ExchangeContext(RequestTraits(asksForHead: asksForHead))
        context.closes = true
        let id = takeExchangeID()
        beginFailureRecord(failure, of: source, unparsed: unparsed, &workspace)
        answer(id, context, at: now, &workspace)
    }

    // MARK: Leaving in order

    /// Asks the first exchange's producer for its next piece, when there is room for it.
    mutating func produce(at now: Instant, _ workspace: inout Workspace) {
        guard pipeline.canProduce,
            sendBuffer.count <= workspace.limits.lowWatermark
        else { return }
        // What a task has written lies in a buffer already, which becomes the send buffer.
        if pipeline.deferred(at: 0) == nil { prepareSendBuffer(&workspace) } else { copyTail() }
        let pieceStart = outputPosition
        var writer = BodyWriter(
            exchange(&sendBuffer, with: ByteBuffer()), isChunked: pipeline.firstIsChunked)
        do {
            let progress = try pipeline.produce(into: &writer)
            sendBuffer = writer.finish(progress)
            if workspace.ledger.tap != nil { tapPiece(from: pieceStart, &workspace) }
            guard progress == .finished else { return }
        } catch {
            // What was promised cannot be kept: the client must be able to see it.
            sendBuffer = writer.finish(.more)
            noteFailureOfFirst(.brokenAnswer)
            lifecycle = .reset
            return
        }
        if sendBuffer.isEmpty { pipeline.deferred(at: 0)?.outputHasLeft() }
        let leaving = pipeline.removeFirst()
        leave(leaving.id, &workspace)
        if leaving.deferred != nil, endStreamedBody(&workspace) || leaving.context.closes {
            finishReading(&workspace)
        }
        if !pipeline.isEmpty { advance(at: now, &workspace) }
        if !hasBegunHead && isInHead { waitStart = now }
    }

    /// Moves the answers that are complete and first in line to the send buffer.
    mutating func advance(at now: Instant, _ workspace: inout Workspace) {
        while pipeline.canAdvance {
            prepareSendBuffer(&workspace)
            let isLast = pipeline.count == 1
            var context = pipeline.context(at: 0)
            if isLast && refusal == .draining && isInHead
                && !Self.hasAcceptedHead(
                    in: receiveBuffer.span, from: 0, acceptedByteCount: acceptedByteCount)
            {
                context.closes = true
            }
            if context.closes {
                finishReading(&workspace)
                if !isLast {
                    // The handler has asked late; what was accepted behind it is answered first.
                    pipeline.closeAfterLast()
                    context.closes = false
                }
            }
            let outputStart = outputPosition
            if context.isStream && !context.isHead {
                appendWhole(context, pipeline.firstBeganStreaming(), &workspace)
                noteOutput(
                    pipeline.firstID, from: outputStart, isWhole: false, at: now, &workspace)
                beginFile()
                return
            }
            let leaving = pipeline.removeFirst()
            appendWhole(context, leaving.bytes, &workspace)
            noteOutput(leaving.id, from: outputStart, isWhole: true, at: now, &workspace)
        }
        if pipeline.isEmpty && !hasBegunHead && isInHead { waitStart = now }
    }

    /// Appends the opening and what `encoded` has made.
    private mutating func appendWhole(
        _ context: ExchangeContext, _ bytes: borrowing ByteBuffer, _ workspace: inout Workspace
    ) {
        if context.opensPlainly {
            workspace.stamp.appendPlainOpening(to: &sendBuffer)
            sendBuffer.append(bytes.span)
            return
        }
        let reasonStart = context.hasOwnReason ? 1 : 0
        let reasonEnd = context.hasOwnReason ? 1 + Int(bytes.span[0]) : 0
        let offer = keepAliveOffer(&workspace)
        ResponseEncoder.appendOpening(
            of: context, reason: bytes.span.extracting(reasonStart..<reasonEnd),
            keepAlive: offer, stamp: workspace.stamp, to: &sendBuffer)
        sendBuffer.append(bytes.span.extracting(reasonEnd...))
    }

    private func keepAliveOffer(_ workspace: inout Workspace) -> KeepAliveOffer {
        KeepAliveOffer(
            timeoutSeconds: Int(workspace.limits.keepAliveTimeout / 1_000_000_000),
            remainingRequests: workspace.limits.maxKeepAliveRequests > 0
                ? workspace.limits.maxKeepAliveRequests - requestCount : nil)
    }

    mutating func prepareSendBuffer(_ workspace: inout Workspace) {
        if sendBuffer.capacity == 0 {
            workspace.pool.take(into: &sendBuffer)
        } else {
            copyTail()
        }
    }

    private mutating func takeExchangeID() -> ExchangeID {
        defer { nextExchange &+= 1 }  // Modulo 2³² by definition; at most 64 are alive.
        return ExchangeID(rawValue: nextExchange)
    }
}
