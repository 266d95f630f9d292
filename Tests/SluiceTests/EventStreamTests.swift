import Sluice
import Syscalls
import TestSupport
import Testing

/// Streams that write to a list, by a clock that the test moves.
@Suite(.timeLimit(.minutes(1))) struct EventStreamTests {
    @Test func `what is sent is written whole and at once`() async throws {
        let wire = Wire()
        var events = EventStream(write: wire.write)
        try await events.send(ServerSentEvent("one\ntwo"))
        try await events.send(comment: "still here")
        #expect(wire.pieces == ["data: one\ndata: two\n\n", ": still here\n\n"])
    }

    @Test func `the events of a sequence come in order, and the stream ends with it`() async throws
    {
        let wire = Wire()
        let numbers = AsyncStream { sequence in
            for number in 0..<100 { sequence.yield(number) }
            sequence.finish()
        }
        var events = EventStream(write: wire.write)
        try await events.run(over: numbers.map { ServerSentEvent("\($0)") })
        #expect(wire.pieces == (0..<100).map { "data: \($0)\n\n" })
    }

    @Test func `a heartbeat comes when nothing has been sent for so long, and no sooner`()
        async throws
    {
        let (wire, clock) = (Wire(), ManualClock())
        let (numbers, sequence) = AsyncStream.makeStream(of: ServerSentEvent.self)
        let running = Task {
            var events = EventStream(write: wire.write)
            try await events.run(heartbeat: .seconds(15), over: numbers, clock: clock)
        }
        // Quiet from the start. The clock is looked at when a stream begins, when its alarm is set
        // first, whenever the alarm rings, and whenever nothing is left to send.
        await until { clock.alarms == [.seconds(15)] && clock.readCount == 3 }
        clock.advance(by: .seconds(15))
        await until { clock.alarms == [.seconds(30)] && clock.readCount == 5 }
        #expect(wire.pieces == [": heartbeat\n\n"])
        // An event puts the next one off.
        clock.advance(by: .seconds(10))
        sequence.yield(ServerSentEvent("a"))
        await until { wire.pieces.count == 2 && clock.readCount == 6 }
        clock.advance(by: .seconds(5))
        await until { clock.alarms == [.seconds(40)] }
        #expect(wire.pieces.count == 2)
        clock.advance(by: .seconds(10))
        await until { wire.pieces.count == 3 }
        #expect(wire.pieces == [": heartbeat\n\n", "data: a\n\n", ": heartbeat\n\n"])
        sequence.finish()
        try await running.value
        #expect(clock.alarms.isEmpty)
    }

    @Test func `a client that takes nothing gets no heartbeats on top`() async throws {
        let (wire, clock) = (Wire(isOpen: false), ManualClock())
        let (numbers, sequence) = AsyncStream.makeStream(of: ServerSentEvent.self)
        let running = Task {
            var events = EventStream(write: wire.write)
            try await events.run(heartbeat: .seconds(1), over: numbers, clock: clock)
        }
        sequence.yield(ServerSentEvent("a"))
        await until { wire.pieces.count == 1 }
        for second in 1...10 {
            await until { clock.alarms == [.seconds(second)] }
            clock.advance(by: .seconds(1))
        }
        await until { clock.alarms == [.seconds(11)] }
        #expect(wire.pieces == ["data: a\n\n"])
        sequence.finish()
        wire.open()
        try await running.value
        #expect(wire.pieces == ["data: a\n\n"])
    }

    @Test(arguments: [1, 2, 3])
    func `when the client has gone, nobody goes on with the sequence, and who writes is told`(
        count: Int
    ) async throws {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        var events = EventStream { _ in throw Gone() }
        await #expect(throws: Gone.self) {
            // A stream ends when its iteration is cancelled, or when nobody has it any more.
            try await events.run(
                over: AsyncStream<ServerSentEvent> { sequence in
                    sequence.onTermination = { _ in end.finish() }
                    for number in 0..<count { sequence.yield(ServerSentEvent("\(number)")) }
                })
        }
        for await _ in ends {}
    }

    @Test func `a heartbeat finds out that the client has gone`() async throws {
        let clock = ManualClock()
        let (numbers, sequence) = AsyncStream.makeStream(of: ServerSentEvent.self)
        let running = Task {
            var events = EventStream { _ in throw Gone() }
            try await events.run(heartbeat: .seconds(1), over: numbers, clock: clock)
        }
        await until { clock.alarms == [.seconds(1)] && clock.readCount == 3 }
        clock.advance(by: .seconds(1))
        await #expect(throws: Gone.self) { try await running.value }
        sequence.finish()
    }

    @Test func `an error of the sequence comes behind its events`() async throws {
        let wire = Wire()
        let numbers = AsyncThrowingStream<ServerSentEvent, any Error> { sequence in
            sequence.yield(ServerSentEvent("a"))
            sequence.finish(throwing: Gone())
        }
        var events = EventStream(write: wire.write)
        await #expect(throws: Gone.self) { try await events.run(over: numbers) }
        #expect(wire.pieces == ["data: a\n\n"])
    }

    @Test func `a cancelled task ends its stream`() async throws {
        let (wire, clock) = (Wire(), ManualClock())
        let (numbers, sequence) = AsyncStream.makeStream(of: ServerSentEvent.self)
        let running = Task {
            var events = EventStream(write: wire.write)
            try await events.run(heartbeat: .seconds(1), over: numbers, clock: clock)
        }
        await until { clock.alarms == [.seconds(1)] }
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
        sequence.finish()
    }

    @Test func `the head says that nothing may hold events back`() throws {
        let response = try answer { _, response in
            try EventStream.prepare(&response)
            response.append("data: \n\n")
        }
        #expect(response["Content-Type"] == "text/event-stream")
        #expect(response["Cache-Control"] == "no-store")
        #expect(response["X-Accel-Buffering"] == "no")
    }

    @Test(
        arguments: [
            ([], "nil"), (["Last-Event-ID: 42"], "42"), (["last-event-id:  ä b "], "ä b"),
            (["Last-Event-ID:"], "nil"), (["Last-Event-ID: 1", "Last-Event-ID: 2"], "nil"),
        ] as [([String], String)])
    func `a client that comes back says what it has seen`(
        fields: [String], expected: String
    ) throws {
        let response = try answer(fields: fields) { request, response in
            response.send(request.lastEventID ?? "nil")
        }
        #expect(response.text == expected)
    }
}

private struct Gone: Error {}

/// What a stream has written.
private final class Wire: Sendable {
    private struct State {
        var pieces: [String] = []
        var isOpen: Bool
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state: Monitor<State>

    /// - Parameter isOpen: Whether writes return at once, or when it is opened.
    init(isOpen: Bool = true) {
        state = Monitor(State(isOpen: isOpen))
    }

    var pieces: [String] { state.withLock { $0.pieces } }

    func write(_ bytes: [UInt8]) async throws {
        await withCheckedContinuation { continuation in
            let goesOn = state.withLock { state in
                state.pieces.append(String(decoding: bytes, as: UTF8.self))
                if !state.isOpen { state.waiting = continuation }
                return state.isOpen
            }
            if goesOn { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            return state.waiting.take()
        }
        waiting?.resume()
    }
}
