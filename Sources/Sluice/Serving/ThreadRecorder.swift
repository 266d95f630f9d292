internal import Containers
internal import HTTPEngine
internal import Syscalls

/// Records the exchanges of one thread, in everything that a server has for that.
final class ThreadRecorder: ExchangeRecorder {
    private let metrics: RequestMetricsShard?
    private let slow: SlowRequests?
    private let accessLog: AccessLogProducer?

    let wireTap: (any WireTap)?

    init(
        metrics: RequestMetricsShard?, slow: SlowRequests?, accessLog: AccessLogProducer?,
        wireTap: (any WireTap)?
    ) {
        self.slow = slow
        self.metrics = metrics
        self.accessLog = accessLog
        self.wireTap = wireTap
    }

    var textCapture: TextCapture {
        if accessLog != nil { return .all }
        return slow == nil ? .none : .lateOnly
    }

    func capture(_ request: borrowing RequestView, into texts: inout ByteBuffer) {
        if let accessLog {
            accessLog.capture(request, into: &texts)
        } else {
            SlowRequestText.capture(request, into: &texts)
        }
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
        if let slow { record(exchanges, in: slow, texts) }
    }

    private func record(
        _ exchanges: Span<FinishedExchange>, in slow: SlowRequests, _ texts: Span<UInt8>
    ) {
        for index in exchanges.indices {
            // None waits longer than it lasts, which is all that is looked at of most; the property
            // that says so would be called with a copy.
            let (began, end) = (exchanges[index].start, exchanges[index].end)
            guard end.nanoseconds &- began.nanoseconds >= slow.threshold else { continue }
            let exchange = exchanges[index]
            guard slow.isSlow(exchange) else { continue }
            let start = Int(exchange.textStart)
            let text = texts.extracting(start..<(start + Int(exchange.textByteCount)))
            slow.record(
                exchange,
                text: accessLog == nil
                    ? SlowRequestText(text) : SlowRequestText(CapturedExchange(text)))
        }
    }
}
