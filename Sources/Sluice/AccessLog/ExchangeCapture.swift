internal import Containers
internal import HTTP1
internal import HTTPEngine
internal import Syscalls

/// Keeps the texts of an exchange that a plan names, while the bytes are there; `CapturedExchange`
/// finds them again. No allocation unless the client is told by a trusted proxy.
///
/// ```
///   CapturedHead │ method, a blank, target │ CapturedText, text │ …
/// ```
struct ExchangeCapture: Sendable {
    /// Bytes of a text that are kept; a longer one is cut off there, so that no client decides how
    /// long a line gets.
    static let maxTextByteCount = 8_192

    /// What a text behind the target is: the number of a field, or one of these.
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
    private let fieldNames: FieldNames

    init(_ plan: CapturePlan) {
        wantsNotes = plan.wantsNotes || !plan.valueNames.isEmpty
        valueNames = plan.valueNames
        fieldNames = FieldNames(plan.fieldNames)
    }

    /// Keeps what is wanted of a request.
    func capture(_ request: borrowing RequestView, into texts: inout ByteBuffer) {
        // Read part by part, where they are: a property of the view would be a call with a copy.
        let targetRange = request.received.value.head.line.target
        let methodRange = request.received.value.head.line.methodRange
        let target = Self.cut(request.bytes.extracting(targetRange))
        var head = CapturedHead()
        head.client =
            request.received.value.trustedProxies.isEmpty
            ? request.received.value.peer : request.client
        head.isRequest = true
        head.minorVersion = request.received.value.head.line.minorVersion
        head.targetCount = UInt16(truncatingIfNeeded: target.count)  // At most 8,193.
        head.methodCount = UInt16(truncatingIfNeeded: methodRange.count)  // At most 32.
        head.setPath(
            request.received.value.head.line.path, query: request.received.value.head.line.query,
            from: targetRange.start)
        texts.append(bytesOf: head)
        // Nearly always they are as they stand in the request line: one copy.
        let end = methodRange.endOffset + 1
        if targetRange.startOffset == end, target.count == Int(targetRange.count) {
            texts.append(
                request.bytes.extracting(methodRange.startOffset..<targetRange.endOffset))
        } else {
            texts.append(request.bytes.extracting(methodRange))
            texts.append(UInt8(ascii: " "))
            texts.append(target)
        }
        if fieldNames.count > 0 { captureFields(request, into: &texts) }
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
        texts.append(UInt8(ascii: " "))
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
        let all: UInt64 = 1 << UInt64(fieldNames.count) - 1
        let (bytes, lines) = (request.bytes, request.fields)
        for index in 0..<lines.count {
            guard fieldNames.mayHold(lines[index]),
                let number = fieldNames.index(of: lines[index], in: bytes),
                found & 1 << UInt64(number) == 0
            else { continue }
            Self.append(
                UInt8(truncatingIfNeeded: number), bytes.extracting(lines[index].value),
                to: &texts)
            found |= 1 << UInt64(number)
            if found == all { return }
        }
    }

    private static func append(_ tag: UInt8, _ text: Span<UInt8>, to texts: inout ByteBuffer) {
        let text = cut(text)
        // At most 8,193 bytes.
        texts.append(bytesOf: CapturedText(tag: tag, count: UInt32(text.count)))
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

/// What stands before each text behind the target.
struct CapturedText: BitwiseCopyable {
    private let word: UInt32

    /// - Parameter count: Below 2²⁴.
    init(tag: UInt8, count: UInt32) {
        word = count << 8 | UInt32(tag)
    }

    var tag: UInt8 { UInt8(truncatingIfNeeded: word) }

    var count: Int { Int(word >> 8) }
}
