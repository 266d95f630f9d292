import Syscalls
import Testing

@testable import HTTPEngine

/// Every time limit, with a clock that the test moves.
@Suite struct TimeoutTests {
    private static let second = ConnectionHarness.second

    private static let slowHead = failure("408 Request Timeout", "the request head took too long")
    private static let slowBody = failure("408 Request Timeout", "the request body took too long")

    private static func limits(_ change: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        change(&limits)
        return limits
    }

    // MARK: Between requests

    @Test func `a connection without a request is closed silently`() {
        var harness = ConnectionHarness()
        harness.advance(seconds: 9.999)
        let before = harness.end
        #expect(before == .open)
        harness.advance(seconds: 0.001)
        let (sent, end, time) = (harness.transcript, harness.end, harness.endedAfter)
        #expect(sent == "")
        #expect(end == .halfClosed)
        #expect(time == 10)
    }

    @Test func `idleness counts from the last answer`() {
        var harness = ConnectionHarness()
        harness.advance(seconds: 3)
        harness.feed(get("/a"))
        harness.advance(seconds: 9.9)
        harness.feed(get("/b"))
        harness.advance(seconds: 10)
        let (sent, time) = (harness.transcript, harness.endedAfter)
        #expect(sent == ok("GET /a") + ok("GET /b"))
        #expect(time == 22.9)
    }

    @Test func `idleness counts from when the client has taken the answer`() {
        var harness = ConnectionHarness()
        harness.window = 0
        harness.feed(get("/a"))
        harness.advance(seconds: 20)
        harness.clientTakes(1_000)
        harness.advance(seconds: 15)
        let time = harness.endedAfter
        #expect(time == 30)
    }

    @Test func `idleness counts from a deferred answer`() {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/a"))
        harness.advance(seconds: 1_000)
        let open = harness.end
        #expect(open == .open, "what the handler takes is not the client's time")
        harness.complete(0)
        harness.advance(seconds: 15)
        let time = harness.endedAfter
        #expect(time == 1_010)
    }

    @Test func `idleness counts from the end of a stream`() {
        var harness = ConnectionHarness()
        harness.arrive(get("/stream/3"))
        for _ in 0..<3 {
            harness.turn()
            harness.advance(seconds: 5)
        }
        harness.settle()
        harness.advance(seconds: 11)
        let (sent, time) = (harness.transcript, harness.endedAfter)
        #expect(sent == streamed(3))
        #expect(time == 25)
    }

    @Test func `idleness counts from the end of a dropped body`() {
        var harness = ConnectionHarness()
        harness.feed(request("POST", "/refuse/a", "Content-Length: 4"))
        harness.advance(seconds: 8)
        harness.feed("body")
        harness.advance(seconds: 15)
        let time = harness.endedAfter
        #expect(time == 18)
    }

    @Test(arguments: ["\r", "\r\n", "\r\n\r", "\r\n\r\n"])
    func `empty lines do not keep a connection open`(lines: String) {
        var harness = ConnectionHarness()
        harness.advance(seconds: 6)
        harness.feed(lines)
        harness.advance(seconds: 6)
        let (sent, time) = (harness.transcript, harness.endedAfter)
        #expect(sent == "")
        #expect(time == 10)
    }

    @Test func `without a keep-alive timeout an idle connection stays`() {
        var harness = ConnectionHarness(Self.limits { $0.keepAliveTimeout = 0 })
        harness.feed(get("/a"))
        harness.advance(seconds: 1e6)
        let (end, deadline) = (harness.end, harness.secondsToDeadline)
        #expect(end == .open)
        #expect(deadline == nil)
    }

    // MARK: A head

