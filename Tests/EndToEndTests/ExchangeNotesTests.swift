import HTTPEngine
import Sluice
import TestSupport
import Testing

/// What observers are told about an exchange beside its answer.
@Suite(.onEveryEngine) struct ExchangeNotesTests {
    private struct Broken: Error {}

    private static func router() throws -> Router {
        var router = Router()
        router.get("/plain") { _, response in
            response.setLogValue("cache", "hit")
            response.setLogValue("cache", "miss")
            response.setLogValue("tea", "green")
        }
        router.get("/later") { _, response in
            await Task.yield()
            response.setLogValue("cache", "later")
        }
        router.get("/at-once") { _, response in
            if Task.isCancelled { await Task.yield() }
            response.setLogValue("cache", "at once")
        }
        router.get("/written") { _, response in
            response.setLogValue("cache", "written")
            try await response.write("a")
            response.setLogValue("cache", "too late")
        }
        router.get("/broken") { _, response in
            response.setLogValue("step", "first")
            throw Broken()
        }
        router.get("/refused") { _, _ in throw HTTPError(.conflict, code: "no_tea") }
        router.get("/never", limits: .deadline(.milliseconds(20))) { _, response in
            response.setLogValue("cache", "nobody hears of it")
            try await Task.sleep(for: .seconds(60))
        }
        try router.group("/members") { members in
            let user = AuthenticationScheme.basic { name, password in
                password == "tea" ? AuthenticatedUser(name: name) : nil
            }
            try members.use(Authentication(realm: "tea", schemes: [user], log: { _ in }))
            members.get("/") { _, response in response.send("hello") }
            members.get("/later") { _, response in
                await Task.yield()
                response.send("hello")
            }
        }
        try router.group("/staff") { staff in
            let proxy = try #require(NetworkRange("127.0.0.1"))
            try staff.use(TrustedUserHeader(name: "X-User", from: [proxy]))
            staff.get("/") { _, response in response.send("hello") }
            staff.get("/never", limits: .deadline(.milliseconds(20))) { _, _ in
                try await Task.sleep(for: .seconds(60))
            }
        }
        return router
    }

    @Test(arguments: [
        ("GET /plain", "200 label=1 cache=miss tea=green"),
        ("GET /later", "200 label=2 cache=later"), ("GET /at-once", "200 label=3 cache=at once"),
        ("GET /written", "200 label=4 cache=written"),
        ("GET /broken", "500 label=5 reason=internal_server_error step=first"),
        ("GET /refused", "409 label=6 reason=no_tea"),
        ("GET /never", "503 label=7 reason=the answer took too long"),
        ("GET /none", "404 label=11 reason=not_found"),
        ("PUT /plain", "405 label=11 reason=method_not_allowed"),
    ])
    func `an answer says why, and what its handler has said`(
        line: String, expected: String
    ) throws {
        let observer = AnswerObserver()
        try withObservedEngine(Self.router(), observer) { client in
            try client.send("\(line) HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.response()
            #expect(Self.withoutNumber(try observer.next()) == Self.withoutNumber(expected))
        }
    }

    /// Whether there is a label, but not which: routes are numbered by their patterns' order.
    private static func withoutNumber(_ text: String) -> String {
        text.replacing(/label=[0-9]+/, with: "label=N")
    }

    @Test(arguments: [
        ("/members", 200, 401), ("/members/later", 200, 401), ("/staff", 200, 403),
        ("/staff/never", 503, 403),
    ])
    func `an answer says who has asked`(path: String, status: Int, refusal: Int) throws {
        let observer = AnswerObserver()
        try withObservedEngine(Self.router(), observer) { client in
            // anna:tea
            try client.send(
                "GET \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YW5uYTp0ZWE=\r\n"
                    + "X-User: anna\r\n\r\n")
            #expect(try client.response().status == status)
            #expect(try observer.next().contains("user=anna"))
            try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().status == refusal)
            let refused = try observer.next()
            let reason = refusal == 401 ? "unauthorized" : "forbidden"
            #expect(!refused.contains("user=") && refused.hasSuffix("reason=\(reason)"))
        }
    }

