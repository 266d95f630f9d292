internal import HTTP1

/// One answer as it came over the wire, in full. Before anything is timed there is time for that.
struct Answer: Equatable, Sendable {
    var status: Int
    var body: [UInt8]
    /// Names of its field lines, in lower case.
    var fieldNames: Set<String>
    /// Whether it says where its body ends, so that another answer can follow.
    var isDelimited: Bool

    /// Bytes of a body beyond this are refused: what serves more is no target for a gate that
    /// compares requests.
    static let maximumBodyByteCount = 16 << 20

    /// Reads the answer to a GET that begins at `offset`, and moves `offset` behind it. Nil while
    /// bytes are missing.
    ///
    /// - Parameter isEnd: Whether no more bytes come, which ends a body without a length.
    static func read(
        _ bytes: Span<UInt8>, at offset: inout Int, isEnd: Bool
    ) throws(ParseError) -> Answer? {
        var head = ResponseHead()
        var start = offset
        repeat {
            guard
                case .complete(let end) = try ResponseParser().parse(
                    bytes, from: start, into: &head)
            else { return nil }
            start = end
        } while head.isInformational && head.status != 101
        let framing = head.framing(for: .get)
        guard let (body, end) = try body(bytes, from: start, framing, isEnd: isEnd) else {
            return nil
        }
        offset = end
        return Answer(
            status: head.status, body: body, fieldNames: names(of: head, in: bytes),
            isDelimited: framing != .untilClose)
    }

    private static func body(
        _ bytes: Span<UInt8>, from start: Int, _ framing: BodyFraming, isEnd: Bool
    ) throws(ParseError) -> (body: [UInt8], end: Int)? {
        switch framing {
        case .none: return ([], start)
        case .contentLength(let count):
            guard bytes.count - start >= count else { return nil }
            return (Array(bytes, start..<(start + count)), start + count)
        case .untilClose:
            return isEnd ? (Array(bytes, start..<bytes.count), bytes.count) : nil
        case .chunked:
            var (decoder, offset, body) = (ChunkedDecoder(), start, [UInt8]())
            // Every turn takes bytes, so their number bounds the loop.
            while true {
                switch try decoder.decode(bytes, from: offset) {
                case .data(let dataStart, let count):
                    body += Array(bytes, dataStart..<(dataStart + count))
                    offset = dataStart + count
                case .needMore: return nil
                case .end(let next): return (body, next)
                }
            }
        }
    }

    private static func names(
        of head: borrowing ResponseHead, in bytes: Span<UInt8>
    ) -> Set<String> {
        var names: Set<String> = []
        for index in 0..<head.fieldCount {
            let name = head.fields[index].name
            let text = String(
                decoding: Array(bytes, name.startOffset..<name.endOffset), as: UTF8.self)
            names.insert(text.lowercased())
        }
        return names
    }
}

extension [UInt8] {
    /// A copy of a part of a span.
    fileprivate init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        self.init(capacity: range.count) { output in
            for index in range { output.append(bytes[index]) }
        }
    }
}