    @Test func `a head that drips is answered with 408`() {
        var harness = ConnectionHarness()
        harness.advance(seconds: 3)
        for byte in "GET / HTTP/1.1\r\nHost: a\r\n" {
            harness.feed(String(byte))
            harness.advance(seconds: 1)
        }
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == Self.slowHead)
        #expect(end == .closed)
    }

    @Test func `the time of a head counts from its first byte`() {
        var harness = ConnectionHarness()
        harness.advance(seconds: 3)
        harness.feed("G")
        harness.advance(seconds: 9)
        harness.feed("ET / HTTP/1.1\r\n")
        harness.advance(seconds: 1.5)
        let (sent, time) = (harness.transcript, harness.endedAfter)
        #expect(sent == Self.slowHead)
        #expect(time == 13)
    }

    @Test func `the time of a head counts from its first byte behind another request`() {
        var harness = ConnectionHarness()
        harness.feed(get("/a") + "GET /b")
        harness.advance(seconds: 15)
        let (sent, time) = (harness.transcript, harness.endedAfter)
        #expect(sent == ok("GET /a") + Self.slowHead)
        #expect(time == 10)
    }

    @Test func `a head that comes in time starts no other clock`() {
        var harness = ConnectionHarness()
        harness.feed("GET /a HTTP/1.1\r\n")
        harness.advance(seconds: 9)
        harness.feed("Host: a\r\n\r\n")
        harness.advance(seconds: 9)
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == ok("GET /a"))
        #expect(end == .open)
    }

    @Test func `without a header timeout a head may take for ever`() {
        var harness = ConnectionHarness(Self.limits { $0.headerTimeout = 0 })
        harness.feed("GET /a HTTP/1.1\r\n")
        harness.advance(seconds: 1e6)
        let end = harness.end
        #expect(end == .open)
        harness.feed("Host: a\r\n\r\n")
        let sent = harness.transcript
        #expect(sent == ok("GET /a"))
    }

    // MARK: A body

    static let bodyHeads = [
        Named("a known length", request("POST", "/a", "Content-Length: 1000000")),
        Named(
            "chunked",
            request("POST", "/a", "Transfer-Encoding: chunked") + "f4240\r\n"),
    ]

    @Test(arguments: bodyHeads)
    func `a body that stands still is answered with 408`(head: Named<String>) {
        var harness = ConnectionHarness()
        harness.feed(head.value)
        harness.advance(seconds: 31)
        let (sent, end, time) = (harness.transcript, harness.end, harness.endedAfter)
        #expect(sent == Self.slowBody)
        #expect(end == .halfClosed)
        // What came with a chunked head earns it 7 ms.
        #expect(time.map { $0 >= 30 && $0 < 30.01 } == true)
    }

    @Test(arguments: bodyHeads)
    func `a body that drips is answered with 408`(head: Named<String>) {
        var harness = ConnectionHarness()
        harness.feed(head.value)
        for _ in 0..<40 {
            harness.feed("x")
            harness.advance(seconds: 1)
        }
        let (sent, time) = (harness.transcript, harness.endedAfter)
        #expect(sent == Self.slowBody)
        // 30 seconds, and one for each 1,024 of the bytes that came until then.
        #expect(time.map { $0 > 30.02 && $0 < 30.04 } == true)
    }

    @Test(arguments: bodyHeads)
    func `a body at the minimum rate goes on`(head: Named<String>) {
        var harness = ConnectionHarness()
        harness.feed(head.value)
        for _ in 0..<500 {
            harness.feed(String(repeating: "x", count: 1_024))
            harness.advance(seconds: 1)
        }
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == "")
        #expect(end == .open)
        let left = harness.secondsToDeadline
        #expect(left.map { $0 >= 30 && $0 < 30.01 } == true)
    }

    @Test func `each minimum rate of bytes earns a second`() {
        var harness = ConnectionHarness()
        harness.feed(request("POST", "/a", "Content-Length: 100000"))
        var left = harness.secondsToDeadline
        #expect(left == 30)
        harness.feed(String(repeating: "x", count: 10_240))
        left = harness.secondsToDeadline
        #expect(left == 40)
        harness.advance(seconds: 5)
        harness.feed(String(repeating: "x", count: 512))
        left = harness.secondsToDeadline
        #expect(left == 35.5)
    }

    @Test func `bytes that came with the head count`() {
        var harness = ConnectionHarness()
        harness.feed(
            request("POST", "/a", "Content-Length: 100000")
                + String(repeating: "x", count: 2_048))
        let left = harness.secondsToDeadline
        #expect(left == 32)
    }

    @Test func `without a minimum rate only standing still counts`() {
        var harness = ConnectionHarness(Self.limits { $0.minTransferRate = 0 })
        harness.feed(request("POST", "/a", "Content-Length: 1000"))
        for _ in 0..<20 {
            harness.advance(seconds: 29)
            harness.feed("x")
        }
        let open = harness.end
        #expect(open == .open)
        harness.advance(seconds: 31)
        let (sent, time) = (harness.transcript, harness.endedAfter)
        #expect(sent == Self.slowBody)
        #expect(time == 610)
    }

    @Test func `without a body timeout a body may take for ever`() {
        var harness = ConnectionHarness(Self.limits { $0.bodyTimeout = 0 })
        harness.feed(request("POST", "/a", "Content-Length: 4"))
        harness.advance(seconds: 1e6)
        harness.feed("body")
        let sent = harness.transcript
        #expect(sent == ok("POST /a: body"))
    }

    @Test(arguments: [
        Named("a known length", request("POST", "/refuse/a", "Content-Length: 10")),
        Named("chunked", request("POST", "/refuse/a", "Transfer-Encoding: chunked")),
    ])
    func `a refused body that stands still ends the connection without another answer`(
        head: Named<String>
    ) {
        var harness = ConnectionHarness()
        harness.feed(head.value)
        harness.advance(seconds: 31)
        let (sent, end, time) = (harness.transcript, harness.end, harness.endedAfter)
        #expect(sent == ok("POST /refuse/a"))
        #expect(end == .halfClosed)
        #expect(time == 30)
    }

    // MARK: An answer

    @Test func `a client that does not take its answer is reset`() {
        var harness = ConnectionHarness()
        harness.window = 0
        harness.feed(get("/a"))
        harness.advance(seconds: 29.9)
        let open = harness.end
        #expect(open == .open)
        harness.advance(seconds: 0.2)
        let (end, time) = (harness.end, harness.endedAfter)
        #expect(end == .reset)
        #expect(time == 30)
    }

    @Test func `each minimum rate of bytes that the client takes earns a second`() {
        var harness = ConnectionHarness()
        harness.window = 0
        harness.feed(get("/bytes/50000"))
        harness.advance(seconds: 10)
        harness.clientTakes(10_240)
        let left = harness.secondsToDeadline
        #expect(left == 30)
        harness.advance(seconds: 31)
        let (end, time) = (harness.end, harness.endedAfter)
        #expect(end == .reset)
        #expect(time == 40)
    }

    @Test func `a client that takes its answer at the minimum rate gets all of it`() {
        var harness = ConnectionHarness()
        harness.window = 0
        harness.feed(get("/bytes/200000"))
        for _ in 0..<200 {
            harness.clientTakes(1_024)
            harness.advance(seconds: 1)
        }
        let (end, unsent) = (harness.end, harness.connection.unsentByteCount)
        #expect(end == .open)
        #expect(unsent == 0)
    }

    @Test func `a stream has one time for all its pieces`() throws {
        var harness = ConnectionHarness()
        harness.window = 0
        harness.feed(get("/stream/1000/size/400"))
        harness.advance(seconds: 20)
        let unsent = harness.connection.unsentByteCount
        harness.clientTakes(unsent)
        // Of its 30 seconds 20 are used up, and what the client took has earned some.
        let deadline = harness.secondsToDeadline
        let left = try #require(deadline)
        #expect(abs(left - (10 + Double(unsent) / 1_024)) < 1e-6)
    }

    @Test func `every answer has its own time`() {
        var harness = ConnectionHarness()
        for _ in 0..<5 {
            harness.window = 0
            harness.feed(get("/a"))
            harness.advance(seconds: 20)
            harness.clientTakes(1_000)
        }
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == (0..<5).map { _ in ok("GET /a") }.joined())
        #expect(end == .open)
    }

    @Test func `without a minimum rate only a client that stands still is reset`() {
        var harness = ConnectionHarness(Self.limits { $0.minTransferRate = 0 })
        harness.window = 0
        harness.feed(get("/bytes/1000"))
        for _ in 0..<10 {
            harness.advance(seconds: 29)
            harness.clientTakes(1)
        }
        let open = harness.end
        #expect(open == .open)
        harness.advance(seconds: 31)
        let (end, time) = (harness.end, harness.endedAfter)
        #expect(end == .reset)
        #expect(time == 320)
    }

    @Test func `a send that moves nothing is no progress`() {
        var harness = ConnectionHarness(Self.limits { $0.minTransferRate = 0 })
        harness.window = 0
        harness.feed(get("/a"))
        // Every request makes the engine try to send again.
        for _ in 0..<3 {
            harness.advance(seconds: 12)
            harness.feed(get("/b"))
        }
        let (end, time) = (harness.end, harness.endedAfter)
        #expect(end == .reset)
        #expect(time == 30)
    }

    @Test func `without a write timeout a client may take for ever`() {
        var harness = ConnectionHarness(Self.limits { $0.writeTimeout = 0 })
        harness.window = 0
        harness.feed(get("/a"))
        harness.advance(seconds: 1e6)
        harness.clientTakes(1_000)
        let sent = harness.transcript
        #expect(sent == ok("GET /a"))
    }

    @Test func `a last answer that is not taken is not waited for either`() {
        var harness = ConnectionHarness()
        harness.window = 0
        harness.feed(get("/a", "Connection: close"))
        harness.advance(seconds: 31)
        let end = harness.end
        #expect(end == .reset)
    }

    // MARK: Lingering (RFC 9112 §9.6)

    private func lingering(_ limits: Limits = Limits()) -> ConnectionHarness {
        var harness = ConnectionHarness(limits)
        harness.feed(get("/a", "Connection: close"))
        let end = harness.end
        #expect(end == .halfClosed)
        return harness
    }

    @Test func `lingering ends after its time`() {
        var harness = lingering()
        harness.advance(seconds: 1.9)
        harness.feed("more")
        let still = harness.end
        #expect(still == .halfClosed)
        harness.advance(seconds: 0.2)
        let (end, time) = (harness.end, harness.closedAfter)
        #expect(end == .closed)
        #expect(time == 2)
    }

    @Test func `lingering ends with the peer's end`() {
        var harness = lingering()
        harness.peerCloses()
        let (end, time) = (harness.end, harness.closedAfter)
        #expect(end == .closed)
        #expect(time == 0)
    }

    @Test func `lingering ends beyond its bytes`() {
        var harness = lingering(Self.limits { $0.lingerBytes = 1_000 })
        harness.feed(String(repeating: "x", count: 1_000))
        let still = harness.end
        #expect(still == .halfClosed)
        harness.feed("x")
        let end = harness.end
        #expect(end == .closed)
    }

    @Test func `what comes while lingering is not a request`() {
        var harness = lingering()
        harness.feed(get("/b"))
        let (targets, sent) = (harness.handler.targets, harness.transcript)
        #expect(targets == ["/a"])
        #expect(sent == okAndClose("GET /a"))
    }
}
