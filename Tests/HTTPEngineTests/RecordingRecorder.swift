import Containers
import HTTP1
import Syscalls

@testable import HTTPEngine

/// Remembers every exchange that it is told of, and what it has captured of it.
final class RecordingRecorder: ExchangeRecorder {
    /// An exchange, and its texts: `target status`, or `?bytes status` for what is no request.
    struct Entry {
        let exchange: FinishedExchange
        let text: String
    }

    private(set) var entries: [Entry] = []
    /// Bytes that all answers together have been.
    private(set) var sentByteCount: UInt64 = 0
    let textCapture: TextCapture
    let wireTap: (any WireTap)? = nil

    init(_ textCapture: TextCapture = .all) {
        self.textCapture = textCapture
    }

    func capture(_ request: borrowing RequestView, into texts: inout ByteBuffer) {
        texts.append(request.bytes.extracting(request.line.target))
    }

    func capture(
        unparsed bytes: Span<UInt8>, from peer: SocketAddress, into texts: inout ByteBuffer
    ) {
        texts.append("?")
        texts.append(bytes)
    }

    func capture(_ message: borrowing ResponseMessage, into texts: inout ByteBuffer) {
        texts.append(" ")
        texts.append(decimal: message.status)
    }

    func record(_ exchanges: Span<FinishedExchange>, texts: Span<UInt8>) {
        for index in exchanges.indices {
            let start = Int(exchanges[index].textStart)
            let end = start + Int(exchanges[index].textByteCount)
            let bytes = Array(copying: texts.extracting(start..<end))
            entries.append(
                Entry(exchange: exchanges[index], text: String(decoding: bytes, as: UTF8.self)))
            sentByteCount += exchanges[index].sentByteCount
        }
    }
}
