// HTTP1: HTTP/1.1 (RFC 9112, with the fields of RFC 9110 that framing needs) as pure values.
//
// It knows the grammar: heads of requests and responses, how long their bodies are, the chunked
// coding, dates, status lines, the syntax of tokens and values. Bytes come in as spans, and what
// comes out are offsets into them: nothing is copied, kept or allocated.
//
// It must not know sockets, time, threads, buffers, or what a request is for. A peer's fault is a
// `ParseError`; more bytes being needed is a result; everything that a peer can make long has a
// limit. Where the RFC leaves a choice, what is ambiguous is refused.

/// Whether a head has been read.
package enum ParseProgress: Equatable, Sendable {
    /// The head is complete and ends before this offset, where the body or the next head begins.
    case complete(endOffset: Int)
    /// The bytes end inside the head. Parsing it again, from the same start, is pointless until
    /// another LF has come or there are at least so many bytes behind the start: then, at the
    /// latest, a limit is exceeded.
    case incomplete(minimumCount: Int)
}

/// Reads the head of a request: request line and header section (RFC 9112 §3, §5).
///
/// A parser has no state. An incomplete head is parsed again from its start when there are more
/// bytes, which `ParseProgress.incomplete` keeps cheap, and comes out the same however it was
/// split: every error depends on the bytes up to it alone.
package struct RequestParser: Sendable, BitwiseCopyable {
    /// What is longer than this is refused as soon as it is.
    package struct Limits: Equatable, Sendable, BitwiseCopyable {
        /// Bytes of a request target; a longer one is answered with 414. RFC 9112 §3 wants at
        /// least 8,000 bytes for the whole line.
        package var maxTargetLength: Int
        /// Bytes of a head, from the start (empty lines included) to the end of the empty line
        /// that ends it; a longer one is answered with 431.
        package var maxHeadBytes: Int

        /// Precondition: both are at least 1 and below 1 GiB.
        package init(maxTargetLength: Int = 8192, maxHeadBytes: Int = 16384) {
            precondition((1..<1 << 30).contains(maxTargetLength))
            precondition((1..<1 << 30).contains(maxHeadBytes))
            self.maxTargetLength = maxTargetLength
            self.maxHeadBytes = maxHeadBytes
        }
    }

    /// The longest registered method has 17 letters (UPDATEREDIRECTREF). A longer token than this
    /// can have no handler, so it is answered like any unknown method, with 501.
    package static var maxMethodLength: Int { 32 }

    /// RFC 9112 §2.2 asks to ignore at least one empty line before a request; one more is what
    /// careless clients send behind a body. A third is answered with 400.
    package static var maxEmptyLines: Int { 2 }

    /// What this parser refuses as too long.
    package var limits: Limits

    /// A parser with these limits.
    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Parses the head that begins at `start` into `head`.
    ///
    /// When the result is `.complete`, all of `head` is valid; otherwise nothing of it is. All
    /// offsets are those of `bytes`. Linear; about three instructions per byte; allocates nothing.
    /// Precondition: `start` lies within `bytes`, which are at most 4 GiB.
    package func parse(
        _ bytes: Span<UInt8>, from start: Int, into head: inout RequestHead
    ) throws(ParseError) -> ParseProgress {
        precondition(start >= 0 && start <= bytes.count && bytes.count <= Int(UInt32.max))
        // What lies beyond the limit is not looked at, so that a head that is too large is refused
        // for that, whether its bytes come at once or one by one.
        let end = start &+ min(bytes.count &- start, limits.maxHeadBytes)
        let window = bytes.extracting(0..<end)
        head.reset(at: start)

        let fieldsStart: Int
        switch try parseRequestLine(window, from: start, into: &head) {
        case .complete(let endOffset):
            fieldsStart = endOffset
        case .incomplete(let minimumCount):
            return try incomplete(window, from: start, minimumCount: minimumCount)
        }
        guard let headEnd = try head.fields.parse(window, from: fieldsStart, as: .request) else {
            return try incomplete(window, from: start, minimumCount: limits.maxHeadBytes)
        }
        head.byteCount = headEnd &- start
        try head.fields.facts.checkRequest(
            minorVersion: head.minorVersion, endingAt: headEnd)
        head.traits = RequestTraits(head.line, head.fields.facts)
        return .complete(endOffset: headEnd)
    }

    private func incomplete(
        _ window: Span<UInt8>, from start: Int, minimumCount: Int
    ) throws(ParseError) -> ParseProgress {
        let count = window.count &- start
        guard count < limits.maxHeadBytes else {
            throw ParseError(.headTooLarge, at: window.count)
        }
        return .incomplete(minimumCount: min(max(minimumCount, count + 1), limits.maxHeadBytes))
    }

    /// `request-line = method SP request-target SP HTTP-version`, and its CRLF.
    @inline(always)
    private func parseRequestLine(
        _ window: Span<UInt8>, from start: Int, into head: inout RequestHead
    ) throws(ParseError) -> ParseProgress {
        var lineStart = start
        if start == window.count || window[start] < .space {
            guard let offset = try skipEmptyLines(window, from: start) else {
                return .incomplete(minimumCount: RequestParser.maxMethodLength + 1)
            }
            lineStart = offset
        }
        guard let targetStart = try parseMethod(window, from: lineStart, into: &head) else {
            return .incomplete(
                minimumCount: lineStart - start + RequestParser.maxMethodLength + 1)
        }
        guard let targetEnd = try parseTarget(window, from: targetStart, into: &head) else {
            return .incomplete(minimumCount: targetStart - start + limits.maxTargetLength + 1)
        }
        let versionStart = targetEnd &+ 1
        if window.word(at: versionStart) == Word.of("HTTP/1.1")
            && window.hasLineEnd(at: versionStart &+ 8)
        {
            head.minorVersion = 1
            try head.checkTarget(window)
            return .complete(endOffset: versionStart &+ 10)
        }
        guard let version = try HTTPVersion.parse(window, at: versionStart),
            let lineEnd = try window.endOfLine(
                at: version.endOffset, otherwise: .malformedVersion)
        else {
            return .incomplete(minimumCount: limits.maxHeadBytes)
        }
        guard version.major == 1 else { throw ParseError(.unsupportedVersion, at: versionStart) }
        head.minorVersion = min(version.minor, 1)
        try head.checkTarget(window)
        return .complete(endOffset: lineEnd)
    }

    /// The offset of the request line behind empty lines, or nil when that is not yet known.
    private func skipEmptyLines(
        _ window: Span<UInt8>, from start: Int
    ) throws(ParseError) -> Int? {
        var offset = start
        while offset < window.count {
            let byte = window[offset]
            guard byte == .carriageReturn || byte == .lineFeed else { return offset }
            guard offset &- start < 2 * RequestParser.maxEmptyLines else {
                throw ParseError(.tooManyEmptyLines, at: offset)
            }
            guard let next = try window.endOfLine(at: offset, otherwise: .invalidMethod) else {
                return nil
            }
            offset = next
        }
        return nil
    }

    /// Reads the target; returns the offset of the space behind it.
    @inline(always)
    private func parseTarget(
        _ window: Span<UInt8>, from start: Int, into head: inout RequestHead
    ) throws(ParseError) -> Int? {
        // Nearly every target is a plain path: it needs one scan and no second look.
        if window.has(.ascii("/"), at: start) {
            let isRoot = window.has(.space, at: start &+ 1)
            let end = isRoot ? start &+ 1 : window.end(of: CommonTargetBytes.self, from: start)
            if window.has(.space, at: end) && end &- start <= limits.maxTargetLength {
                head.setPlainPath(ByteRange(from: start, to: end))
                return end
            }
        }
        return try head.parseTarget(window, from: start, limits)
    }

    /// Reads the method and the space behind it; returns the offset of the target.
    @inline(always)
    private func parseMethod(
        _ window: Span<UInt8>, from start: Int, into head: inout RequestHead
    ) throws(ParseError) -> Int? {
        let word = window.word(at: start)
        let end: Int
        if word & 0xFFFF_FFFF == Word.of("GET ") {
            head.method = .get
            end = start &+ 3
        } else {
            end = window.endOfToken(from: start)
            guard end &- start <= RequestParser.maxMethodLength else {
                throw ParseError(.methodTooLong, at: start + RequestParser.maxMethodLength)
            }
            guard end < window.count else { return nil }
            guard end > start, window[end] == .space else {
                throw ParseError(.invalidMethod, at: end)
            }
            head.method = RequestMethod(token: word, count: end &- start)
        }
        head.methodRange = ByteRange(from: start, to: end)
        return end &+ 1
    }
}

