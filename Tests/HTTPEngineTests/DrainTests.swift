import Testing

@testable import HTTPEngine

/// A server that stops: what was accepted is answered, what comes later hears 503.
@Suite struct DrainTests {
    // MARK: Idle connections

    @Test func `an idle connection is half-closed after a short grace`() {
        var harness = ConnectionHarness()
        harness.feed(get("/a"))
        harness.advance(seconds: 5)
        harness.drain()
        harness.advance(seconds: 0.9)
        let open = harness.end
        #expect(open == .open)
        harness.advance(seconds: 0.2)
        let (sent, end, time) = (harness.transcript, harness.end, harness.endedAfter)
        #expect(sent == ok("GET /a"))
        #expect(end == .halfClosed)
        #expect(time == 6)
    }

    @Test func `the grace holds without a keep-alive timeout`() {
        var limits = Limits()
        limits.keepAliveTimeout = 0
        var harness = ConnectionHarness(limits)
        harness.drain()
        harness.advance(seconds: 1)
        let end = harness.end
        #expect(end == .halfClosed)
    }

    @Test func `a request that was on its way to an idle connection hears 503`() {
        var harness = ConnectionHarness()
        harness.feed(get("/a"))
        harness.drain()
        harness.advance(seconds: 0.5)
        harness.drip(get("/b"))
        let (sent, end, targets) = (harness.transcript, harness.end, harness.handler.targets)
        #expect(sent == ok("GET /a") + stoppingAnswer)
        #expect(end == .halfClosed)
        #expect(targets == ["/a"])
    }

