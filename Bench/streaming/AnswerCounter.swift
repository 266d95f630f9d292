internal import HTTP1

//   head ──► length(left) ──► complete          more bytes ──► fault
//     ├────► chunked ──────────► ▲
//     └────► untilClose ── end ──┘
//
// Theory of operation: bytes of the body are counted and dropped, a run at a time; none is looked at
// but those that frame it, and the few at its beginning that an error quotes.

/// Reads one answer and counts the bytes of its body.
struct AnswerCounter: ~Copyable {
    /// Bytes at the beginning of the body that are kept.
    static let keptByteCount = 256

    private enum State {
        case head
        case length(Int)
        case chunked
        case untilClose
        case complete
    }

    private let method: RequestMethod
    private var state = State.head
    private var headBytes: [UInt8] = []
    private var decoder = ChunkedDecoder()
    /// Bytes of the answer before those that are taken now.
    private var earlierCount = 0

    /// 0 until the head is there.
    private(set) var status = 0
    private(set) var isChunked = false
    /// What `Content-Length` announces.
    private(set) var announcedCount: Int?
    /// Bytes of the body so far.
    private(set) var bodyCount = 0
    /// Bytes behind the end of the answer.
    private(set) var unexpectedCount = 0
    /// How the body begins.
    private(set) var bodyStart: [UInt8] = []

    init(to method: RequestMethod) {
        self.method = method
    }

    var hasHead: Bool { status != 0 }

    var isComplete: Bool {
        if case .complete = state { return true }
        return false
    }

    /// Takes what was received.
    mutating func take(_ bytes: Span<UInt8>) throws(TransferFailure) {
        defer { earlierCount += bytes.count }
        guard hasHead else { return try takeHead(bytes) }
        do throws(ParseError) {
            try takeBody(bytes, from: 0)
        } catch {
            throw .malformed(offset: earlierCount + error.offset)
        }
    }

    /// The stream has ended; false when the answer has not.
    mutating func takeEnd() -> Bool {
        guard case .untilClose = state else { return false }
        state = .complete
        return true
    }

    // MARK: - Helpers

    private mutating func takeHead(_ bytes: Span<UInt8>) throws(TransferFailure) {
        for index in 0..<bytes.count { headBytes.append(bytes[index]) }
        do throws(ParseError) {
            var head = ResponseHead()
            var start = 0
            repeat {
                guard
                    case .complete(let end) = try ResponseParser().parse(
                        headBytes.span, from: start, into: &head)
                else { return }
                start = end
            } while head.isInformational && head.status != 101
            begin(head)
            let rest = headBytes
            headBytes = []
            try takeBody(rest.span, from: start)
        } catch {
            throw .malformed(offset: error.offset)
        }
    }

    private mutating func begin(_ head: borrowing ResponseHead) {
        status = head.status
        switch head.framing(for: method) {
        case .none:
            announcedCount = 0
            state = .complete
        case .contentLength(let count):
            announcedCount = count
            state = .length(count)
        case .chunked:
            isChunked = true
            state = .chunked
        case .untilClose: state = .untilClose
        }
    }

    private mutating func takeBody(_ bytes: Span<UInt8>, from start: Int) throws(ParseError) {
        var offset = start
        while offset < bytes.count {
            switch state {
            case .head: preconditionFailure("the head is there")
            case .length(let left):
                let count = min(left, bytes.count - offset)
                note(bytes, offset, count)
                offset += count
                state = count == left ? .complete : .length(left - count)
            case .chunked:
                switch try decoder.decode(bytes, from: offset) {
                case .data(let dataStart, let count):
                    note(bytes, dataStart, count)
                    offset = dataStart + count
                case .needMore: return
                case .end(let next):
                    offset = next
                    state = .complete
                }
            case .untilClose:
                note(bytes, offset, bytes.count - offset)
                offset = bytes.count
            case .complete:
                unexpectedCount = bytes.count - offset
                return
            }
        }
    }

    private mutating func note(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) {
        bodyCount += count
        let room = Self.keptByteCount - bodyStart.count
        guard room > 0 else { return }
        for index in start..<(start + min(room, count)) { bodyStart.append(bytes[index]) }
    }
}
