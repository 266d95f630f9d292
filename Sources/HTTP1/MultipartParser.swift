//   preamble ──delimiter──► delimiterEnd ── CRLF ──► header ── empty line ──► data
//                            │    ▲                                           │
//                            │    └──────────────── delimiter ────────────────┘
//                            └── "--" ──► epilogue
//
// Theory of operation: like the chunked decoder, the parser holds no data. It says which runs of the
// bytes given to it belong to a part, and remembers how much of a delimiter it has seen when they
// end in the middle of one. When that turns out to be data after all, it says so: the bytes are
// those of the delimiter, which it knows. CR begins the delimiter and is nowhere else in it, so
// after a mismatch the search begins again at the byte that did not match. Each byte is looked at
// once or twice. Only the header of a part is collected.

/// What was found in the bytes given to `MultipartParser.next`.
package enum MultipartEvent: Equatable, Sendable {
    /// A part begins: `part` says what its header says.
    case partBegan
    /// These bytes belong to the part; at least one.
    case data(start: Int, count: Int)
    /// These bytes of `delimiter` belong to the part; at least one. They have been used before, some
    /// of them perhaps in an earlier call.
    case heldData(start: Int, count: Int)
    /// The part is complete.
    case partEnded
    /// All bytes are consumed, and the body goes on.
    case needMore
    /// The closing delimiter has come. All that follows is to be ignored.
    case end
}

