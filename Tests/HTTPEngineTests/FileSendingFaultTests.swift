#if FAULT_INJECTION
    import Containers
    import Syscalls
    import Testing

    @testable import HTTPEngine
    @testable import Reactor

    /// Files on real sockets, while the kernel and the disk do what a script says.
    @Suite(.timeLimit(.minutes(2))) struct FileSendingFaultTests {
        private static let pipeline =
            get("/a") + get("/file/1000") + get("/parts")
            + request("HEAD", "/file/9")
            + get("/file/3") + get("/b")
        private static let answers =
            ok("GET /a") + file(0..<1_000) + ok(ScriptedFile.textOfParts)
            + Answer(length: 9, body: "").wire + file(0..<3) + ok("GET /b")

        private static func shared(_ count: Int) -> String {
            ok(String(repeating: "x", count: count))
        }

        static let narrow: [Named<@Sendable () -> FaultPlan>] = [
            Named("nothing special") { FaultPlan() },
            Named("pieces that end anywhere") { FaultPlan(.limit(.send, toBytes: 97)) },
            Named("a piece that ends with the head and a byte") {
                FaultPlan(.limit(.send, toBytes: Self.shared(4_096).utf8.count - 4_095))
            },
            Named("a piece that ends before the last byte") {
                FaultPlan(.limit(.send, toBytes: Self.shared(4_096).utf8.count - 1))
            },
            Named("EAGAIN first") {
                FaultPlan(.fail(.send, with: .wouldBlock, onCalls: 1...3))
            },
            Named("EINTR") { FaultPlan(.fail(.send, with: .interrupted, onCalls: 1...3)) },
        ]

        @Test(arguments: narrow)
        func `bytes that others hold are sent to the last, and in order`(
            plan: Named<@Sendable () -> FaultPlan>
        ) throws {
            let plan = plan.value()
            var engine = try LoopbackEngine()
            var client = try engine.connect()
            try client.send(get("/shared/4096"))
            try engine.run(under: plan, until: "the first comes") { _ in
                try client.hasReceived(Self.shared(4_096))
            }
            try client.send(
                get("/shared/5000") + get("/a") + request("HEAD", "/shared/9000")
                    + get("/shared/4096") + get("/file/10") + get("/shared/9"))
            let answers =
                Self.shared(4_096) + Self.shared(5_000) + ok("GET /a")
                + Answer(length: 9_000, body: "").wire + Self.shared(4_096) + file(0..<10)
                + Self.shared(9)
            try engine.run(under: plan, until: "the others come") { _ in
                try client.hasReceived(answers)
            }
            let sent = client.transcript
            #expect(sent == answers)
        }

        static let survivable: [Named<@Sendable () -> FaultPlan>] = [
            Named("nothing special") { FaultPlan() },
            Named("one byte at a time") {
                FaultPlan(.limit(.send, toBytes: 1), .limit(.sendFile, toBytes: 1))
            },
            Named("a few bytes at a time") {
                FaultPlan(.limit(.send, toBytes: 5), .limit(.sendFile, toBytes: 7))
            },
            Named("EAGAIN on the first files") {
                FaultPlan(.fail(.sendFile, with: .wouldBlock, onCalls: 1...20))
            },
            Named("EAGAIN on every other send") {
                FaultPlan(
                    .fail(.send, with: .wouldBlock, onCalls: 1...1),
                    .fail(.send, with: .wouldBlock, onCalls: 3...3),
                    .fail(.sendFile, with: .wouldBlock, onCalls: 2...2),
                    .fail(.sendFile, with: .wouldBlock, onCalls: 4...4))
            },
            Named("EINTR") {
                FaultPlan(.fail(.sendFile, with: .interrupted, onCalls: 1...20))
            },
            Named("a file system that cannot tell what is in memory") {
                FaultPlan(.fail(.read, with: .notSupported))
            },
            Named("cold data that nobody reads for the loop") {
                FaultPlan(.fail(.read, with: .wouldBlock))
            },
        ]

        @Test(arguments: survivable)
        func `a pipeline of files is answered`(plan: Named<@Sendable () -> FaultPlan>) throws {
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

        @Test func `head and file take a send each`() throws {
            var engine = try LoopbackEngine()
            var client = try engine.connect()
            try engine.run(until: "it is accepted") { $0.server.connectionCount == 1 }
            let plan = FaultPlan()
            try client.send(get("/file/30000"))
            try engine.run(under: plan, until: "the answer comes") { _ in
                try client.hasReceived(file(0..<30_000))
            }
            #expect(plan.callCount(.send) == 1)
            #expect(plan.callCount(.sendFile) == 1)
        }

        @Test(arguments: [Errno.inputOutput, .brokenPipe, .connectionReset])
        func `a file that cannot be sent resets the connection, and no other`(
            error: Errno
        ) throws {
            var engine = try LoopbackEngine()
            var failing = try engine.connect()
            var other = try engine.connect()
            try engine.run(until: "both are accepted") { $0.server.connectionCount == 2 }
            try failing.send(get("/file/1000"))
            let plan = FaultPlan(.fail(.sendFile, with: error))
            try engine.run(under: plan, until: "it is let go") { $0.server.connectionCount == 1 }
            try engine.run(until: "the client hears of it") { _ in
                try failing.receive()
                return failing.state != .open
            }
            let state = failing.state
            #expect(state == .reset)
            try other.send(get("/file/10"))
            try engine.run(until: "the other is served") { _ in
                try other.hasReceived(file(0..<10))
            }
        }

        // MARK: Cold data

        private static let cold = FaultPlan.Rule.fail(.read, with: .wouldBlock)

        @Test func `a file that is not in memory is read elsewhere, and others are served`() throws
        {
            let warmth = ScriptedWarmth()
            var engine = try LoopbackEngine()
            engine.handler.file = FileBody(
                ScriptedFile.make(100_000, warm: warmth.warm), 10..<90_000)
            var client = try engine.connect()
            var other = try engine.connect()
            try client.send(get("/a") + get("/own-file") + get("/b"))
            let plan = FaultPlan(Self.cold)
            try engine.run(under: plan, until: "it is asked for") { _ in warmth.waitingCount == 1 }
            try other.send(get("/c"))
            try engine.run(under: plan, until: "the other is served") { _ in
                try other.hasReceived(ok("GET /c"))
            }
            for _ in 0..<20 { try engine.turn(under: plan) }
            #expect(plan.callCount(.sendFile) == 0)
            #expect(warmth.ranges == [10..<90_000])
            let (hasWorkLeft, interest) = (
                engine.reactor.hasWorkLeft, engine.server.connections[0].interest
            )
            #expect(!hasWorkLeft, "the loop sleeps meanwhile")
            #expect(interest == .readable)

            warmth.finish()
            let answers = ok("GET /a") + file(10..<90_000) + ok("GET /b")
            try engine.run(under: plan, until: "the answers come") { _ in
                try client.hasReceived(answers)
            }
            let sent = client.transcript
            #expect(sent == answers)
            #expect(warmth.ranges.count == 1)
        }

        @Test func `the head does not wait for the disk`() throws {
            let warmth = ScriptedWarmth()
            var engine = try LoopbackEngine()
            engine.handler.file = FileBody(ScriptedFile.make(100, warm: warmth.warm), 0..<100)
            var client = try engine.connect()
            try client.send(get("/own-file"))
            let plan = FaultPlan(Self.cold)
            let head = Answer(length: 100, body: "").wire
            try engine.run(under: plan, until: "the head comes") { _ in
                try client.hasReceived(head)
            }
            let sent = client.transcript
            #expect(sent == head)
        }

        @Test func `each window is read before it is sent, and once`() throws {
            let warmth = ScriptedWarmth()
            var limits = Limits()
            limits.fileWindow = 1_000
            var engine = try LoopbackEngine(limits)
            engine.handler.file = FileBody(ScriptedFile.make(2_500, warm: warmth.warm), 0..<2_500)
            var client = try engine.connect()
            try client.send(get("/own-file"))
            let plan = FaultPlan(Self.cold, .limit(.sendFile, toBytes: 300))
            try engine.run(under: plan, until: "the answer comes") { _ in
                warmth.finish()
                return try client.hasReceived(file(0..<2_500))
            }
            let sent = client.transcript
            #expect(sent == file(0..<2_500))
            let ends = warmth.ranges.map(\.upperBound)
            #expect(warmth.ranges.map(\.lowerBound) == [0] + ends.dropLast())
            #expect(ends.last == 2_500)
            #expect(warmth.ranges.allSatisfy { $0.count <= 1_000 })
        }

        @Test func `a turn has room for so much, and everybody's file gets on`() throws {
            var limits = Limits()
            limits.fileWindow = 1_000
            limits.fileTurnWindow = 1_000
            var engine = try LoopbackEngine(limits)
            engine.handler.file = FileBody(ScriptedFile.make(9_000, warm: nil), 0..<9_000)
            var a = try engine.connect()
            var b = try engine.connect()
            var c = try engine.connect()
            try engine.run(until: "all are there") { $0.server.connectionCount == 3 }
            try a.send(get("/own-file"))
            try b.send(get("/own-file"))
            try c.send(get("/own-file"))
            let whole = file(0..<9_000)
            let plan = FaultPlan()
            var counts: [Int] = []
            var spreads: [Int] = []
            try engine.run(under: plan, until: "all have it") { _ in
                counts.append(plan.callCount(.sendFile))
                let isComplete = [
                    try a.hasReceived(whole), try b.hasReceived(whole), try c.hasReceived(whole),
                ]
                let received = [a.transcript, b.transcript, c.transcript].map(\.utf8.count)
                spreads.append(received.max()! - received.min()!)
                return isComplete == [true, true, true]
            }
            #expect(plan.callCount(.sendFile) == 27)
            let isOnePerTurn = zip(counts, counts.dropFirst()).allSatisfy { $1 - $0 <= 1 }
            #expect(isOnePerTurn)
            let widest = spreads.max() ?? 0
            #expect(widest < 3_000, "nobody is ahead by more than a round and a head")
        }

        @Test func `what has been read at once is sent at once`() throws {
            var engine = try LoopbackEngine()
            let source = ScriptedFile.make(1_000) { _, _, done in
                done()
                return true
            }
            engine.handler.file = FileBody(source, 0..<1_000)
            var client = try engine.connect()
            try client.send(get("/own-file"))
            try engine.run(under: FaultPlan(Self.cold), until: "the answer comes") { _ in
                try client.hasReceived(file(0..<1_000))
            }
            let sent = client.transcript
            #expect(sent == file(0..<1_000))
        }

        @Test(arguments: [false, true])
        func `where nobody reads for the loop it takes small windows`(refuses: Bool) throws {
            var limits = Limits()
            limits.coldFileWindow = 1_000
            var engine = try LoopbackEngine(limits)
            let refusing: FileSource.Warm = { _, _, _ in false }
            let warm = refuses ? refusing : nil
            engine.handler.file = FileBody(ScriptedFile.make(10_000, warm: warm), 0..<10_000)
            var client = try engine.connect()
            try engine.run(until: "it is accepted") { $0.server.connectionCount == 1 }
            try client.send(get("/own-file"))
            let plan = FaultPlan(Self.cold)
            var counts: [Int] = []
            try engine.run(under: plan, until: "the answer comes") { _ in
                counts.append(plan.callCount(.sendFile))
                return try client.hasReceived(file(0..<10_000))
            }
            let sent = client.transcript
            #expect(sent == file(0..<10_000))
            #expect(plan.callCount(.sendFile) == 10)
            let isOnePerTurn = zip(counts, counts.dropFirst()).allSatisfy { $1 - $0 <= 1 }
            #expect(isOnePerTurn)
        }

        @Test func `a file that is read for a client that has gone disturbs nobody`() throws {
            let warmth = ScriptedWarmth()
            var engine = try LoopbackEngine()
            engine.handler.file = FileBody(ScriptedFile.make(100, warm: warmth.warm), 0..<100)
            let plan = FaultPlan(Self.cold)
            do {
                let leaving = try engine.connect()
                try leaving.send(get("/own-file"))
                try engine.run(under: plan, until: "it is asked for") { _ in
                    warmth.waitingCount == 1
                }
                try Socket.setLinger(leaving.socket, seconds: 0)
            }
            try engine.run(under: plan, until: "it is let go") { $0.server.connectionCount == 0 }
            // The same place is somebody else's by then.
            var next = try engine.connect()
            try engine.run(until: "the next is there") { $0.server.connectionCount == 1 }
            warmth.finish()
            try next.send(get("/a") + get("/file/10"))
            try engine.run(until: "the next is served") { _ in
                try next.hasReceived(ok("GET /a") + file(0..<10))
            }
            let sent = next.transcript
            #expect(sent == ok("GET /a") + file(0..<10))
        }
    }
#endif
