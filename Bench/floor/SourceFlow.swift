internal import Syscalls

/// An answer with a long body, made once and sent by every connection.
///
/// `head`, then `bulkCount` bytes that repeat `block` over and over, then `tail`. What is sent of
/// the bulk comes out of `blocks`, two blocks one behind the other, so that wherever in a block a
/// `send` begins, it can still be a whole block long.
struct SourceAnswer {
    /// The data of a block.
    static let chunkSize = 64 * 1024

    let head: [UInt8]
    let blocks: [UInt8]
    let bulkCount: Int
    let tail: [UInt8]

    var blockSize: Int { blocks.count / 2 }
    var count: Int { head.count + bulkCount + tail.count }

    init(byteCount: Int, isChunked: Bool) {
        let framing =
            isChunked ? "Transfer-Encoding: chunked" : "Content-Length: \(byteCount)"
        head = Array(
            """
            HTTP/1.1 200 OK\r
            Content-Type: application/octet-stream\r
            \(framing)\r
            \r

            """.utf8)
        let (blockCount, rest) = byteCount.quotientAndRemainder(dividingBy: Self.chunkSize)
        let block = Self.piece(Self.chunkSize, isChunked: isChunked)
        blocks = block + block
        bulkCount = blockCount * block.count
        let last = rest > 0 ? Self.piece(rest, isChunked: isChunked) : []
        tail = last + (isChunked ? Array("0\r\n\r\n".utf8) : [])
    }

    private static func piece(_ count: Int, isChunked: Bool) -> [UInt8] {
        let data = [UInt8](repeating: UInt8(ascii: "."), count: count)
        guard isChunked else { return data }
        return Array("\(String(count, radix: 16))\r\n".utf8) + data + Array("\r\n".utf8)
    }
}

/// Answers each head with the same long answer, sent in pieces of 64 KiB until the socket blocks.
struct SourceFlow: BulkFlow {
    private let answer: SourceAnswer
    private var headEnd = HeadEnd()
    /// Answers that are still to be sent, the one under way among them.
    private var owed = 0
    /// How much of the one under way is sent.
    private var sent = 0

    var isBlocked: Bool { owed > 0 }

    init(_ answer: SourceAnswer) {
        self.answer = answer
    }

    mutating func ready(
        _ descriptor: borrowing FileDescriptor, _ area: inout ReadArea
    ) throws(Errno) -> Bool {
        if !isBlocked {
            switch try area.receive(from: descriptor) {
            case .bytes(let count):
                let bytes = area.bytes(count)
                for index in 0..<count where headEnd.advance(bytes[index]) { owed += 1 }
            case .wouldBlock: return true
            case .endOfStream: return false
            }
        }
        while owed > 0 {
            guard try sendPiece(descriptor) else { return true }
            if sent == answer.count {
                sent = 0
                owed -= 1
            }
        }
        return true
    }

    /// One send; false when the socket has no room.
    private mutating func sendPiece(
        _ descriptor: borrowing FileDescriptor
    ) throws(Errno) -> Bool {
        let result: IOResult
        if sent < answer.head.count {
            result = try Socket.send(answer.head.span.extracting(sent...), to: descriptor)
        } else if sent < answer.head.count + answer.bulkCount {
            let done = sent - answer.head.count
            let start = done % answer.blockSize
            let count = min(answer.blockSize, answer.bulkCount - done)
            result = try Socket.send(
                answer.blocks.span.extracting(start..<(start + count)), to: descriptor)
        } else {
            let start = sent - answer.head.count - answer.bulkCount
            result = try Socket.send(answer.tail.span.extracting(start...), to: descriptor)
        }
        guard case .bytes(let count) = result else { return false }
        sent += count
        return true
    }
}
