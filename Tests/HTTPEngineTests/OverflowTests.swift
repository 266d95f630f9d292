import Testing

@testable import HTTPEngine

/// A connection beyond the server's limit: it only hears 503.
@Suite struct OverflowTests {
    private static let fullAnswer = failure(
        "503 Service Unavailable", "the server has too many connections", retryAfter: 2)

    private static func overflow() -> ConnectionHarness {
        ConnectionHarness(refusesAll: true)
    }

    @Test(arguments: [
        Named("GET", get("/a")), Named("a body", post("/a", "body")),
        Named("a chunked body", chunkedPost("/a", ["body"])),
        Named("a pipeline", get("/a") + get("/b")),
        Named("an expectation", post("/a", "body", "Expect: 100-continue")),
    ])
    func `a request hears 503 once its head has come`(input: Named<String>) {
        var harness = Self.overflow()
        harness.drip(input.value)
        let (sent, end, requests) = (
            harness.transcript, harness.end, harness.handler.requests.count
        )
        #expect(sent == Self.fullAnswer)
        #expect(end == .halfClosed)
        #expect(requests == 0)
    }

    @Test func `HEAD hears 503 without a body`() {
        var harness = Self.overflow()
        harness.feed(request("HEAD", "/a"))
        let sent = harness.transcript
        #expect(
            sent
                == failure(
                    "503 Service Unavailable", "the server has too many connections",
                    retryAfter: 2, toHead: true))
    }

    @Test func `a client that says nothing hears 503 after a second`() {
        var harness = Self.overflow()
        harness.advance(seconds: 0.9)
        let none = harness.transcript
        #expect(none == "")
        harness.advance(seconds: 0.2)
        let (sent, time) = (harness.transcript, harness.endedAfter)
        #expect(sent == Self.fullAnswer)
        #expect(time == 1)
    }

    @Test func `a client that has begun a head hears 503 after the same second`() {
        var harness = Self.overflow()
        harness.advance(seconds: 0.5)
        harness.feed("GET /a")
        harness.advance(seconds: 0.4)
        harness.feed(" HTTP/1.1\r\n")
        harness.advance(seconds: 1)
        let (sent, end, time) = (harness.transcript, harness.end, harness.endedAfter)
        #expect(sent == Self.fullAnswer)
        #expect(end == .halfClosed)
        #expect(time == 1)
    }

    @Test func `a faulty head is answered for its fault`() {
        var harness = Self.overflow()
        harness.feed("GET / HTTP/1.1\nHost: a\r\n\r\n")
        let sent = harness.transcript
        #expect(sent == failure("400 Bad Request", "LF without CR"))
    }

    @Test func `a drain does not change what it hears`() {
        var harness = Self.overflow()
        harness.arrive(get("/a"))
        harness.drain()
        let sent = harness.transcript
        #expect(sent == Self.fullAnswer)
    }

    @Test func `a client that leaves is let go`() {
        var harness = Self.overflow()
        harness.peerCloses()
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == "")
        #expect(end == .closed)
    }
}
