internal import Containers
internal import HTTP1
internal import Syscalls

/// What every answer begins with, ready to copy: the status line of a 200, `Date` and `Server`.
///
/// Rebuilt when the second changes (RFC 9110 §6.6.1 asks for no more than second precision).
struct ResponseStamp: ~Copyable {
    /// Status line of a 200, date line, server line, one behind the other.
    private var lines = ByteBuffer()
    private var dateLineStart = 0
    private var serverLineStart = 0
    /// All of that, and then `ContentType.fieldLineBeforeLength`, of each type, one behind the other.
    private var plainHeads = ByteBuffer()
    /// Where each of them ends; in place, and so with a number that is written out.
    private var plainHeadEnds: [6 of Int] = .init(repeating: 0)
    private var validUntil: Instant
    private let serverName: String

    init(serverName: String) {
        self.serverName = serverName
        validUntil = Instant(nanoseconds: 0)
        rebuild(at: MonotonicClock.now())
    }

    mutating func refresh(at now: Instant) {
        if now >= validUntil {
            rebuild(at: now)
        }
    }

    /// A whole answer: a 200 without field lines of its own, on a connection that goes on.
    mutating func appendPlainAnswer(
        _ type: ContentType, body: borrowing ByteBuffer, to output: inout ByteBuffer
    ) {
        let index = Int(type.rawValue)
        let start = index == 0 ? 0 : plainHeadEnds[index - 1]
        output.append(
            plainHeads.span.extracting(start..<plainHeadEnds[index]),
            countAndEmptyLineBefore: body.span)
    }

    /// The whole opening of a plain 200, in one piece.
    mutating func appendPlainOpening(to output: inout ByteBuffer) {
        output.append(lines.span)
    }

    func appendOpening(
        of context: ExchangeContext, reason: Span<UInt8>, to output: inout ByteBuffer
    ) {
        let bytes = lines.span
        if context.hasOwnReason {
            Self.appendStatusLine(Int(context.status), reason, to: &output)
        } else {
            Self.appendStatusLine(Int(context.status), to: &output)
        }
        if !context.ownFields.contains(.date) {
            output.append(bytes.extracting(dateLineStart..<serverLineStart))
        }
        if !context.ownFields.contains(.server) {
            output.append(bytes.extracting(serverLineStart..<bytes.count))
        }
    }

    /// A code that is not registered has no reason phrase, which may be empty (RFC 9112 §4).
    private static func appendStatusLine(_ status: Int, to output: inout ByteBuffer) {
        if let line = StatusLine.bytes(for: status) {
            output.append(line)
        } else {
            appendStatusLine(status, Span(), to: &output)
        }
    }

    private static func appendStatusLine(
        _ status: Int, _ reason: Span<UInt8>, to output: inout ByteBuffer
    ) {
        output.append("HTTP/1.1 ")
        output.append(decimal: status)
        output.append(" ")
        output.append(reason)
        output.append("\r\n")
    }

    private mutating func rebuild(at now: Instant) {
        let wall = WallClock.now()
        validUntil = now + UInt64(1_000_000_000 - wall.nanoseconds)
        var text: [29 of UInt8] = .init(repeating: 0)
        HTTPDate.write(secondsSince1970: wall.seconds, into: &text)
        lines.removeAll()
        Self.appendStatusLine(200, to: &lines)
        dateLineStart = lines.count
        lines.append("Date: ")
        lines.append(text.span)
        lines.append("\r\n")
        serverLineStart = lines.count
        if !serverName.isEmpty {
            lines.append("Server: ")
            lines.append(serverName)
            lines.append("\r\n")
        }
        var heads = ByteBuffer(minimumCapacity: 1_024)
        for type in ContentType.allCases {
            heads.append(lines.span)
            heads.append(type.fieldLineBeforeLength)
            plainHeadEnds[Int(type.rawValue)] = heads.count
        }
        plainHeads = heads
    }
}
