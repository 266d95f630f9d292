internal import Containers
internal import HTTP1
package import Syscalls

extension ServerConnection {
    // MARK: Events

    /// Bytes have come from the peer. They are used or kept; the span is not needed afterwards.
    ///
    /// O(bytes), however they are split. Allocates only to keep what cannot be used yet.
    package mutating func received(
        _ bytes: Span<UInt8>, at now: Instant, _ workspace: inout Workspace
    ) {
        noteRead(bytes.count, at: now)
        guard lifecycle == .open, !isFinished else {
            drop(bytes.count, &workspace)
            return
        }
        noteArrival(of: bytes.count, at: now)
        guard receiveBuffer.isEmpty else {
            let tellsMore = mayTellMore(bytes)
            receiveBuffer.append(bytes)
            guard tellsMore else { return }
            var budget = workspace.limits.requestsPerTurn
            processKept(&budget, at: now, &workspace)
            return
        }
        var budget = workspace.limits.requestsPerTurn
        let used = process(bytes, &budget, at: now, &workspace)
        acceptedByteCount = max(0, acceptedByteCount - used)
        guard used < bytes.count && !isFinished else { return }
        keep(bytes.extracting(used..<bytes.count), &workspace)
        if case .chunkedBody = reading { processKept(&budget, at: now, &workspace) }
    }

    /// The next bytes were already in the kernel when the drain began: they count as arrived.
    package mutating func willReceiveFromBeforeDrain(_ byteCount: Int) {
        acceptedByteCount += byteCount
    }

    /// The peer has closed its half: what it has asked for is still answered.
    package mutating func endOfStreamReceived(at now: Instant, _ workspace: inout Workspace) {
        peerClosed = true
        guard lifecycle == .open else {
            if lifecycle == .lingering { lifecycle = .closed }
            return
        }
        if isInStreamedBody { pipeline.lastDeferred?.bodyFailed(.clientGone) }
        waitStart = now
        finishReading(&workspace)
        if !pipeline.isEmpty { pipeline.closeAfterLast() }
    }

    /// Goes on with what a bound or a waiting answer has held up.
    package mutating func resume(at now: Instant, _ workspace: inout Workspace) {
        guard lifecycle == .open || lifecycle == .closing else { return }
        produce(at: now, &workspace)
        if stop == .pipelineIsBusy && !pipeline.isEmpty { return }
        if stop == .bodyIsFull {
            waitStart = waitStart + (now.nanoseconds - lastProgress.nanoseconds)
        }
        if !receiveBuffer.isEmpty && stop != .needsBytes {
            var budget = workspace.limits.requestsPerTurn
            processKept(&budget, at: now, &workspace)
        }
    }

    // MARK: Parsing

    /// Uses the kept bytes until they are used up or something must be waited for.
    ///
    /// - Parameter budget: Requests that may still begin in this turn.
    mutating func processKept(
        _ budget: inout Int, at now: Instant, _ workspace: inout Workspace
    ) {
        var goesOn = true
        while goesOn && !receiveBuffer.isEmpty && !isFinished {
            // The buffer leaves the connection while its bytes are looked at, so that the handler's
            // view and the connection's state are apart.
            var buffer = exchange(&receiveBuffer, with: ByteBuffer())
            let before = buffer.count
            if case .chunkedBody(let collection) = reading {
                decodeBody(collection, in: &buffer, at: now, &workspace)
                goesOn = !isInChunkedBody
            } else {
                let used = process(buffer.span, &budget, at: now, &workspace)
                buffer.consume(used)
                goesOn = isInChunkedBody
            }
            acceptedByteCount = max(0, acceptedByteCount - (before - buffer.count))
            receiveBuffer = buffer
        }
        releaseReceiveBufferIfEmpty(&workspace)
    }

    /// Uses bytes from the front; returns how many. Stops at a body that must be collected.
    private mutating func process(
        _ source: Span<UInt8>, _ budget: inout Int, at now: Instant, _ workspace: inout Workspace
    ) -> Int {
        var offset = 0
        stop = .needsBytes
        while offset < source.count {
            guard isInHead else {
                guard processBody(source, from: &offset, at: now, &workspace) else { return offset }
                continue
            }
            guard mayBeginRequest(budget: budget, &workspace) else { return offset }
            budget -= 1
            guard let next = beginRequest(source, from: offset, at: now, &workspace) else {
                return offset
            }
            offset = next
        }
        return offset
    }

