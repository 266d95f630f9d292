internal import Containers
internal import HTTPEngine
internal import Synchronization

/// What a workload's handler answers with.
final class AnsweringHandler: RequestHandler {
    enum Answer: Sendable {
        /// As `sluice` answers `GET /`.
        case plain
        /// Three field lines of its own, each looked at byte by byte.
        case fields
        /// Later; the exchanges are remembered.
        case deferred
        /// A body without end, in chunks of 1,024 bytes.
        case endless
    }

    private let answer: Answer
    private let deferred = Mutex<[ExchangeID]>([])

    init(_ answer: Answer) {
        self.answer = answer
    }

    /// The exchanges that wait for their answer, in order.
    func deferredExchanges() -> [ExchangeID] {
        deferred.withLock { $0 }
    }

    func admit(_ request: borrowing RequestView) -> BodyAdmission {
        .collect(maxByteCount: 65_536)
    }

    func handle(_ request: borrowing RequestView, into message: inout ResponseMessage) {
        switch answer {
        case .plain:
            Self.fillPlain(&message)
        case .fields:
            Self.fillWithFields(&message)
        case .deferred:
            let exchange = request.exchange
            deferred.withLock { $0.append(exchange) }
            message.deferAnswer()
        case .endless:
            message.stream(EndlessBody())
        }
    }

    static func fillPlain(_ message: inout ResponseMessage) {
        message.contentType = .plainText
        message.body.append("Hello, World!")
    }

    static func fillWithFields(_ message: inout ResponseMessage) {
        fillPlain(&message)
        for (name, value) in fields {
            // Tokens and plain text, so nothing is refused.
            try? message.appendField(name: name.utf8.span, value: value.utf8.span)
        }
    }

    private static let fields = [
        ("Cache-Control", "max-age=3600"),
        ("ETag", "\"0123456789abcdef0123456789abcdef\""),
        ("X-Request-Id", "01234567-89ab-cdef-0123-456789abcdef"),
    ]
}

/// Never finishes, so that every operation of a run is the same.
private struct EndlessBody: BodyProducer {
    private let bytes = [UInt8](repeating: 0x61, count: 1_024)

    mutating func produce(into writer: inout BodyWriter) -> BodyProgress {
        writer.write(bytes.span)
        return .more
    }
}