/// `HTTP-version = "HTTP" "/" DIGIT "." DIGIT` (RFC 9112 §2.3), case-sensitive.
struct HTTPVersion {
    var major: UInt8
    var minor: UInt8
    /// The offset behind it.
    var endOffset: Int

    /// Reads the version at `start`; nil when the bytes end inside it.
    static func parse(
        _ bytes: Span<UInt8>, at start: Int
    ) throws(ParseError) -> HTTPVersion? {
        // Byte by byte, so that a fault is found before the version is complete.
        let pattern: StaticString = "HTTP/0.0"
        let expected = pattern.span
        for index in 0..<expected.count {
            guard start + index < bytes.count else { return nil }
            let byte = bytes[start + index]
            let fits = expected[index].isDigit ? byte.isDigit : byte == expected[index]
            guard fits else { throw ParseError(.malformedVersion, at: start + index) }
        }
        return HTTPVersion(
            major: bytes[start + 5] &- .ascii("0"), minor: bytes[start + 7] &- .ascii("0"),
            endOffset: start + expected.count)
    }
}

extension FieldFacts {
    /// What only the complete header section can show (RFC 9112 §3.2, §6.1, §6.3).
    @inline(always)
    fileprivate mutating func checkRequest(
        minorVersion: UInt8, endingAt end: Int
    ) throws(ParseError) {
        if minorVersion == 0 {
            expectation = .none  // RFC 9110 §10.1.1.
        } else if hostCount == 0 {
            throw ParseError(.missingHost, at: end)
        }
        if transferCodings != [] {
            try checkTransferCodings(minorVersion: minorVersion, endingAt: end)
        }
    }

    @inline(never)
    private func checkTransferCodings(
        minorVersion: UInt8, endingAt end: Int
    ) throws(ParseError) {
        if contentLength != nil {
            throw ParseError(.contentLengthWithTransferEncoding, at: end)
        }
        if minorVersion == 0 { throw ParseError(.transferEncodingInHTTP10, at: end) }
        if !transferCodings.contains(.chunked) {
            throw ParseError(.invalidTransferEncoding, at: end)
        }
        // `identity`, which RFC 9112 no longer has, is a coding that nothing here knows.
        if transferCodings.contains(.other) {
            throw ParseError(.unsupportedTransferCoding, at: end)
        }
    }
}