/// Takes `multipart/form-data` apart (RFC 7578, RFC 2046 §5.1), incrementally and without copying
/// data. It knows boundaries and headers of parts, and nothing of HTTP: so it stands beside the
/// codec, and will be fed as bytes arrive.
///
/// Strict: lines end with CRLF, every part has a name, headers have no folded lines, and after the
/// boundary stands nothing but blanks. `filename*` is refused: RFC 7578 §4.2 forbids it, and a part
/// with two names of one file is read differently by different readers. What stands before the first
/// delimiter and behind the closing one is ignored (RFC 2046 §5.1.1).
package struct MultipartParser: Sendable {
    /// What a body may have; beyond: `MultipartError`.
    package struct Limits: Sendable {
        /// Parts.
        package var maxPartCount = 100
        /// Bytes of one part's header.
        package var maxHeaderBytes = 4_096
        /// Bytes of the name of a field.
        package var maxNameBytes = 256
        /// Bytes of the name of a file.
        package var maxFileNameBytes = 1_024
        /// Bytes of the data of one part.
        package var maxPartBytes = Int.max

        package init() {}
    }

    private enum State {
        case preamble
        case data
        /// Behind a boundary: `--`, or blanks and CRLF.
        case delimiterEnd
        case closingDash
        case lineEnd
        case header
        case epilogue
    }

    /// CRLF, `--` and the boundary.
    package let delimiter: [UInt8]

    /// The part that has begun last.
    package private(set) var part = MultipartPart()

    private let limits: Limits
    private var state = State.preamble
    /// Bytes of the delimiter that have matched up to the end of what was given.
    private var matched = 2
    /// Those of them that did not come as data: the CRLF that need not stand before the first
    /// delimiter, and that of a header's empty line, before the delimiter behind a part without data.
    private var borrowed = 2
    /// The part's header so far.
    private var header: [UInt8] = []
    private var partCount = 0
    private var partByteCount = 0

    /// A parser at the beginning of a body. `nil` when this cannot be a boundary: 1 to 70 characters
    /// of a small set, the last of them no blank (RFC 2046 §5.1.1).
    package init?(boundary: Span<UInt8>, limits: Limits = Limits()) {
        guard Self.isBoundary(boundary) else { return nil }
        var delimiter = Array("\r\n--".utf8)
        for index in boundary.indices { delimiter.append(boundary[index]) }
        self.delimiter = delimiter
        self.limits = limits
    }

    /// The closing delimiter has come.
    package var isComplete: Bool {
        if case .epilogue = state { true } else { false }
    }

    /// Looks at the bytes from `offset` on, up to the next event, and moves `offset` behind what it
    /// has used. Call it again with the same bytes until it says `.needMore` or `.end`.
    ///
    /// - Throws: `MultipartError`; a new parser is needed then.
    package mutating func next(
        in bytes: Span<UInt8>, at offset: inout Int
    ) throws(MultipartError) -> MultipartEvent {
        // A delimiter may be complete behind data that have just been given out.
        while offset < bytes.count || matched == delimiter.count {
            switch state {
            case .preamble:
                if let event = try search(bytes, &offset), case .partEnded = event {
                    state = .delimiterEnd
                }
            case .data:
                if let event = try search(bytes, &offset) { return event }
            case .delimiterEnd, .closingDash, .lineEnd:
                try endDelimiter(bytes[offset])
                offset += 1
            case .header:
                if try collectHeader(bytes, &offset) { return .partBegan }
            case .epilogue:
                offset = bytes.count
            }
        }
        return isComplete ? .end : .needMore
    }

    // MARK: Delimiters

    /// Looks for the delimiter. `nil`: what was found is no event by itself.
    private mutating func search(
        _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(MultipartError) -> MultipartEvent? {
        if matched > 0 { return try goOnMatching(bytes, &offset) }
        let start = offset
        var index = start
        while true {
            while index < bytes.count, bytes[index] != .carriageReturn { index += 1 }
            let count = matchingCount(bytes, from: index)
            if index + count == bytes.count || count == delimiter.count {
                // A delimiter, or what may become one: the data end here for now.
                matched = count
                offset = index + count
                if index > start { return try data(.data(start: start, count: index - start)) }
                return count == delimiter.count ? delimited() : nil
            }
            index += count
        }
    }

    /// Goes on with a delimiter of which a part has been seen.
    private mutating func goOnMatching(
        _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(MultipartError) -> MultipartEvent? {
        while matched < delimiter.count, offset < bytes.count,
            bytes[offset] == delimiter[matched]
        {
            matched += 1
            offset += 1
        }
        if matched == delimiter.count { return delimited() }
        guard offset < bytes.count else { return nil }
        let held = MultipartEvent.heldData(start: borrowed, count: matched - borrowed)
        let isEmpty = matched == borrowed
        matched = 0
        borrowed = 0
        return isEmpty ? nil : try data(held)
    }

    /// The bytes that are as in the delimiter, from its beginning; 0 at a byte that is no CR.
    private func matchingCount(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var count = 0
        while count < delimiter.count, start + count < bytes.count,
            bytes[start + count] == delimiter[count]
        {
            count += 1
        }
        return count
    }

    private mutating func delimited() -> MultipartEvent {
        matched = 0
        borrowed = 0
        state = .delimiterEnd
        return .partEnded
    }

    private mutating func data(
        _ event: MultipartEvent
    ) throws(MultipartError) -> MultipartEvent {
        if case .preamble = state { return event }
        switch event {
        case .data(_, let count), .heldData(_, let count):
            guard count <= limits.maxPartBytes - partByteCount else { throw .partTooLarge }
            partByteCount += count
        case .partBegan, .partEnded, .needMore, .end: break
        }
        return event
    }

    /// One byte behind a boundary.
    private mutating func endDelimiter(_ byte: UInt8) throws(MultipartError) {
        switch (state, byte) {
        case (.closingDash, UInt8(ascii: "-")):
            state = .epilogue
        case (.lineEnd, .lineFeed):
            state = .header
            header.removeAll(keepingCapacity: true)
        case (.delimiterEnd, .carriageReturn):
            state = .lineEnd
        case (.delimiterEnd, UInt8(ascii: "-")) where !hasPadding:
            state = .closingDash
        case (.delimiterEnd, .space), (.delimiterEnd, .horizontalTab):
            hasPadding = true
            return
        default:
            throw .invalidDelimiter
        }
        hasPadding = false
    }

    /// Blanks have come behind the boundary.
    private var hasPadding = false

    // MARK: Headers

    /// Collects the header up to its empty line. True when that has come.
    private mutating func collectHeader(
        _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(MultipartError) -> Bool {
        while offset < bytes.count {
            guard header.count < limits.maxHeaderBytes else { throw .headerTooLarge }
            let byte = bytes[offset]
            offset += 1
            header.append(byte)
            guard byte == .lineFeed, isHeaderComplete else { continue }
            guard partCount < limits.maxPartCount else { throw .tooManyParts }
            partCount += 1
            partByteCount = 0
            part = try MultipartPart(header: header.span, limits: limits)
            state = .data
            matched = 2
            borrowed = 2
            return true
        }
        return false
    }

    private var isHeaderComplete: Bool {
        header.count == 2
            ? header[0] == .carriageReturn
            : header.count >= 4 && header[header.count - 2] == .carriageReturn
                && header[header.count - 3] == .lineFeed
                && header[header.count - 4] == .carriageReturn
    }

    /// `bchars`, and no blank at the end (RFC 2046 §5.1.1).
    private static func isBoundary(_ bytes: Span<UInt8>) -> Bool {
        guard (1...70).contains(bytes.count), bytes[bytes.count - 1] != .space else { return false }
        for index in bytes.indices where !ByteSet.boundary.contains(bytes[index]) { return false }
        return true
    }
}