    /// Uses bytes that are not a head's. False when those behind `offset` must be kept. Apart, so that
    /// what most requests need lies together.
    @inline(never)
    private mutating func processBody(
        _ source: Span<UInt8>, from offset: inout Int, at now: Instant,
        _ workspace: inout Workspace
    ) -> Bool {
        switch reading {
        case .head:
            return true
        case .body(let requestByteCount):
            guard source.count - offset >= requestByteCount else { return false }
            finishBody(source, from: offset, requestByteCount, at: now, &workspace)
            offset += requestByteCount
        case .chunkedBody:
            return false
        case .streamedBody(let remaining):
            offset += handOnBody(source.extracting(offset...), remaining, at: now, &workspace)
            if stop == .bodyIsFull { return false }
        case .streamedChunks(let decoder, let room):
            offset = handOnChunks(decoder, room: room, source, from: offset, at: now, &workspace)
            if stop == .bodyIsFull { return false }
        case .dropping(let remaining):
            let count = min(remaining, source.count - offset)
            offset += count
            reading = count == remaining ? .head : .dropping(remaining: remaining - count)
            if count == remaining { waitStart = now }
        case .droppingChunked(let decoder):
            offset = dropChunks(decoder, source, from: offset, at: now, &workspace)
        case .finished:
            offset = source.count
        case .proxyHeader:
            guard let next = takeProxyHeader(source, from: offset, at: now) else { return false }
            offset = next
        }
        return true
    }

    private mutating func mayBeginRequest(budget: Int, _ workspace: inout Workspace) -> Bool {
        if budget == 0 {
            stop = .turnIsOver
        } else if unsentByteCount >= workspace.limits.highWatermark {
            stop = .backpressure
        } else if pipeline.count >= workspace.limits.maxPipelinedRequests {
            stop = .pipelineIsFull
        } else {
            return true
        }
        return false
    }

    /// Parses a head and takes its request up. Returns where the next request begins, or nil when
    /// the bytes from `start` on must be kept.
    private mutating func beginRequest(
        _ source: Span<UInt8>, from start: Int, at now: Instant, _ workspace: inout Workspace
    ) -> Int? {
        do {
            switch try workspace.parser.parse(
                source, from: start, into: &workspace.received.value.head)
            {
            case .complete(let end):
                return takeUp(source, from: start, bodyStart: end, at: now, &workspace)
            case .incomplete(let minimumCount):
                headMinimum = minimumCount
                if !hasBegunHead && !isBlank(source, from: start) {
                    hasBegunHead = true
                    // Patience with a connection in a reserved place counts from its beginning.
                    if refusal != .overloaded { waitStart = now }
                }
                return nil
            }
        } catch {
            fail(
                RequestFailure(status: error.status, reason: error.reason),
                unparsed: source.extracting(start...), at: now, &workspace)
            return source.count
        }
    }

    private mutating func takeUp(
        _ source: Span<UInt8>, from start: Int, bodyStart: Int, at now: Instant,
        _ workspace: inout Workspace
    ) -> Int? {
        let traits = workspace.received.value.head.traits
        if !pipeline.isEmpty && (traits.hasBody || traits.isUnsafe || pipeline.lastIsAlone) {
            stop = .pipelineIsBusy
            return nil
        }
        hasBegunHead = false
        waitStart = now
        if refusal != .none && !(refusal == .draining && bodyStart <= acceptedByteCount) {
            failUnavailable(of: source, at: now, &workspace)
            return source.count
        }
        requestCount += 1
        if traits.expectsOther {
            failExpectation(of: source, at: now, &workspace)
            return source.count
        }
        if traits.hasBody {
            return takeUpBody(source, from: start, bodyStart: bodyStart, at: now, &workspace)
        }
        dispatch(
            source, from: start, bodyStart: bodyStart, bodyEnd: bodyStart, at: now, &workspace)
        return bodyStart
    }

    @inline(never)
    private mutating func failExpectation(
        of source: Span<UInt8>, at now: Instant, _ workspace: inout Workspace
    ) {
        fail(
            RequestFailure(status: 417, reason: "only 100-continue can be expected"),
            of: source, at: now, &workspace)
    }

    // MARK: Bodies

