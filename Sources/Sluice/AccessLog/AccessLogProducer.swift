internal import Containers
internal import HTTPEngine
internal import Syscalls

/// Takes the exchanges of one thread and hands them to the writer of an access log: copies bytes, and
/// formats nothing. On that thread only.
final class AccessLogProducer {
    private let capturing: ExchangeCapture
    private let source: AccessLogSource
    private let core: AccessLogCore

    init(_ source: AccessLogSource, _ capturing: ExchangeCapture, _ core: AccessLogCore) {
        self.source = source
        self.capturing = capturing
        self.core = core
    }

    deinit {
        source.end()
        core.wake()
    }

    /// Keeps what the log wants of a request.
    func capture(_ request: borrowing RequestView, into texts: inout ByteBuffer) {
        capturing.capture(request, into: &texts)
    }

    /// The same for what never became a request.
    func capture(
        unparsed bytes: Span<UInt8>, from peer: SocketAddress, into texts: inout ByteBuffer
    ) {
        capturing.capture(unparsed: bytes, from: peer, into: &texts)
    }

    /// Keeps what the log wants of an answer.
    func capture(_ message: borrowing ResponseMessage, into texts: inout ByteBuffer) {
        capturing.capture(message, into: &texts)
    }

    /// Hands over the exchanges of a turn. Under the policy `block` it waits while there is no room.
    func record(_ exchanges: Span<FinishedExchange>, texts: Span<UInt8>) {
        let bytes = exchanges.bytesOfValues
        let (stride, size) = (
            MemoryLayout<FinishedExchange>.stride, MemoryLayout<FinishedExchange>.size
        )
        for index in exchanges.indices {
            let start = Int(exchanges[index].textStart)
            let record = bytes.extracting(index * stride..<index * stride + size)
            let text = texts.extracting(start..<start + Int(exchanges[index].textByteCount))
            if !source.ring.append(record, text) { appendLate(record, text) }
        }
        source.ring.publish()
        core.recordsArrived(in: source.ring)
    }

    /// There was no room.
    private func appendLate(_ record: RawSpan, _ text: Span<UInt8>) {
        let isTooLong = record.byteCount + text.count > source.ring.maxRecordByteCount
        while core.overflow == .block, !isTooLong, !core.isClosing {
            source.ring.publish()
            core.waitForRoom(in: source.ring)
            if source.ring.append(record, text) { return }
        }
        source.countDropped()
    }
}
