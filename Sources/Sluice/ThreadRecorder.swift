internal import Containers
internal import HTTPEngine
internal import Syscalls

/// Records the exchanges of one thread, in everything that a server has for that.
final class ThreadRecorder: ExchangeRecorder {
    private let metrics: RequestMetricsShard?
    private let accessLog: AccessLogProducer?

    let wireTap: (any WireTap)?

    init(
        metrics: RequestMetricsShard?, accessLog: AccessLogProducer?, wireTap: (any WireTap)?
    ) {
        self.metrics = metrics
        self.accessLog = accessLog
        self.wireTap = wireTap
    }

    var textCapture: TextCapture { accessLog == nil ? .none : .all }

    func capture(_ request: borrowing RequestView, into texts: inout ByteBuffer) {
        accessLog?.capture(request, into: &texts)
    }

    func capture(
        unparsed bytes: Span<UInt8>, from peer: SocketAddress, into texts: inout ByteBuffer
    ) {
        accessLog?.capture(unparsed: bytes, from: peer, into: &texts)
    }

    func capture(_ message: borrowing ResponseMessage, into texts: inout ByteBuffer) {
        accessLog?.capture(message, into: &texts)
    }

    func record(_ exchanges: Span<FinishedExchange>, texts: Span<UInt8>) {
        metrics?.record(exchanges)
        accessLog?.record(exchanges, texts: texts)
    }
}
