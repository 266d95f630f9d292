/// Which rules a header section is read by: a server refuses what it might understand otherwise
/// than whatever stands before it; a client accepts what RFC 9112 §6.3 tells it to.
enum MessageRole {
    case request, response
}

extension FieldSection {
    /// Reads the lines from `start` on, up to the empty line. Returns the offset behind that, or
    /// nil when `bytes` end before it; it must then be called again from the start, on an empty
    /// section.
    ///
    /// Every error depends on the bytes up to it alone, so it comes out the same however many bytes
    /// there are behind it.
    mutating func parse(
        _ bytes: Span<UInt8>, from start: Int, as role: MessageRole
    ) throws(ParseError) -> Int? {
        var offset = start
        while true {
            let lineStart = offset
            if bytes.hasLineEnd(at: lineStart) { return lineStart &+ 2 }

            let nameEnd = bytes.end(of: LettersAndHyphens.self, from: lineStart)
            var found = plainLine(bytes, from: lineStart, nameEnd: nameEnd)
            if found == nil { found = try parseAnyLine(bytes, from: lineStart) }
            guard let (line, endOffset) = found else { return nil }

            guard count < FieldSection.maxCount else {
                throw ParseError(.tooManyFields, at: lineStart)
            }
            append(line)
            if KnownName.isPossible(bytes[lineStart], Int(line.name.count)) {
                try facts.note(line, bytes, role)
            }
            offset = endOffset
        }
    }

    /// The line that begins at `lineStart`, if it is of the plain shape `Name: value` that nearly
    /// every line has: one space, nothing to trim, no rare characters. Nil says nothing.
    @inline(always)
    private func plainLine(
        _ bytes: Span<UInt8>, from lineStart: Int, nameEnd: Int
    ) -> (line: FieldLine, endOffset: Int)? {
        // The first byte of a word is its lowest.
        let separator = bytes.halfWord(at: nameEnd)
        guard separator & 0xFFFF == 0x203A, separator & 0xFF_0000 != 0x20_0000,  // ": ", no "  "
            nameEnd != lineStart
        else { return nil }
        let valueStart = nameEnd &+ 2
        let valueEnd = bytes.end(of: TextWithoutTabs.self, from: valueStart)
        // An empty value counts as one that ends with the space behind the colon.
        let ending = bytes.halfWord(at: valueEnd &- 1)
        guard ending & 0xFF_FF00 == 0x0A_0D00, ending & 0xFF != 0x20 else { return nil }  // CRLF
        let line = FieldLine(
            name: ByteRange(from: lineStart, to: nameEnd),
            value: ByteRange(from: valueStart, to: valueEnd))
        return (line, valueEnd &+ 2)
    }

    /// Reads a line of any shape; nil when the bytes end inside it.
    @inline(never)
    private func parseAnyLine(
        _ bytes: Span<UInt8>, from lineStart: Int
    ) throws(ParseError) -> (line: FieldLine, endOffset: Int)? {
        let nameEnd = bytes.endOfToken(from: lineStart)
        guard nameEnd < bytes.count else { return nil }
        guard nameEnd > lineStart, bytes[nameEnd] == .ascii(":") else {
            if nameEnd == lineStart && bytes[nameEnd] == .carriageReturn {
                // The caller has seen that no LF follows, so far.
                _ = try bytes.endOfLine(at: nameEnd, otherwise: .invalidFieldName)
                return nil
            }
            throw bytes.faultInName(from: lineStart, to: nameEnd)
        }
        var valueStart = nameEnd &+ 1
        while valueStart < bytes.count, bytes[valueStart].isOptionalWhitespace {
            valueStart &+= 1
        }
        let textEnd = bytes.endOfFieldValue(from: valueStart)
        guard let nextLine = try bytes.endOfLine(at: textEnd, otherwise: .controlByteInValue)
        else { return nil }
        var valueEnd = textEnd
        while valueEnd > valueStart, bytes[valueEnd &- 1].isOptionalWhitespace {
            valueEnd &-= 1
        }
        let line = FieldLine(
            name: ByteRange(from: lineStart, to: nameEnd),
            value: ByteRange(from: valueStart, to: valueEnd))
        return (line, nextLine)
    }
}

extension Span where Element == UInt8 {
    /// Whether there is a byte at `offset`, and it is this one.
    @inline(always)
    func has(_ byte: UInt8, at offset: Int) -> Bool {
        offset < count && self[offset] == byte
    }

