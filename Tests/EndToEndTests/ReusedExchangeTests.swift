import Sluice
import Synchronization
import TestSupport
import Testing

/// Requests that tasks answer one after the other with the memory of those before.
@Suite(.onEveryEngine) struct ReusedExchangeTests {
    private actor Elsewhere {
        func answer(_ text: String) -> String { text }
    }

    private struct Tagged: Middleware {
        enum Tag: RequestKey { typealias Value = String }

        func before(
            _ request: inout Request, _ response: inout Response
        ) throws -> MiddlewareStep {
            let number = request.query["n"] ?? "-"
            return .wait {
                var values = RequestValues()
                values[Tag.self] = number
                return values
            }
        }
    }

    private static func read(_ body: RequestBody) async -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await chunk in body { bytes += chunk }
        } catch {}
        return bytes
    }

    private func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n" }

    @Test(arguments: [1 as UInt64, 2, 3])
    func `each answer is its own, however its handler and those before have come to theirs`(
        seed: UInt64
    ) throws {
        let elsewhere = Elsewhere()
        var router = Router()
        router.get("/plain") { request, response in response.send(request.query["n"] ?? "-") }
        router.get("/once") { request, response in
            if request.query["n"] == nil { await Task.yield() }
            response.send(request.query["n"] ?? "-")
        }
        router.get("/marked") { request, response in
            if request.query["n"] == nil { await Task.yield() }
            response.status = .created
            try response.setField("X-Number", request.query["n"] ?? "-")
            response.send(request.query["n"] ?? "-")
        }
        router.get("/wait") { request, response in
            await Task.yield()
            response.send(request.query["n"] ?? "-")
        }
        router.get("/away") { request, response in
            response.send(await elsewhere.answer(request.query["n"] ?? "-"))
        }
        router.get("/throw") { request, _ in
            if request.query["n"] == nil { await Task.yield() }
            throw HTTPError(.conflict, message: "number \(request.query["n"] ?? "-")")
        }
        router.get("/pieces") { request, response in
            try await response.write(request.query["n"] ?? "-")
            try await response.write(".")
        }
        router.group("/tagged") { group in
            group.use(Tagged())
            group.get("/own") { request, response in
                if request.query["n"] == nil { await Task.yield() }
                response.send(request[Tagged.Tag.self] ?? "-")
            }
        }
        let kinds = ["plain", "once", "marked", "wait", "away", "throw", "pieces", "tagged/own"]
        try withServer(router) { running in
            var generator = SeededGenerator(seed: seed)
            let clients = try (0..<3).map { _ in try running.client() }
            for round in 0..<20 {
                let requests = clients.indices.map { client in
                    (0..<5).map { position in
                        (
                            kinds.randomElement(using: &generator) ?? "plain",
                            "\(round).\(client).\(position)"
                        )
                    }
                }
                for (client, asked) in zip(clients, requests) {
                    try client.send(asked.map { get("/\($0)?n=\($1)") }.joined())
                }
                for (client, asked) in zip(clients, requests) {
                    for ((kind, number), answer) in zip(asked, try client.responses(5)) {
                        #expect(answer.values("X-Number") == (kind == "marked" ? [number] : []))
                        switch kind {
                        case "marked": #expect(answer.status == 201 && answer.text == number)
                        case "throw":
                            #expect(answer.status == 409)
                            #expect(answer.text.contains("number \(number)"))
                        case "pieces": #expect(answer.status == 200 && answer.text == number + ".")
                        default: #expect(answer.status == 200 && answer.text == number)
                        }
                    }
                }
            }
        }
    }

    @Test func `a request that its handler has kept stays what it was`() throws {
        let kept = Mutex<[StreamingRequest]>([])
        var router = Router()
        router.stream(.get, "/keep/{name}") { request, response in
            kept.withLock { $0.append(request) }
            response.send("kept")
        }
        router.get("/forget/{name}") { request, response in
            if request.query["n"] != nil { await Task.yield() }
            response.send(request.parameter("name") ?? "-")
        }
        try withServer(router) { running in
            let client = try running.client()
            for number in 0..<5 {
                try client.send(get("/keep/\(number)") + get("/forget/other-\(number)"))
                #expect(try client.responses(2).map(\.text) == ["kept", "other-\(number)"])
            }
        }
        let names = kept.withLock { $0.map { $0.parameter("name") } }
        #expect(names == (0..<5).map { "\($0)" })
        #expect(kept.withLock { $0.map(\.path) } == (0..<5).map { "/keep/\($0)" })
    }

    @Test func `a body that its handler has kept is never the next one's`() async throws {
        let kept = Mutex<RequestBody?>(nil)
        let reader = Mutex<Task<[UInt8], Never>?>(nil)
        var router = Router()
        router.stream(.post, "/keep") { request, response in
            kept.withLock { $0 = request.body }
            response.send("kept")
        }
        router.stream(.post, "/read") { request, response in
            response.send(Array(try await request.body.collect(upTo: 100)).span)
        }
        try withServer(router) { running in
            let client = try running.client()
            let head = " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
            try client.send("POST /keep\(head)first")
            #expect(try client.response(to: "POST").text == "kept")
            let body = try #require(kept.withLock { $0 })
            reader.withLock { $0 = Task { await Self.read(body) } }
            for number in 0..<5 {
                try client.send("POST /read\(head)body\(number)")
                #expect(try client.response(to: "POST").text == "body\(number)")
            }
        }
        let task = try #require(reader.withLock { $0 })
        task.cancel()
        let stray = String(decoding: await task.value, as: UTF8.self)
        #expect(!stray.contains("body"))
    }

    @Test func `a task that was cancelled answers nothing more`() throws {
        let (begun, ended) = (Happening(), Happening())
        let gate = Gate()
        var router = Router()
        router.get("/wait") { _, response in
            begun.happens()
            await gate.wait()
            response.send("late")
            ended.happens()
        }
        router.get("/cancelled") { request, response in
            if request.query["n"] != nil { await Task.yield() }
            response.send("\(Task.isCancelled)")
        }
        try withServer(router) { running in
            for _ in 0..<3 {
                try {
                    let client = try running.client()
                    try client.send(get("/wait"))
                    try begun.await()
                    try client.resetWhenReleased()
                }()
                try ended.await()
                let client = try running.client()
                try client.send(get("/cancelled") + get("/cancelled"))
                #expect(try client.responses(2).map(\.text) == ["false", "false"])
            }
        }
    }
}
