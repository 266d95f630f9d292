import Sluice
import Synchronization
import TestSupport
import Testing

/// Middleware stands around handlers of every kind alike.
@Suite(.onEveryEngine) struct MiddlewareTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    /// Writes down that it was there, in the answer and in a list.
    private struct Witness: Middleware {
        let name: String
        let log: Log
        var step = MiddlewareStep.next
        var error: HTTPError?

        func before(
            _ request: inout Request, _ response: inout Response
        ) throws -> MiddlewareStep {
            log.note("\(name) before")
            if let error { throw error }
            return step
        }

        func after(_ request: borrowing Request, _ response: inout Response) {
            log.note("\(name) after \(response.status.code)")
            try? response.addField("X-Seen", name)
        }
    }

    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])

        func note(_ line: String) { lines.withLock { $0.append(line) } }

        func take() -> [String] {
            lines.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }
    }

    private enum Name: RequestKey { typealias Value = String }

    private static func router(_ log: Log) -> Router {
        var router = Router()
        router.use(Witness(name: "A", log: log))
        router.group("/g") { group in
            group.use(Witness(name: "B", log: log))
            group.get("/sync") { _, response in
                log.note("handler")
                response.send("sync")
            }
            group.get("/async") { _, response in
                await Task.yield()
                log.note("handler")
                response.send("async")
            }
            group.stream(.get, "/streamed") { _, response in
                log.note("handler")
                try await response.write("streamed")
            }
            group.post("/body") { request, response in
                log.note("handler")
                response.send(request.body)
            }
            group.get("/throws") { _, _ in throw HTTPError(.conflict) }
        }
        return router
    }

    @Test(arguments: ["sync", "async", "streamed"])
    func `it stands around a handler of every kind`(kind: String) throws {
        let log = Log()
        try withServer(Self.router(log)) { running in
            let client = try running.client()
            try client.send("GET /g/\(kind) HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try client.response()
            #expect(answer.text == kind)
            #expect(answer.values("X-Seen") == ["B", "A"])
            #expect(
                log.take() == ["A before", "B before", "handler", "B after 200", "A after 200"])
        }
    }

    @Test func `it sees errors, and what no route answers`() throws {
        let log = Log()
        try withServer(Self.router(log)) { running in
            let client = try running.client()
            try client.send(
                "GET /g/throws HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "DELETE /g/sync HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "OPTIONS /g/sync HTTP/1.1\r\nHost: a\r\n\r\n")
            let answers = try client.responses(4)
            #expect(answers.map(\.status) == [409, 404, 405, 204])
            #expect(
                answers.map { $0.values("X-Seen") } == [
                    ["B", "A"], ["A"], ["B", "A"], ["B", "A"],
                ])
        }
    }

    @Test(arguments: [false, true])
    func `what it refuses is refused before the body comes`(isLate: Bool) throws {
        let log = Log()
        var router = Self.router(log)
        let refusal = HTTPError(.forbidden)
        router.group("/closed") { group in
            group.use(
                isLate
                    ? Witness(name: "C", log: log, step: .wait { throw refusal })
                    : Witness(name: "C", log: log, error: refusal))
            group.use(Witness(name: "D", log: log))
            group.post("/") { _, _ in log.note("handler") }
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(
                "POST /closed HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                    + "Expect: 100-continue\r\n\r\n")
            let answer = try client.response()
            #expect(answer.status == 403)
            #expect(answer.values("X-Seen") == ["C", "A"])
            #expect(answer.closes)
            #expect(log.take() == ["A before", "C before", "C after 403", "A after 403"])
        }
    }

    @Test func `a body comes to the handler behind it`() throws {
        let log = Log()
        try withServer(Self.router(log)) { running in
            let client = try running.client()
            try client.send(
                "POST /g/body HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                    + "Expect: 100-continue\r\n\r\n")
            #expect(try client.response().status == 100)
            try client.send("hello")
            #expect(try client.response().text == "hello")
            try client.sendByteByByte(
                "POST /g/body HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "5\r\nhello\r\n0\r\n\r\n")
            let answer = try client.response()
            #expect(answer.text == "hello")
            #expect(answer.values("X-Seen") == ["B", "A"])
        }
    }

    @Test func `it can be waited for, and its values reach the handler`() throws {
        let log = Log()
        var router = Self.router(log)
        router.group("/named") { group in
            group.use(
                Witness(
                    name: "C", log: log,
                    step: .wait {
                        await Task.yield()
                        var values = RequestValues()
                        values[Name.self] = "Ada"
                        return values
                    }))
            group.prepare { request, _ in request[Name.self]?.append("!") }
            group.get("/") { request, response in
                response.send(request[Name.self] ?? "nobody")
            }
            group.stream(.put, "/") { request, response in
                let body = try await request.body.collect(upTo: 100)
                response.send("\(request[Name.self] ?? "nobody") \(body.count)")
            }
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(
                "GET /named HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "PUT /named HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
            let answers = try client.responses(2)
            #expect(answers.map(\.text) == ["Ada!", "Ada! 5"])
            #expect(answers[0].values("X-Seen") == ["C", "A"])
        }
    }

    @Test func `it can answer itself, and keep what it has begun`() throws {
        struct Answers: Middleware {
            func before(
                _ request: inout Request, _ response: inout Response
            ) throws -> MiddlewareStep {
                try response.setField("X-Begun", "yes")
                guard request.query.has("short") else { return .next }
                response.send("short")
                return .respond
            }
        }
        var router = Router()
        router.use(Answers())
        router.get("/") { _, response in response.send("sync") }
        router.get("/async") { _, response in
            await Task.yield()
            response.send("async")
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(
                get + "GET /?short HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "GET /async HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "GET /async?short HTTP/1.1\r\nHost: a\r\n\r\n")
            let answers = try client.responses(4)
            #expect(answers.map(\.text) == ["sync", "short", "async", "short"])
            #expect(answers.allSatisfy { $0["X-Begun"] == "yes" })
        }
    }
}