    /// Whether CRLF stands at `offset`.
    @inline(always)
    func hasLineEnd(at offset: Int) -> Bool {
        offset &+ 1 < count && self[offset] == .carriageReturn && self[offset &+ 1] == .lineFeed
    }

    /// What is wrong with a line that does not begin with a name and a colon.
    fileprivate func faultInName(from lineStart: Int, to nameEnd: Int) -> ParseError {
        let byte = self[nameEnd]
        return switch (nameEnd == lineStart, byte) {
        case (_, .lineFeed): ParseError(.bareLineFeed, at: nameEnd)
        case (true, .ascii(":")): ParseError(.emptyFieldName, at: nameEnd)
        case (true, .space), (true, .horizontalTab): ParseError(.obsoleteLineFolding, at: nameEnd)
        case (false, .space), (false, .horizontalTab): ParseError(.spaceBeforeColon, at: nameEnd)
        default: ParseError(.invalidFieldName, at: nameEnd)
        }
    }

    /// Expects CRLF at `offset` and returns the offset behind it, or nil when the bytes end before
    /// that is decided. A byte that is neither CR nor LF is a fault of the kind `otherwise`.
    func endOfLine(
        at offset: Int, otherwise kind: ParseError.Kind
    ) throws(ParseError) -> Int? {
        guard offset < count else { return nil }
        guard self[offset] == .carriageReturn else {
            throw ParseError(self[offset] == .lineFeed ? .bareLineFeed : kind, at: offset)
        }
        guard offset &+ 1 < count else { return nil }
        guard self[offset &+ 1] == .lineFeed else {
            throw ParseError(.bareCarriageReturn, at: offset)
        }
        return offset &+ 2
    }
}

/// The names of fields that the parser itself must understand.
private enum KnownName {
    case host, expect, connection, contentLength, transferEncoding

    /// Whether a known name has this first letter and so many bytes: most other names do not.
    @inline(always)
    static func isPossible(_ first: UInt8, _ count: Int) -> Bool {
        let lengths: UInt64 = 1 << 4 | 1 << 6 | 1 << 10 | 1 << 14 | 1 << 17
        // The letters h, e, c and t by their place in the alphabet, in either case.
        let letters: UInt64 = 1 << 8 | 1 << 5 | 1 << 3 | 1 << 20
        return count < 18 && (lengths &>> UInt64(count)) & (letters &>> UInt64(first & 31)) & 1 != 0
    }

    /// The known name that `range`, which is a token, is in any case; nil for any other.
    @inline(always)
    init?(_ bytes: Span<UInt8>, _ range: ByteRange) {
        let start = range.startOffset
        switch range.count {
        case 4:
            let word = Word.lowercasedToken(bytes.word(at: start))
            guard word & 0xFFFF_FFFF == Word.of("host") else { return nil }
            self = .host
        case 6:
            let word = Word.lowercasedToken(bytes.word(at: start))
            guard word & 0xFFFF_FFFF_FFFF == Word.of("expect") else { return nil }
            self = .expect
        case 10:
            guard bytes.tokenMatches("connecti", at: start),
                bytes.tokenMatches("nnection", at: start &+ 2)
            else { return nil }
            self = .connection
        case 14:
            guard bytes.tokenMatches("content-", at: start),
                bytes.tokenMatches("t-length", at: start &+ 6)
            else { return nil }
            self = .contentLength
        case 17:
            guard bytes.tokenMatches("transfer", at: start),
                bytes.tokenMatches("-encodin", at: start &+ 8),
                bytes.tokenMatches("encoding", at: start &+ 9)
            else { return nil }
            self = .transferEncoding
        default:
            return nil
        }
    }
}

extension Span where Element == UInt8 {
    /// Whether the eight bytes at `offset` of a token or a field value are `text`, which is made of
    /// letters and hyphens in lower case.
    @inline(always)
    fileprivate func tokenMatches(_ text: StaticString, at offset: Int) -> Bool {
        Word.lowercasedToken(word(at: offset)) == Word.of(text)
    }
}

extension FieldFacts {
    /// Takes in one line, if it is of a field that the parser understands.
    fileprivate mutating func note(
        _ line: FieldLine, _ bytes: Span<UInt8>, _ role: MessageRole
    ) throws(ParseError) {
        guard let name = KnownName(bytes, line.name) else { return }
        let range = line.value
        let value = bytes.extracting(range)
        let offset = range.startOffset
        switch name {
        case .host:
            guard role == .request else { return }
            guard hostCount == 0 else { throw ParseError(.duplicateHost, at: offset) }
            guard Authority.isValidHost(bytes, at: range) else {
                throw ParseError(.invalidHost, at: offset)
            }
            hostCount = 1
            host = range
        case .expect:
            let isContinue = value.equalsIgnoringCase("100-continue")
            expectation = isContinue && expectation != .other ? .continue : .other
        case .connection:
            try noteConnection(value, at: offset)
        case .contentLength:
            switch role {
            case .request: try noteRequestLength(value, at: offset)
            case .response: try noteResponseLength(value, at: offset)
            }
        case .transferEncoding:
            try noteTransferEncoding(value, at: offset)
        }
    }

