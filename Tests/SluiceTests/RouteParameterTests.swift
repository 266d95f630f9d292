import Sluice
import Synchronization
import TestSupport
import Testing

/// What a handler learns from the path.
@Suite struct RouteParameterTests {
    @Test(arguments: [
        ("/users/7/posts/abc", "7 abc nil"), ("/users/a%20b/posts/%E2%82%AC", "a b € nil"),
        ("/users/a%2Fb/posts/%252F", "a/b %2F nil"), ("/users/+/posts/a+b", "+ a+b nil"),
        ("/users/%FF/posts/x", "\u{FFFD} x nil"), ("http://h/users/1/posts/2?id=3", "1 2 nil"),
    ])
    func `parameters are decoded once`(target: String, text: String) throws {
        var router = Router()
        router.get("/users/{id}/posts/{post}") { request, response in
            response.send(
                "\(request.parameter("id") ?? "nil") \(request.parameter("post") ?? "nil") "
                    + "\(request.parameter("users") ?? "nil")")
        }
        try withServer(router) { running throws in
            #expect(try running.get(target) == text)
        }
    }

    @Test func `they stand in mappings, too, whatever the slashes`() throws {
        var router = Router()
        try router.map(
            "/v1/{queue}/of/{user}/* => show",
            to: [
                "show": { request, response in
                    response.send(
                        "\(request.parameter("queue") ?? "nil") "
                            + "\(request.parameter("user") ?? "nil") \(request.unresolvedPath)")
                }
            ])
        try withServer(router) { running throws in
            #expect(try running.get("//v1//q1/of///ada//x//y/") == "q1 ada x/y")
            #expect(try running.get("/v1/q1/of/ada") == "q1 ada ")
        }
    }

    @Test(arguments: [
        ("a/b", "a/b", "a/b"), ("", "", ""), ("a//b/", "a/b", "a/b"), ("a%20b", "a%20b", "a b"),
        ("%C3%BC", "%C3%BC", "ü"), ("..", "..", "nil"), ("a/../b", "a/../b", "nil"),
        ("%2e%2E/a", "%2e%2E/a", "nil"), (".", ".", "nil"), ("a/.", "a/.", "nil"),
        ("a%2Fb", "a%2Fb", "nil"), ("a%5cb", "a%5cb", "nil"), ("a%00", "a%00", "nil"),
        ("a%0A", "a%0A", "nil"), ("%FF", "%FF", "nil"), ("...", "...", "..."),
        ("%252e%252e", "%252e%252e", "%2e%2e"), (".a/b.", ".a/b.", ".a/b."),
    ])
    func `the tail is there as it came, and decoded when that is safe`(
        tail: String, raw: String, decoded: String
    ) throws {
        var router = Router()
        router.get("/files/{rest...}") { request, response in
            #expect(request.parameter("rest") == request.unresolvedPathDecoded)
            response.send("\(request.unresolvedPath) \(request.unresolvedPathDecoded ?? "nil")")
        }
        try withServer(router) { running throws in
            #expect(try running.get("/files/\(tail)") == "\(raw) \(decoded)")
        }
    }

    @Test(arguments: [
        ("/7/true/1.5", "7 true 1.5"), ("/-7/false/2", "-7 false 2.0"),
        ("/x/true/1", "id is no whole number that fits"),
        ("/7/1/1", "flag is no truth value (true or false)"), ("/7/true/x", "rest is no number"),
        ("/99999999999999999999/true/1", "id is no whole number that fits"),
        ("/%FF/true/1", "id is no valid UTF-8"),
        ("/7/true/..", "rest is no safe path"),
    ])
    func `values have types, and what is none is the client's fault`(
        path: String, text: String
    ) throws {
        var router = Router()
        router.get("/{id}/{flag}/{rest...}") { request, response in
            do {
                let id = try request.parameter("id", as: Int.self)
                let flag = try request.parameter("flag", as: Bool.self)
                let rest = try request.parameter("rest", as: Double.self)
                response.send("\(id) \(flag) \(rest)")
            } catch let error as HTTPError {
                #expect(error.status == .badRequest)
                #expect(error.code == "invalid_parameter")
                #expect(text.hasPrefix(error.field ?? "nil"))
                response.send(error.message)
            }
        }
        try withServer(router) { running throws in
            #expect(try running.get(path) == text)
        }
    }

    @Test func `a parameter that the pattern does not have is the program's fault`() throws {
        let lines = Mutex<[String]>([])
        var router = Router()
        router.get("/users/{id}") { request, response in
            response.send(try request.parameter("user", as: String.self))
        }
        try withServer(router) {
            $0.log = { line in lines.withLock { $0.append(line) } }
        } _: { running in
            let client = try running.client()
            try client.send("GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try client.response()
            #expect(answer.status == 500)
            #expect(!answer.text.contains("parameter"))
        }
        let log = lines.withLock { $0.joined() }
        #expect(log.contains("the pattern /users/{id} has no parameter 'user'"), "\(log)")
    }

    @Test func `a request names the pattern that matched`() throws {
        var router = Router()
        router.get("/users/{id}") { request, response in response.send(request.route) }
        router.any("*.data") { request, response in response.send(request.route) }
        try withServer(router) { running throws in
            #expect(try running.get("/users/1") == "/users/{id}")
            #expect(try running.get("/a/b.data") == "/*.data")
        }
    }

    /// Looks at a request as if it had a route.
    private struct Asking: Middleware {
        func before(
            _ request: inout Request, _ response: inout Response
        ) throws -> MiddlewareStep {
            response.send("'\(request.route)' '\(request.unresolvedPath)'")
            return request.parameter("id") == nil ? .respond : .next
        }
    }

    @Test func `where no route answers there are no parameters, and nothing traps`() throws {
        var router = Router()
        router.use(Asking())
        router.get("/users/{id}") { _, _ in }
        try withServer(router) { running throws in
            #expect(try running.get("/nothing/1") == "'' ''")
        }
    }
}
