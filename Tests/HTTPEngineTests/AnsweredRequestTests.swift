import Testing

@testable import HTTPEngine

/// Requests that are answered: versions, forms of target, fields about the connection, methods.
@Suite struct AnsweredRequestTests {
    private static let keepAlive = [
        "Connection: keep-alive", "Keep-Alive: timeout=10, max=9999",
    ]

    static let heads = [
        Transcript("a plain GET", get("/a?b=c"), gives: ok("GET /a?b=c")),
        Transcript("two requests", get("/a") + get("/b"), gives: ok("GET /a") + ok("GET /b")),
        Transcript("an empty line before a request", "\r\n" + get("/a"), gives: ok("GET /a")),
        Transcript("two empty lines", "\r\n\r\n" + get("/a"), gives: ok("GET /a")),
        Transcript(
            "an empty line behind a body", post("/a", "b") + "\r\n" + get("/c"),
            gives: ok("POST /a: b") + ok("GET /c")),
        Transcript("only empty lines", "\r\n\r\n", gives: ""),
        Transcript("an incomplete head", "GET / HTTP/1.1\r\nHost: a\r\n", gives: ""),
        Transcript(
            "HTTP/1.5 as 1.1", request("GET", "/a", version: "HTTP/1.5"), gives: ok("GET /a")),
        Transcript("HTAB and obs-text in values", get("/a", "b: c\td\u{FC}"), gives: ok("GET /a")),
        Transcript(
            "an empty Host", "GET /a HTTP/1.1\r\nHost:\r\n\r\n", gives: ok("GET /a")),
        Transcript(
            "a host with a port", "GET /a HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", gives: ok("GET /a")),
        Transcript(
            "absolute-form", request("GET", "http://b:80/a?c"), gives: ok("GET http://b:80/a?c")),
        Transcript("asterisk-form", request("OPTIONS", "*"), gives: ok("OPTIONS *")),
        Transcript("authority-form", request("CONNECT", "b:80"), gives: ok("CONNECT b:80")),
        Transcript("a method of one's own", request("FETCH", "/a"), gives: ok("FETCH /a")),
        Transcript("a body of a GET", get("/a", "Content-Length: 1") + "b", gives: ok("GET /a: b")),
    ]

    static let persistence = [
        Transcript(
            "HTTP/1.1 that asks for close", get("/a", "Connection: close"),
            gives: okAndClose("GET /a"), then: .halfClosed),
        Transcript(
            "close among other options", get("/a", "Connection: x, Close"),
            gives: okAndClose("GET /a"), then: .halfClosed),
        Transcript(
            "close outweighs keep-alive", get("/a", "Connection: keep-alive, close"),
            gives: okAndClose("GET /a"), then: .halfClosed),
        Transcript(
            "HTTP/1.1 that asks for keep-alive", get("/a", "Connection: keep-alive"),
            gives: ok("GET /a", keepAlive)),
        Transcript(
            "HTTP/1.0", request("GET", "/a", version: "HTTP/1.0"), gives: okAndClose("GET /a"),
            then: .halfClosed),
        Transcript(
            "HTTP/1.0 without Host", "GET /a HTTP/1.0\r\n\r\n", gives: okAndClose("GET /a"),
            then: .halfClosed),
        Transcript(
            "HTTP/1.0 that asks for keep-alive",
            request("GET", "/a", "Connection: keep-alive", version: "HTTP/1.0"),
            gives: ok("GET /a", keepAlive)),
        Transcript(
            "HTTP/1.0 that asks for close",
            request("GET", "/a", "Connection: close", version: "HTTP/1.0"),
            gives: okAndClose("GET /a"), then: .halfClosed),
        Transcript(
            "close in the middle of a pipeline",
            get("/a") + get("/b", "Connection: close") + get("/c"),
            gives: ok("GET /a") + okAndClose("GET /b"), then: .halfClosed),
        Transcript(
            "a handler that closes", get("/a") + get("/close/b") + get("/c"),
            gives: ok("GET /a") + okAndClose("GET /close/b"), then: .halfClosed),
    ]

    static let bodiless = [
        Transcript(
            "HEAD", request("HEAD", "/a") + get("/b"), gives: okToHead("HEAD /a") + ok("GET /b")),
        Transcript(
            "204", get("/status/204") + get("/b"),
            gives: Answer(status: "204 No Content", body: "").wire + ok("GET /b")),
        Transcript(
            "205", get("/status/205") + get("/b"),
            gives: Answer(status: "205 Reset Content", length: 0, body: "").wire + ok("GET /b")),
        Transcript(
            "304", get("/status/304") + get("/b"),
            gives: Answer(status: "304 Not Modified", body: "").wire + ok("GET /b")),
        Transcript(
            "HEAD of a 204", request("HEAD", "/status/204") + get("/b"),
            gives: Answer(status: "204 No Content", body: "").wire + ok("GET /b")),
        Transcript(
            "a stream with 204", get("/stream/2/status/204") + get("/b"),
            gives: Answer(status: "204 No Content", body: "").wire + ok("GET /b")),
        Transcript(
            "a stream with 304", get("/stream/2/status/304") + get("/b"),
            gives: Answer(status: "304 Not Modified", body: "").wire + ok("GET /b")),
        Transcript(
            "HEAD with an expectation that cannot be met",
            request("HEAD", "/a", "Expect: something"),
            gives: failure(
                "417 Expectation Failed", "only 100-continue can be expected", toHead: true),
            then: .halfClosed),
        Transcript(
            "HEAD with a body that is too large",
            request("HEAD", "/limit/3/a", "Content-Length: 4"),
            gives: failure(
                "413 Content Too Large", "the body is larger than this server takes", toHead: true),
            then: .halfClosed),
        Transcript(
            "an error without a phrase", get("/status/499"),
            gives: Answer(status: "499 ", length: 15, body: "GET /status/499").wire),
    ]

