import Sluice
import Synchronization
import TestSupport
import Testing

/// Several requests in one piece: all are handled, and their answers leave in order.
@Suite(.onEveryEngine) struct PipeliningTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: [2, 64, 300])
    func `answers come in the order of the requests`(count: Int) throws {
        try withServer(Self.countingRouter().router) { running in
            let client = try running.client()
            let wire = (0..<count).map { "GET /count?\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }
            try client.send(wire.joined())
            let answers = try client.responses(count)
            #expect(answers.map(\.text) == (0..<count).map(String.init))
        }
    }

    @Test func `every kind of request keeps its place`() throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send(
                get + "POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none"
                    + "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "POST /submit HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\ntwo\r\n0\r\n\r\n" + "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n" + get)
            let answers = try client.responses(7)
            #expect(answers.map(\.status) == [200, 200, 200, 404, 200, 405, 200])
            #expect(answers[1].text == "one")
            #expect(answers[2].body.count == 5_000)
            #expect(answers[4].text == "two")
        }
    }

    @Test func `a bad request in the middle ends the pipeline behind the earlier answers`() throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send(get + get + "GET / HTTP/1.1\r\nBad Line\r\n\r\n" + get)
            let answers = try client.responses(3)
            #expect(answers.map(\.status) == [200, 200, 400])
            #expect(answers.map(\.closes) == [false, false, true])
            #expect(answers[2].defect == nil)
            #expect(try client.end() == .finished)
        }
    }

    @Test func `a bad request waits for a stream before it`() throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send("GET /long HTTP/1.1\r\nHost: a\r\n\r\nBAD\r\n\r\n")
            #expect(try client.response().body.count == 400 * 16_384)
            let last = try client.response()
            #expect(last.status == 400)
            #expect(last.closes)
            #expect(try client.end() == .finished)
        }
    }

    @Test func `what follows Connection close is not executed`() throws {
        let (router, calls) = Self.countingRouter()
        try withServer(router) { running in
            let client = try running.client()
            try client.send(
                "GET /count?1 HTTP/1.1\r\nHost: a\r\n\r\n"
                    + "GET /count?2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                    + "GET /count?3 HTTP/1.1\r\nHost: a\r\n\r\n")
            let answers = try client.responses(2)
            #expect(answers.map(\.closes) == [false, true])
            #expect(try client.end() == .finished)
        }
        #expect(calls.count == 2)
    }

    @Test func `a client that closes its half gets its answers`() throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send(get + "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            try client.halfClose()
            #expect(try client.response().text == "Hello, World!")
            #expect(try client.response().body.count == 5_000)
            #expect(try client.end() == .finished)
        }
    }

    @Test func `a client that closes its half inside a request gets a close`() throws {
        try withServer(TestRoutes.router()) { running in
            for part in [
                "GET / HT", "POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab",
            ] {
                let client = try running.client()
                try client.send(get + part)
                #expect(try client.response().status == 200)
                try client.halfClose()
                #expect(try client.end() == .finished)
            }
        }
    }

    // MARK: Expect

    private let expecting =
        "POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"

    @Test func `100 Continue comes when the body is wanted and not there`() throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send(expecting)
            #expect(try client.response().status == 100)
            try client.send("hello")
            let answer = try client.response()
            #expect(answer.status == 200)
            #expect(answer.text == "hello")
        }
    }

    @Test func `100 Continue does not come when the body has begun`() throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send(expecting + "he")
            try client.send("llo")
            #expect(try client.response().status == 200)
        }
    }

    @Test func `100 Continue comes after all earlier answers`() throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send(get + "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n" + expecting)
            #expect(try client.responses(3).map(\.status) == [200, 200, 100])
            try client.send("hello")
            #expect(try client.response().text == "hello")
        }
    }

    @Test func `an expected body over the limit gets its final status at once`() throws {
        try withServer(
            TestRoutes.router(), { $0.maxBodyBytes = 4 },
            { running in
                let client = try running.client()
                try client.send(expecting)
                let answer = try client.response()
                #expect(answer.status == 413)
                #expect(answer.closes)
                #expect(try client.end() == .finished)
            })
    }

    // MARK: Helpers

    private final class Calls: Sendable {
        private let value = Atomic<Int>(0)
        var count: Int { value.load(ordering: .relaxed) }
        func add() { value.add(1, ordering: .relaxed) }
    }

    private static func countingRouter() -> (router: Router, calls: Calls) {
        let calls = Calls()
        var router = Router()
        router.get("/count") { request, response in
            calls.add()
            response.send(request.query.rawValue)
        }
        return (router, calls)
    }
}
