import Sluice
import Synchronization
import TestSupport
import Testing

/// Handlers that answer from tasks.
@Suite(.onEveryEngine) struct AsyncHandlerTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func `an asynchronous handler sees the whole request`() throws {
        var router = Router()
        router.post("/echo/{name}") { request, response in
            await Task.yield()
            let name = try request.parameter("name", as: String.self)
            await Task.yield()
            response.send("\(name) \(request.query["q"] ?? "-") \(request.fields["X-A"] ?? "-") ")
            response.append(request.body)
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(
                "POST /echo/one?q=2 HTTP/1.1\r\nHost: a\r\nX-A: 3\r\nContent-Length: 4\r\n\r\nbody"
                    + "POST /echo/two HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n"
                    + "POST /echo/three HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            let answers = try client.responses(3)
            #expect(answers.map(\.text) == ["one 2 3 body", "two - - body", "three - - "])
        }
    }

    @Test func `an asynchronous handler may leave its answer to be made piece by piece`() throws {
        var router = Router()
        router.get("/") { _, response in
            await Task.yield()
            response.stream(Pieces(count: 3, byteCount: 1_000))
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(get + get)
            for answer in try client.responses(2) {
                #expect(answer.body.count == 3_000)
                #expect(answer.chunkSizes == [1_000, 1_000, 1_000])
            }
        }
    }

    @Test func `a body that comes in pieces is whole for an asynchronous handler`() throws {
        var router = Router()
        router.post("/echo") { request, response in
            await Task.yield()
            response.send(request.body)
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.sendByteByByte(
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
                    + "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n")
            #expect(try client.responses(2).map(\.text) == ["hello", "hello"])
        }
    }

