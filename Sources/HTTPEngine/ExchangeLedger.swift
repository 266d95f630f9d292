internal import Containers
internal import Syscalls

/// The exchanges of one thread that are over in this turn, on their way to the thread's recorder.
///
/// Theory of operation
///
///     request ──► begin ──► answered at once ──────────────► turn ──► closeTurn ──► recorder
///                   │                                        ▲   │
///                   │       answered later, or in pieces     │   │ not all of it could be sent
///                   └─────► ConnectionRecords ── last byte ──┘   ▼
///                                      ▲           is encoded    ConnectionRecords, until it has
///                                      └─────────────────────────
///
/// The usual exchange is written once, into the turn's list, and never looked for again. What
/// outlives its turn lies with its connection, which may go on with another thread.
///
/// Without a recorder nothing is kept, and each place that would asks one flag.
struct ExchangeLedger: ~Copyable {
    /// Somebody wants to know.
    let isRecording: Bool
    let textCapture: TextCapture
    let tap: (any WireTap)?
    /// Texts of every exchange are wanted, or are shown.
    let seesAll: Bool
    private let recorder: (any ExchangeRecorder)?

    /// What is within its request's call, until it is answered or kept.
    var current = BegunExchange()
    /// Over, unless they are moved.
    var turn = PlainList(blank: FinishedExchange())
    /// What was captured of them.
    var texts = ByteBuffer()
    /// Exchanges that have begun, and those of the turn's list that are kept for later.
    var begunCount: UInt64 = 0
    var movedCount = 0

    /// Bytes that the list and the texts keep between two turns.
    private static let retainedCapacity = 262_144

    init(_ recorder: (any ExchangeRecorder)?) {
        self.recorder = recorder
        isRecording = recorder != nil
        textCapture = recorder?.textCapture ?? .none
        tap = recorder?.wireTap
        seesAll = textCapture == .all || tap != nil
    }

    /// Nothing has begun or ended in this turn.
    var isEmpty: Bool { turn.isEmpty && begunCount == 0 }

    /// Hands over what is over; the turn's output has been flushed at this instant.
    mutating func closeTurn(at end: Instant, _ statistics: ThreadStatistics) {
        if begunCount > 0 {
            statistics.add(begunCount, to: .begunRequests)
            begunCount = 0
        }
        guard !turn.isEmpty else { return }
        if movedCount > 0 {
            turn.removeAll { $0.isMoved }
            movedCount = 0
        }
        for index in turn.indices {
            turn[index].end = end
            if turn[index].firstByte.nanoseconds == 0 { turn[index].firstByte = end }
        }
        recorder?.record(turn.span, texts: texts.span)
        statistics.add(UInt64(turn.count), to: .endedRequests)
        turn.removeAll()
        texts.removeAll()
        if texts.capacity > Self.retainedCapacity { texts = ByteBuffer() }
        if turn.capacity > Self.retainedCapacity / 128 { turn.release() }
    }

    /// A request has come.
    @inline(__always)
    mutating func begin(_ exchange: BegunExchange) {
        current = exchange
        beginTexts()
        begunCount += 1
    }

    /// A request has come and has been answered at once, with a plain 200.
    ///
    /// - Parameters:
    ///   - headByteCount: Bytes of its head; `bodyByteCount` of its body.
    ///   - answer: Where its answer stands in all that its connection is sent, and how many bytes of
    ///     that are its body.
    ///   - textStart: Where its texts begin, which go on to the end.
    ///   - previous: The one before it, in this turn, of the same connection.
    /// - Returns: Its place in the turn's list.
    @inline(__always)
    mutating func append(
        _ id: ExchangeID, connection: UInt64, ordinal: Int, label: UInt32, start: Instant,
        headByteCount: Int, bodyByteCount: Int,
        answer: (start: UInt64, end: UInt64, bodyByteCount: Int), textStart: Int, previous: Int32
    ) -> Int32 {
        let place = turn.count
        let textEnd = texts.count
        turn.append { exchange in
            exchange.connection = connection
            exchange.ordinal = UInt32(truncatingIfNeeded: ordinal)
            exchange.label = label
            exchange.start = start
            exchange.firstByte = Instant(nanoseconds: 0)
            exchange.receivedByteCount = UInt64(truncatingIfNeeded: headByteCount &+ bodyByteCount)
            exchange.receivedBodyByteCount = UInt64(truncatingIfNeeded: bodyByteCount)
            exchange.sentByteCount = answer.end &- answer.start
            exchange.sentBodyByteCount = UInt64(truncatingIfNeeded: answer.bodyByteCount)
            exchange.status = 200
            exchange.failure = .none
            exchange.textStart = UInt32(truncatingIfNeeded: textStart)
            exchange.textByteCount = UInt32(truncatingIfNeeded: textEnd &- textStart)
            exchange.id = id
            exchange.outputStart = answer.start
            exchange.outputBodyStart = answer.end &- exchange.sentBodyByteCount
            exchange.outputEnd = answer.end
            exchange.previous = previous
            exchange.isMoved = false
        }
        begunCount &+= 1
        return Int32(truncatingIfNeeded: place)
    }

    // MARK: Texts

    /// What is captured from here on is the current exchange's.
    mutating func beginTexts() {
        current.textStart = UInt32(truncatingIfNeeded: texts.count)
    }

    /// Appends what is wanted of the current exchange's request.
    mutating func capture(_ request: borrowing RequestView) {
        recorder?.capture(request, into: &texts)
        endText()
    }

    /// The same for what is none.
    mutating func capture(unparsed bytes: Span<UInt8>, from peer: SocketAddress) {
        recorder?.capture(unparsed: bytes, from: peer, into: &texts)
        endText()
    }

    /// The same of the answer.
    mutating func capture(_ message: borrowing ResponseMessage) {
        recorder?.capture(message, into: &texts)
        endText()
    }

    /// What is wanted of an answer whose request is kept elsewhere.
    mutating func captured(_ message: borrowing ResponseMessage) -> [UInt8] {
        let start = texts.count
        recorder?.capture(message, into: &texts)
        let bytes = Array(copying: texts.span.extracting(start...))
        texts.truncate(toCount: start)
        return bytes
    }

    private mutating func endText() {
        current.textByteCount = UInt32(texts.count) - current.textStart
    }
}