    @Test func `HEAD hears 503 without a body`() {
        var harness = ConnectionHarness()
        harness.drain()
        harness.feed(request("HEAD", "/a"))
        let sent = harness.transcript
        #expect(
            sent
                == failure(
                    "503 Service Unavailable", "the server is stopping", retryAfter: 2,
                    toHead: true))
    }

    @Test func `a body that was on its way behind its head hears 503 at once`() {
        var harness = ConnectionHarness()
        harness.drain()
        harness.feed(request("POST", "/a", "Content-Length: 5", "Expect: 100-continue"))
        let (sent, admissions) = (harness.transcript, harness.handler.admissions)
        #expect(sent == stoppingAnswer)
        #expect(admissions == 0)
    }

    @Test func `a drain that begins twice changes nothing`() {
        var harness = ConnectionHarness()
        harness.drain()
        harness.advance(seconds: 0.9)
        harness.drain()
        harness.advance(seconds: 0.1)
        let end = harness.end
        #expect(end == .halfClosed)
    }

    // MARK: What has arrived

    @Test func `a head that was complete in the kernel is accepted`() {
        var harness = ConnectionHarness()
        harness.feed("GET /a HTTP/1.1\r\n")
        harness.arrive("Host: a\r\n\r\n")
        harness.drain()
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == okAndClose("GET /a"))
        #expect(end == .halfClosed)
    }

    @Test func `a head that was incomplete hears 503 when it is complete`() {
        var harness = ConnectionHarness()
        harness.feed("GET /a HTTP/1.1\r\n")
        harness.arrive("Host: a\r\n\r")
        harness.drain()
        let none = harness.transcript
        #expect(none == "")
        harness.feed("\n")
        let (sent, targets) = (harness.transcript, harness.handler.targets)
        #expect(sent == stoppingAnswer)
        #expect(targets.isEmpty)
    }

    @Test func `a head that stays incomplete hears 503 after the grace`() {
        var harness = ConnectionHarness()
        harness.feed("GET /a HTTP/1.1\r\nHost")
        harness.drain()
        harness.advance(seconds: 0.9)
        let none = harness.transcript
        #expect(none == "")
        harness.advance(seconds: 0.2)
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == stoppingAnswer)
        #expect(end == .halfClosed)
    }

    static let pipelines = [
        Named("safe requests", (0..<4).map { get("/\($0)") }),
        Named("requests that wait", (0..<4).map { request("DELETE", "/\($0)") }),
        Named("empty lines between", (0..<4).map { "\r\n" + get("/\($0)") }),
        Named("bodies", (0..<4).map { post("/\($0)", "body") }),
        Named("chunked bodies", (0..<4).map { chunkedPost("/\($0)", ["bo", "dy"]) }),
        Named(
            "chunked bodies with an empty line in them",
            (0..<4).map { chunkedPost("/\($0)", ["b\r\n\r\n", "dy"]) }),
    ]

    /// Everything before the split has arrived when the drain begins, and the rest comes later.
    @Test(arguments: pipelines, [nil, 1, 2] as [Int?])
    func `exactly the requests whose heads had arrived are answered`(
        requests: Named<[String]>, requestsPerTurn: Int?
    ) {
        var limits = Limits()
        limits.requestsPerTurn = requestsPerTurn ?? limits.requestsPerTurn
        let pages = GuardedPages()
        let wire = Array(requests.value.joined().utf8)
        for split in 0...wire.count {
            var harness = ConnectionHarness(limits, pages: pages)
            harness.arrive(Array(wire[..<split]).text)
            harness.drain()
            harness.feed(wire[split...])
            let (sent, end) = (harness.transcript, harness.end)
            let accepted = Self.acceptedCount(of: requests.value, before: split)
            let expected = Self.expected(requests.value, accepted: accepted)
            guard sent == expected, end == (wire.isEmpty ? .open : .halfClosed) else {
                #expect(sent == expected, "the split was at \(split)")
                #expect(end == .halfClosed, "the split was at \(split)")
                return
            }
        }
    }

    /// How many of the heads lie before the split entirely.
    private static func acceptedCount(of requests: [String], before split: Int) -> Int {
        var start = 0
        var count = 0
        for request in requests {
            let head = request.firstRange(of: "a\r\n")!.upperBound
            let end = request[head...].firstRange(of: "\r\n\r\n").map(\.upperBound)
            // A head without further fields ends with the empty line behind Host.
            let headByteCount =
                request[head...].hasPrefix("\r\n")
                ? request[..<head].utf8.count + 2 : request[..<end!].utf8.count
            if start + headByteCount <= split { count += 1 }
            start += request.utf8.count
        }
        return count
    }

    private static func expected(_ requests: [String], accepted: Int) -> String {
        guard accepted > 0 else { return stoppingAnswer }
        return requests.prefix(accepted).enumerated().map { index, request in
            let words = request.split { $0 == " " || $0 == "\r\n" }
            var body = "\(words[0]) \(words[1])"
            if request.contains("b\r\n\r\n") {
                body += ": b\r\n\r\ndy"
            } else if request.contains("bo") {
                body += ": body"
            }
            return index == accepted - 1 ? okAndClose(body) : ok(body)
        }.joined()
    }

    // MARK: What is under way

    @Test(arguments: [
        Named("a known length", post("/a", "body")),
        Named("chunked", chunkedPost("/a", ["bo", "dy"])),
    ])
    func `a body that is on its way is waited for`(input: Named<String>) {
        let head = input.value.firstRange(of: "\r\n\r\n")!.upperBound
        var harness = ConnectionHarness()
        harness.feed(String(input.value[..<head]))
        harness.drain()
        harness.advance(seconds: 3)
        harness.drip(String(input.value[head...]))
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == okAndClose("POST /a: body"))
        #expect(end == .halfClosed)
    }

    @Test func `a body that has been asked for is waited for`() {
        var harness = ConnectionHarness()
        harness.feed(request("POST", "/a", "Content-Length: 4", "Expect: 100-continue"))
        harness.drain()
        harness.feed("body")
        let sent = harness.transcript
        #expect(sent == continueLine + okAndClose("POST /a: body"))
    }

    @Test func `a deferred answer is waited for and is the last`() {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/a"))
        harness.drain()
        harness.advance(seconds: 100)
        let open = harness.end
        #expect(open == .open)
        harness.complete(0)
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == okAndClose("GET /defer/a"))
        #expect(end == .halfClosed)
    }

    @Test(arguments: PipelineTests.orders)
    func `of several deferred answers only the last says close`(order: [Int]) {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/0") + get("/defer/1"))
        harness.arrive(get("/defer/2") + get("/defer/3") + "GET /incomplete")
        harness.drain()
        for index in order { harness.complete(index) }
        let (sent, end) = (harness.transcript, harness.end)
        #expect(
            sent == ok("GET /defer/0") + ok("GET /defer/1") + ok("GET /defer/2")
                + okAndClose("GET /defer/3"))
        #expect(end == .halfClosed)
    }

    @Test func `a request that waits for a deferred answer is accepted`() {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/a") + request("DELETE", "/b") + post("/c", "d"))
        harness.drain()
        harness.complete(0)
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == ok("GET /defer/a") + ok("DELETE /b") + okAndClose("POST /c: d"))
        #expect(end == .halfClosed)
    }

    @Test func `a request that comes later hears 503 behind the deferred answer`() {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/a"))
        harness.drain()
        harness.feed(get("/b"))
        let none = harness.transcript
        #expect(none == "")
        harness.complete(0)
        let (sent, end, targets) = (harness.transcript, harness.end, harness.handler.targets)
        #expect(sent == ok("GET /defer/a") + stoppingAnswer)
        #expect(end == .halfClosed)
        #expect(targets == ["/defer/a"])
    }

    @Test func `a stream that runs comes to its end`() {
        var harness = ConnectionHarness()
        harness.window = 10
        harness.feed(get("/stream/3"))
        harness.drain()
        harness.advance(seconds: 3)
        harness.clientTakes(10_000)
        let (sent, open) = (harness.transcript, harness.end)
        #expect(sent == streamed(3), "its head has left before the drain")
        #expect(open == .open)
        harness.advance(seconds: 1)
        let end = harness.end
        #expect(end == .halfClosed)
    }

    @Test func `a stream that waits is the last answer`() {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/a") + get("/stream/2"))
        harness.drain()
        harness.complete(0)
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == ok("GET /defer/a") + streamed(2, Answer.close))
        #expect(end == .halfClosed)
    }

    @Test func `requests that the client's slowness held back are accepted`() {
        var limits = Limits()
        limits.highWatermark = 10_000
        limits.lowWatermark = 1_000
        var harness = ConnectionHarness(limits)
        harness.window = 0
        harness.feed((0..<4).map { _ in get("/bytes/6000") }.joined())
        let begun = harness.handler.requests.count
        #expect(begun == 2)
        harness.drain()
        harness.clientTakes(100_000)
        let (targets, sent, end) = (
            harness.handler.targets, harness.transcript, harness.end
        )
        #expect(targets.count == 4)
        #expect(sent.components(separatedBy: "Connection: close").count == 2)
        #expect(end == .halfClosed)
    }

    @Test func `a refused body under way does not hold the connection beyond its end`() {
        var harness = ConnectionHarness()
        harness.feed(request("POST", "/refuse/a", "Content-Length: 4"))
        harness.drain()
        harness.advance(seconds: 2)
        harness.feed("body")
        let open = harness.end
        #expect(open == .open)
        harness.advance(seconds: 1)
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == ok("POST /refuse/a"))
        #expect(end == .halfClosed)
    }

    @Test func `a connection that is already ending ends as it would have`() {
        var harness = ConnectionHarness()
        harness.window = 0
        harness.feed(get("/a", "Connection: close"))
        harness.drain()
        harness.clientTakes(10_000)
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == okAndClose("GET /a"))
        #expect(end == .halfClosed)
    }
}

extension String {
    /// The parts between a separator.
    fileprivate func components(separatedBy separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
