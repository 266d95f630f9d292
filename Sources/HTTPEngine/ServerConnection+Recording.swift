internal import Containers
internal import HTTP1
internal import Syscalls

// What observers are told about this connection's exchanges. Called only where somebody records.

extension ServerConnection {
    /// Where the next answer begins, in all that this connection is sent.
    var outputPosition: UInt64 {
        let end = sentByteCount + UInt64(sendBuffer.count)
        if case .shared(let bytes) = behindOutput { return end + UInt64(bytes.count) }
        return end
    }

    // MARK: Beginnings

    /// A request has been handed to its handler, which has filled `workspace.message`.
    @inline(__always)
    func beginRecord(
        _ id: ExchangeID, _ source: Span<UInt8>, headByteCount: Int, body: Range<Int>,
        _ workspace: inout Workspace
    ) {
        addRecord(id, &workspace)
        let last = workspace.ledger.turn.count - 1
        workspace.ledger.turn[last].receivedByteCount = UInt64(headByteCount + body.count)
        workspace.ledger.turn[last].receivedBodyByteCount = UInt64(body.count)
        if workspace.ledger.textCapture != .none || workspace.ledger.tap != nil {
            captureRequest(source, body: source.extracting(body), &workspace)
        }
    }

    /// The engine answers a request itself, or what is none; `workspace.message` is filled.
    ///
    /// - Parameter source: Where the head that is in `workspace.head` lies; `nil`: there is none.
    func beginFailureRecord(
        _ id: ExchangeID, _ failure: RequestFailure, of source: Span<UInt8>?,
        unparsed: Span<UInt8>, _ workspace: inout Workspace
    ) {
        guard workspace.ledger.isRecording else { return }
        addRecord(id, &workspace)
        let last = workspace.ledger.turn.count - 1
        workspace.ledger.turn[last].failure = failure.kind
        if let source {
            captureRequest(source, body: Span(), &workspace)
        } else {
            workspace.ledger.turn[last].ordinal = 0
            workspace.ledger.turn[last].receivedByteCount = UInt64(unparsed.count)
            if workspace.ledger.textCapture != .none {
                workspace.ledger.capture(unparsed: unparsed, from: peer)
            }
            workspace.ledger.tap?.received(unparsed: unparsed, connection: number)
        }
    }

    @inline(__always)
    private func addRecord(_ id: ExchangeID, _ workspace: inout Workspace) {
        var record = FinishedExchange()
        record.connection = number
        record.ordinal = UInt32(truncatingIfNeeded: requestCount)
        record.label = workspace.message.label
        record.start = lastRead
        record.id = id
        record.textStart = UInt32(truncatingIfNeeded: workspace.ledger.texts.count)
        workspace.ledger.turn.append(record)
        workspace.ledger.begunCount += 1
    }

    @inline(never)
    private func captureRequest(
        _ source: Span<UInt8>, body: Span<UInt8>, _ workspace: inout Workspace
    ) {
        let isLate =
            workspace.message.isDeferred || workspace.message.isStream || !pipeline.isEmpty
        let captures =
            workspace.ledger.textCapture == .all
            || (isLate && workspace.ledger.textCapture == .lateOnly)
        let trustedProxies = workspace.limits.trustedProxies
        Self.capture(
            source, workspace.head, body: body, exchange: ExchangeID(rawValue: nextExchange),
            peer: peer, trustedProxies: trustedProxies, captures: captures, connection: number,
            &workspace.ledger)
    }

    /// Head and ledger apart, because the view borrows the one while the other changes.
    private static func capture(
        _ source: Span<UInt8>, _ head: borrowing RequestHead, body: Span<UInt8>,
        exchange: ExchangeID, peer: SocketAddress, trustedProxies: [AddressRange], captures: Bool,
        connection: UInt64, _ ledger: inout ExchangeLedger
    ) {
        let view = RequestView(
            source, head: head, body: body, exchange: exchange, peer: peer,
            trustedProxies: trustedProxies.span)
        if captures { ledger.capture(view) }
        ledger.tap?.received(view, connection: connection)
    }

    // MARK: Answers

    /// The answer that `workspace.message` holds has been appended to the output, from this place on.
    @inline(__always)
    mutating func finishRecord(
        _ context: ExchangeContext, from outputStart: UInt64, _ workspace: inout Workspace
    ) {
        let position = outputPosition
        let last = workspace.ledger.turn.count - 1
        let bodyByteCount = context.hasBody ? workspace.message.bodyByteCount : 0
        workspace.ledger.turn[last].status = context.status
        workspace.ledger.turn[last].outputStart = outputStart
        workspace.ledger.turn[last].outputBodyStart = position - UInt64(bodyByteCount)
        workspace.ledger.turn[last].setOutputEnd(position)
        if workspace.ledger.textCapture == .all { captureAnswer(&workspace) }
        if workspace.ledger.tap != nil { tapAnswer(from: outputStart, &workspace) }
        records.finishLast(of: &workspace.ledger)
    }