    /// `Connection = #connection-option`: tokens between commas; empty elements are skipped, as
    /// RFC 9110 §5.6.1 wants it.
    private mutating func noteConnection(
        _ value: Span<UInt8>, at offset: Int
    ) throws(ParseError) {
        // What nearly every browser sends.
        if value.count == 10 && value.tokenMatches("keep-ali", at: 0)
            && value.tokenMatches("ep-alive", at: 2)
        {
            connection.insert(.keepAlive)
            return
        }
        var elements = ListElements(value)
        while let element = elements.next() {
            let option = value.extracting(element)
            if option.isEmpty { continue }
            if option.equalsIgnoringCase("close") {
                connection.insert(.close)
            } else if option.equalsIgnoringCase("keep-alive") {
                connection.insert(.keepAlive)
            } else if option.equalsIgnoringCase("upgrade") {
                connection.insert(.upgrade)
            } else if option.endOfToken(from: 0) != option.count {
                throw ParseError(.invalidConnection, at: offset + element.lowerBound)
            }
        }
    }

    /// One line, one number: RFC 9112 §6.3 would let equal ones pass, but whoever stands before
    /// this server may see that differently, so ambiguity is refused.
    private mutating func noteRequestLength(
        _ value: Span<UInt8>, at offset: Int
    ) throws(ParseError) {
        guard contentLength == nil else { throw ParseError(.duplicateContentLength, at: offset) }
        guard let length = value.decimalValue else {
            throw ParseError(.invalidContentLength, at: offset)
        }
        contentLength = length
    }

    /// Several equal numbers count as one in a response (RFC 9112 §6.3, rule 5).
    private mutating func noteResponseLength(
        _ value: Span<UInt8>, at offset: Int
    ) throws(ParseError) {
        var elements = ListElements(value)
        while let element = elements.next() {
            let at = offset + element.lowerBound
            guard let length = value.extracting(element).decimalValue else {
                throw ParseError(.invalidContentLength, at: at)
            }
            guard contentLength == nil || contentLength == length else {
                throw ParseError(.duplicateContentLength, at: at)
            }
            contentLength = length
        }
    }

    /// Codings in order, over several lines. Here an empty element is refused, although the list
    /// rule would let it pass: framing is no place for generosity. So are parameters, which
    /// `chunked` does not have (RFC 9112 §7.1).
    private mutating func noteTransferEncoding(
        _ value: Span<UInt8>, at offset: Int
    ) throws(ParseError) {
        transferCodings.insert(.present)
        var elements = ListElements(value)
        while let element = elements.next() {
            let coding = value.extracting(element)
            let at = offset + element.lowerBound
            // `chunked` must be the last coding, so nothing may follow it, itself included.
            guard !transferCodings.contains(.chunked), !coding.isEmpty,
                coding.endOfToken(from: 0) == coding.count
            else { throw ParseError(.invalidTransferEncoding, at: at) }
            let isChunked = coding.equalsIgnoringCase("chunked")
            transferCodings.insert(isChunked ? .chunked : .other)
        }
    }
}

/// The elements of a comma-separated list without the whitespace around them (RFC 9110 §5.6.1).
/// An empty value has one element, which is empty. Quoted strings are not known here.
struct ListElements: ~Escapable {
    private let list: Span<UInt8>
    /// Offset of the next element, or beyond the end when the last one has been given out.
    private var offset = 0

    @_lifetime(copy list)
    init(_ list: Span<UInt8>) {
        self.list = list
    }

    @_lifetime(self: copy self)
    mutating func next() -> Range<Int>? {
        guard offset <= list.count else { return nil }
        var lower = offset
        var upper = offset
        while upper < list.count, list[upper] != .ascii(",") { upper &+= 1 }
        offset = upper &+ 1
        while lower < upper, list[lower].isOptionalWhitespace { lower &+= 1 }
        while upper > lower, list[upper &- 1].isOptionalWhitespace { upper &-= 1 }
        return lower..<upper
    }
}