    /// Asks the handler whether it wants the body, and starts to collect or to drop it.
    @inline(never)
    private mutating func takeUpBody(
        _ source: Span<UInt8>, from start: Int, bodyStart: Int, at now: Instant,
        _ workspace: inout Workspace
    ) -> Int? {
        let announced = workspace.received.value.head.announcedBodyLength
        let expects = workspace.received.value.head.traits.expectsContinue
        let hasArrived = bodyStart < source.count
        let admission = workspace.admit(
            source, exchange: ExchangeID(rawValue: nextExchange), peer: peer)
        lastProgress = now
        transferred = source.count - bodyStart
        switch admission {
        case .refuse:
            // Whether the client will send the body after all cannot be known once it has asked.
            let isTooLong = (announced ?? 0) > workspace.limits.maxBodyBytes
            dispatch(
                source, from: start, bodyStart: bodyStart, bodyEnd: bodyStart, at: now, &workspace,
                mustClose: (expects && !hasArrived) || isTooLong)
            guard !isFinished else { return source.count }
            dropBody(announced: announced)
            return bodyStart
        case .stream(let maxByteCount):
            if let announced, announced > maxByteCount {
                failTooLarge(of: source, at: now, &workspace)
                return source.count
            }
            return beginStreamedBody(
                source, from: start, bodyStart: bodyStart, announced: announced,
                maxByteCount: maxByteCount, at: now, &workspace)
        case .collect(let maxByteCount):
            if let announced, announced > maxByteCount {
                failTooLarge(of: source, at: now, &workspace)
                return source.count
            }
            if let announced, source.count - bodyStart >= announced {
                let bodyEnd = bodyStart + announced
                dispatch(
                    source, from: start, bodyStart: bodyStart, bodyEnd: bodyEnd, at: now, &workspace
                )
                return bodyEnd
            }
            if expects && !hasArrived {
                prepareSendBuffer(&workspace)
                sendBuffer.append("HTTP/1.1 100 Continue\r\n\r\n")
            }
            if let announced {
                reading = .body(requestByteCount: bodyStart - start + announced)
            } else {
                reading = .chunkedBody(
                    ChunkedCollection(
                        headByteCount: bodyStart - start, maxByteCount: maxByteCount))
            }
            return nil
        }
    }

    /// The body behind the head is not wanted.
    mutating func dropBody(announced: Int?) {
        transferred = 0
        if let announced {
            reading = announced > 0 ? .dropping(remaining: announced) : .head
        } else {
            reading = .droppingChunked(ChunkedDecoder())
        }
    }

    /// A body of known length is complete: its head is parsed once more, where it lies now.
    private mutating func finishBody(
        _ source: Span<UInt8>, from start: Int, _ requestByteCount: Int, at now: Instant,
        _ workspace: inout Workspace
    ) {
        let bodyStart = parseAgain(source, from: start, &workspace)
        reading = .head
        waitStart = now
        dispatch(
            source, from: start, bodyStart: bodyStart, bodyEnd: start + requestByteCount, at: now,
            &workspace)
    }

    /// Decodes what has come of a chunked body, in place: head and decoded bytes stay at the front.
    private mutating func decodeBody(
        _ collection: ChunkedCollection, in buffer: inout ByteBuffer, at now: Instant,
        _ workspace: inout Workspace
    ) {
        var collection = collection
        let headByteCount = collection.headByteCount
        var raw = headByteCount + collection.decodedByteCount
        do {
            while true {
                switch try collection.decoder.decode(buffer.span, from: raw) {
                case .data(let start, let count):
                    guard count <= collection.maxByteCount - collection.decodedByteCount else {
                        _ = parseAgain(buffer.span, from: 0, &workspace)
                        failTooLarge(of: buffer.span, at: now, &workspace)
                        buffer.removeAll()
                        return
                    }
                    buffer.move(
                        from: start, count: count, to: headByteCount + collection.decodedByteCount)
                    collection.decodedByteCount += count
                    raw = start + count
                case .needMore:
                    buffer.truncate(toCount: headByteCount + collection.decodedByteCount)
                    stop = .needsBytes
                    reading = .chunkedBody(collection)
                    return
                case .end(let next):
                    reading = .head
                    waitStart = now
                    let bodyStart = parseAgain(buffer.span, from: 0, &workspace)
                    dispatch(
                        buffer.span, from: 0, bodyStart: bodyStart,
                        bodyEnd: bodyStart + collection.decodedByteCount, nextStart: next, at: now,
                        &workspace)
                    buffer.consume(next)
                    return
                }
            }
        } catch {
            _ = parseAgain(buffer.span, from: 0, &workspace)
            fail(
                RequestFailure(status: error.status, reason: error.reason),
                of: buffer.span, at: now, &workspace)
            buffer.removeAll()
        }
    }

    /// Answers what has come of a head.
    mutating func failHead(
        _ failure: RequestFailure, at now: Instant, _ workspace: inout Workspace
    ) {
        var buffer = exchange(&receiveBuffer, with: ByteBuffer())
        fail(failure, unparsed: buffer.span, at: now, &workspace)
        buffer.removeAll()
        if buffer.capacity > 0 { workspace.pool.giveBack(from: &buffer) }
    }

