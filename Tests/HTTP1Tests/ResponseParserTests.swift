import Testing

@testable import HTTP1

@Suite struct ResponseParserTests {
    /// Reads responses to `methods`, one after the other, as a client does.
    private func events(_ wire: [UInt8], _ methods: [RequestMethod], _ feed: Feed) -> String {
        var reader = ResponseReader(methods: methods)
        var input = GuardPage(capacity: wire.count)
        for arrived in feed.arrivals(of: wire.count) {
            input.place(wire[..<arrived])
            guard reader.receive(input.span) else { break }
        }
        return reader.log.finished()
    }

    private func expect(
        _ wire: String, to methods: [RequestMethod] = [.get], _ expected: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let bytes = Array(wire.utf8)
        for feed in Feed.all(for: bytes.count) {
            let found = events(bytes, methods, feed)
            #expect(found == expected, "\(feed)", sourceLocation: sourceLocation)
            if found != expected { return }
        }
    }

    @Test func `a body with a length, and the next response`() {
        expect(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 404 Not Found\r\n"
                + "Content-Length: 0\r\n\r\n", to: [.get, .post],
            """
            1.1 200 'OK' length 5
            body hello
            1.1 404 'Not Found' none
            """)
    }

    @Test func `a chunked body, and the next response`() {
        expect(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                + "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", to: [.get, .get],
            """
            1.1 200 'OK' chunked
            body abc
            1.1 204 'No Content' none last
            """)
    }

    @Test func `without framing the body ends with the connection`() {
        expect(
            "HTTP/1.1 200 OK\r\n\r\nhello", "1.1 200 'OK' until close\nbody hello")
        expect(
            "HTTP/1.0 200 OK\r\n\r\nhello", "1.0 200 'OK' until close last\nbody hello")
        expect(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
            "error 400 invalidTransferEncoding at 45")
        expect(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx",
            "1.1 200 'OK' until close\nbody x")
    }

    @Test func `some responses have no body, whatever their fields say`() {
        let fields = "Content-Length: 5\r\n\r\n"
        expect("HTTP/1.1 200 OK\r\n" + fields, to: [.head], "1.1 200 'OK' none")
        expect("HTTP/1.1 304 Not Modified\r\n" + fields, "1.1 304 'Not Modified' none")
        expect("HTTP/1.1 204 No Content\r\n" + fields, "1.1 204 'No Content' none")
        expect("HTTP/1.1 200 OK\r\n" + fields, to: [.connect], "1.1 200 'OK' none")
        expect(
            "HTTP/1.1 403 Forbidden\r\n" + fields + "abcde", to: [.connect],
            "1.1 403 'Forbidden' length 5\nbody abcde")
    }

    @Test func `informational responses come before the final one`() {
        expect(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
            """
            1.1 100 'Continue' none
            1.1 103 'Early Hints' none
            1.1 200 'OK' length 1
            body x
            """)
    }

    @Test func `the reason may be empty, missing, or any text`() {
        expect("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "1.1 200 '' none")
        expect("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "1.1 200 '' none")
        expect(
            "HTTP/1.1 299  a\tb \u{e4} \r\nContent-Length: 0\r\n\r\n",
            "1.1 299 ' a\\x09b \\xc3\\xa4 ' none")
    }

    @Test func `equal lengths count as one`() {
        expect(
            "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\nContent-Length: 01\r\n\r\nx",
            "1.1 200 'OK' length 1\nbody x")
    }

    @Test func `connection options`() {
        expect(
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
            "1.0 200 'OK' none")
        expect(
            "HTTP/1.0 200 OK\r\nConnection: keep-alive, close\r\nContent-Length: 0\r\n\r\n",
            "1.0 200 'OK' none last")
        expect("HTTP/1.5 200 OK\r\nContent-Length: 0\r\n\r\n", "1.1 200 'OK' none")
    }

    static let faults: [Fault] = [
        .init("\r\nHTTP/1.1 200 OK\r\n", .malformedVersion, at: 0),
        .init("http/1.1 200 OK\r\n", .malformedVersion, at: 0),
        .init("HTTP/2.0 200 OK\r\n", .unsupportedVersion, at: 0),
        .init("HTTP/1.1  200 OK\r\n", .malformedStatusLine, at: 9),
        .init("HTTP/1.1\r\n", .malformedStatusLine, at: 8),
        .init("HTTP/1.1 \r\n", .malformedStatusLine, at: 9),
        .init("HTTP/1.1 20 OK\r\n", .malformedStatusLine, at: 11),
        .init("HTTP/1.1 099 OK\r\n", .malformedStatusLine, at: 9),
        .init("HTTP/1.1 2000\r\n", .malformedStatusLine, at: 12),
        .init("HTTP/1.1 200 O\u{0}\r\n", .malformedStatusLine, at: 14),
        .init("HTTP/1.1 200\n", .bareLineFeed, at: 12),
        .init("HTTP/1.1 200 OK\n", .bareLineFeed, at: 15),
        .init("HTTP/1.1 200 OK\rx", .bareCarriageReturn, at: 15),
        .init("HTTP/1.1 200 OK\r\nA : b\r\n", .spaceBeforeColon, at: 18),
        .init("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n", .obsoleteLineFolding, at: 23),
        .init("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n", .duplicateContentLength, at: 36),
        .init("HTTP/1.1 200 OK\r\nContent-Length: 1,\r\n", .invalidContentLength, at: 35),
        .init("HTTP/1.1 200 OK\r\nContent-Length: x\r\n", .invalidContentLength, at: 33),
        .init(
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            .contentLengthWithTransferEncoding, at: 66),
        .init(
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            .transferEncodingInHTTP10, at: 47),
    ]

    @Test(arguments: faults)
    func `refuses a fault where it is`(_ fault: Fault) {
        expect(fault.wire, "error \(fault.kind.status) \(fault.kind) at \(fault.offset)")
    }

    @Test func `a head that is too large is refused as soon as it is`() throws {
        let parser = ResponseParser(maxHeadBytes: 40)
        var head = ResponseHead()
        let line = "HTTP/1.1 200 OK\r\nA: "
        let almost = Array((line + String(repeating: "x", count: 19)).utf8)
        #expect(almost.count == 39)
        #expect(
            try parser.parse(almost.span, from: 0, into: &head) == .incomplete(minimumCount: 40))
        let full = almost + [0x78]
        #expect(throws: ParseError(.headTooLarge, at: 40)) {
            try parser.parse(full.span, from: 0, into: &head)
        }
    }