    @Test(arguments: ["/plain", "/later", "/at-once", "/written", "/never", "/none"])
    func `an answer has the id that the client has been told`(path: String) throws {
        let observer = AnswerObserver()
        try withObservedEngine(Self.router(), observer, requestIDs: RequestIDs(.ulid)) { client in
            let trace = "0af7651916cd43dd8448eb211c80319c"
            try client.send(
                "GET \(path) HTTP/1.1\r\nHost: a\r\n"
                    + "traceparent: 00-\(trace)-b7ad6b7169203331-01\r\n\r\n")
            let id = try #require(try client.response()["X-Request-ID"])
            #expect(try observer.next().contains(" id=\(id) trace=\(trace)"))
        }
    }

    @Test func `what is no request says why, and has an id`() throws {
        let observer = AnswerObserver()
        try withObservedEngine(Self.router(), observer, requestIDs: RequestIDs()) { client in
            try client.send("GET / HTTP/1.1\nHost: a\r\n\r\n")
            let id = try #require(try client.response()["X-Request-ID"])
            let answer = try observer.next()
            #expect(answer.hasPrefix("400 id=\(id) reason=") && answer.contains("LF"), "\(answer)")
        }
    }

    @Test func `values for the log are bounded`() throws {
        var router = Router()
        router.get("/") { _, response in
            for number in 0..<40 { response.setLogValue("k\(number)", "v") }
            response.setLogValue("k0", String(repeating: "ö", count: 600))
        }
        let observer = AnswerObserver()
        try withObservedEngine(router, observer) { client in
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.response()
            let answer = try observer.next()
            #expect(answer.matches(of: /k[0-9]+=/).count == Response.maxLogValueCount)
            #expect(answer.filter { $0 == "ö" }.count == 512)
        }
    }

    // MARK: The wire

    @Test func `the wire log shows requests and answers in their order, without secrets`() throws {
        var router = Router()
        router.get("/search") { request, response in
            try response.setField("Set-Cookie", "session=hidden")
            response.send("Hello, \(request.query["q"] ?? "-")!\n")
        }
        router.post("/form") { request, response in response.send("ok") }
        router.stream(.post, "/stream") { request, response in
            for try await _ in request.body {}
            try await response.write("done")
        }
        let observer = AnswerObserver(showsWire: true)
        try withObservedEngine(router, observer) { client in
            try client.send(
                "GET /search?q=tea&token=hidden HTTP/1.1\r\nHost: a\r\n"
                    + "Authorization: Basic hidden\r\nX-Bin: \u{e9}\r\n\r\n")
            _ = try client.response()
            let form = "user=anna&password=hidden"
            try client.send(
                "POST /form HTTP/1.1\r\nHost: a\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: \(form.utf8.count)\r\n\r\n\(form)")
            _ = try client.response()
            try client.send(
                "POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
            _ = try client.response()
        }
        let all = observer.messages.joined(separator: "\n")
        #expect(!all.contains("hidden"), "\(all)")
        let messages = observer.messages
        #expect(
            messages.first?.split(separator: "\n").map { String($0) } == [
                "< 1 GET /search?q=tea&token=*** HTTP/1.1", "< 1 Host: a", "< 1 Authorization: ***",
                "< 1 X-Bin: \\xC3\\xA9", "< 1",
            ])
        let answer = try #require(messages.dropFirst().first)
        #expect(answer.hasPrefix("> 1 HTTP/1.1 200 OK\n"))
        #expect(answer.contains("\n> 1 Set-Cookie: ***\n"))
        #expect(answer.hasSuffix("\n> 1\n> 1 [12 bytes] Hello, tea!\\n"))
        #expect(all.contains("< 1 [25 bytes] user=anna&password=***"))
        #expect(all.contains("< 1 [4 bytes] body"))
        #expect(all.contains("4\\r\\ndone\\r\\n"))
    }
}
