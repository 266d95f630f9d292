internal import HTTP1

//             final head, body follows
//   head ───────────────────────────────► length / chunked / untilClose
//    ▲ │ 1xx: skipped                          │ last byte, or the end of the stream
//    │ └─ final head without a body ─┐         │
//    └───────────────────────────────┴─────────┘ the answer is complete
//
// Theory of operation: the reader holds no bytes. A head is read only when all of it is there (the
// owner keeps what is left over); a body is counted and compared as it passes. So an answer may
// have any length, and comes out the same however its bytes were split.

/// What a reader found.
enum ReadingStep: Equatable {
    /// The bytes are used up as far as they can be.
    case needMore
    /// An interim answer: 100 Continue, or one that means nothing here.
    case interim(status: Int)
    /// The final answer is complete; the reader is ready for the next.
    case complete
    /// Not HTTP, at this byte of the answer.
    case malformed(offset: Int)
}

/// What all connections of a thread read answers with: one set of memory, used by turns.
struct AnswerWorkspace: ~Copyable {
    let parser = ResponseParser()
    var head = ResponseHead()
    var cache = HeadCache()
    /// The exact body of a valid answer, if there is one.
    let expectedBody: [UInt8]?
    /// The exact length of a valid answer's body.
    let expectedLength: Int?

    init(expectedBody: [UInt8]? = nil, expectedLength: Int? = nil) {
        self.expectedBody = expectedBody
        self.expectedLength = expectedLength
    }
}

/// Reads the answers of one connection, one after the other.
struct AnswerReader: BitwiseCopyable {
    private enum State: UInt8 {
        case head, length, chunked, untilClose
    }

    private var state = State.head
    /// Bytes of the body that are still to come, when its length is known.
    private var remaining = 0
    private var decoder = ChunkedDecoder()

    /// What the head of the current, or just completed, answer said.
    private(set) var facts = HeadFacts()
    /// Bytes of the body so far, without its framing.
    private(set) var bodyByteCount = 0
    /// Bytes of the answer so far.
    private(set) var byteCount = 0
    private var matchesSoFar = true

    /// Whether an answer has begun: its head has come, or a part of its body.
    var isInsideAnswer: Bool { state != .head }

    /// Whether the end of the stream completes the answer (RFC 9112 §6.3).
    var endsWithStream: Bool { state == .untilClose }

    /// Goes on at `offset`, and moves it behind what was used.
    mutating func read(
        _ bytes: Span<UInt8>, at offset: inout Int, for method: RequestMethod,
        _ workspace: inout AnswerWorkspace
    ) -> ReadingStep {
        switch state {
        case .head:
            return readHead(bytes, at: &offset, for: method, &workspace)
        case .length:
            let count = min(remaining, bytes.count &- offset)
            take(bytes.extracting(offset..<(offset &+ count)), workspace)
            offset &+= count
            byteCount &+= count
            remaining &-= count
            return remaining == 0 ? finish() : .needMore
        case .chunked:
            return readChunks(bytes, at: &offset, workspace)
        case .untilClose:
            take(bytes.extracting(offset..<bytes.count), workspace)
            byteCount &+= bytes.count &- offset
            offset = bytes.count
            return .needMore
        }
    }

    /// Completes a body that ends with the stream.
    mutating func endOfStream() {
        precondition(state == .untilClose)
        _ = finish()
    }

    /// Whether the complete answer's body is the expected one.
    func bodyIsExpected(_ workspace: borrowing AnswerWorkspace) -> Bool {
        if let length = workspace.expectedLength, length != bodyByteCount { return false }
        guard let body = workspace.expectedBody else { return true }
        return matchesSoFar && body.count == bodyByteCount
    }

    private mutating func readHead(
        _ bytes: Span<UInt8>, at offset: inout Int, for method: RequestMethod,
        _ workspace: inout AnswerWorkspace
    ) -> ReadingStep {
        guard offset < bytes.count else { return .needMore }
        let start = offset
        do throws(ParseError) {
            guard
                let end = try workspace.cache.read(
                    bytes, from: start, with: workspace.parser, &workspace.head, into: &facts)
            else { return .needMore }
            offset = end
        } catch {
            return .malformed(offset: error.offset - start)
        }
        byteCount = offset &- start
        bodyByteCount = 0
        matchesSoFar = true
        if facts.status < 200 {
            // An upgrade that nobody asked for would leave HTTP (RFC 9110 §7.8).
            return facts.status == 101
                ? .malformed(offset: byteCount) : .interim(status: facts.status)
        }
        switch facts.framing(for: method) {
        case .none: return finish()
        case .contentLength(let count):
            remaining = count
            state = .length
        case .chunked:
            decoder = ChunkedDecoder()
            state = .chunked
        case .untilClose: state = .untilClose
        }
        return read(bytes, at: &offset, for: method, &workspace)
    }

    private mutating func readChunks(
        _ bytes: Span<UInt8>, at offset: inout Int, _ workspace: borrowing AnswerWorkspace
    ) -> ReadingStep {
        let start = offset
        do throws(ParseError) {
            while true {
                switch try decoder.decode(bytes, from: offset) {
                case .data(let dataStart, let count):
                    take(bytes.extracting(dataStart..<(dataStart &+ count)), workspace)
                    offset = dataStart &+ count
                case .needMore:
                    offset = bytes.count
                    byteCount &+= offset &- start
                    return .needMore
                case .end(let next):
                    offset = next
                    byteCount &+= offset &- start
                    return finish()
                }
            }
        } catch {
            return .malformed(offset: byteCount &+ (error.offset - start))
        }
    }

    private mutating func take(_ data: Span<UInt8>, _ workspace: borrowing AnswerWorkspace) {
        if let expected = workspace.expectedBody, matchesSoFar {
            matchesSoFar = Self.matches(data, expected.span, at: bodyByteCount)
        }
        bodyByteCount &+= data.count
    }

    private static func matches(
        _ data: Span<UInt8>, _ expected: Span<UInt8>, at offset: Int
    ) -> Bool {
        guard data.count <= expected.count - min(offset, expected.count) else { return false }
        for index in 0..<data.count where data[index] != expected[offset + index] { return false }
        return true
    }

    private mutating func finish() -> ReadingStep {
        state = .head
        return .complete
    }
}
