import Testing

@testable import HTTPEngine

/// Bodies: collected, refused, expected.
@Suite struct RequestBodyTests {
    static let collected = [
        Transcript("a length of 0", post("/a", ""), gives: ok("POST /a")),
        Transcript(
            "two bodies", post("/a", "bc") + post("/d", "ef"),
            gives: ok("POST /a: bc") + ok("POST /d: ef")),
        Transcript(
            "a body that looks like a request", post("/a", get("/b")) + get("/c"),
            gives: ok("POST /a: " + get("/b")) + ok("GET /c")),
        Transcript("one chunk", chunkedPost("/a", ["bc"]), gives: ok("POST /a: bc")),
        Transcript("no chunk", chunkedPost("/a", []), gives: ok("POST /a")),
        Transcript(
            "several chunks and a request behind them",
            chunkedPost("/a", ["b", "cd", String(repeating: "e", count: 20)]) + get("/f"),
            gives: ok("POST /a: bcd" + String(repeating: "e", count: 20)) + ok("GET /f")),
        Transcript(
            "two chunked bodies", chunkedPost("/a", ["b"]) + chunkedPost("/c", ["d", "e"]),
            gives: ok("POST /a: b") + ok("POST /c: de")),
        Transcript(
            "extensions and trailers",
            request("POST", "/a", "Transfer-Encoding: chunked")
                + "1;x=y\r\nb\r\n02;z\r\ncd\r\n0;last\r\nE: f\r\nG: h\r\n\r\n" + get("/i"),
            gives: ok("POST /a: bcd") + ok("GET /i")),
        Transcript(
            "sizes in both cases",
            request("POST", "/a", "Transfer-Encoding: Chunked") + "A\r\n0123456789\r\n0\r\n\r\n",
            gives: ok("POST /a: 0123456789")),
        Transcript(
            "a body exactly at its limit", post("/limit/3", "abc"), gives: ok("POST /limit/3: abc")),
        Transcript(
            "a chunked body exactly at its limit", chunkedPost("/limit/3", ["ab", "c"]),
            gives: ok("POST /limit/3: abc")),
        Transcript(
            "a body and close", post("/a", "b", "Connection: close") + get("/c"),
            gives: okAndClose("POST /a: b"), then: .halfClosed),
        Transcript(
            "a chunked body and close", chunkedPost("/a", ["b"], "Connection: close") + get("/c"),
            gives: okAndClose("POST /a: b"), then: .halfClosed),
    ]

    @Test(arguments: collected)
    func `a body is collected however it is split`(transcript: Transcript) {
        transcript.check()
    }

    private static let notFound = Answer(
        status: "404 Not Found", length: 28, body: "POST /refuse/status/404/path")

    private static func limited(to byteCount: Int) -> Limits {
        var limits = Limits()
        limits.maxBodyBytes = byteCount
        return limits
    }

    static let refused = [
        Transcript(
            "a body of known length", post("/refuse/status/404/path", "body") + get("/a"),
            gives: notFound.wire + ok("GET /a")),
        Transcript(
            "no body", post("/refuse/status/404/path", "") + get("/a"),
            gives: notFound.wire + ok("GET /a")),
        Transcript(
            "a chunked body",
            chunkedPost("/refuse/status/404/path", ["bo", "dy"]) + get("/a"),
            gives: notFound.wire + ok("GET /a")),
        Transcript(
            "a chunked body that is at the limit in all",
            chunkedPost("/refuse/status/404/path", ["0123456", "789"]) + get("/a"),
            gives: notFound.wire + ok("GET /a"), limits: limited(to: 10)),
        Transcript(
            "a body at the limit", post("/refuse/status/404/path", "0123456789") + get("/a"),
            gives: notFound.wire + ok("GET /a"), limits: limited(to: 10)),
        Transcript(
            "a body over the limit", post("/refuse/status/404/path", "01234567890") + get("/a"),
            gives: {
                var answer = notFound
                answer.connection = Answer.close
                return answer.wire
            }(), then: .halfClosed, limits: limited(to: 10)),
        Transcript(
            "a chunked body over the limit",
            chunkedPost("/refuse/status/404/path", ["0123456", "7890"]) + get("/a"),
            gives: notFound.wire, then: .halfClosed, limits: limited(to: 10)),
        Transcript(
            "a faulty chunked body",
            request("POST", "/refuse/status/404/path", "Transfer-Encoding: chunked")
                + "2\r\nbody\r\n" + get("/a"),
            gives: notFound.wire, then: .halfClosed),
        Transcript(
            "a body and close",
            post("/refuse/a", "body", "Connection: close") + get("/b"),
            gives: okAndClose("POST /refuse/a"), then: .halfClosed),
    ]

    @Test(arguments: refused)
    func `a refused body is dropped up to the limit`(transcript: Transcript) {
        transcript.check()
    }

    @Test func `a refused request is answered before its body comes`() {
        var harness = ConnectionHarness()
        harness.feed(request("POST", "/refuse/a", "Content-Length: 4"))
        let answer = harness.takeTranscript()
        #expect(answer == ok("POST /refuse/a"))
        harness.feed("body" + get("/b"))
        let next = harness.takeTranscript()
        #expect(next == ok("GET /b"))
    }

