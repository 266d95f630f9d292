internal import Containers
internal import HTTP1
internal import HTTPEngine
internal import Syscalls

/// What is kept of a request's bytes so that it can be shown when it was slow: who, how, what. Not
/// its query, which may hold secrets.
struct SlowRequestText: Sendable, Equatable {
    let peer: SocketAddress
    let method: String
    let path: String

    /// More of a method or a path is not kept.
    static let maxMethodByteCount = 32
    static let maxPathByteCount = 200

    /// Three words of the peer, and the lengths of the two texts behind them.
    private static let headByteCount = 26

    /// Appends it; at most 258 bytes, allocates nothing.
    static func capture(_ request: borrowing RequestView, into texts: inout ByteBuffer) {
        let words = request.peer.words
        append(words.high, to: &texts)
        append(words.low, to: &texts)
        append(words.details, to: &texts)
        let methodRange = request.line.methodRange
        let method = request.bytes.extracting(methodRange)
        let pathRange = request.line.path
        let path = request.bytes.extracting(pathRange)
        let methodCount = min(method.count, maxMethodByteCount)
        let pathCount = min(path.count, maxPathByteCount)
        texts.append(UInt8(methodCount))
        texts.append(UInt8(pathCount))
        texts.append(method.extracting(first: methodCount))
        texts.append(path.extracting(first: pathCount))
    }

    /// How many of the bytes are its own; what others have captured begins there.
    static func byteCount(in bytes: Span<UInt8>) -> Int {
        guard bytes.count >= headByteCount else { return 0 }
        return min(
            bytes.count,
            headByteCount + Int(bytes[headByteCount - 2]) + Int(bytes[headByteCount - 1]))
    }

    /// Reads it; `nil` where there is none.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count >= Self.headByteCount else { return nil }
        let methodEnd = Self.headByteCount + Int(bytes[Self.headByteCount - 2])
        let end = methodEnd + Int(bytes[Self.headByteCount - 1])
        guard bytes.count >= end else { return nil }
        peer = SocketAddress(
            words: (
                Self.word(in: bytes, at: 0), Self.word(in: bytes, at: 8),
                Self.word(in: bytes, at: 16)
            ))
        method = String(copying: bytes.extracting(Self.headByteCount..<methodEnd))
        path = String(copying: bytes.extracting(methodEnd..<end))
    }

    /// From what the access log has kept; `nil` where that is nothing, or was no request.
    init?(_ captured: CapturedExchange) {
        guard captured.isRequest, let client = captured.client else { return nil }
        peer = client
        let (method, path) = (captured.method, captured.path)
        self.method = String(
            copying: method.extracting(first: min(method.count, Self.maxMethodByteCount)))
        self.path = String(copying: path.extracting(first: min(path.count, Self.maxPathByteCount)))
    }

    private static func append(_ word: UInt64, to texts: inout ByteBuffer) {
        for shift in stride(from: 0, to: UInt64.bitWidth, by: 8) {
            texts.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
        }
    }

    private static func word(in bytes: Span<UInt8>, at start: Int) -> UInt64 {
        var word: UInt64 = 0
        for index in (start..<(start + 8)).reversed() { word = word << 8 | UInt64(bytes[index]) }
        return word
    }
}