    /// The same because the server cannot answer anything.
    mutating func failUnavailableHead(at now: Instant, _ workspace: inout Workspace) {
        var buffer = exchange(&receiveBuffer, with: ByteBuffer())
        failUnavailable(unparsed: buffer.span, at: now, &workspace)
        buffer.removeAll()
        if buffer.capacity > 0 { workspace.pool.giveBack(from: &buffer) }
    }

    /// Answers the request at the front of the kept bytes, whose head is complete.
    mutating func failKept(
        _ failure: RequestFailure, at now: Instant, _ workspace: inout Workspace
    ) {
        // The buffer leaves the connection while its bytes are looked at, as in `processKept`.
        var buffer = exchange(&receiveBuffer, with: ByteBuffer())
        _ = parseAgain(buffer.span, from: 0, &workspace)
        fail(failure, of: buffer.span, at: now, &workspace)
        buffer.removeAll()
        workspace.pool.giveBack(from: &buffer)
    }

    private mutating func dropChunks(
        _ decoder: ChunkedDecoder, _ source: Span<UInt8>, from start: Int, at now: Instant,
        _ workspace: inout Workspace
    ) -> Int {
        var decoder = decoder
        var offset = start
        do {
            while true {
                switch try decoder.decode(source, from: offset) {
                case .data(let start, let count):
                    offset = start + count
                    transferred += count
                    guard transferred <= workspace.limits.maxBodyBytes else {
                        finishReading(&workspace)
                        return source.count
                    }
                case .needMore:
                    reading = .droppingChunked(decoder)
                    return source.count
                case .end(let next):
                    reading = .head
                    waitStart = now
                    return next
                }
            }
        } catch {
            // The request has had its answer; what follows cannot be found any more.
            finishReading(&workspace)
            return source.count
        }
    }

    /// Parses a head that is known to be complete and valid, after its bytes have moved.
    private func parseAgain(
        _ source: Span<UInt8>, from start: Int, _ workspace: inout Workspace
    ) -> Int {
        do {
            if case .complete(let end) = try workspace.parser.parse(
                source, from: start, into: &workspace.received.value.head)
            {
                return end
            }
        } catch {}
        preconditionFailure("a head that was complete is complete")
    }

    // MARK: Keeping bytes

    private mutating func keep(_ bytes: Span<UInt8>, _ workspace: inout Workspace) {
        if receiveBuffer.capacity == 0 {
            workspace.pool.take(into: &receiveBuffer)
        }
        receiveBuffer.append(bytes)
    }

    private mutating func releaseReceiveBufferIfEmpty(_ workspace: inout Workspace) {
        if isFinished { receiveBuffer.removeAll() }
        if receiveBuffer.isEmpty && receiveBuffer.capacity > 0 {
            workspace.pool.giveBack(from: &receiveBuffer)
        }
    }

    private mutating func noteArrival(of byteCount: Int, at now: Instant) {
        switch reading {
        case .proxyHeader, .head, .finished: break
        case .body, .chunkedBody, .dropping, .streamedBody, .streamedChunks:
            awaitsContinue = false  // The client has not waited for it.
            lastProgress = now
            transferred += byteCount
        case .droppingChunked:
            lastProgress = now  // Its bytes are counted as they are decoded.
        }
    }

    /// A partial head is parsed again only when a line has ended or a limit is near: bytes that
    /// come one at a time cost a look each, not a parse each.
    private func mayTellMore(_ bytes: Span<UInt8>) -> Bool {
        guard stop == .needsBytes, isInHead, hasBegunHead else { return true }
        return receiveBuffer.count + bytes.count >= headMinimum
            || bytes.firstLineFeed(from: 0) != nil
    }

    /// Only the empty lines that may precede a request line (RFC 9112 §2.2).
    private func isBlank(_ source: Span<UInt8>, from start: Int) -> Bool {
        guard source.count - start <= 4 else { return false }
        for index in start..<source.count
        where source[index] != UInt8(ascii: "\r") && source[index] != UInt8(ascii: "\n") {
            return false
        }
        return true
    }

    /// Bytes after the last request: bounded while lingering, ignored before.
    private mutating func drop(_ byteCount: Int, _ workspace: inout Workspace) {
        guard lifecycle == .lingering else { return }
        transferred += byteCount
        if transferred > workspace.limits.lingerBytes { lifecycle = .closed }
    }
}
