import Testing

@testable import HTTPEngine

/// Walks every pair of events from every state: whatever happens, the connection comes to rest,
/// keeps its invariants (the harness looks at them after each turn), answers nothing twice, and can
/// be brought to its end.
@Suite struct ConnectionStateTests {
    typealias Step = @Sendable (inout ConnectionHarness) -> Void

    private static let limits: Limits = {
        var limits = Limits()
        limits.maxPipelinedRequests = 3
        limits.requestsPerTurn = 3
        limits.highWatermark = 2_000
        limits.lowWatermark = 500
        return limits
    }()

    static let states: [Named<Step>] = [
        Named("idle") { _ in },
        Named("idle behind a request") { $0.feed(get("/a")) },
        Named("an empty line has come") { $0.feed("\r\n") },
        Named("within a head") { $0.feed("GET /a HTTP/1.1\r\nHo") },
        Named("within a body") { $0.feed(request("POST", "/a", "Content-Length: 4") + "bo") },
        Named("within a chunked body") {
            $0.feed(request("POST", "/a", "Transfer-Encoding: chunked") + "4\r\nbo")
        },
        Named("100 Continue was sent") {
            $0.feed(request("POST", "/a", "Content-Length: 4", "Expect: 100-continue"))
        },
        Named("dropping a body") {
            $0.feed(request("POST", "/refuse/a", "Content-Length: 4") + "bo")
        },
        Named("dropping a chunked body") {
            $0.feed(request("POST", "/refuse/a", "Transfer-Encoding: chunked") + "4\r\nbo")
        },
        Named("an answer is deferred") { $0.feed(get("/defer/a")) },
        Named("an answer waits for a deferred one") { $0.feed(get("/defer/a") + get("/b")) },
        Named("an unsafe request waits") { $0.feed(get("/defer/a") + post("/b", "c")) },
        Named("the pipeline is full") { $0.feed((0..<5).map { get("/defer/\($0)") }.joined()) },
        Named("a stream is blocked") {
            $0.window = 10
            $0.feed(get("/stream/9/size/400") + get("/b"))
        },
        Named("an answer is blocked") {
            $0.window = 10
            $0.feed(get("/a"))
        },
        Named("the client does not read") {
            $0.window = 0
            $0.feed((0..<9).map { _ in get("/bytes/500") }.joined())
        },
        Named("the turn is over") {
            $0.arrive((0..<9).map { get("/\($0)") }.joined())
            $0.turn()
        },
        Named("draining, idle") { $0.drain() },
        Named("draining, within a head") {
            $0.feed("GET /a HT")
            $0.drain()
        },
        Named("draining, an answer is deferred") {
            $0.feed(get("/defer/a"))
            $0.drain()
        },
        Named("the peer has closed its half") {
            $0.feed(get("/defer/a"))
            $0.peerCloses()
        },
        Named("the last answer is blocked") {
            $0.window = 10
            $0.feed(get("/a", "Connection: close"))
        },
        Named("an error is blocked") {
            $0.window = 10
            $0.feed("?")
        },
        Named("lingering") { $0.feed(get("/a", "Connection: close")) },
        Named("closed") { $0.peerCloses() },
    ]

    static let events: [Named<Step>] = [
        Named("a request comes") { $0.feed(get("/new")) },
        Named("bytes come that fit nothing") { $0.feed("?\r\n\r\n") },
        Named("a byte comes") { $0.feed("G") },
        Named("the peer closes its half") { $0.peerCloses() },
        Named("the socket dies") {
            $0.connection.connectionLost()
            $0.settle()
        },
        Named("the client reads") { $0.clientTakes(1_000) },
        Named("a send would block") {
            $0.connection.outputSent(0, at: $0.now, &$0.workspace)
            $0.settle()
        },
        Named("the handler answers") { $0.completeFirst() },
        Named("a turn passes") { $0.turn() },
        Named("a second passes") { $0.advance(seconds: 1) },
        Named("a minute passes") { $0.advance(seconds: 60) },
        Named("a drain begins") { $0.drain() },
    ]

    @Test(arguments: states)
    func `any two events leave a connection that can end`(state: Named<Step>) {
        let pages = GuardedPages()
        for first in Self.events {
            for second in Self.events {
                var harness = ConnectionHarness(Self.limits, pages: pages)
                state.value(&harness)
                for event in [first, second] where harness.isAlive { event.value(&harness) }
                harness.finish()
                let end = harness.end
                #expect(
                    end == .closed || end == .reset, "behind \(first.name), \(second.name)")
                let answers = harness.received.text.split(separator: "HTTP/1.1 ").count
                let handled = harness.handler.requests.count
                // One failure of the engine's own, and one 100 Continue.
                #expect(answers <= handled + 2, "behind \(first.name), \(second.name)")
            }
        }
    }
}

extension ConnectionHarness {
    /// Answers the first deferred request that waits, if there is one.
    fileprivate mutating func completeFirst() {
        for (index, request) in handler.requests.enumerated() where request.words[0] == "defer" {
            if complete(index) { return }
        }
    }

    /// Does all that client, handler and time can do to end the connection.
    fileprivate mutating func finish() {
        window = .max
        settle()
        for _ in 0..<10 { completeFirst() }
        peerCloses()
        advance(seconds: 1_000)
    }
}
