import Dispatch
import Sluice
import Synchronization
import TestSupport
import Testing

/// A server's life, as the program around it sees it.
@Suite struct ServerTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `it runs, drains and stops, and says so`() throws {
        let running = try RunningServer(Self.router(), configuration: ServerConfiguration())
        #expect(running.server.state == .running)
        try {
            let client = try running.client()
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
            // The other client's answer shows that the first one's head has been read.
            let other = try running.client()
            try other.send(get)
            #expect(try other.response().status == 200)
            running.server.drain()
            running.server.drain()
            try running.wait(for: .draining)
            // The drain begins with a last read of every connection. An answer to what was sent
            // after it began leaves when all those reads are done.
            try client.send("llo")
            #expect(try client.response().text == "hello")
            try other.send(get)
            #expect(try other.response().status == 503)
            #expect(running.server.state == .draining)
        }()
        #expect(try running.outcome().forcedConnections == 0)
        #expect(running.server.state == .stopped)
    }

    @Test func `a handler can drain its own server`() throws {
        let server = Mutex<Server?>(nil)
        var router = Self.router()
        router.get("/stop") { _, response in
            server.withLock { $0 }?.drain()
            response.send("stopping")
        }
        let running = try RunningServer(router, configuration: ServerConfiguration())
        server.withLock { $0 = running.server }
        try {
            let client = try running.client()
            try client.send("GET /stop HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text == "stopping")
        }()
        #expect(try running.outcome().forcedConnections == 0)
    }

    @Test func `a drain can be asked for before the server runs`() throws {
        var configuration = ServerConfiguration()
        configuration.port = 0
        let server = try Server(Self.router(), configuration: configuration)
        server.drain()
        #expect(try server.run().forcedConnections == 0)
        #expect(server.state == .stopped)
    }

    @Test func `connections wait until the server runs`() throws {
        var configuration = ServerConfiguration()
        configuration.port = 0
        let server = try Server(Self.router(), configuration: configuration)
        let port = try #require(portNumber(of: server.urls[0]))
        let client = try RawClient(port: port)
        try client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        server.drain()
        #expect(try server.run().forcedConnections == 0)
        #expect(try client.response().text == "Hello")
        #expect(try client.end() == .finished)
    }

    @Test func `stop closes what is open`() throws {
        let running = try RunningServer(Self.router(), configuration: ServerConfiguration())
        let client = try running.client()
        try client.send(get)
        #expect(try client.response().status == 200)
        running.server.stop()
        _ = try running.outcome()
        #expect(running.server.state == .stopped)
        #expect(try client.rest().bytes.isEmpty)
    }

    @Test func `a forced drain says how many connections it has closed`() throws {
        var configuration = ServerConfiguration()
        configuration.drainTimeout = .milliseconds(200)
        let running = try RunningServer(Self.router(), configuration: configuration)
        let client = try running.client()
        try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
        running.server.drain()
        #expect(try running.outcome().forcedConnections == 1)
        #expect(try client.rest().bytes.isEmpty)
    }

    @Test func `several servers live side by side`() throws {
        try withServer(Self.router()) { first in
            try withServer(Self.router()) { second throws in
                #expect(first.port != second.port)
                #expect(try first.get("/") == "Hello")
                #expect(try second.get("/") == "Hello")
            }
        }
    }

    @Test func `a port that is taken is an error that names the address`() throws {
        try withServer(Self.router()) { running in
            var configuration = ServerConfiguration()
            configuration.port = running.port
            let error = #expect(throws: ServerError.self) {
                try Server(Self.router(), configuration: configuration)
            }
            #expect(error?.subject == .address)
            #expect(error?.description.contains("127.0.0.1:\(running.port)") == true)
        }
    }

    static let wrongSettings: [(name: String, set: @Sendable (inout ServerConfiguration) -> Void)] =
        [
            ("port", { $0.port = 65_536 }), ("port", { $0.port = -1 }),
            ("maxConnections", { $0.maxConnections = 0 }), ("backlog", { $0.backlog = 0 }),
            ("maxPipelinedRequests", { $0.maxPipelinedRequests = 0 }),
            ("maxHeaderBytes", { $0.maxHeaderBytes = 65_536 }),
            ("maxHeaderBytes", { $0.maxHeaderBytes = 1 }),
            ("maxTargetLength", { $0.maxTargetLength = 0 }),
            ("maxBodyBytes", { $0.maxBodyBytes = -1 }),
            ("limit", { $0.maxKeepAliveRequests = -1 }), ("limit", { $0.minTransferRate = -1 }),
            ("timeout", { $0.headerTimeout = .seconds(-1) }),
            ("timeout", { $0.drainTimeout = .seconds(100_000_000) }),
            ("serverName", { $0.serverName = "a\r\nInjected: 1" }),
        ]

    @Test func `a setting that cannot be is an error that names it`() throws {
        for setting in Self.wrongSettings {
            var configuration = ServerConfiguration()
            configuration.port = 0
            setting.set(&configuration)
            let error = #expect(throws: ServerError.self) {
                try Server(Self.router(), configuration: configuration)
            }
            #expect(error?.subject == .configuration)
            #expect(error?.description.contains(setting.name) == true)
        }
    }

    private static func router() -> Router {
        var router = Router()
        router.get("/") { _, response in response.send("Hello") }
        router.post("/") { request, response in response.send(request.body) }
        return router
    }
}
