package import Containers
package import Syscalls

/// Who is told about all exchanges of a server: makes a recorder for each of its threads.
package protocol ExchangeObserver: AnyObject, Sendable {
    /// Called once for each thread that serves, on that thread, before its first connection.
    ///
    /// - Parameter thread: 0 ..< `EngineStatistics.threadCount`.
    func makeRecorder(thread: Int) -> any ExchangeRecorder
}

/// Records the exchanges of one thread; called on that thread only.
///
/// What it wants of a request's bytes it must take while they are there. So it captures texts into
/// a buffer of the engine's at the time of the request and of the answer, in a form of its own, and
/// gets them back with the finished exchange.
package protocol ExchangeRecorder: AnyObject {
    /// Of which exchanges texts are captured; asked once.
    var textCapture: TextCapture { get }

    /// Who sees all messages as they are on the wire, for debugging; asked once.
    var wireTap: (any WireTap)? { get }

    /// Appends what is wanted of a request. Its body may not have come.
    func capture(_ request: borrowing RequestView, into texts: inout ByteBuffer)

    /// The same for what never became a request: its first bytes, perhaps none.
    func capture(
        unparsed bytes: Span<UInt8>, from peer: SocketAddress, into texts: inout ByteBuffer)

    /// Appends what is wanted of an answer; comes behind what was captured of its request. An
    /// exchange that ends without an answer has nothing here.
    func capture(_ message: borrowing ResponseMessage, into texts: inout ByteBuffer)

    /// Records the exchanges that have ended in a turn, before or soon after their last bytes have
    /// been handed to the kernel.
    ///
    /// - Parameter texts: What was captured; `FinishedExchange.textStart` points here.
    func record(_ exchanges: Span<FinishedExchange>, texts: Span<UInt8>)
}

/// Of which exchanges texts are captured.
package enum TextCapture: Sendable {
    case none
    /// Only of those that go on beyond the turn in which their requests came: some are slow.
    case lateOnly
    case all
}

/// Sees every message of a thread's connections; called on that thread only. For debugging: nothing
/// of it is cheap.
package protocol WireTap: AnyObject {
    /// A request, with its body if that was collected.
    func received(_ request: borrowing RequestView, connection: UInt64)

    /// A piece of a body that a task reads, decoded.
    ///
    /// - Parameter offset: Bytes of this body before the piece.
    func received(body: Span<UInt8>, at offset: Int, connection: UInt64)

    /// What cannot be a request.
    func received(unparsed bytes: Span<UInt8>, connection: UInt64)

    /// An answer, encoded: its head, and its body unless that is streamed or sent from a file.
    func sent(_ answer: Span<UInt8>, connection: UInt64)

    /// A piece of a streamed body, framed as it is sent.
    ///
    /// - Parameter offset: Bytes of this body before the piece.
    func sent(body: Span<UInt8>, at offset: Int, connection: UInt64)
}

/// What the toolkit says about an exchange beside its answer; made only where there is something to
/// say.
///
/// Unchecked, because its only reference travels with one exchange, and so with one thread at a time.
package final class ExchangeNotes: @unchecked Sendable {
    /// What the request is called in logs and answers.
    package var requestID: String?
    /// The trace that it belongs to (W3C Trace Context), 32 hexadecimal digits.
    package var traceID: String?
    /// Who has been authenticated.
    package var user: String?
    /// Why it was refused: a code such as `not_found`, or the engine's clause.
    package var reason: String?
    /// Values of the user's own, by their names.
    package var values: [(name: String, value: String)] = []

    package init() {}

    /// The same notes for another thread.
    func copy() -> ExchangeNotes {
        let copy = ExchangeNotes()
        copy.requestID = requestID
        copy.traceID = traceID
        copy.user = user
        copy.reason = reason
        copy.values = values
        return copy
    }
}
