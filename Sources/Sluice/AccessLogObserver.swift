internal import Containers
internal import HTTPEngine
internal import Syscalls

/// Writes the exchanges of a server into its access log.
final class AccessLogObserver: ExchangeObserver {
    private let log: AccessLog
    private let inside: ServerInside

    init(_ log: AccessLog, _ inside: ServerInside) {
        self.log = log
        self.inside = inside
    }

    func makeRecorder(thread: Int) -> any ExchangeRecorder {
        let producer = log.makeProducer(threadCount: inside.statistics.threadCount) { [inside] in
            AccessLogSurroundings(inside)
        }
        return AccessLogRecorder(producer)
    }
}

/// The same for one of its threads.
private final class AccessLogRecorder: ExchangeRecorder {
    private let producer: AccessLogProducer

    init(_ producer: AccessLogProducer) {
        self.producer = producer
    }

    var textCapture: TextCapture { .all }

    var wireTap: (any WireTap)? { nil }

    func capture(_ request: borrowing RequestView, into texts: inout ByteBuffer) {
        producer.capture(request, into: &texts)
    }

    func capture(
        unparsed bytes: Span<UInt8>, from peer: SocketAddress, into texts: inout ByteBuffer
    ) {
        producer.capture(unparsed: bytes, from: peer, into: &texts)
    }

    func capture(_ message: borrowing ResponseMessage, into texts: inout ByteBuffer) {
        producer.capture(message, into: &texts)
    }

    func record(_ exchanges: Span<FinishedExchange>, texts: Span<UInt8>) {
        producer.record(exchanges, texts: texts)
    }
}
