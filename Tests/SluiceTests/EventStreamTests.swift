import Sluice
import Syscalls
import TestSupport
import Testing

/// Streams that write to a list.
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

    @Test func `heartbeats are asked for while a sequence is sent, and no longer`() async throws {
        let wire = Wire()
        let beats = Monitor([Duration?]())
        var events = EventStream(write: wire.write) { every in
            beats.withLock { $0.append(every) }
        }
        let none = AsyncStream<ServerSentEvent> { $0.finish() }
        try await events.run(heartbeat: .seconds(3), over: none)
        #expect(beats.withLock { $0 } == [.seconds(3), nil])
        events.setHeartbeat(every: .seconds(1))
        #expect(beats.withLock { $0 }.last == .seconds(1))
        #expect(wire.pieces == [])
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
        let wire = Wire()
        let (numbers, sequence) = AsyncStream.makeStream(of: ServerSentEvent.self)
        let running = Task {
            var events = EventStream(write: wire.write)
            try await events.run(over: numbers)
        }
        sequence.yield(ServerSentEvent("a"))
        await until { wire.pieces.count == 1 }
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
    private let state = Monitor([String]())

    var pieces: [String] { state.withLock { $0 } }

    func write(_ bytes: [UInt8]) async throws {
        state.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
    }
}
