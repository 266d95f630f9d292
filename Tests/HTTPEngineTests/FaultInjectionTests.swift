#if FAULT_INJECTION
    import Syscalls
    import Testing

    @testable import HTTPEngine

    /// The engine under scripted failures of the kernel.
    @Suite(.timeLimit(.minutes(2))) struct FaultInjectionTests {
        private static let pipeline =
            get("/a") + post("/b", "body") + chunkedPost("/c", ["bo", "dy"]) + get("/stream/3")
            + request("HEAD", "/d") + get("/bytes/3000")
        private static let answers =
            ok("GET /a") + ok("POST /b: body") + ok("POST /c: body") + streamed(3)
            + okToHead("HEAD /d") + ok(String(repeating: "x", count: 3_000))

        static let survivable: [Named<@Sendable () -> FaultPlan>] = [
            Named("reads of one byte") { FaultPlan(.limit(.receive, toBytes: 1)) },
            Named("writes of one byte") { FaultPlan(.limit(.send, toBytes: 1)) },
            Named("reads and writes of a few bytes") {
                FaultPlan(.limit(.receive, toBytes: 7), .limit(.send, toBytes: 5))
            },
            Named("EAGAIN on the first reads") {
                FaultPlan(.fail(.receive, with: .wouldBlock, onCalls: 1...20))
            },
            Named("EAGAIN on the first writes") {
                FaultPlan(.fail(.send, with: .wouldBlock, onCalls: 1...20))
            },
            Named("EAGAIN behind a short write") {
                FaultPlan(
                    .limit(.send, toBytes: 10, onCalls: 1...1),
                    .fail(.send, with: .wouldBlock, onCalls: 2...20))
            },
            Named("EINTR on reads") {
                FaultPlan(.fail(.receive, with: .interrupted, onCalls: 1...20))
            },
            Named("EINTR on writes") {
                FaultPlan(.fail(.send, with: .interrupted, onCalls: 1...20))
            },
            Named("EINTR on accept") {
                FaultPlan(.fail(.accept, with: .interrupted, onCalls: 1...20))
            },
            Named("EINTR on waits") {
                FaultPlan(.fail(.epollWait, with: .interrupted, onCalls: 1...20))
            },
            Named("a connection that was gone before it was accepted") {
                FaultPlan(.fail(.accept, with: .connectionAborted, onCalls: 1...3))
            },
            Named("a connection that cannot be accepted for a reason of its own") {
                FaultPlan(.fail(.accept, with: .notPermitted, onCalls: 1...3))
            },
        ]

        @Test(arguments: survivable)
        func `a pipeline is answered`(plan: Named<@Sendable () -> FaultPlan>) throws {
            let plan = plan.value()
            var engine = try LoopbackEngine()
            var client = try engine.connect()
            try client.send(Self.pipeline)
            try engine.run(under: plan, until: "the answers come") { _ in
                try client.hasReceived(Self.answers)
            }
            let sent = client.transcript
            #expect(sent == Self.answers)
        }

        @Test func `the answers of one turn leave in one send`() throws {
            var engine = try LoopbackEngine()
            var client = try engine.connect()
            try engine.run(until: "it is accepted") { $0.server.connectionCount == 1 }
            let plan = FaultPlan()
            try client.send((0..<16).map { get("/\($0)") }.joined())
            let answers = (0..<16).map { ok("GET /\($0)") }.joined()
            try engine.run(under: plan, until: "the answers come") { _ in
                try client.hasReceived(answers)
            }
            #expect(plan.callCount(.receive) == 1)
            #expect(plan.callCount(.send) == 1)
        }

        @Test(
            arguments: [SystemCall.receive, .send], [Errno.connectionReset, .brokenPipe, .timedOut])
        func `a connection that fails is let go, and no other`(
            call: SystemCall, error: Errno
        ) throws {
            var engine = try LoopbackEngine()
            let failing = try engine.connect()
            try engine.run(until: "it is accepted") { $0.server.connectionCount == 1 }
            var other = try engine.connect()
            try engine.run(until: "the other is accepted") { $0.server.connectionCount == 2 }
            try failing.send(get("/a"))
            let plan = FaultPlan(.fail(call, with: error))
            try engine.run(under: plan, until: "it is let go") { $0.server.connectionCount == 1 }
            try other.send(get("/b"))
            try engine.run(until: "the other is served") { _ in
                try other.hasReceived(ok("GET /b"))
            }
            let sent = other.transcript
            #expect(sent == ok("GET /b"))
        }

        @Test(arguments: [
            Errno.tooManyOpenFiles, .tooManyOpenFilesInSystem, .noBufferSpace, .noMemory,
        ])
        func `accepting looks away when nothing is left, instead of spinning`(error: Errno) throws {
            var limits = Limits()
            limits.acceptBackoff = 3_600_000_000_000
            var engine = try LoopbackEngine(limits)
            var served = try engine.connect()
            try engine.run(until: "one is accepted") { $0.server.connectionCount == 1 }
            let waiting = try engine.connect()
            try waiting.send(get("/waiting"))
            let plan = FaultPlan(.fail(.accept, with: error))
            try engine.run(under: plan, until: "accepting is tried") { _ in
                plan.callCount(.accept) > 0
            }
            for _ in 0..<50 { try engine.turn(under: plan) }
            #expect(plan.callCount(.accept) == 1)

            try served.send(get("/served"))
            try engine.run(under: plan, until: "others are served meanwhile") { _ in
                try served.hasReceived(ok("GET /served"))
            }
            let sent = served.transcript
            #expect(sent == ok("GET /served"))
            #expect(plan.callCount(.accept) == 1)
        }

        @Test func `accepting goes on after the backoff`() throws {
            var limits = Limits()
            limits.acceptBackoff = 1_000_000
            var engine = try LoopbackEngine(limits)
            var client = try engine.connect()
            try client.send(get("/a"))
            let plan = FaultPlan(.fail(.accept, with: .tooManyOpenFiles, onCalls: 1...3))
            try engine.run(under: plan, until: "the answer comes") { _ in
                try client.hasReceived(ok("GET /a"))
            }
            let sent = client.transcript
            #expect(sent == ok("GET /a"))
            #expect(plan.callCount(.accept) >= 4)
        }

        @Test func `a drain during the backoff ends`() throws {
            var limits = Limits()
            limits.acceptBackoff = 3_600_000_000_000
            var engine = try LoopbackEngine(limits)
            let waiting = try engine.connect()
            let plan = FaultPlan(.fail(.accept, with: .tooManyOpenFiles))
            try engine.run(under: plan, until: "accepting is tried") { _ in
                plan.callCount(.accept) > 0
            }
            engine.control.drain()
            try engine.run(under: plan, until: "the drain ends") { $0.server.isDone }
            #expect(waiting.state == .open)
        }
    }
#endif
