internal import Containers
internal import Syscalls

/// What one connection has to remember for its observer: exchanges that outlive the turn of their
/// requests. Without memory while there are none.
struct ConnectionRecords {
    /// In the order of the exchanges.
    private(set) var kept: [KeptExchange] = []

    /// The connection's latest entry in the turn's list; −1: none.
    var lastInTurn: Int32 = -1

    /// Whether there is anything to look after behind a flush.
    var isEmpty: Bool { lastInTurn < 0 && kept.isEmpty }

    /// Keeps an exchange, whose texts are those of the current one, for a later turn.
    mutating func keep(
        _ exchange: FinishedExchange, isUnsent: Bool = false, of ledger: inout ExchangeLedger
    ) {
        var exchange = exchange
        let start = Int(exchange.textStart)
        let texts = Array(
            copying: ledger.texts.span.extracting(start..<(start + Int(exchange.textByteCount))))
        ledger.texts.truncate(toCount: start)
        exchange.textStart = 0
        kept.append(KeptExchange(exchange: exchange, texts: texts, isUnsent: isUnsent))
    }

    /// Changes one that is kept, if it is.
    mutating func change(_ id: ExchangeID, _ change: (inout KeptExchange) -> Void) {
        for index in kept.indices where kept[index].exchange.id == id {
            change(&kept[index])
            return
        }
    }

    /// Changes the latest one, if there is one.
    mutating func changeLast(_ change: (inout KeptExchange) -> Void) {
        if !kept.isEmpty { change(&kept[kept.count - 1]) }
    }

    /// Changes the one that is being answered, if there is one.
    mutating func changeFirst(_ change: (inout KeptExchange) -> Void) {
        if !kept.isEmpty { change(&kept[0]) }
    }

    /// Puts one into the turn's list: all of its answer is encoded, and ends at this place in the
    /// connection's output.
    mutating func finish(_ id: ExchangeID, at outputEnd: UInt64, in ledger: inout ExchangeLedger) {
        guard let index = kept.firstIndex(where: { $0.exchange.id == id }) else { return }
        guard index == 0 else {
            // Behind others that have not been sent.
            kept[index].exchange.setOutputEnd(outputEnd)
            kept[index].isUnsent = true
            return
        }
        var leaving = kept.remove(at: index)
        if kept.isEmpty { kept = [] }  // An idle connection holds no memory.
        leaving.exchange.setOutputEnd(outputEnd)
        append(leaving, to: &ledger)
    }

    /// What has been sent is over; what has not is kept.
    mutating func flushed(
        upTo sentByteCount: UInt64, at now: Instant, in ledger: inout ExchangeLedger
    ) {
        var unsentCount = 0
        while unsentCount < kept.count, kept[unsentCount].isUnsent {
            guard kept[unsentCount].exchange.outputEnd <= sentByteCount else {
                kept[unsentCount].exchange.noteFirstByte(sentByteCount, at: now)
                unsentCount += 1
                continue
            }
            append(kept.remove(at: unsentCount), to: &ledger, isSent: true)
        }
        if kept.isEmpty { kept = [] }
        var index = Int(exchange(&lastInTurn, with: -1))
        while index >= 0, ledger.turn[index].outputEnd > sentByteCount {
            var unsent = KeptExchange(exchange: ledger.turn[index], isUnsent: true)
            let start = Int(unsent.exchange.textStart)
            unsent.texts = Array(
                copying: ledger.texts.span.extracting(
                    start..<(start + Int(unsent.exchange.textByteCount))))
            unsent.exchange.noteFirstByte(sentByteCount, at: now)
            ledger.turn[index].isMoved = true
            ledger.movedCount += 1
            // Before what comes behind it in the pipeline, and before its own successors.
            kept.insert(unsent, at: unsentCount)
            index = Int(unsent.exchange.previous)
        }
    }

    /// The connection has ended: nothing more of this is sent.
    mutating func end(sentByteCount: UInt64, in ledger: inout ExchangeLedger) {
        var index = Int(exchange(&lastInTurn, with: -1))
        while index >= 0, ledger.turn[index].outputEnd > sentByteCount {
            ledger.turn[index].cut(at: sentByteCount)
            index = Int(ledger.turn[index].previous)
        }
        for var leaving in exchange(&kept, with: []) {
            leaving.exchange.cut(at: sentByteCount)
            append(leaving, to: &ledger, isSent: true)
        }
    }

    private mutating func append(
        _ leaving: KeptExchange, to ledger: inout ExchangeLedger, isSent: Bool = false
    ) {
        var exchange = leaving.exchange
        exchange.textStart = UInt32(ledger.texts.count)
        exchange.textByteCount = UInt32(leaving.texts.count)
        ledger.texts.append(leaving.texts.span)
        if !isSent {
            exchange.previous = lastInTurn
            lastInTurn = Int32(ledger.turn.count)
        }
        ledger.turn.append(exchange)
    }
}

/// An exchange that outlives the turn of its request.
struct KeptExchange {
    var exchange: FinishedExchange
    var texts: [UInt8] = []
    /// All of its answer is encoded, and not all of it is sent.
    var isUnsent = false
}

extension FinishedExchange {
    /// All of its answer is encoded.
    mutating func setOutputEnd(_ position: UInt64) {
        outputEnd = position
        sentByteCount = position - outputStart
        sentBodyByteCount = position - outputBodyStart
    }

    /// So much of its connection's output has been sent by now.
    mutating func noteFirstByte(_ position: UInt64, at now: Instant) {
        if firstByte.nanoseconds == 0, position > outputStart { firstByte = now }
    }

    /// So much of its connection's output has been sent, and no more will be.
    mutating func cut(at position: UInt64) {
        if failure == .none { failure = .clientGone }
        // An answer whose head has not left has no place there.
        guard outputBodyStart > 0 else {
            (status, sentByteCount, sentBodyByteCount) = (0, 0, 0)
            return
        }
        sentByteCount = position > outputStart ? position - outputStart : 0
        sentBodyByteCount = position > outputBodyStart ? position - outputBodyStart : 0
    }
}
