internal import Containers
internal import HTTP1
internal import HTTPEngine
internal import Syscalls

/// Keeps the texts of an exchange that a plan names, while the bytes are there; `CapturedExchange`
/// finds them again. No allocation unless the client is told by a trusted proxy.
///
/// ```
///   CapturedHead │ target │ method │ tag, length, text │ tag, length, text │ …
/// ```
struct ExchangeCapture: Sendable {
    /// Bytes of a text that are kept; a longer one is cut off there, so that no client decides how
    /// long a line gets.
    static let maxTextByteCount = 8_192

    /// What a text behind the method is: the number of a field, or one of these.
    enum Tag {
        /// And the numbers behind it: values of the user's own.
        static let firstValue: UInt8 = 0x40
        static let user: UInt8 = 0xF0
        static let requestID: UInt8 = 0xF1
        static let traceID: UInt8 = 0xF2
        static let reason: UInt8 = 0xF3
    }

    /// What is kept of an answer, too.
    private let wantsNotes: Bool
    private let valueNames: [String]
    /// The names of fields, one behind the other, and where each ends.
    private let names: [UInt8]
    private let nameEnds: [Int]
    /// Bit n: there is a name of n bytes, so that most lines cost one look. Bit 63: 63 and more.
    private let lengths: UInt64

    init(_ plan: CapturePlan) {
        wantsNotes = plan.wantsNotes || !plan.valueNames.isEmpty
        valueNames = plan.valueNames
        var (names, ends, lengths): ([UInt8], [Int], UInt64) = ([], [], 0)
        for name in plan.fieldNames {
            names += name.utf8
            ends.append(names.count)
            lengths |= Self.bit(ofLength: name.utf8.count)
        }
        (self.names, nameEnds, self.lengths) = (names, ends, lengths)
    }

    private static func bit(ofLength count: Int) -> UInt64 { 1 << UInt64(min(count, 63)) }

    /// Keeps what is wanted of a request.
    func capture(_ request: borrowing RequestView, into texts: inout ByteBuffer) {
        let line = request.line
        let target = Self.cut(request.bytes.extracting(line.target))
        let method = Self.cut(request.bytes.extracting(line.methodRange))
        var head = CapturedHead()
        head.client = request.client
        head.isRequest = true
        head.minorVersion = line.minorVersion
        head.targetCount = UInt16(truncatingIfNeeded: target.count)  // At most 8,193.
        head.methodCount = UInt16(truncatingIfNeeded: method.count)
        head.setPath(line.path, query: line.query, from: line.target.start)
        texts.append(bytesOf: head)
        texts.append(target)
        texts.append(method)
        if lengths != 0 { captureFields(request, into: &texts) }
    }

    /// Keeps the first line of what never became a request; empty lines before it do not count.
    func capture(
        unparsed bytes: Span<UInt8>, from peer: SocketAddress, into texts: inout ByteBuffer
    ) {
        var start = 0
        while start < bytes.count, bytes[start] == 0x0A || bytes[start] == 0x0D { start += 1 }
        var end = start
        while end < bytes.count, bytes[end] != 0x0A { end += 1 }
        if end > start, bytes[end - 1] == 0x0D { end -= 1 }
        let line = Self.cut(bytes.extracting(start..<end))
        var head = CapturedHead()
        head.client = peer
        head.targetCount = UInt16(truncatingIfNeeded: line.count)
        texts.append(bytesOf: head)
        texts.append(line)
    }

    /// Keeps what is said about an exchange beside its answer.
    func capture(_ message: borrowing ResponseMessage, into texts: inout ByteBuffer) {
        guard wantsNotes, let notes = message.notes else { return }
        if let user = notes.user { Self.append(Tag.user, user.utf8.span, to: &texts) }
        if let id = notes.requestID { Self.append(Tag.requestID, id.utf8.span, to: &texts) }
        if let id = notes.traceID { Self.append(Tag.traceID, id.utf8.span, to: &texts) }
        if let reason = notes.reason { Self.append(Tag.reason, reason.utf8.span, to: &texts) }
        for (name, value) in notes.values {
            // Few names, and a line that has such values is dear already.
            guard let index = valueNames.firstIndex(of: name) else { continue }
            Self.append(Tag.firstValue + UInt8(index), value.utf8.span, to: &texts)
        }
    }

    private func captureFields(_ request: borrowing RequestView, into texts: inout ByteBuffer) {
        // Bit n: field n has been found; its first line counts.
        var found: UInt64 = 0
        let all: UInt64 = 1 << UInt64(nameEnds.count) - 1
        for index in 0..<request.fields.count {
            let line = request.fields[index]
            guard lengths & Self.bit(ofLength: Int(line.name.count)) != 0 else { continue }
            let name = request.bytes.extracting(line.name)
            guard let number = number(of: name), found & 1 << UInt64(number) == 0 else { continue }
            let value = request.bytes.extracting(line.value)
            Self.append(UInt8(truncatingIfNeeded: number), value, to: &texts)
            found |= 1 << UInt64(number)
            if found == all { return }
        }
    }

    private func number(of name: Span<UInt8>) -> Int? {
        let names = names.span
        var start = 0
        for index in 0..<nameEnds.count {
            let end = nameEnds[index]
            if end - start == name.count, name.equalsIgnoringCase(names.extracting(start..<end)) {
                return index
            }
            start = end
        }
        return nil
    }

    private static func append(_ tag: UInt8, _ text: Span<UInt8>, to texts: inout ByteBuffer) {
        let text = cut(text)
        texts.append(tag)
        texts.append(bytesOf: UInt16(truncatingIfNeeded: text.count))  // At most 8,193.
        texts.append(text)
    }

    /// At most one byte too many, which tells that it was cut.
    @_lifetime(copy text)
    private static func cut(_ text: Span<UInt8>) -> Span<UInt8> {
        text.count <= maxTextByteCount ? text : text.extracting(0..<maxTextByteCount + 1)
    }
}

/// What stands before the texts of an exchange. Plain numbers.
struct CapturedHead: BitwiseCopyable {
    /// Who has sent it, as far as that can be believed.
    var client = SocketAddress.any(port: 0)
    /// Bytes of the target; of the first line, where it never became a request.
    var targetCount: UInt16 = 0
    var methodCount: UInt16 = 0
    /// Where path and query stand in the target; the query without its mark.
    private(set) var pathStart: UInt16 = 0
    private(set) var pathCount: UInt16 = 0
    private(set) var queryStart: UInt16 = 0
    private(set) var queryCount: UInt16 = 0
    var minorVersion: UInt8 = 0
    var isRequest = false

    /// - Parameter start: Where the target begins. It is no longer than 65,535 bytes (`Limits`).
    mutating func setPath(_ path: ByteRange, query: ByteRange, from start: UInt32) {
        if !path.isEmpty {
            pathStart = UInt16(truncatingIfNeeded: path.start &- start)
            pathCount = UInt16(truncatingIfNeeded: path.count)
        }
        if !query.isEmpty {
            queryStart = UInt16(truncatingIfNeeded: query.start &- start)
            queryCount = UInt16(truncatingIfNeeded: query.count)
        }
    }
}
