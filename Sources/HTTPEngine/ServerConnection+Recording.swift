internal import Containers
internal import HTTP1
internal import Syscalls

// What observers are told about this connection's exchanges. Called only where somebody records.
//
// All of it is mutating, because a connection that is only borrowed from one that changes is copied
// first, 336 bytes (docs/WORKAROUNDS.md).

extension ServerConnection {
    /// Where the next answer begins, in all that this connection is sent.
    var outputPosition: UInt64 {
        mutating get {
            let end = sentByteCount + UInt64(sendBuffer.count)
            if case .shared(let bytes) = behindOutput { return end + UInt64(bytes.count) }
            return end
        }
    }

    // MARK: Beginnings

    /// A request has been handed to its handler, which has filled `workspace.message`.
    @inline(__always)
    mutating func beginRecord(
        _ source: Span<UInt8>, headByteCount: Int, body: Range<Int>, _ workspace: inout Workspace
    ) {
        workspace.ledger.begin(
            BegunExchange(
                ordinal: UInt32(truncatingIfNeeded: requestCount), label: workspace.message.label,
                receivedByteCount: UInt64(headByteCount + body.count),
                receivedBodyByteCount: UInt64(body.count)))
        if wantsTexts(&workspace) {
            showRequest(source, body: source.extracting(body), &workspace)
        }
    }

    /// The engine answers a request itself, or what is none; `workspace.message` is filled.
    ///
    /// - Parameter source: Where the head that is in `workspace.received` lies; `nil`: there is none.
    mutating func beginFailureRecord(
        _ failure: RequestFailure, of source: Span<UInt8>?, unparsed: Span<UInt8>,
        _ workspace: inout Workspace
    ) {
        guard workspace.ledger.isRecording else { return }
        if let source {
            workspace.ledger.begin(
                BegunExchange(
                    ordinal: UInt32(truncatingIfNeeded: requestCount),
                    label: workspace.message.label, failure: failure.kind))
            if wantsTexts(&workspace) { showRequest(source, body: Span(), &workspace) }
            return
        }
        workspace.ledger.begin(
            BegunExchange(receivedByteCount: UInt64(unparsed.count), failure: failure.kind))
        if workspace.ledger.textCapture != .none {
            workspace.ledger.capture(unparsed: unparsed, from: peer)
        }
        workspace.ledger.tap?.received(unparsed: unparsed, connection: number)
    }

    /// Shows the request that has been received to who captures its texts, and to who sees all.
    @inline(never)
    mutating func showRequest(
        _ source: Span<UInt8>, body: Span<UInt8>, _ workspace: inout Workspace
    ) {
        Self.show(source, body: body, workspace.received, connection: number, &workspace.ledger)
    }

    /// Request and ledger apart, because the view borrows the one while the other changes.
    @inline(__always)
    private static func show(
        _ source: Span<UInt8>, body: Span<UInt8>,
        _ received: borrowing UniqueBox<ReceivedRequest>, connection: UInt64,
        _ ledger: inout ExchangeLedger
    ) {
        let view = RequestView(source, body: body, received.borrowed)
        if ledger.textCapture != .none { ledger.capture(view) }
        ledger.tap?.received(view, connection: connection)
    }

    /// Whether the texts of the exchange that has just begun are wanted, or all are shown.
    @inline(__always)
    private mutating func wantsTexts(_ workspace: inout Workspace) -> Bool {
        if workspace.ledger.seesAll { return true }
        return workspace.ledger.textCapture == .lateOnly
            && (workspace.message.isDeferred || workspace.message.isStream || !pipeline.isEmpty)
    }

    // MARK: Answers

    /// The answer that `workspace.message` holds has been appended to the output, from this place on.
    mutating func finishRecord(
        _ id: ExchangeID, _ context: ExchangeContext, bodyByteCount: Int, from outputStart: UInt64,
        _ workspace: inout Workspace
    ) {
        if workspace.ledger.seesAll { showAnswer(from: outputStart, &workspace) }
        let exchange = FinishedExchange(
            workspace.ledger.current, id, connection: number, start: lastRead,
            status: context.status, from: outputStart,
            bodyByteCount: UInt64(bodyByteCount),
            to: outputPosition, previous: records.lastInTurn)
        if records.kept.isEmpty {
            records.lastInTurn = Int32(truncatingIfNeeded: workspace.ledger.turn.count)
            workspace.ledger.turn.append(exchange)
        } else {
            // Others before it have not been sent.
            records.keep(exchange, isUnsent: true, of: &workspace.ledger)
        }
    }

    /// Shows the answer that begins at this place, in the same way.
    @inline(never)
    mutating func showAnswer(from outputStart: UInt64, _ workspace: inout Workspace) {
        if workspace.ledger.textCapture == .all {
            Self.capture(workspace.message, &workspace.ledger)
        }
        tapAnswer(from: outputStart, &workspace)
    }

    private static func capture(
        _ message: borrowing ResponseMessage, _ ledger: inout ExchangeLedger
    ) {
        ledger.capture(message)
    }

    /// The exchange goes on beyond its request's call.
    mutating func keepRecord(_ id: ExchangeID, _ workspace: inout Workspace) {
        let exchange = FinishedExchange(
            workspace.ledger.current, id, connection: number, start: lastRead)
        records.keep(exchange, of: &workspace.ledger)
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
    private mutating func tapAnswer(from outputStart: UInt64, _ workspace: inout Workspace) {
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
    mutating func tapPiece(from start: UInt64, _ workspace: inout Workspace) {
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