    @inline(never)
    private func captureAnswer(_ workspace: inout Workspace) {
        Self.capture(workspace.message, &workspace.ledger)
    }

    private static func capture(
        _ message: borrowing ResponseMessage, _ ledger: inout ExchangeLedger
    ) {
        ledger.capture(message)
    }

    /// The exchange goes on beyond its request's call.
    mutating func keepRecord(_ workspace: inout Workspace) {
        records.keepLast(of: &workspace.ledger)
    }

    /// This is the answer of an exchange that is kept.
    static func noteAnswer(
        _ id: ExchangeID, _ message: borrowing ResponseMessage, _ context: ExchangeContext,
        in records: inout ConnectionRecords, _ ledger: inout ExchangeLedger
    ) {
        guard ledger.isRecording else { return }
        let texts = ledger.textCapture == .none ? [] : ledger.captured(message)
        let bodyByteCount = context.hasBody ? UInt64(message.bodyByteCount) : 0
        records.change(id) { kept in
            kept.exchange.status = context.status
            kept.exchange.sentBodyByteCount = bodyByteCount
            kept.texts += texts
        }
    }

    /// The head of its answer has been appended, from this place on, and perhaps all of it.
    mutating func noteOutput(
        _ id: ExchangeID, from outputStart: UInt64, isWhole: Bool, at now: Instant,
        _ workspace: inout Workspace
    ) {
        guard workspace.ledger.isRecording else { return }
        let position = outputPosition
        records.change(id) { kept in
            kept.exchange.outputStart = outputStart
            kept.exchange.outputBodyStart =
                isWhole ? position - kept.exchange.sentBodyByteCount : position
            if !isWhole { kept.exchange.firstByte = now }
        }
        tapAnswer(from: outputStart, &workspace)
        if isWhole { leave(id, &workspace) }
    }

    /// The last byte of its answer is encoded.
    mutating func leave(_ id: ExchangeID, _ workspace: inout Workspace) {
        guard workspace.ledger.isRecording else { return }
        records.finish(id, at: outputPosition, in: &workspace.ledger)
    }

    // MARK: Faults

    /// Why the exchange that is being answered cannot be.
    mutating func noteFailureOfFirst(_ failure: FailureKind) {
        records.changeFirst { if !$0.isUnsent { $0.exchange.failure = failure } }
    }

    /// Why the latest exchange fails.
    mutating func noteFailureOfLast(_ failure: FailureKind) {
        records.changeLast { $0.exchange.failure = failure }
    }

    // MARK: Bodies

    /// More of the latest exchange's body has come.
    mutating func noteBody(_ bytes: Span<UInt8>, _ workspace: inout Workspace) {
        guard workspace.ledger.isRecording else { return }
        var offset = 0
        records.changeLast { kept in
            offset = Int(kept.exchange.receivedBodyByteCount)
            kept.exchange.receivedByteCount += UInt64(bytes.count)
            kept.exchange.receivedBodyByteCount += UInt64(bytes.count)
        }
        workspace.ledger.tap?.received(body: bytes, at: offset, connection: number)
    }

    // MARK: The wire

    /// Shows an answer that begins at this place and ends the output.
    private func tapAnswer(from outputStart: UInt64, _ workspace: inout Workspace) {
        guard let tap = workspace.ledger.tap else { return }
        let start = Int(outputStart - min(outputStart, sentByteCount))
        if start < sendBuffer.count {
            tap.sent(sendBuffer.span.extracting(start...), connection: number)
        }
        if case .shared(let bytes) = behindOutput {
            tap.sent(body: bytes.span, at: 0, connection: number)
        }
    }

    /// Shows a piece of the body of the answer under way, which ends the output.
    func tapPiece(from start: UInt64, _ workspace: inout Workspace) {
        guard let tap = workspace.ledger.tap, let first = records.kept.first else { return }
        let bufferStart = Int(start - min(start, sentByteCount))
        guard bufferStart < sendBuffer.count else { return }
        let offset = Int(start - min(start, first.exchange.outputBodyStart))
        tap.sent(body: sendBuffer.span.extracting(bufferStart...), at: offset, connection: number)
    }

    // MARK: Flushes

    /// Behind each flush: what has been sent is over.
    @inline(__always)
    mutating func settleRecords(at now: Instant, _ workspace: inout Workspace) {
        if records.isEmpty { return }
        if sendBuffer.isEmpty && records.kept.isEmpty {
            // All that this turn has encoded has been sent; nothing else is to be remembered.
            records.lastInTurn = -1
        } else {
            records.flushed(upTo: sentByteCount, at: now, in: &workspace.ledger)
        }
    }
}
