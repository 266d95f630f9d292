package import Syscalls

/// One exchange that is over: what an observer is told about it. Plain numbers, no heap; texts are
/// beside it.
package struct FinishedExchange: Sendable, BitwiseCopyable {
    /// Its connection's number in this server, from 1; numbers are not used again.
    package var connection: UInt64 = 0

    /// Its number among the requests of its connection, from 1; 0: it never became a request.
    package var ordinal: UInt32 = 0

    /// What the handler has called it (`ResponseMessage.label`); 0 unless it has.
    package var label: UInt32 = 0

    /// When the read came that completed it; of a body that a task reads, when its head did.
    package var start = Instant(nanoseconds: 0)

    /// When the first byte of its answer was flushed.
    package var firstByte = Instant(nanoseconds: 0)

    /// When the last one was, or when it ended without.
    package var end = Instant(nanoseconds: 0)

    /// Bytes of its head and body; of a chunked body without the framing.
    package var receivedByteCount: UInt64 = 0

    /// Bytes of its body, decoded.
    package var receivedBodyByteCount: UInt64 = 0

    /// Bytes of its answer that were sent: head, framing and body.
    package var sentByteCount: UInt64 = 0

    /// Of these the body's; of a streamed one with its chunk framing.
    package var sentBodyByteCount: UInt64 = 0

    /// The status of the answer; 0: there was none, the client has gone.
    package var status: UInt16 = 0

    /// Why the engine has answered itself, or has ended it.
    package var failure = FailureKind.none

    /// Where its texts begin among those of its turn (`ExchangeRecorder.capture`).
    package var textStart: UInt32 = 0

    package var textByteCount: UInt32 = 0

    // For the ledger of its thread.

    /// Which exchange of its connection it is.
    var id = ExchangeID(rawValue: 0)
    /// Where its answer begins, and where its body does, in all that its connection is sent.
    var outputStart: UInt64 = 0
    var outputBodyStart: UInt64 = 0
    /// Where its answer ends there; it is over when so much has been sent.
    var outputEnd: UInt64 = 0
    /// The one before it, in its turn, of the same connection; −1: there is none.
    var previous: Int32 = -1
    /// It is kept for a later turn.
    var isMoved = false

    package init() {}

    /// One whose request has come.
    ///
    /// - Parameters:
    ///   - status: 0 while it has none.
    ///   - outputStart: Where its answer begins; 0 while it does not.
    ///   - bodyByteCount: Bytes of its body; the answer ends behind them.
    ///   - outputEnd: Where it ends; 0 while it does not.
    @inline(__always)
    init(
        _ begun: BegunExchange, _ id: ExchangeID, connection: UInt64, start: Instant,
        status: UInt16 = 0, from outputStart: UInt64 = 0, bodyByteCount: UInt64 = 0,
        to outputEnd: UInt64 = 0, previous: Int32 = -1
    ) {
        self.connection = connection
        ordinal = begun.ordinal
        label = begun.label
        self.start = start
        receivedByteCount = begun.receivedByteCount
        receivedBodyByteCount = begun.receivedBodyByteCount
        sentByteCount = outputEnd - outputStart
        sentBodyByteCount = bodyByteCount
        self.status = status
        failure = begun.failure
        textStart = begun.textStart
        textByteCount = begun.textByteCount
        self.id = id
        self.outputStart = outputStart
        outputBodyStart = outputEnd - bodyByteCount
        self.outputEnd = outputEnd
        self.previous = previous
    }

    /// An earlier request has come on the same connection.
    package var isReused: Bool { ordinal > 1 }

    /// From the read that completed it to the flush of its answer's end, in nanoseconds.
    package var latency: UInt64 { end.nanoseconds - start.nanoseconds }
}

/// Why the engine has answered a request itself, or has ended one: a closed list, so that it can be
/// counted and logged by name.
package enum FailureKind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case none
    /// 400: it is not HTTP.
    case malformed
    /// 414: the target is too long.
    case targetTooLong
    /// 431: the head is too long.
    case headTooLarge
    /// 413: the body is too long.
    case bodyTooLarge
    /// 408: the head or the body took too long.
    case timedOut
    /// 417, 501, 505: it is HTTP, and asks for what is not there.
    case unsupported
    /// 503: the server has too many connections.
    case overloaded
    /// 503: the server is stopping.
    case draining
    /// The handler's time was up before it had answered: 503 or 504.
    case deadline
    /// The client has gone, or does not take its answer, before all of it was sent.
    case clientGone
    /// The answer could not be made to its end, and the connection was reset.
    case brokenAnswer

    /// What a failure with this status is, unless its maker says more.
    init(status: Int) {
        switch status {
        case 408: self = .timedOut
        case 413: self = .bodyTooLarge
        case 414: self = .targetTooLong
        case 431: self = .headTooLarge
        case 417, 501, 505: self = .unsupported
        case 503: self = .overloaded
        default: self = .malformed
        }
    }
}

extension FailureKind {
    /// What a body's failure is; what only its task has decided is none.
    init(_ failure: BodyFailure) {
        switch failure {
        case .tooLarge: self = .bodyTooLarge
        case .malformed: self = .malformed
        case .timedOut: self = .timedOut
        case .clientGone: self = .clientGone
        case .cancelled: self = .none
        }
    }
}

/// What is known of an exchange when its request has come, for as long as its handler's call.
struct BegunExchange: BitwiseCopyable {
    var ordinal: UInt32 = 0
    var label: UInt32 = 0
    var receivedByteCount: UInt64 = 0
    var receivedBodyByteCount: UInt64 = 0
    var textStart: UInt32 = 0
    var textByteCount: UInt32 = 0
    var failure = FailureKind.none
}
