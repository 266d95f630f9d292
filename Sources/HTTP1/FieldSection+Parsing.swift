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
            let nameStart = offset
            let nameEnd = bytes.endOfToken(from: nameStart)
            guard nameEnd < bytes.count else { return nil }
            guard nameEnd > nameStart, bytes[nameEnd] == .ascii(":") else {
                return try endOfSection(bytes, at: nameStart, nameEnd: nameEnd)
            }

            var valueStart = nameEnd &+ 1
            while valueStart < bytes.count, bytes[valueStart].isOptionalWhitespace {
                valueStart &+= 1
            }
            let lineEnd = bytes.endOfFieldValue(from: valueStart)
            guard let nextLine = try bytes.endOfLine(at: lineEnd, otherwise: .controlByteInValue)
            else { return nil }
            var valueEnd = lineEnd
            while valueEnd > valueStart, bytes[valueEnd &- 1].isOptionalWhitespace {
                valueEnd &-= 1
            }

            guard count < FieldSection.maxCount else {
                throw ParseError(.tooManyFields, at: nameStart)
            }
            let line = FieldLine(
                name: ByteRange(from: nameStart, to: nameEnd),
                value: ByteRange(from: valueStart, to: valueEnd))
            append(line)
            if let name = KnownName(bytes, nameStart, nameEnd &- nameStart) {
                try facts.note(name, line.value, bytes, role)
            }
            offset = nextLine
        }
    }

    /// Handles a line that does not begin with a name and a colon: the empty line, or a fault.
    private func endOfSection(
        _ bytes: Span<UInt8>, at lineStart: Int, nameEnd: Int
    ) throws(ParseError) -> Int? {
        let byte = bytes[nameEnd]
        guard nameEnd == lineStart else {
            let isSpace = byte.isOptionalWhitespace
            throw ParseError(isSpace ? .spaceBeforeColon : .invalidFieldName, at: nameEnd)
        }
        if byte.isOptionalWhitespace { throw ParseError(.obsoleteLineFolding, at: lineStart) }
        if byte == .ascii(":") { throw ParseError(.emptyFieldName, at: lineStart) }
        return try bytes.endOfLine(at: lineStart, otherwise: .invalidFieldName)
    }
}

extension Span where Element == UInt8 {
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

    /// The known name at `start`, which is a token of `count` bytes; nil for any other.
    init?(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) {
        switch count {
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
    /// Whether the eight bytes of a token at `offset` are `text` (in lower case), whatever theirs.
    fileprivate func tokenMatches(_ text: StaticString, at offset: Int) -> Bool {
        Word.lowercasedToken(word(at: offset)) == Word.of(text)
    }
}

extension FieldFacts {
    /// Takes in one line of a field that the parser understands.
    fileprivate mutating func note(
        _ name: KnownName, _ range: ByteRange, _ bytes: Span<UInt8>, _ role: MessageRole
    ) throws(ParseError) {
        let value = bytes.extracting(range)
        let offset = range.startOffset
        switch name {
        case .host:
            guard role == .request else { return }
            guard hostCount == 0 else { throw ParseError(.duplicateHost, at: offset) }
            guard Authority.isValidHost(value) else { throw ParseError(.invalidHost, at: offset) }
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
