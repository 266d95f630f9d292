import Dispatch
import Foundation
import Sluice
import Synchronization
import TestSupport
import Testing

/// What only the thread pool has: a queue that can be full, workers that can be too few.
@Suite struct ThreadPoolTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    private func withPool(
        _ router: Router = TestRoutes.router(), workers: Int, queueSize: Int = 64,
        _ configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: (RunningServer) throws -> Void
    ) throws {
        try withServer(
            router,
            {
                $0.engine = .threadPool
                $0.workers = workers
                $0.queueSize = queueSize
                configure(&$0)
            }, body)
    }

    @Test func `tasks leave one worker free`() throws {
        let gates = (0..<3).map { _ in TestSupport.Gate() }
        let begun = Happening()
        var router = Router()
        router.get("/") { _, response in response.send("Hello, World!") }
        router.get("/wait/{n}") { request, response in
            let number = try request.parameter("n", as: Int.self)
            begun.happens()
            await gates[number].wait()
            response.send("waited")
        }
        try withPool(router, workers: 3) { running in
            let clients = try (0..<3).map { _ in try running.client() }
            for number in 0..<2 {
                try clients[number].send("GET /wait/\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
                try begun.await()
            }
            try clients[2].send("GET /wait/2 HTTP/1.1\r\nHost: a\r\n\r\n" + get)
            let answers = try clients[2].responses(2)
            #expect(answers.map(\.status) == [503, 200])
            #expect(answers[0]["Retry-After"] != nil)
            for gate in gates { gate.open() }
            for number in 0..<2 {
                #expect(try clients[number].response().text == "waited")
            }
            // A worker that is free again takes a task again.
            var status = 0
            repeat {
                try clients[2].send("GET /wait/2 HTTP/1.1\r\nHost: a\r\n\r\n")
                status = try clients[2].response().status
            } while status != 200
        }
    }

    @Test func `a full queue answers 503 and when to come back`() throws {
        let gate = Gate()
        try withPool(gate.router(), workers: 1, queueSize: 1) { running in
            let served = try running.client()
            try served.send(get)
            gate.waitForVisitor()
            // The only worker is held up, so the next one waits and the third has no place.
            let waiting = try running.client()
            try waiting.send(get)
            let refused = try running.client()
            try refused.send(get)
            let response = try refused.response()
            #expect(response.status == 503)
            #expect(response["Retry-After"] == "2")
            #expect(response.closes)
            #expect(try refused.end() == .finished)
            gate.open()
            for client in [served, waiting] { #expect(try client.response().status == 200) }
        }
    }

    @Test func `more connections than workers are all served, again and again`() throws {
        try withPool(workers: 2) { running in
            let clients = try (0..<20).map { _ in try running.client() }
            for _ in 0..<5 {
                for client in clients { try client.send(get) }
                for client in clients { #expect(try client.response().status == 200) }
            }
        }
    }

    @Test func `a new connection does not wait for an idle one`() throws {
        try withPool(workers: 1, { $0.keepAliveTimeout = .zero }) { running in
            let idle = try running.client()
            try idle.send(get)
            #expect(try idle.response().status == 200)
            let next = try running.client()
            try next.send(get)
            #expect(try next.response().status == 200)
            try idle.send(get)
            #expect(try idle.response().status == 200)
        }
    }

    @Test func `a client that never pauses lets others through`() throws {
        try withPool(workers: 1, { $0.maxKeepAliveRequests = 0 }) { running in
            let greedy = try running.client()
            let other = try running.client()
            // Far more than one visit, and answers for all of them fit the kernel's buffers.
            try greedy.send(String(repeating: get, count: 1_000))
            try other.send(get)
            #expect(try other.response().status == 200)
            #expect(try greedy.responses(1_000).allSatisfy { $0.status == 200 })
        }
    }

    @Test func `a client that does not read holds up nobody`() throws {
        try withPool(workers: 1) { running in
            let slow = try running.client(receiveBufferSize: 4_096)
            try slow.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try slow.hasNews(within: RawClient.patience))
            let other = try running.client()
            try other.send(get)
            #expect(try other.response().status == 200)
            #expect(try slow.response().body.count == 400 * 16_384)
        }
    }

    @Test func `an idle pool sleeps`() throws {
        let sluice = try SluiceProcess(["--engine", "threadpool", "--workers", "8"])
        let clients = try (0..<8).map { _ in try sluice.client() }
        for client in clients {
            try client.send(get)
            #expect(try client.response().status == 200)
        }
        // Once the workers have come to rest nobody looks whether something has come.
        var counts = [try sluice.process.contextSwitches()]
        repeat {
            #expect(try !clients[0].hasNews(within: 100_000_000))
            counts.append(try sluice.process.contextSwitches())
        } while counts.count < 50 && counts.last != counts[counts.count - 2]
        #expect(counts.last == counts[counts.count - 2])
        _ = try sluice.stop()
    }

    @Test func `an idle pool with more connections than workers wakes seldom`() throws {
        let sluice = try SluiceProcess(["--engine", "threadpool", "--workers", "2"])
        let clients = try (0..<6).map { _ in try sluice.client() }
        for client in clients {
            try client.send(get)
            #expect(try client.response().status == 200)
        }
        // A worker that waits 1 ms at a time would switch 300 times in 300 ms; waits that double
        // with each fruitless lap end at a tenth of `idleLap`.
        _ = try clients[0].hasNews(within: 300_000_000)
        let before = try sluice.process.contextSwitches()
        #expect(try !clients[0].hasNews(within: 300_000_000))
        #expect(try sluice.process.contextSwitches() - before < 100)
        _ = try sluice.stop()
    }

    @Test func `stop closes what is open and what waits`() throws {
        var configuration = ServerConfiguration()
        configuration.engine = .threadPool
        configuration.workers = 2
        let running = try RunningServer(TestRoutes.router(), configuration: configuration)
        let clients = try (0..<6).map { _ in try running.client() }
        for client in clients {
            try client.send(get)
            #expect(try client.response().status == 200)
        }
        running.server.stop()
        _ = try running.outcome()
        #expect(running.server.state == .stopped)
        for client in clients { #expect(try client.rest().bytes.isEmpty) }
    }

    @Test func `a drain that is asked for before the start serves what waits`() throws {
        var configuration = ServerConfiguration()
        configuration.engine = .threadPool
        configuration.port = 0
        let server = try Server(TestRoutes.router(), configuration: configuration)
        let client = try RawClient(port: #require(portNumber(of: server.urls[0])))
        try client.send(get)
        server.drain()
        #expect(try server.run().forcedConnections == 0)
        #expect(try client.response().status == 200)
        #expect(try client.end() == .finished)
    }

    @Test func `sizes that cannot be are refused`() {
        for (workers, queueSize) in [(0, 1), (4_097, 1), (1, 0)] {
            var configuration = ServerConfiguration()
            configuration.workers = workers
            configuration.queueSize = queueSize
            #expect(throws: ServerError.self) {
                try Server(TestRoutes.router(), configuration: configuration)
            }
        }
    }
}

/// A handler that waits, and holds its worker up, until the test lets it go.
private final class Gate: Sendable {
    private let visitors = DispatchSemaphore(value: 0)
    private let permits = DispatchSemaphore(value: 0)

    func router() -> Router {
        var router = Router()
        router.get("/") { [self] _, response in
            visitors.signal()
            guard permits.wait(timeout: .now() + 15) == .success else { return }
            permits.signal()
            response.send("open")
        }
        return router
    }

    func waitForVisitor() { _ = visitors.wait(timeout: .now() + 15) }
    func open() { permits.signal() }
}
