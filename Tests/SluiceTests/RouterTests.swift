import Sluice
import Synchronization
import TestSupport
import Testing

/// Which handler gets which request.
@Suite struct RouterTests {
    @Test func `every method has its handler, and Allow names them`() throws {
        var router = Router()
        router.get("/all") { _, response in response.send("get") }
        router.post("/all") { _, response in response.send("post") }
        router.put("/all") { _, response in response.send("put") }
        router.patch("/all") { _, response in response.send("patch") }
        router.delete("/all") { _, response in response.send("delete") }
        router.get("/get") { _, _ in }
        try withServer(router) { running in
            let client = try running.client()
            for method in ["get", "post", "put", "patch", "delete"] {
                let wire = "\(method.uppercased()) /all HTTP/1.1\r\nHost: a\r\n\r\n"
                try client.send(wire)
                #expect(try client.response().text == method)
            }
            try client.send("OPTIONS /all HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(
                try client.response()["Allow"] == "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS")
            try client.send("PUT /get HTTP/1.1\r\nHost: a\r\n\r\n")
            let refused = try client.response()
            #expect(refused.status == 405)
            #expect(refused["Allow"] == "GET, HEAD, OPTIONS")
        }
    }

    @Test func `a method of the user's own is unknown until it is registered`() throws {
        let brew = "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n"
        var router = Router()
        router.get("/cup") { _, _ in }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(brew)
            #expect(try client.response().status == 501)
        }
        router.on(Method(rawValue: "BREW"), "/pot") { request, response in
            response.status = 418
            response.send(request.method.rawValue)
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(brew)
            let answer = try client.response()
            #expect(answer.status == 418)
            #expect(answer.text == "BREW")
            try client.send("BREW /cup HTTP/1.1\r\nHost: a\r\n\r\n")
            let refused = try client.response()
            #expect(refused.status == 405)
            #expect(refused["Allow"] == "GET, HEAD, OPTIONS")
            try client.send("GET /pot HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response()["Allow"] == "OPTIONS, BREW")
            try client.send("Brew /pot HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().status == 501, "a method's name has its case")
        }
    }

    @Test func `HEAD and OPTIONS can have handlers of their own`() throws {
        var router = Router()
        router.get("/") { _, response in response.send("get") }
        router.on(.head, "/") { _, response in try response.setField("X-Own", "head") }
        router.on(.options, "/") { _, response in response.send("own options") }
        try withServer(router) { running in
            let client = try running.client()
            try client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response(to: "HEAD")["X-Own"] == "head")
            try client.send("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text == "own options")
        }
    }

    @Test func `a hundred paths are told apart, byte by byte`() throws {
        var router = Router()
        for index in 0..<100 {
            router.get("/\(index)") { _, response in response.send("\(index)") }
        }
        try withServer(router) { running in
            let client = try running.client()
            for index in 0..<100 {
                try client.send("GET /\(index) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.response().text == "\(index)")
            }
            try client.send("GET /%31 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text == "1", "segments are compared once decoded")
            for path in ["/100", "/1/", "//1", "/%2531", "/"] {
                try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.response().status == 404, "\(path)")
            }
        }
    }

    @Test func `a router without routes answers 404`() throws {
        try withServer(Router()) { running in
            let client = try running.client()
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().status == 404)
            try client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response()["Allow"] == "OPTIONS")
        }
    }

    @Test func `a handler can be a type with state of its own`() throws {
        final class Counter: Handler {
            private let count = Atomic<Int>(0)

            func handle(_ request: borrowing Request, into response: inout Response) {
                response.send("\(count.add(1, ordering: .relaxed).newValue)")
            }
        }
        var router = Router()
        router.on(.get, "/", Counter())
        try withServer(router) { running in
            let client = try running.client()
            try client.send(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 3))
            #expect(try client.responses(3).map(\.text) == ["1", "2", "3"])
        }
    }
}
