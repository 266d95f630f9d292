/// Reads the head of a response (RFC 9112 §4, §5), for a client.
///
/// It works as `RequestParser` does, and is as strict, but for what RFC 9112 tells clients to put
/// up with: a missing reason phrase, with or without the space before it (§4), and several equal
/// `Content-Length` values (§6.3). `Transfer-Encoding` with `Content-Length` is refused.
package struct ResponseParser: Sendable, BitwiseCopyable {
    /// Bytes of a head; a longer one is a fault.
    package var maxHeadBytes: Int

    /// Precondition: `maxHeadBytes` is at least 1 and below 1 GiB.
    package init(maxHeadBytes: Int = 65_536) {
        precondition((1..<1 << 30).contains(maxHeadBytes))
        self.maxHeadBytes = maxHeadBytes
    }

    /// Parses the head that begins at `start` into `head`, which is valid only when the result is
    /// `.complete`. Linear, allocates nothing.
    package func parse(
        _ bytes: Span<UInt8>, from start: Int, into head: inout ResponseHead
    ) throws(ParseError) -> ParseProgress {
        precondition(start >= 0 && start <= bytes.count && bytes.count <= Int(UInt32.max))
        let end = start &+ min(bytes.count &- start, maxHeadBytes)
        let window = bytes.extracting(0..<end)
        head.reset(at: start)
        guard let fieldsStart = try parseStatusLine(window, from: start, into: &head),
            let headEnd = try head.fields.parse(window, from: fieldsStart, as: .response)
        else {
            guard window.count &- start < maxHeadBytes else {
                throw ParseError(.headTooLarge, at: window.count)
            }
            return .incomplete(minimumCount: maxHeadBytes)
        }
        head.byteCount = headEnd &- start
        try head.checkFields()
        return .complete(endOffset: headEnd)
    }

    /// `status-line = HTTP-version SP status-code SP [ reason-phrase ]`, and its CRLF.
    private func parseStatusLine(
        _ window: Span<UInt8>, from start: Int, into head: inout ResponseHead
    ) throws(ParseError) -> Int? {
        guard let version = try HTTPVersion.parse(window, at: start) else { return nil }
        guard version.major == 1 else { throw ParseError(.unsupportedVersion, at: start) }
        head.minorVersion = min(version.minor, 1)

        let space = version.endOffset
        guard space < window.count else { return nil }
        guard window[space] == .space else { throw ParseError(.malformedStatusLine, at: space) }
        var status = 0
        for offset in space &+ 1...space &+ 3 {
            guard offset < window.count else { return nil }
            let digit = window[offset]
            // A class of 0 does not exist.
            guard digit.isDigit, status > 0 || offset > space &+ 1 || digit != .ascii("0") else {
                throw ParseError(.malformedStatusLine, at: offset)
            }
            status = 10 &* status &+ Int(digit &- .ascii("0"))
        }
        head.status = status

        let codeEnd = space &+ 4
        guard codeEnd < window.count else { return nil }
        guard window[codeEnd] == .space else {
            head.reason = ByteRange(from: codeEnd, to: codeEnd)
            return try window.endOfLine(at: codeEnd, otherwise: .malformedStatusLine)
        }
        let reasonEnd = window.endOfFieldValue(from: codeEnd &+ 1)
        head.reason = ByteRange(from: codeEnd &+ 1, to: reasonEnd)
        return try window.endOfLine(at: reasonEnd, otherwise: .malformedStatusLine)
    }
}

extension ResponseHead {
    /// What only the complete header section can show (RFC 9112 §6.1, §6.3).
    fileprivate func checkFields() throws(ParseError) {
        let facts = fields.facts
        guard facts.transferCodings.contains(.present) else { return }
        let end = startOffset &+ byteCount
        if facts.contentLength != nil {
            throw ParseError(.contentLengthWithTransferEncoding, at: end)
        }
        if minorVersion == 0 { throw ParseError(.transferEncodingInHTTP10, at: end) }
    }
}