    @Test func `safe requests are in flight together and are answered in order`() throws {
        let gates = (0..<4).map { _ in Gate() }
        let begun = Happening()
        var router = Router()
        router.get("/{n}") { request, response in
            let number = try request.parameter("n", as: Int.self)
            begun.happens()
            await gates[number].wait()
            response.send("\(number)")
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send((0..<4).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            for _ in 0..<4 { try begun.await() }
            for gate in gates.reversed() { gate.open() }
            #expect(try client.responses(4).map(\.text) == ["0", "1", "2", "3"])
        }
    }

    @Test func `an unsafe request begins when those before it have been answered`() throws {
        let gate = Gate()
        let log = Mutex<[String]>([])
        var router = Router()
        router.get("/slow") { _, response in
            log.withLock { $0.append("slow begins") }
            await gate.wait()
            log.withLock { $0.append("slow ends") }
            response.send("slow")
        }
        router.post("/change") { _, response in
            log.withLock { $0.append("change begins") }
            await Task.yield()
            log.withLock { $0.append("change ends") }
            response.send("changed")
        }
        router.get("/fast") { _, response in
            log.withLock { $0.append("fast") }
            response.send("fast")
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(
                "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "POST /change HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
                    + "GET /fast HTTP/1.1\r\nHost: a\r\n\r\n")
            // Somebody else is answered meanwhile: the loop is not held.
            let other = try running.client()
            try other.send("GET /fast HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try other.response().text == "fast")
            gate.open()
            #expect(try client.responses(3).map(\.text) == ["slow", "changed", "fast"])
        }
        let order = log.withLock { $0 }.filter { $0 != "fast" }
        #expect(order == ["slow begins", "slow ends", "change begins", "change ends"])
    }

    @Test func `what an asynchronous handler throws is answered`() throws {
        struct Secret: Error {}
        let lines = Mutex<[String]>([])
        var router = Router()
        router.get("/own") { _, _ in
            await Task.yield()
            throw HTTPError(.conflict, message: "it is taken")
        }
        router.get("/other") { _, _ in
            await Task.yield()
            throw Secret()
        }
        router.get("/") { _, response in response.send("fine") }
        try withServer(router) { configuration in
            configuration.log = { line in lines.withLock { $0.append(line) } }
        } _: { running in
            let client = try running.client()
            try client.send(
                "GET /own HTTP/1.1\r\nHost: a\r\n\r\nGET /other HTTP/1.1\r\nHost: a\r\n\r\n" + get)
            let answers = try client.responses(3)
            #expect(answers.map(\.status) == [409, 500, 200])
            #expect(answers[0].text.contains("it is taken"))
            #expect(!answers[1].text.contains("Secret"))
        }
        #expect(lines.withLock { $0 }.count { $0.contains("Secret") } == 1)
    }

    @Test func `a task is cancelled when its client resets the connection`() throws {
        let (begun, cancelled) = (Happening(), Happening())
        let gate = Gate()
        var router = Router()
        router.get("/wait") { _, _ in
            begun.happens()
            await gate.wait()
            if Task.isCancelled { cancelled.happens() }
        }
        try withServer(router) { running in
            try {
                let client = try running.client()
                try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
                try begun.await()
                try client.resetWhenReleased()
            }()
            try cancelled.await()
        }
    }

    @Test func `a task is cancelled soon after its client has closed the connection`() throws {
        let (begun, cancelled) = (Happening(), Happening())
        let gate = Gate()
        var router = Router()
        router.get("/wait") { _, _ in
            begun.happens()
            await gate.wait()
            if Task.isCancelled { cancelled.happens() }
        }
        try withServer(router) { running in
            try {
                let client = try running.client()
                try client.send("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n")
                try begun.await()
            }()
            try cancelled.await()
        }
    }

    @Test func `a client that has closed its half is answered by a task`() throws {
        var router = Router()
        router.get("/soon") { _, response in
            try await Task.sleep(for: .milliseconds(20))
            response.send("soon")
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send("GET /soon HTTP/1.1\r\nHost: a\r\n\r\n")
            try client.halfClose()
            #expect(try client.response().text == "soon")
            #expect(try client.end() == .finished)
        }
    }

    @Test(arguments: [nil, Status.gatewayTimeout])
    func `a handler that takes too long is answered for`(status: Status?) throws {
        let cancelled = Happening()
        var router = Router()
        let limits = RouteLimits(deadline: .milliseconds(50), deadlineStatus: status)
        router.get("/slow", limits: limits) { _, response in
            do {
                try await Task.sleep(for: .seconds(30))
            } catch {
                cancelled.happens()
                response.send("too late")
            }
        }
        router.get("/") { _, response in response.send("fine") }
        try withServer(router) { running in
            let client = try running.client()
            try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + get)
            let answers = try client.responses(2)
            #expect(answers.map(\.status) == [status?.code ?? 503, 200])
            #expect(answers[0]["Retry-After"] != nil || status != nil)
            try cancelled.await()
            try client.send(get)
            #expect(try client.response().text == "fine")
        }
    }

    @Test(arguments: [nil, Status.tooManyRequests])
    func `a route takes so many requests at a time`(status: Status?) throws {
        let (first, second) = (Gate(), Gate())
        let begun = Happening()
        var router = Router()
        let limits = RouteLimits(maxConcurrent: 2, overloadStatus: status)
        router.get("/{n}", limits: limits) { request, response in
            let number = try request.parameter("n", as: Int.self)
            begun.happens()
            await [first, second][number].wait()
            response.send("done")
        }
        try withServer(router) { running in
            let clients = try (0..<3).map { _ in try running.client() }
            for number in 0..<2 {
                try clients[number].send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
                try begun.await()
            }
            try clients[2].send("GET /0 HTTP/1.1\r\nHost: a\r\n\r\n")
            let refusal = try clients[2].response()
            #expect(refusal.status == status?.code ?? 503)
            #expect(refusal["Retry-After"] != nil)
            first.open()
            #expect(try clients[0].response().text == "done")
            // The place is free when the task has ended, which is a moment after its answer.
            var again = 0
            repeat {
                try clients[2].send("GET /0 HTTP/1.1\r\nHost: a\r\n\r\n")
                again = try clients[2].response().status
            } while again != 200
            second.open()
            #expect(try clients[1].response().text == "done")
        }
    }

    @Test func `a drain waits for tasks`() throws {
        let gate = Gate()
        let begun = Happening()
        var router = Router()
        router.get("/slow") { _, response in
            begun.happens()
            await gate.wait()
            response.send("done")
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            try begun.await()
            running.server.drain()
            try running.wait(for: .draining)
            gate.open()
            let answer = try client.response()
            #expect(answer.text == "done")
            #expect(answer.closes)
        }
    }

    @Test func `a stop ends tasks`() throws {
        let (begun, ended) = (Happening(), Happening())
        let gate = Gate()
        var router = Router()
        router.get("/slow") { _, _ in
            begun.happens()
            await gate.wait()
            ended.happens()
        }
        let running = try RunningServer(
            router,
            configuration: {
                var configuration = ServerConfiguration()
                configuration.engine = EngineUnderTest.current
                return configuration
            }())
        let client = try running.client()
        try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        try begun.await()
        running.server.stop()
        try ended.await()
        _ = try running.outcome()
        _ = try client.rest()
    }
}
