internal import Syscalls

//            empty line, Content-Length: n          n bytes
//   head ──────────────────────────────► length(n) ────────► answer ──► head
//     │      empty line, chunked                ends in 0 CRLF CRLF  ▲
//     ├───────────────────────────────► chunked ─────────────────────┤
//     └──────────────── empty line, neither ─────────────────────────┘
//
// Theory of operation: as little as can tell where a body ends. A length is counted down. A chunked
// body is over when what has come ends in the last chunk and the empty line behind it, which is
// looked for once a read, in its last bytes; data that end a read with the same bytes would be
// mistaken for it, as would a trailer section be missed. A client of measurements sends neither.

/// Reads requests, drops their bodies and answers each with an empty 200.
struct SinkFlow: BulkFlow {
    private static let reply = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)

    /// A longer head ends the connection.
    private static let maxHeadBytes = 65_536

    /// Full reads in a row before other connections have their turn: 1 MiB.
    private static let readsPerTurn = 16

    private enum State {
        case head
        case length(Int)
        case chunked
    }

    private var state = State.head
    private var head: [UInt8] = []
    private var headEnd = HeadEnd()
    private var tail = BodyTail()
    /// Bytes of replies that are still to be sent.
    private var owed = 0

    var isBlocked: Bool { owed > 0 }

    mutating func ready(
        _ descriptor: borrowing FileDescriptor, _ area: inout ReadArea
    ) throws(Errno) -> Bool {
        guard !isBlocked else { return try send(descriptor) }
        for _ in 0..<Self.readsPerTurn {
            switch try area.receive(from: descriptor) {
            case .bytes(let count):
                guard take(area.bytes(count)) else { return false }
                if owed > 0 { return try send(descriptor) }
                // A read that was not full has emptied the socket.
                if count < area.size { return true }
            case .wouldBlock: return true
            case .endOfStream: return false
            }
        }
        return true
    }

    /// Takes what was read; false for a head that is too long, or has a length that is none.
    private mutating func take(_ bytes: Span<UInt8>) -> Bool {
        var offset = 0
        while offset < bytes.count {
            switch state {
            case .head:
                while offset < bytes.count, case .head = state {
                    guard takeHeadByte(bytes[offset]) else { return false }
                    offset += 1
                }
            case .length(let left):
                let count = min(left, bytes.count - offset)
                offset += count
                if count == left { finish() } else { state = .length(left - count) }
            case .chunked:
                tail.append(bytes.extracting(offset...))
                offset = bytes.count
                if tail.endsBody { finish() }
            }
        }
        return true
    }

    private mutating func takeHeadByte(_ byte: UInt8) -> Bool {
        head.append(byte)
        guard headEnd.advance(byte) else { return head.count < Self.maxHeadBytes }
        let text = String(decoding: head, as: UTF8.self).lowercased()
        head.removeAll(keepingCapacity: true)
        if let value = Self.value(of: "content-length", in: text) {
            guard let count = Int(value), count >= 0 else { return false }
            state = .length(count)
            if count == 0 { finish() }
        } else if Self.value(of: "transfer-encoding", in: text) != nil {
            tail = BodyTail()
            state = .chunked
        } else {
            finish()
        }
        return true
    }

    /// The body is over.
    private mutating func finish() {
        state = .head
        owed += Self.reply.count
    }

    private mutating func send(_ descriptor: borrowing FileDescriptor) throws(Errno) -> Bool {
        let length = Self.reply.count
        while owed > 0 {
            let start = (length - owed % length) % length
            let reply = Self.reply.span.extracting(start...)
            guard case .bytes(let sent) = try Socket.send(reply, to: descriptor) else {
                return true
            }
            owed -= sent
        }
        return true
    }

    /// The value of the first field of this name in a head in lower case.
    private static func value(of name: String, in head: String) -> Substring? {
        // A line ends in one character, CRLF.
        for line in head.split(separator: "\r\n") where line.hasPrefix(name + ":") {
            return line.dropFirst(name.count + 1).drop { $0 == " " }.prefix { $0 != " " }
        }
        return nil
    }
}

/// The last bytes of a chunked body, enough to see its end in them.
private struct BodyTail {
    /// CRLF of the line before, the last chunk, and the empty line: seven bytes.
    private static let end: UInt64 = 0x0D0A_300D_0A0D_0A

    /// The last eight bytes, the latest lowest. A body begins behind the line end of its head.
    private var last: UInt64 = 0x0D0A

    var endsBody: Bool { last & 0xFF_FFFF_FFFF_FFFF == Self.end }

    mutating func append(_ bytes: Span<UInt8>) {
        for index in max(0, bytes.count - 8)..<bytes.count {
            last = last << 8 | UInt64(bytes[index])
        }
    }
}
