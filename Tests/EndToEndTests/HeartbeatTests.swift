import Sluice
import TestSupport
import Testing

/// What the server says in event streams while their handlers are quiet.
@Suite(.onEveryEngine) struct HeartbeatTests {
    private static let heartbeat = "e\r\n: heartbeat\n\n\r\n"

    /// A handler whose events the test sends.
    private static func router(_ events: AsyncStream<ServerSentEvent>) -> Router {
        var router = Router()
        router.get("/run") { _, response in
            var stream = try await response.events()
            try await stream.run(heartbeat: .milliseconds(5), over: events)
        }
        router.get("/loop") { _, response in
            var stream = try await response.events()
            stream.setHeartbeat(every: .milliseconds(5))
            for await event in events { try await stream.send(event) }
        }
        router.get("/quiet") { _, response in
            var stream = try await response.events()
            stream.setHeartbeat(every: .milliseconds(5))
            stream.setHeartbeat(every: nil)
            try await Task.sleep(for: .milliseconds(50))
            for await event in events { try await stream.send(event) }
        }
        return router
    }

    @Test(arguments: ["/run", "/loop"])
    func `a quiet stream gets heartbeats, and its events among them`(path: String) throws {
        let (events, sequence) = AsyncStream.makeStream(of: ServerSentEvent.self)
        try withServer(Self.router(events)) { running in
            let client = try running.client()
            try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            // The head and a heartbeat may come together; three pieces are never without one.
            for _ in 0..<3 { #expect(try client.takeSome() != nil) }
            sequence.yield(ServerSentEvent("a"))
            sequence.finish()
            let (bytes, ending) = try client.rest()
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(
                text.split(separator: Self.heartbeat).joined()
                    == "9\r\ndata: a\n\n\r\n0\r\n\r\n")
            #expect(ending == .finished)
        }
    }

    @Test func `an HTTP 1.0 client gets them without chunks`() throws {
        let (events, sequence) = AsyncStream.makeStream(of: ServerSentEvent.self)
        try withServer(Self.router(events)) { running in
            let client = try running.client()
            try client.send("GET /run HTTP/1.0\r\n\r\n")
            for _ in 0..<3 { #expect(try client.takeSome() != nil) }
            sequence.finish()
            let text = String(decoding: try client.rest().bytes, as: UTF8.self)
            #expect(text.split(separator: ": heartbeat\n\n").isEmpty)
        }
    }

    @Test func `a stream without heartbeats has none`() throws {
        let (events, sequence) = AsyncStream.makeStream(of: ServerSentEvent.self)
        try withServer(Self.router(events)) { running in
            let client = try running.client()
            try client.send("GET /quiet HTTP/1.1\r\nHost: a\r\n\r\n")
            sequence.yield(ServerSentEvent("a"))
            sequence.finish()
            #expect(try client.response().text == "data: a\n\n")
        }
    }

    @Test func `a long event is not cut by them, however slowly it is taken`() throws {
        let text = String(repeating: "x", count: 8_000_000)
        var router = Router()
        router.get("/") { _, response in
            var stream = try await response.events()
            stream.setHeartbeat(every: .milliseconds(1))
            try await stream.send(ServerSentEvent(text))
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let parts = try client.response().text.split(separator: ": heartbeat\n\n")
            #expect(parts.count == 1)
            #expect(parts.first?.utf8.count == text.utf8.count + 8)
        }
    }
}
