import Testing

@testable import HTTPEngine

/// Answers whose body is made while it is sent.
@Suite struct StreamedAnswerTests {
    private static let plain = "piece 0\npiece 1\npiece 2\n"

    static let transcripts = [
        Transcript("a stream", get("/stream/3"), gives: streamed(3)),
        Transcript("a stream of nothing", get("/stream/0"), gives: streamed(0)),
        Transcript(
            "a stream that says nothing at times", get("/stream/3/slow"), gives: streamed(3)),
        Transcript(
            "in the middle of a pipeline",
            get("/a") + get("/stream/3") + get("/b") + post("/c", "d") + get("/e"),
            gives: ok("GET /a") + streamed(3) + ok("GET /b") + ok("POST /c: d") + ok("GET /e")),
        Transcript(
            "two streams", get("/stream/2") + get("/stream/3"), gives: streamed(2) + streamed(3)),
        Transcript(
            "the answer to a body", post("/stream/2", "b") + get("/c"),
            gives: streamed(2) + ok("GET /c")),
        Transcript(
            "HEAD of a stream", request("HEAD", "/stream/3") + get("/a"),
            gives: Answer(
                fields: ["Content-Type: text/plain; charset=utf-8", "Transfer-Encoding: chunked"],
                body: ""
            ).wire + ok("GET /a")),
        Transcript(
            "a stream and close", get("/stream/3", "Connection: close") + get("/a"),
            gives: streamed(3, Answer.close), then: .halfClosed),
        Transcript(
            "HTTP/1.0", request("GET", "/stream/3", version: "HTTP/1.0"),
            gives: Answer(connection: Answer.close, body: plain).wire, then: .halfClosed),
        Transcript(
            "HTTP/1.0 that asks for keep-alive",
            request("GET", "/stream/3", "Connection: keep-alive", version: "HTTP/1.0") + get("/a"),
            gives: Answer(connection: Answer.close, body: plain).wire, then: .halfClosed),
        Transcript(
            "HEAD of HTTP/1.0 that asks for keep-alive",
            request("HEAD", "/stream/3", "Connection: keep-alive", version: "HTTP/1.0"),
            gives: Answer(
                connection: ["Connection: keep-alive", "Keep-Alive: timeout=10, max=9999"], body: ""
            ).wire),
        Transcript(
            "an error behind a stream", get("/stream/3") + get("/", "a : b"),
            gives: streamed(3)
                + failure("400 Bad Request", "space before the colon of a field line"),
            then: .halfClosed),
    ]

    @Test(arguments: transcripts)
    func `a streamed answer is framed for its client`(transcript: Transcript) {
        transcript.check()
    }

    @Test func `a turn makes one piece, so that the client sees each as it is made`() {
        var harness = ConnectionHarness()
        harness.arrive(get("/stream/3"))
        var sizes: [Int] = []
        for _ in 0..<5 {
            harness.turn()
            sizes.append(harness.received.count)
        }
        // First the head alone, then a chunk of 13 bytes in each turn, the last with the last chunk.
        #expect(sizes[0] > 0)
        let growth = zip(sizes, sizes.dropFirst()).map { $1 - $0 }
        #expect(growth == [13, 13, 18, 0])
    }

    @Test(arguments: [0, 1, 3])
    func `a producer that fails resets the connection`(pieceCount: Int) {
        var harness = ConnectionHarness()
        harness.feed(get("/a") + get("/stream/\(pieceCount)/throw") + get("/b"))
        let (sent, end) = (harness.transcript, harness.end)
        #expect(end == .reset)
        #expect(sent.hasPrefix(ok("GET /a")))
        #expect(!sent.hasSuffix("0\r\n\r\n"), "the client must see that the body has no end")
    }

    @Test func `a producer is asked only while little is unsent`() {
        var limits = Limits()
        limits.lowWatermark = 1_000
        var harness = ConnectionHarness(limits)
        harness.window = 0
        harness.feed(get("/stream/100/size/400"))
        let held = harness.connection.unsentByteCount
        #expect(held > 1_000 && held <= 1_000 + 400 + 16)
        harness.clientTakes(10_000)
        let heldLater = harness.connection.unsentByteCount
        #expect(heldLater > 1_000 && heldLater <= 1_000 + 400 + 16)
        let sent = harness.received.count
        #expect(sent == 10_000)
        harness.clientTakes(100_000)
        let (end, text) = (harness.end, harness.transcript)
        #expect(end == .open)
        #expect(text.hasSuffix("\r\n0\r\n\r\n"))
    }

    @Test func `requests behind a stream wait for its end`() {
        var harness = ConnectionHarness()
        harness.window = 10
        harness.feed(get("/stream/1000/size/100") + request("DELETE", "/b"))
        let begun = harness.handler.targets
        #expect(begun == ["/stream/1000/size/100"])
        harness.clientTakes(1_000_000)
        let (targets, text) = (harness.handler.targets, harness.transcript)
        #expect(targets == ["/stream/1000/size/100", "/b"])
        #expect(text.hasSuffix(ok("DELETE /b")))
    }
}
