import Containers
import Synchronization
import Syscalls
import Testing

@testable import HTTPEngine
@testable import Reactor

/// The engine on real sockets over loopback, its loop on the test's thread.
@Suite(.timeLimit(.minutes(2))) struct ReactorEngineTests {
    private static func limits(_ change: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        limits.maxConnections = 100
        limits.overflowConnections = 4
        change(&limits)
        return limits
    }

    @Test func `a pipeline is answered`() throws {
        var engine = try LoopbackEngine()
        var client = try engine.connect()
        try client.send(get("/a") + post("/b", "body") + get("/stream/3") + get("/c"))
        let answers = ok("GET /a") + ok("POST /b: body") + streamed(3) + ok("GET /c")
        try engine.run(until: "the answers come") { _ in try client.hasReceived(answers) }
        let sent = client.transcript
        #expect(sent == answers)
    }

    @Test func `all connections of a turn are answered in it`() throws {
        var engine = try LoopbackEngine()
        var clients = Slab<LoopbackClient>(capacity: 20)
        for _ in 0..<20 { _ = clients.insert(try engine.connect()) }
        try engine.run(until: "all are accepted") { $0.server.connectionCount == 20 }
        for slot in 0..<20 { try clients[slot].send(get("/\(slot)")) }
        try engine.run(until: "all are handled") { $0.handler.requests.count == 20 }
        for slot in 0..<20 {
            try engine.run(until: "an answer comes") { _ in
                try clients[slot].hasReceived(ok("GET /\(slot)"))
            }
            let sent = clients[slot].transcript
            #expect(sent == ok("GET /\(slot)"))
        }
    }

    @Test(arguments: [EpollEvents.readable, [.readable, .writable]])
    func `a connection that ends in the turn that something else has touched it in is let go once`(
        events: EpollEvents
    ) throws {
        var engine = try LoopbackEngine()
        do {
            let client = try engine.connect()
            try engine.run(until: "it is accepted") { $0.server.connectionCount == 1 }
            _ = consume client
        }
        let token = Token(slot: 0, generation: engine.server.connections.generation(of: 0))
        // A job of this turn has news for it; then the end of its stream is read.
        engine.server.posted(token.rawValue, in: &engine.reactor)
        engine.server.socketReady(token, Readiness(events), in: &engine.reactor)
        let count = engine.server.connectionCount
        #expect(count == 0)
        engine.server.finishTurn(in: &engine.reactor)
        // Its place is another's, who is not taken for it.
        var other = try engine.connect()
        try other.send(get("/"))
        try engine.run(until: "the other is answered") { _ in try other.hasReceived(ok("GET /")) }
    }

    @Test func `what a bound has cut off goes on without an event`() throws {
        var engine = try LoopbackEngine(Self.limits { $0.requestsPerTurn = 1 })
        var client = try engine.connect()
        try engine.run(until: "it is accepted") { $0.server.connectionCount == 1 }
        try client.send((0..<10).map { get("/\($0)") }.joined())
        try engine.run(until: "the first is handled") { $0.handler.requests.count >= 1 }
        // From here on nothing wakes the loop but itself.
        for _ in 0..<9 {
            let hasWorkLeft = engine.reactor.hasWorkLeft
            try #require(hasWorkLeft, "the loop would wait")
            try engine.reactor.runOnce(&engine.server)
        }
        let handled = engine.handler.requests.count
        #expect(handled == 10)
        let hasWorkLeft = engine.reactor.hasWorkLeft
        #expect(!hasWorkLeft)
        let answers = (0..<10).map { ok("GET /\($0)") }.joined()
        try engine.run(until: "the answers come") { _ in try client.hasReceived(answers) }
        let sent = client.transcript
        #expect(sent == answers)
    }

    @Test func `a client that reads slowly gets all of a large answer`() throws {
        var engine = try LoopbackEngine()
        var client = try engine.connect(receiveBufferSize: 4_096)
        try client.send(get("/stream/400/size/10000") + get("/behind"))
        try engine.run(until: "the last answer comes") { _ in
            try client.receive()
            return client.received.suffix(11).elementsEqual("GET /behind".utf8)
        }
        // 400 pieces, each with its size line 2710 and two line ends.
        let bodyByteCount = 400 * (10_000 + 8) + 5
        let byteCount = client.received.count
        #expect(byteCount > bodyByteCount && byteCount < bodyByteCount + 600)
    }

    @Test func `a client that does not read is not read from`() throws {
        var engine = try LoopbackEngine()
        let client = try engine.connect(receiveBufferSize: 4_096)
        try engine.run(until: "it is accepted") { $0.server.connectionCount == 1 }
        for _ in 0..<100 { try client.send(get("/bytes/100000")) }
        try engine.run(until: "reading stops") {
            $0.server.connectionCount == 1 && $0.server.connections[0].interest == .writable
        }
        for _ in 0..<10 { try engine.turn() }
        let unsent = engine.server.connections[0].connection.http.unsentByteCount
        #expect(unsent < engine.server.workspace.limits.highWatermark + 100_300)
        let handled = engine.handler.requests.count
        #expect(handled < 100)
    }

    // MARK: Ends

    @Test func `a connection that closes is half-closed, and let go when the client closes`() throws
    {
        var engine = try LoopbackEngine()
        var client = try engine.connect()
        try client.send(get("/a", "Connection: close"))
        try engine.run(until: "the end comes") { _ in
            try client.receive()
            return client.state != .open
        }
        let (sent, state) = (client.transcript, client.state)
        #expect(sent == okAndClose("GET /a"))
        #expect(state == .ended)
        let lingering = engine.server.connectionCount
        #expect(lingering == 1)
        try client.closeWriting()
        try engine.run(until: "it is let go") { $0.server.connectionCount == 0 }
    }

    @Test func `a client can read the error although it goes on sending`() throws {
        var engine = try LoopbackEngine()
        var client = try engine.connect()
        try client.send("?\r\n" + String(repeating: "x", count: 100_000))
        let answer = failure("400 Bad Request", "invalid method")
        try engine.run(until: "the error comes") { _ in try client.hasReceived(answer) }
        for _ in 0..<5 {
            try client.send(String(repeating: "x", count: 10_000))
            try engine.turn()
        }
        try engine.run(until: "the end comes") { _ in
            try client.receive()
            return client.state != .open
        }
        let (sent, state) = (client.transcript, client.state)
        #expect(sent == answer)
        #expect(state == .ended)
    }

    @Test func `a client that half-closes is answered and let go`() throws {
        var engine = try LoopbackEngine()
        var client = try engine.connect()
        try client.send(get("/a"))
        try client.closeWriting()
        try engine.run(until: "the end comes") { _ in
            try client.receive()
            return client.state != .open
        }
        let sent = client.transcript
        #expect(sent == ok("GET /a"))
        try engine.run(until: "it is let go") { $0.server.connectionCount == 0 }
    }

    @Test func `a client that resets is let go`() throws {
        var engine = try LoopbackEngine()
        do {
            let client = try engine.connect()
            try client.send(get("/defer/a"))
            try engine.run(until: "it is handled") { $0.handler.requests.count == 1 }
            try Socket.setLinger(client.socket, seconds: 0)
        }
        try engine.run(until: "it is let go") { $0.server.connectionCount == 0 }
    }

    @Test func `a producer that fails resets the connection`() throws {
        var engine = try LoopbackEngine()
        var client = try engine.connect()
        try client.send(get("/stream/2/throw"))
        try engine.run(until: "the reset comes") { _ in
            try client.receive()
            return client.state != .open
        }
        let state = client.state
        #expect(state == .reset)
        let count = engine.server.connectionCount
        #expect(count == 0)
    }

    @Test func `deadlines are met without an event`() throws {
        var engine = try LoopbackEngine(Self.limits { $0.keepAliveTimeout = 1_000_000 })
        var client = try engine.connect()
        try engine.run(until: "the end comes") { _ in
            try client.receive()
            return client.state != .open
        }
        let (sent, state) = (client.transcript, client.state)
        #expect(sent == "")
        #expect(state == .ended)
    }

    // MARK: Places

    @Test func `connections beyond the limit hear 503, and those beyond wait`() throws {
        var engine = try LoopbackEngine(
            Self.limits {
                $0.maxConnections = 2
                $0.overflowConnections = 1
            })
        var first = try engine.connect()
        let second = try engine.connect()
        try engine.run(until: "two are accepted") { $0.server.connectionCount == 2 }
        var third = try engine.connect()
        var fourth = try engine.connect()
        try fourth.send(get("/fourth"))
        try engine.run(until: "the third is accepted") { $0.server.connectionCount == 3 }
        for _ in 0..<20 { try engine.turn() }
        let full = engine.server.connectionCount
        #expect(full == 3)

        try third.send(get("/third"))
        let refusal = failure(
            "503 Service Unavailable", "the server has too many connections", retryAfter: 2)
        try engine.run(until: "the third is refused") { _ in try third.hasReceived(refusal) }
        let heard = third.transcript
        #expect(heard == refusal)

        // One place in the house and the reserved one become free: the fourth gets the former.
        try second.closeWriting()
        try third.closeWriting()
        try engine.run(until: "the fourth is served") { _ in
            try fourth.hasReceived(ok("GET /fourth"))
        }
        let served = fourth.transcript
        #expect(served == ok("GET /fourth"))
        try first.send(get("/first"))
        try engine.run(until: "the first is served") { _ in
            try first.hasReceived(ok("GET /first"))
        }
        let alsoServed = first.transcript
        #expect(alsoServed == ok("GET /first"))

        // The house is full again, and the reserved place is free again.
        var fifth = try engine.connect()
        try fifth.send(get("/fifth"))
        try engine.run(until: "the fifth is refused") { _ in try fifth.hasReceived(refusal) }
        let alsoHeard = fifth.transcript
        #expect(alsoHeard == refusal)
    }

    @Test func `an event of a connection that is gone changes nothing`() throws {
        var engine = try LoopbackEngine()
        var client = try engine.connect()
        try engine.run(until: "it is accepted") { $0.server.connectionCount == 1 }
        let generation = engine.server.connections.generation(of: 0)
        let hungUp = Readiness([.error, .hangUp])
        for token in [
            Token(slot: 0, generation: generation &- 1),
            Token(slot: 0, generation: generation &+ 1),
            Token(slot: 1, generation: 0),
            Token(slot: 99, generation: 7),
        ] {
            engine.server.socketReady(token, hungUp, in: &engine.reactor)
        }
        try client.send(get("/a"))
        try engine.run(until: "the answer comes") { _ in try client.hasReceived(ok("GET /a")) }
        let sent = client.transcript
        #expect(sent == ok("GET /a"))

        engine.server.socketReady(
            Token(slot: 0, generation: generation), hungUp, in: &engine.reactor)
        try engine.run(until: "it is let go") { $0.server.connectionCount == 0 }
    }

    @Test func `a slot that is used again has another generation`() throws {
        var engine = try LoopbackEngine()
        var generations: Set<UInt32> = []
        for _ in 0..<5 {
            let client = try engine.connect()
            try engine.run(until: "it is accepted") { $0.server.connectionCount == 1 }
            generations.insert(engine.server.connections.generation(of: 0))
            try client.closeWriting()
            try engine.run(until: "it is let go") { $0.server.connectionCount == 0 }
        }
        #expect(generations.count == 5)
    }

    // MARK: Drain and stop

    @Test func `a drain takes in the backlog and ends with the last connection`() throws {
        var engine = try LoopbackEngine()
        var busy = try engine.connect()
        try busy.send(get("/defer/busy"))
        var idle = try engine.connect()
        try engine.run(until: "the first is handled") {
            $0.handler.requests.count == 1 && $0.server.connectionCount == 2
        }
        var waiting = try engine.connect()
        try waiting.send(get("/waiting"))
        engine.control.drain()
        try engine.run(until: "the drain begins") { $0.control.state == .draining }
        #expect(throws: Errno.connectionRefused) { _ = try engine.connect() }

        try engine.run(until: "the backlog is served") { _ in
            try waiting.hasReceived(okAndClose("GET /waiting"))
        }
        let answer = waiting.transcript
        #expect(answer == okAndClose("GET /waiting"))
        try idle.send(get("/late"))
        try engine.run(until: "the late one is refused") { _ in
            try idle.hasReceived(stoppingAnswer)
        }
        let refusal = idle.transcript
        #expect(refusal == stoppingAnswer)

        let notDone = !engine.server.isDone
        #expect(notDone)
        let request = engine.handler.requests[0]
        engine.server.workspace.message.clear()
        ScriptedHandler.answer(request, into: &engine.server.workspace.message)
        let now = engine.reactor.now
        let isTaken = engine.server.connections[0].connection.http.complete(
            ExchangeID(rawValue: request.exchange), at: now, &engine.server.workspace)
        #expect(isTaken)
        // An answer from outside of a turn is flushed with the next event of its connection.
        engine.server.socketReady(
            Token(slot: 0, generation: engine.server.connections.generation(of: 0)),
            Readiness(.writable), in: &engine.reactor)
        try engine.run(until: "the deferred answer comes") { _ in
            try busy.hasReceived(okAndClose("GET /defer/busy"))
        }
        let last = busy.transcript
        #expect(last == okAndClose("GET /defer/busy"))

        try busy.closeWriting()
        try idle.closeWriting()
        try waiting.closeWriting()
        try engine.run(until: "the drain ends") { $0.server.isDone }
        let forced = engine.server.forcedConnections
        #expect(forced == 0)
    }

    @Test func `a drain that takes too long closes what is left and counts it`() throws {
        var engine = try LoopbackEngine(Self.limits { $0.drainTimeout = 20_000_000 })
        let first = try engine.connect()
        let second = try engine.connect()
        try first.send(get("/defer/a"))
        try second.send(get("/defer/b"))
        try engine.run(until: "both are handled") { $0.handler.requests.count == 2 }
        engine.control.drain()
        try engine.run(until: "the drain ends") { $0.server.isDone }
        let forced = engine.server.forcedConnections
        #expect(forced == 2)
    }

    @Test func `a stop closes everything at once`() throws {
        var engine = try LoopbackEngine()
        var client = try engine.connect()
        try client.send(get("/defer/a"))
        try engine.run(until: "it is handled") { $0.handler.requests.count == 1 }
        engine.control.stop()
        try engine.run(until: "all is closed") { $0.server.isDone }
        let count = engine.server.connectionCount
        #expect(count == 0)
        #expect(throws: Errno.connectionRefused) { _ = try engine.connect() }
        try engine.run(until: "the end comes") { _ in
            try client.receive()
            return client.state != .open
        }
    }

    @Test func `an engine runs on its thread until it is drained from another`() throws {
        var listeners = Slab<Listener>(capacity: 2)
        let ipv4 = try Listener(on: .loopback(port: 0), backlog: 8)
        let ipv6 = try Listener(on: .loopbackIPv6(port: 0), backlog: 8)
        let addresses = [ipv4.address, ipv6.address]
        _ = listeners.insert(ipv4)
        _ = listeners.insert(ipv6)
        let engine = try ReactorEngine(
            listeners: listeners, handler: ScriptedHandler(), limits: Limits(), serverName: "test")
        let control = engine.control
        let box = EngineBox(engine)
        let thread = try Thread(name: "engine") { box.run() }
        for address in addresses {
            var client = try LoopbackClient(to: address)
            try client.send(get("/a", "Connection: close"))
            let deadline = MonotonicClock.now() + LoopbackEngine.patience
            while client.state == .open, MonotonicClock.now() < deadline { try client.receive() }
            let sent = client.transcript
            #expect(sent == okAndClose("GET /a"))
        }
        #expect(control.state == .running)
        control.drain()
        thread.join()
        #expect(control.state == .stopped)
        #expect(box.report == DrainReport(forcedConnections: 0))
    }
}

/// Hands an engine to its thread, and its report back.
private final class EngineBox: Sendable {
    private struct Contents: ~Copyable {
        var engine: ReactorEngine?
        var report: DrainReport?
    }

    private let contents: Mutex<Contents>

    init(_ engine: consuming sending ReactorEngine) {
        contents = Mutex(Contents(engine: engine, report: nil))
    }

    func run() {
        contents.withLock { contents in
            contents.report = try? contents.engine?.run()
        }
    }

    var report: DrainReport? { contents.withLock { $0.report } }
}