    @Test(arguments: [
        ("timeout=5, max=100", KeepAliveParameters(timeoutSeconds: 5, maxRequests: 100)),
        ("TIMEOUT=5", KeepAliveParameters(timeoutSeconds: 5)),
        ("max=0,foo=1,,", KeepAliveParameters(maxRequests: 0)),
        ("timeout=x, max=-1, maximum=3, timeout", KeepAliveParameters()),
        ("1\r\nKeep-Alive: max=2", KeepAliveParameters(maxRequests: 2)),
    ])
    func `Keep-Alive is read as far as it can be`(_ value: String, _ expected: KeepAliveParameters)
        throws
    {
        let wire = Array("HTTP/1.1 200 OK\r\nkeep-alive: \(value)\r\n\r\n".utf8)
        var head = ResponseHead()
        _ = try ResponseParser().parse(wire.span, from: 0, into: &head)
        #expect(head.keepAlive(in: wire.span) == expected)
        #expect(head.firstValue(named: "keep-alive", in: wire.span) != nil)
    }
}

private struct ResponseReader: ~Copyable {
    var log = EventLog()
    private var methods: [RequestMethod]
    private let parser = ResponseParser()
    private var head = ResponseHead()
    private var body = BodyFraming.none
    private var decoder = ChunkedDecoder()
    private var left = 0
    private var next = 0

    init(methods: [RequestMethod]) {
        self.methods = methods
    }

    mutating func receive(_ bytes: Span<UInt8>) -> Bool {
        do throws(ParseError) {
            while try body == .none ? readHead(bytes) : readBody(bytes) {}
            return true
        } catch {
            log.append(error)
            return false
        }
    }

    private mutating func readHead(_ bytes: Span<UInt8>) throws(ParseError) -> Bool {
        guard next < bytes.count,
            case .complete(let endOffset) = try parser.parse(bytes, from: next, into: &head)
        else { return false }
        #expect(head.byteCount == endOffset - next)
        next = endOffset
        body = head.framing(for: methods[0])
        if !head.isInformational { methods.removeFirst() }
        decoder = ChunkedDecoder()
        left = .max
        if case .contentLength(let count) = body { left = count }
        let reason = text(bytes.extracting(head.reason))
        var line = "1.\(head.minorVersion) \(head.status) '\(reason)' \(text(body))"
        if !head.isPersistent { line += " last" }
        log.append(line)
        return true
    }

    private mutating func readBody(_ bytes: Span<UInt8>) throws(ParseError) -> Bool {
        if body == .chunked {
            switch try decoder.decode(bytes, from: next) {
            case .data(let start, let count):
                log.appendBody(bytes.extracting(start..<start + count))
                next = start + count
                return true
            case .needMore:
                next = bytes.count
                return false
            case .end(let nextOffset):
                next = nextOffset
                body = .none
                return true
            }
        }
        let count = min(left, bytes.count - next)
        log.appendBody(bytes.extracting(next..<next + count))
        next += count
        left -= count
        if left == 0 { body = .none }
        return left == 0
    }
}