    // MARK: Expect: 100-continue (RFC 9110 §10.1.1)
    //
    // Whether 100 Continue is sent depends on whether some of the body has come with the head, so
    // these are fed in steps and not at every split point.

    @Test(arguments: [
        Named("a known length", post("/a", "bc", "Expect: 100-continue")),
        Named("chunked", chunkedPost("/a", ["b", "c"], "Expect: 100-Continue")),
    ])
    func `100 Continue goes out when the body is wanted and none of it has come`(
        wire: Named<String>
    ) {
        let input = wire.value
        let headEnd = input.firstRange(of: "\r\n\r\n")!.upperBound
        var harness = ConnectionHarness()
        harness.feed(String(input[..<headEnd]))
        let interim = harness.takeTranscript()
        #expect(interim == continueLine)
        harness.drip(String(input[headEnd...]))
        let answer = harness.takeTranscript()
        #expect(answer == ok("POST /a: bc"))
        let end = harness.end
        #expect(end == .open)
    }

    @Test func `100 Continue is left out when some of the body has come`() {
        var harness = ConnectionHarness()
        let input = post("/a", "bc", "Expect: 100-continue")
        harness.feed(String(input.dropLast()))
        let none = harness.takeTranscript()
        #expect(none == "")
        harness.feed("c")
        let answer = harness.takeTranscript()
        #expect(answer == ok("POST /a: bc"))
    }

    @Test func `100 Continue goes out behind all earlier answers`() {
        var harness = ConnectionHarness()
        harness.feed(
            get("/defer/a") + get("/b")
                + request("POST", "/c", "Content-Length: 1", "Expect: 100-continue"))
        let none = harness.takeTranscript()
        #expect(none == "")
        harness.complete(0)
        let interim = harness.takeTranscript()
        #expect(interim == ok("GET /defer/a") + ok("GET /b") + continueLine)
        harness.feed("d")
        let answer = harness.takeTranscript()
        #expect(answer == ok("POST /c: d"))
    }

    @Test func `a body that is refused in advance gets the final status and close`() {
        var harness = ConnectionHarness()
        harness.feed(
            request("POST", "/refuse/a", "Content-Length: 4", "Expect: 100-continue"))
        let (answer, end) = (harness.transcript, harness.end)
        #expect(answer == okAndClose("POST /refuse/a"))
        #expect(end == .halfClosed)
    }

    @Test func `a body that is too large in advance gets 413 and close`() {
        var harness = ConnectionHarness()
        harness.feed(
            request("POST", "/limit/3", "Content-Length: 4", "Expect: 100-continue"))
        let (answer, end) = (harness.transcript, harness.end)
        #expect(
            answer == failure("413 Content Too Large", "the body is larger than this server takes"))
        #expect(end == .halfClosed)
    }

    @Test func `an expectation without a body is answered at once`() {
        Transcript("GET", get("/a", "Expect: 100-continue"), gives: ok("GET /a")).check()
    }

    @Test func `an expectation of HTTP 1.0 is ignored`() {
        var harness = ConnectionHarness()
        harness.feed(
            request(
                "POST", "/a", "Content-Length: 1", "Expect: 100-continue", version: "HTTP/1.0"))
        let none = harness.takeTranscript()
        #expect(none == "")
        harness.feed("b")
        let answer = harness.takeTranscript()
        #expect(answer == okAndClose("POST /a: b"))
    }

    // MARK: Large bodies

    @Test(arguments: [1, 7, 4_096, 60_000])
    func `a large body is the same in pieces of any size`(pieceSize: Int) {
        let byteCount = pieceSize == 1 ? 50_000 : 1_048_576
        let body = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        var harness = ConnectionHarness()
        harness.feed(request("PUT", "/", "Content-Length: \(byteCount)"))
        for start in stride(from: 0, to: byteCount, by: pieceSize) {
            harness.feed(body[start..<min(start + pieceSize, byteCount)])
        }
        let seen = harness.handler.requests
        #expect(seen.count == 1)
        #expect(seen.first?.body == body)
    }

    @Test(arguments: [1, 7, 4_096, 60_000])
    func `a large chunked body is the same in pieces of any size`(pieceSize: Int) {
        let byteCount = pieceSize == 1 ? 50_000 : 1_048_576
        var body: [UInt8] = []
        var wire: [UInt8] = []
        while body.count < byteCount {
            let size = min(body.count % 5_000 + 1, byteCount - body.count)
            let chunk = [UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size)
            body += chunk
            wire += Array("\(String(size, radix: 16))\r\n".utf8) + chunk + Array("\r\n".utf8)
        }
        wire += Array("0\r\n\r\n".utf8)
        var harness = ConnectionHarness()
        harness.feed(request("PUT", "/", "Transfer-Encoding: chunked"))
        for start in stride(from: 0, to: wire.count, by: pieceSize) {
            harness.feed(wire[start..<min(start + pieceSize, wire.count)])
        }
        let seen = harness.handler.requests
        #expect(seen.count == 1)
        #expect(seen.first?.body == body)
    }
}
