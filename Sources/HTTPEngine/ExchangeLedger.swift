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
    private let recorder: (any ExchangeRecorder)?

    /// What is within its request's call, until it is answered or kept.
    var current = BegunExchange()
    /// Over, unless they are moved.
    var turn: [FinishedExchange] = []
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
        if isRecording { turn.reserveCapacity(256) }
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
        turn.removeAll(keepingCapacity: true)
        texts.removeAll()
        if texts.capacity > Self.retainedCapacity { texts = ByteBuffer() }
        if turn.capacity > Self.retainedCapacity / 128 { turn = [] }
    }

    /// A request has come.
    @inline(__always)
    mutating func begin(_ exchange: BegunExchange) {
        current = exchange
        current.textStart = UInt32(truncatingIfNeeded: texts.count)
        begunCount += 1
    }

    // MARK: Texts

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
