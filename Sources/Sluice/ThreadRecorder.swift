internal import Containers
internal import HTTPEngine
internal import Syscalls

/// Records the exchanges of one thread, in everything that a server has for that.
final class ThreadRecorder: ExchangeRecorder {
    private let metrics: RequestMetricsShard?

    let textCapture: TextCapture
    let wireTap: (any WireTap)?

    init(metrics: RequestMetricsShard?, wireTap: (any WireTap)?) {
        self.metrics = metrics
        textCapture = .none
        self.wireTap = wireTap
    }

    func capture(_ request: borrowing RequestView, into texts: inout ByteBuffer) {}

    func capture(
        unparsed bytes: Span<UInt8>, from peer: SocketAddress, into texts: inout ByteBuffer
    ) {}

    func capture(_ message: borrowing ResponseMessage, into texts: inout ByteBuffer) {}

    func record(_ exchanges: Span<FinishedExchange>, texts: Span<UInt8>) {
        metrics?.record(exchanges)
    }
}
