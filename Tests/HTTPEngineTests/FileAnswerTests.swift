import Containers
import Testing

@testable import HTTPEngine

/// Answers whose bodies are sent from files.
@Suite struct FileAnswerTests {
    static let transcripts: [Transcript] = [
        Transcript("a file", get("/file/100"), gives: file(0..<100)),
        Transcript("one byte", get("/file/1"), gives: file(0..<1)),
        Transcript("an empty file", get("/file/0") + get("/a"), gives: file(0..<0) + ok("GET /a")),
        Transcript("a part of a file", get("/part/30/99"), gives: file(30..<99)),
        Transcript("text between parts", get("/parts") + get("/a"), gives: parts + ok("GET /a")),
        Transcript(
            "in the middle of a pipeline",
            get("/a") + get("/file/70") + get("/b") + post("/c", "d") + get("/e"),
            gives: ok("GET /a") + file(0..<70) + ok("GET /b") + ok("POST /c: d") + ok("GET /e")),
        Transcript(
            "several behind each other",
            get("/file/20") + get("/parts") + get("/file/0") + get("/parts") + get("/part/3/5"),
            gives: file(0..<20) + parts + file(0..<0) + parts + file(3..<5)),
        Transcript(
            "between streams", get("/stream/2") + get("/file/20") + get("/stream/3"),
            gives: streamed(2) + file(0..<20) + streamed(3)),
        Transcript(
            "the answer to a body", post("/file/20", "b") + get("/c"),
            gives: file(0..<20) + ok("GET /c")),
        Transcript(
            "HEAD", request("HEAD", "/file/20") + request("HEAD", "/parts") + get("/a"),
            gives: headOfFile(20) + headOfFile(ScriptedFile.textOfParts.utf8.count) + ok("GET /a")),
        Transcript(
            "a status that has no body",
            get("/file/20/status/304") + get("/file/20/status/204") + get("/a"),
            gives: Answer(status: "304 Not Modified", body: "").wire
                + Answer(status: "204 No Content", body: "").wire + ok("GET /a")),
        Transcript(
            "206", get("/file/20/status/206"),
            gives: file(0..<20, status: "206 Partial Content")),
        Transcript(
            "close", get("/file/20", "Connection: close") + get("/a"),
            gives: file(0..<20, Answer.close), then: .halfClosed),
        Transcript(
            "close behind it", get("/file/20") + get("/a", "Connection: close") + get("/b"),
            gives: file(0..<20) + okAndClose("GET /a"), then: .halfClosed),
        Transcript(
            "HTTP/1.0", request("GET", "/file/20", version: "HTTP/1.0"),
            gives: file(0..<20, Answer.close), then: .halfClosed),
        Transcript(
            "HTTP/1.0 that asks for keep-alive",
            request("GET", "/file/20", "Connection: keep-alive", version: "HTTP/1.0")
                + request("GET", "/a", version: "HTTP/1.0"),
            gives: file(
                0..<20, ["Connection: keep-alive", "Keep-Alive: timeout=10, max=9999"])
                + okAndClose("GET /a"), then: .halfClosed),
        Transcript(
            "an error behind it", get("/file/20") + get("/", "a : b"),
            gives: file(0..<20)
                + failure("400 Bad Request", "space before the colon of a field line"),
            then: .halfClosed),
    ]

    @Test(arguments: transcripts)
    func `a file is sent in its place`(transcript: Transcript) {
        transcript.check()
    }

    @Test(arguments: [1, 2, 3, 7, 19, 20, 21, 64])
    func `however little is sent at a time`(pieceSize: Int) {
        var harness = ConnectionHarness()
        harness.pieceSize = pieceSize
        harness.feed(get("/file/20") + get("/parts") + get("/a"))
        let sent = harness.transcript
        #expect(sent == file(0..<20) + parts + ok("GET /a"))
    }

    @Test(arguments: [1, 3, 50, 1_000])
    func `however little the client takes at a time`(byteCount: Int) {
        var harness = ConnectionHarness()
        harness.window = 0
        harness.feed(get("/file/20") + get("/parts") + get("/file/1000"))
        let expected = file(0..<20) + parts + file(0..<1_000)
        // A date has 29 bytes and is masked by one.
        for _ in 0...((expected.utf8.count + 3 * 28) / byteCount) { harness.clientTakes(byteCount) }
        let (sent, waits) = (harness.transcript, harness.connection.awaitsRoom)
        #expect(sent == expected)
        #expect(!waits)
    }

    @Test(arguments: PipelineTests.orders)
    func `deferred files leave in the order of their requests`(order: [Int]) {
        var harness = ConnectionHarness()
        harness.feed(
            get("/defer/file/10") + get("/defer/parts") + get("/defer/a") + get("/defer/file/5"))
        for index in order { harness.complete(index) }
        let sent = harness.transcript
        #expect(sent == file(0..<10) + parts + ok("GET /defer/a") + file(0..<5))
    }

