import Sluice
import TestSupport
import Testing

/// What a handler sees of a request.
@Suite struct RequestTests {
    @Test func `method, target, path, query and version are told apart`() throws {
        var router = Router()
        router.get("/a/b") { request, response in
            response.send(
                "\(request.method.rawValue) \(request.target) \(request.path) "
                    + "\(request.query.rawValue) \(request.minorVersion)")
        }
        try withServer(router) { running throws in
            #expect(
                try running.get("/a/b?x=1&y") == "GET /a/b?x=1&y /a/b x=1&y 1")
            #expect(try running.get("/a/b") == "GET /a/b /a/b  1")
            #expect(
                try running.get("http://h/a/b?q") == "GET http://h/a/b?q /a/b q 1")
        }
    }

    @Test(arguments: [
        ("name=World", "World"), ("name=a+b%20c", "a b c"), ("name=%E2%82%AC", "€"),
        ("n=1&name=2&name=3", "2"), ("name", ""), ("name=", ""), ("name=a=b", "a=b"),
        ("%6Eame=x", "x"), ("&&name=x&", "x"), ("Name=x", "nil"), ("names=x", "nil"), ("", "nil"),
        ("=x", "nil"),
    ])
    func `query values are decoded`(query: String, value: String) throws {
        var router = Router()
        router.get("/") { request, response in response.send(request.query["name"] ?? "nil") }
        try withServer(router) { running throws in
            #expect(try running.get("/?\(query)") == value)
        }
    }

    @Test func `field names have no case, and values no blanks around them`() throws {
        var router = Router()
        router.get("/") { request, response in
            let fields = request.fields
            response.send(
                "\(fields["x-one"] ?? "nil")|\(fields["X-ONE"] ?? "nil")|"
                    + "\(fields["X-On"] ?? "nil")|\(fields.all("x-many").joined(separator: ","))|"
                    + "\(fields.count)|\(fields.name(at: 1))|\(fields.value(at: 1))")
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(
                "GET / HTTP/1.1\r\nHost: a\r\nX-One: \t one \t\r\nX-Many: 1\r\nx-mANY: 2\r\n\r\n")
            #expect(try client.response().text == "one|one|nil|1,2|4|X-One|one")
        }
    }

    @Test(arguments: [("hello", "hello"), ("", ""), ("grün", "grün")])
    func `the body is there as text`(body: String, text: String) throws {
        var router = Router()
        router.put("/") { request, response in
            response.send("\(request.body.count) \(request.text ?? "nil")")
        }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(
                "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            #expect(try client.response().text == "\(body.utf8.count) \(text)")
        }
    }

    @Test func `a body that is no UTF-8 is no text`() throws {
        var router = Router()
        router.put("/") { request, response in response.send(request.text ?? "nil") }
        try withServer(router) { running in
            let client = try running.client()
            try client.send(
                Array("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n".utf8) + [0xC3, 0x28])
            #expect(try client.response().text == "nil")
        }
    }

    private enum User: RequestKey { typealias Value = String }
    private enum Count: RequestKey { typealias Value = Int }

    @Test func `a request carries typed values`() throws {
        var router = Router()
        router.prepare { request, _ in
            if request[User.self] == nil { request[User.self] = "ada" }
            request[Count.self] = 6
        }
        router.prepare { request, _ in
            request[Count.self] = (request[Count.self] ?? 0) + 1
            if request.query["anonymous"] != nil { request[User.self] = nil }
        }
        router.get("/") { request, response in
            response.send("\(request[User.self] ?? "nil") \(request[Count.self] ?? 0)")
        }
        try withServer(router) { running throws in
            #expect(try running.get("/") == "ada 7")
            #expect(try running.get("/?anonymous") == "nil 7")
            #expect(try running.get("/") == "ada 7", "values end with their request")
        }
    }
}

extension RunningServer {
    /// The body of the answer to a GET on a connection of its own.
    func get(_ target: String) throws -> String {
        let client = try client()
        try client.send("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        return try client.response().text
    }
}
