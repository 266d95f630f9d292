import Testing

@testable import HTTPEngine

/// Several requests in flight: who may be, who waits, and that answers leave in order.
@Suite struct PipelineTests {
    private static let targets = ["/defer/0", "/defer/1", "/defer/2", "/defer/3"]

    /// All orders in which four exchanges can be completed.
    static let orders: [[Int]] = permutations(of: [0, 1, 2, 3])

    private static func permutations(of values: [Int]) -> [[Int]] {
        guard values.count > 1 else { return [values] }
        return values.indices.flatMap { index in
            var rest = values
            let first = rest.remove(at: index)
            return permutations(of: rest).map { [first] + $0 }
        }
    }

    @Test(arguments: orders)
    func `deferred answers leave in the order of their requests`(order: [Int]) {
        var harness = ConnectionHarness()
        harness.feed(Self.targets.map { get($0) }.joined())
        var completed: Set<Int> = []
        for index in order {
            let isTaken = harness.complete(index)
            #expect(isTaken)
            completed.insert(index)
            let ready = (0..<4).prefix { completed.contains($0) }
            let sent = harness.transcript
            #expect(sent == ready.map { ok("GET /defer/\($0)") }.joined())
        }
        let end = harness.end
        #expect(end == .open)
    }

    @Test(arguments: orders)
    func `an answer that closes late comes last of what has begun`(order: [Int]) {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/close/0") + Self.targets.dropFirst().map { get($0) }.joined())
        for index in order { harness.complete(index) }
        let (sent, end) = (harness.transcript, harness.end)
        // What was in flight behind it has been executed, so it is answered, and the last closes.
        #expect(
            sent == ok("GET /defer/close/0") + ok("GET /defer/1") + ok("GET /defer/2")
                + okAndClose("GET /defer/3"))
        #expect(end == .halfClosed)
    }

    @Test(arguments: orders)
    func `a request for close ends the pipeline behind it`(order: [Int]) {
        var harness = ConnectionHarness()
        harness.feed(
            Self.targets.dropLast().map { get($0) }.joined()
                + get("/defer/3", "Connection: close") + get("/behind"))
        for index in order { harness.complete(index) }
        let (sent, end, targets) = (harness.transcript, harness.end, harness.handler.targets)
        #expect(
            sent == ok("GET /defer/0") + ok("GET /defer/1") + ok("GET /defer/2")
                + okAndClose("GET /defer/3"))
        #expect(end == .halfClosed)
        #expect(targets == Self.targets)
    }

    @Test(arguments: orders)
    func `every kind of answer waits its turn`(order: [Int]) {
        var harness = ConnectionHarness()
        harness.feed(
            get("/defer/stream/2") + get("/now") + request("HEAD", "/defer/stream/2")
                + get("/stream/1") + get("/defer/status/204") + get("/defer/last"))
        let deferred = [0, 2, 4, 5]
        for index in order { harness.complete(deferred[index]) }
        let sent = harness.transcript
        let headOfStream = Answer(
            fields: ["Content-Type: text/plain; charset=utf-8", "Transfer-Encoding: chunked"],
            body: "")
        #expect(
            sent == streamed(2) + ok("GET /now") + headOfStream.wire + streamed(1)
                + Answer(status: "204 No Content", body: "").wire + ok("GET /defer/last"))
    }

    // MARK: Who may be in flight together (RFC 9112 §9.3.2)

    @Test(arguments: ["GET", "HEAD", "OPTIONS", "TRACE"])
    func `safe requests are in flight together`(method: String) {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/0") + request(method, "/defer/1") + get("/defer/2"))
        let targets = harness.handler.targets
        #expect(targets == ["/defer/0", "/defer/1", "/defer/2"])
    }

    static let waiting = [
        Named("an unsafe method", request("DELETE", "/defer/1")),
        Named("an unknown method", request("FETCH", "/defer/1")),
        Named("a body", get("/defer/1", "Content-Length: 1") + "b"),
        Named("a chunked body", chunkedPost("/defer/1", ["b"])),
    ]

    @Test(arguments: waiting)
    func `an unsafe request waits for all before it, and all behind it wait`(
        input: Named<String>
    ) {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/0") + input.value + get("/2"))
        let first = harness.handler.targets
        #expect(first == ["/defer/0"])
        harness.complete(0)
        let second = harness.handler.targets.prefix(2)
        #expect(second == ["/defer/0", "/defer/1"])
    }

    @Test(arguments: ["POST", "DELETE", "FETCH"])
    func `a safe request waits for an unsafe one that is in flight`(method: String) {
        var harness = ConnectionHarness()
        harness.feed(request(method, "/defer/0") + get("/1") + get("/2"))
        let first = harness.handler.targets
        #expect(first == ["/defer/0"], "the state that it changes may be what they read")
        let wantsBytes = harness.connection.wantsBytes
        #expect(!wantsBytes)
        harness.complete(0)
        let (targets, sent) = (harness.handler.targets, harness.transcript)
        #expect(targets == ["/defer/0", "/1", "/2"])
        #expect(sent == ok("\(method) /defer/0") + ok("GET /1") + ok("GET /2"))
    }

    @Test func `a request of HTTP 1.0 is alone in flight`() {
        var harness = ConnectionHarness()
        let old = { (target: String) in
            request("GET", target, "Connection: keep-alive", version: "HTTP/1.0")
        }
        harness.feed(old("/defer/stream/2") + old("/1"))
        harness.complete(0)
        let (sent, end, targets) = (harness.transcript, harness.end, harness.handler.targets)
        // Its stream ends by close, so nothing can follow.
        let answer = Answer(connection: Answer.close, body: "piece 0\npiece 1\n")
        #expect(sent == answer.wire)
        #expect(end == .halfClosed)
        #expect(targets == ["/defer/stream/2"])
    }

    @Test func `as many exchanges as the limit says are in flight`() {
        var limits = Limits()
        limits.maxPipelinedRequests = 3
        var harness = ConnectionHarness(limits)
        harness.feed((0..<6).map { get("/defer/\($0)") }.joined())
        for completed in 0..<6 {
            let begun = harness.handler.requests.count
            #expect(begun == min(6, completed + 3))
            let wantsBytes = harness.connection.wantsBytes
            #expect(wantsBytes == (completed > 2), "reading goes on once nothing is left over")
            harness.complete(completed)
        }
        let sent = harness.transcript
        #expect(sent == (0..<6).map { ok("GET /defer/\($0)") }.joined())
    }

    @Test func `answers that are ready count while they wait`() {
        var limits = Limits()
        limits.maxPipelinedRequests = 3
        var harness = ConnectionHarness(limits)
        harness.feed(get("/defer/0") + get("/1") + get("/2") + get("/3"))
        let begun = harness.handler.requests.count
        #expect(begun == 3)
        harness.complete(0)
        let sent = harness.transcript
        #expect(sent == ok("GET /defer/0") + ok("GET /1") + ok("GET /2") + ok("GET /3"))
    }

    // MARK: Errors behind deferred answers

    @Test func `an error waits for the deferred answer before it`() {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/0") + get("/", "a : b") + get("/behind"))
        let none = harness.transcript
        #expect(none == "")
        harness.complete(0)
        let (sent, end) = (harness.transcript, harness.end)
        #expect(
            sent == ok("GET /defer/0")
                + failure("400 Bad Request", "space before the colon of a field line"))
        #expect(end == .halfClosed)
    }

    @Test func `a head that is too slow waits for the deferred answer before it`() {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/0") + "GET /")
        harness.advance(seconds: 11)
        let none = harness.transcript
        #expect(none == "")
        harness.complete(0)
        let sent = harness.transcript
        #expect(
            sent == ok("GET /defer/0")
                + failure("408 Request Timeout", "the request head took too long"))
    }

    @Test func `an exchange that is over cannot be completed`() {
        var harness = ConnectionHarness()
        harness.feed(get("/a") + get("/defer/b"))
        let ofAnswered = harness.complete(0)
        #expect(!ofAnswered)
        let ofDeferred = harness.complete(1)
        #expect(ofDeferred)
        let again = harness.complete(1)
        #expect(!again)
        let sent = harness.transcript
        #expect(sent == ok("GET /a") + ok("GET /defer/b"))
    }

    @Test func `an exchange of a connection that is lost cannot be completed`() {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/0"))
        harness.connection.connectionLost()
        harness.settle()
        let isTaken = harness.complete(0)
        #expect(!isTaken)
        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == "")
        #expect(end == .closed)
    }

    @Test func `exchanges are numbered beyond 32 bits`() {
        var harness = ConnectionHarness()
        harness.firstExchange = .max - 1
        harness.feed(Self.targets.map { get($0) }.joined())
        for index in [2, 3, 1, 0] {
            let isTaken = harness.complete(index)
            #expect(isTaken)
        }
        let sent = harness.transcript
        #expect(sent == (0..<4).map { ok("GET /defer/\($0)") }.joined())
    }

    // MARK: The bound of a turn

    static let manyRequests = [
        Named("plain", (0..<10).map { get("/\($0)") }),
        Named("with a body", (0..<10).map { post("/\($0)", "b") }),
        Named("with a chunked body", (0..<10).map { chunkedPost("/\($0)", ["b"]) }),
    ]

    @Test(arguments: manyRequests)
    func `one turn handles a bounded number of requests`(requests: Named<[String]>) {
        var limits = Limits()
        limits.requestsPerTurn = 4
        var harness = ConnectionHarness(limits)
        harness.arrive(requests.value.joined())
        var handled: [Int] = []
        var hasWorkLeft: [Bool] = []
        for _ in 0..<3 {
            harness.turn()
            handled.append(harness.handler.requests.count)
            hasWorkLeft.append(harness.connection.hasWorkLeft(&harness.workspace))
        }
        #expect(handled == [4, 8, 10])
        #expect(hasWorkLeft == [true, true, false])
        let wantsBytes = harness.connection.wantsBytes
        #expect(wantsBytes)
    }
}