    @Test func `a turn sends a window, so that others come in between`() {
        var limits = Limits()
        limits.fileWindow = 100
        var harness = ConnectionHarness(limits)
        harness.arrive(get("/file/250"))
        var sizes: [Int] = []
        for _ in 0..<4 {
            harness.turn()
            sizes.append(harness.received.count)
        }
        #expect(zip(sizes, sizes.dropFirst()).map { $1 - $0 } == [100, 50, 0])
        let hasWorkLeft = harness.connection.hasWorkLeft(&harness.workspace)
        #expect(!hasWorkLeft)
    }

    @Test func `a client that does not read costs nothing but its head`() {
        var harness = ConnectionHarness()
        harness.window = 0
        harness.feed(get("/file/1000000"))
        let unsent = harness.connection.unsentByteCount
        #expect(unsent < 300)
        harness.clientTakes(1_000)
        let (unsentLater, waits) = (
            harness.connection.unsentByteCount, harness.connection.awaitsRoom
        )
        #expect(unsentLater == 0)
        #expect(waits)
        let hasWorkLeft = harness.connection.hasWorkLeft(&harness.workspace)
        #expect(!hasWorkLeft, "only room in the socket helps")
    }

    @Test func `safe requests behind a file are begun, unsafe ones wait for its end`() {
        var harness = ConnectionHarness()
        harness.window = 500
        harness.feed(get("/file/1000") + get("/a") + request("DELETE", "/b") + get("/c"))
        let begun = harness.handler.targets
        #expect(begun == ["/file/1000", "/a"])
        harness.clientTakes(10_000)
        let (targets, sent) = (harness.handler.targets, harness.transcript)
        #expect(targets == ["/file/1000", "/a", "/b", "/c"])
        #expect(sent == file(0..<1_000) + ok("GET /a") + ok("DELETE /b") + ok("GET /c"))
    }

    // MARK: Ends

    @Test(arguments: [0, 1, 999])
    func `a file that has become shorter resets the connection`(byteCount: Int) {
        var harness = ConnectionHarness()
        harness.feed(get("/a") + get("/short/\(byteCount)") + get("/b"))
        let (sent, end) = (harness.transcript, harness.end)
        #expect(end == .reset)
        #expect(sent.hasPrefix(ok("GET /a")))
        #expect(sent.hasSuffix("Content-Length: 1000\r\n\r\n" + ScriptedFile.text(0..<byteCount)))
    }

    @Test func `a client that half-closes gets all of the file`() {
        var harness = ConnectionHarness()
        harness.window = 300
        harness.feed(get("/file/1000") + get("/a"))
        harness.peerCloses()
        harness.clientTakes(10_000)
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == file(0..<1_000) + okAndClose("GET /a"))
        #expect(end == .closed)
    }

    @Test func `a drain lets the file be sent to its end`() {
        var harness = ConnectionHarness()
        harness.window = 300
        harness.feed(get("/file/1000"))
        harness.drain()
        harness.advance(seconds: 10)
        let unended = harness.end
        #expect(unended == .open)
        harness.clientTakes(10_000)
        let sent = harness.transcript
        #expect(sent == file(0..<1_000))
        harness.advance(seconds: 2)
        let end = harness.end
        #expect(end == .halfClosed || end == .closed)
    }

    @Test func `memory that was held is given back`() {
        var harness = ConnectionHarness()
        harness.window = 0
        for _ in 0..<10 { harness.feed(get("/parts")) }
        harness.clientTakes(1_000_000)
        let held =
            harness.connection.receiveBuffer.capacity + harness.connection.sendBuffer.capacity
        #expect(held == 0)
    }

    // MARK: Times

    @Test func `a client that does not take the file in time is reset`() {
        var harness = ConnectionHarness()
        harness.window = 300
        harness.feed(get("/file/100000"))
        let seconds = harness.secondsToDeadline
        #expect(seconds == 30 || (seconds ?? 0) > 30 && (seconds ?? 0) < 30.3)
        harness.advance(seconds: 31)
        let end = harness.end
        #expect(end == .reset)
    }

    @Test func `a client that keeps the rate has as long as it takes`() {
        var harness = ConnectionHarness()
        harness.window = 300
        harness.feed(get("/file/100000"))
        // 2,000 bytes a second where 1,024 are asked for.
        for _ in 0..<49 {
            harness.advance(seconds: 1)
            harness.clientTakes(2_000)
        }
        let (end, count) = (harness.end, harness.received.count)
        #expect(end == .open)
        #expect(count == 300 + 49 * 2_000)
    }

    @Test func `each file has its own time`() {
        var harness = ConnectionHarness()
        harness.window = 300
        harness.feed(get("/file/1000") + get("/file/100000"))
        harness.advance(seconds: 29)
        harness.clientTakes(1_200)
        let seconds = harness.secondsToDeadline
        #expect((seconds ?? 0) >= 29.9)
        harness.advance(seconds: 29)
        let end = harness.end
        #expect(end == .open)
    }
}

/// The answer that sends these bytes of the file.
func file(
    _ range: Range<Int>, _ connection: [String] = [], status: String = "200 OK"
) -> String {
    Answer(
        status: status, connection: connection, length: range.count,
        body: ScriptedFile.text(range)
    ).wire
}

private let parts = ok(ScriptedFile.textOfParts)

private func headOfFile(_ length: Int) -> String {
    Answer(length: length, body: "").wire
}