    @Test(arguments: heads)
    func `a request is answered however it is split`(transcript: Transcript) {
        transcript.check()
    }

    @Test(arguments: persistence)
    func `the connection goes on or ends as the request says`(transcript: Transcript) {
        transcript.check()
    }

    @Test(arguments: bodiless)
    func `an answer that must not have a body has none`(transcript: Transcript) {
        transcript.check()
    }

    @Test func `the answer is right to the byte`() {
        var harness = ConnectionHarness()
        harness.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = harness.transcript
        #expect(
            answer == """
                HTTP/1.1 200 OK\r
                Date: *\r
                Server: test\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Length: 5\r
                \r
                GET /
                """)
    }

    @Test func `the date is one of today in the form of RFC 9110`() throws {
        var harness = ConnectionHarness()
        harness.feed(get("/"))
        let lines = harness.received.text.split(separator: "\r\n")
        let date = try #require(lines.first { $0.hasPrefix("Date: ") }).dropFirst(6)
        let pattern = /(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/
        let match = try pattern.wholeMatch(in: date)
        #expect(match != nil, "\(date)")
    }

    @Test func `a handler's own Date and Server stand alone`() {
        var harness = ConnectionHarness()
        harness.feed(get("/own"))
        let answer = harness.transcript
        #expect(
            answer == """
                HTTP/1.1 200 OK\r
                Content-Type: text/plain; charset=utf-8\r
                Date: today\r
                server: mine\r
                Content-Length: 8\r
                \r
                GET /own
                """)
    }

    @Test func `the handler sees every field and the whole body`() throws {
        var harness = ConnectionHarness()
        harness.drip(post("/a", "body", "b: c", "d: e"))
        let seen = try #require(harness.handler.requests.first)
        #expect(
            seen
                == SeenRequest(
                    exchange: 0, method: "POST", target: "/a", fieldCount: 4,
                    body: Array("body".utf8)))
    }

    // MARK: Keep-Alive

    @Test func `the last request that a connection may make is answered with close`() {
        var limits = Limits()
        limits.maxKeepAliveRequests = 3
        let offer = { (left: Int) in
            ["Connection: keep-alive", "Keep-Alive: timeout=10, max=\(left)"]
        }
        Transcript(
            "three of four",
            get("/1", "Connection: keep-alive") + get("/2", "Connection: keep-alive")
                + get("/3", "Connection: keep-alive") + get("/4"),
            gives: ok("GET /1", offer(2)) + ok("GET /2", offer(1)) + okAndClose("GET /3"),
            then: .halfClosed, limits: limits
        ).check()
    }

    @Test(
        arguments: [
            (10, 0, ["Keep-Alive: timeout=10"]), (0, 5, ["Keep-Alive: max=4"]), (0, 0, []),
        ] as [(UInt64, Int, [String])])
    func `Keep-Alive promises only what has a limit`(
        seconds: UInt64, requests: Int, lines: [String]
    ) {
        var limits = Limits()
        limits.keepAliveTimeout = seconds * ConnectionHarness.second
        limits.maxKeepAliveRequests = requests
        Transcript(
            "one", get("/a", "Connection: keep-alive"),
            gives: ok("GET /a", ["Connection: keep-alive"] + lines), limits: limits
        ).check()
    }

    // MARK: The peer closes its half

    @Test func `a client that half-closes behind its request is answered`() {
        var harness = ConnectionHarness()
        harness.arrive(get("/a") + get("/b"))
        harness.peerCloses()
        let answer = harness.transcript
        #expect(answer == ok("GET /a") + ok("GET /b"))
        let end = harness.end
        #expect(end == .closed)
    }

    @Test func `a client that half-closes while its answer is deferred is answered`() {
        var harness = ConnectionHarness()
        harness.feed(get("/defer"))
        harness.peerCloses()
        let open = harness.end
        #expect(open == .open)
        harness.complete(0)
        let (answer, end) = (harness.transcript, harness.end)
        #expect(answer == okAndClose("GET /defer"))
        #expect(end == .closed)
    }

    @Test func `a client that half-closes while its answer is streamed gets all of it`() {
        var harness = ConnectionHarness()
        harness.window = 10
        harness.feed(get("/stream/5"))
        harness.peerCloses()
        harness.clientTakes(10_000)
        let (answer, end) = (harness.transcript, harness.end)
        #expect(answer == streamed(5))
        #expect(end == .closed)
    }

    @Test(arguments: [
        Named("in the head", "GET / HT"),
        Named("in a body", String(post("/", "abc").dropLast())),
        Named("in a chunked body", String(chunkedPost("/", ["abc"]).dropLast())),
    ])
    func `a client that closes within a request gets no answer`(input: Named<String>) {
        var harness = ConnectionHarness()
        harness.feed(input.value)
        harness.peerCloses()
        let (answer, end, requests) = (
            harness.transcript, harness.end, harness.handler.requests.count
        )
        #expect(answer == "")
        #expect(end == .closed)
        #expect(requests == 0)
    }

    @Test func `a client that closes an idle connection is closed`() {
        var harness = ConnectionHarness()
        harness.peerCloses()
        let end = harness.end
        #expect(end == .closed)
    }
}
