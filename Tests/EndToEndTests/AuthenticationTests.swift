import Dispatch
import Foundation
import Sluice
import Synchronization
import Syscalls
import TestSupport
import Testing

/// Who is let in.
@Suite(.onEveryEngine) struct AuthenticationTests {
    /// Of `correct horse`, as cheap as can be.
    static let file = """
        # Users of the tests.
        anna:$2y$04$qTR3oTbqMY5SnRfOyHCHQeCNSOrsm7jt2.WSd7lWQht/P4uPp9SXa

        ben:$y$j75$abcdefgh$Jakf0CHhzdQOivqISxvBXCIRIaxY0Fs1wJGsJSurry/
        chloé:$5$rounds=1000$saltsalt$R6e4P8ccT9iMqkYg7Z8YtpId/lfsIfnuPkp8WXposU8

        """

    private static func basic(_ text: String) -> [String] {
        ["Authorization: Basic \(Data(text.utf8).base64EncodedString())"]
    }

    private static func router(_ middleware: some Middleware) -> Router {
        var router = Router()
        router.use(middleware)
        let show: HandlerClosure = { request, response in
            response.send(request[AuthenticatedUser.self]?.name ?? "nobody")
        }
        router.get("/", show)
        router.post("/") { request, response in
            response.send(
                "\(request[AuthenticatedUser.self]?.name ?? "nobody"): \(request.body.count)")
        }
        router.get("/async") { request, response in
            await Task.yield()
            response.send(request[AuthenticatedUser.self]?.name ?? "nobody")
        }
        return router
    }

    /// Lines that a log has taken.
    final class Log: Sendable {
        private let lines = Mutex<[String]>([])

        func add(_ line: String) { lines.withLock { $0.append(line) } }

        func take() -> [String] {
            lines.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }
    }

    // MARK: Basic

    @Test func `a name and its password are let in, on every request again`() throws {
        let users = try PasswordFile(text: Self.file)
        #expect(users.userCount == 3)
        let router = try Self.router(BasicAuthentication(realm: "tea", users: users))
        try withServer(router) { running throws in
            for name in ["anna", "ben", "chloé", "anna"] {
                let fields = Self.basic("\(name):correct horse")
                #expect(try ask(running, "GET /", fields).text == name)
                #expect(try ask(running, "GET /async", fields).text == name)
                #expect(try ask(running, "POST /", fields, body: "abc").text == "\(name): 3")
            }
            #expect(try ask(running, "GET /").status == 401)
        }
    }

    @Test func `what is not good is challenged, and only the log knows why`() throws {
        let log = Log()
        let router = try Self.router(
            BasicAuthentication(
                realm: "the \"tea\" \\ room", users: PasswordFile(text: Self.file),
                log: { log.add($0) }))
        let cases: [([String], String?)] = [
            ([], nil), (Self.basic("anna:wrong"), "wrong password of 'anna'"),
            (Self.basic("anna:"), "wrong password of 'anna'"),
            (Self.basic("Anna:correct horse"), "no user 'Anna'"),
            (Self.basic("mallory:correct horse"), "no user 'mallory'"),
            (Self.basic("anna"), "malformed"), (Self.basic(":correct horse"), "malformed"),
            (Self.basic("a\nb:c"), "malformed"), (["Authorization: Basic"], "malformed"),
            (["Authorization: Basic !!!!"], "malformed"),
            (["Authorization: Basic YTpi=YTpi"], "malformed"),
            (["Authorization: Basic /zpi"], "malformed"),
            (["Authorization: Bearer abc"], "a scheme that is not offered"),
            (["Authorization: "], "a scheme that is not offered"),
        ]
        try withServer(router) { running throws in
            for (fields, reason) in cases {
                let response = try ask(running, "GET /", fields)
                #expect(response.status == 401)
                #expect(
                    response["WWW-Authenticate"]
                        == #"Basic realm="the \"tea\" \\ room", charset="UTF-8""#, "\(fields)")
                #expect(response.text == "401 Unauthorized: this needs authentication\n")
                #expect(
                    log.take()
                        == (reason.map { ["authentication: GET / from 127.0.0.1: \($0)"] } ?? []))
            }
            let both = Self.basic("anna:correct horse") + Self.basic("ben:correct horse")
            #expect(try ask(running, "GET /", both).status == 400)
            let anna = Self.basic("anna:correct horse")[0].replacing("Basic", with: "bAsIc  ")
            #expect(try ask(running, "GET /", [anna]).text == "anna")
        }
    }

    @Test func `who is known but not allowed gets 403`() throws {
        let log = Log()
        let router = try Self.router(
            BasicAuthentication(
                realm: "tea", users: PasswordFile(text: Self.file), allowing: ["anna"],
                log: { log.add($0) }))
        try withServer(router) { running throws in
            // The second time it is known without waiting.
            for _ in 0..<2 {
                let ben = try ask(running, "GET /", Self.basic("ben:correct horse"))
                #expect(ben.status == 403)
                #expect(ben["WWW-Authenticate"] == nil)
                #expect(ben.text == "403 Forbidden: this is not allowed\n")
                #expect(
                    log.take() == ["authentication: GET / from 127.0.0.1: 'ben' is not allowed"])
            }
            #expect(try ask(running, "GET /", Self.basic("anna:correct horse")).text == "anna")
        }
    }

    @Test func `programs can be refused without a challenge, and closures can verify`() throws {
        struct Failure: Error {}
        let router = try Self.router(
            BasicAuthentication(realm: "tea", challenges: false, log: { _ in }) { name, password in
                await Task.yield()
                if name == "broken" { throw Failure() }
                if name == "busy" { throw HTTPError(.serviceUnavailable) }
                return password == "a:b" ? AuthenticatedUser(name: name.uppercased()) : nil
            })
        try withServer(router) { running throws in
            let refused = try ask(running, "GET /", Self.basic("anna:b"))
            #expect(refused.status == 401)
            #expect(refused["WWW-Authenticate"] == nil)
            #expect(try ask(running, "GET /", Self.basic("anna:a:b")).text == "ANNA")
            #expect(try ask(running, "GET /", Self.basic("broken:")).status == 500)
            #expect(try ask(running, "GET /", Self.basic("busy:")).status == 503)
        }
    }

    // MARK: Bearer, and both

    @Test func `a token is let in, and one that is not good is called so`() throws {
        let router = try Self.router(
            BearerAuthentication(
                realm: "tea", tokens: ["a-token.of~anna+/==": "anna", "another": "ben"],
                log: { _ in }))
        let cases: [([String], Int, String)] = [
            (["Authorization: Bearer a-token.of~anna+/=="], 200, "anna"),
            (["Authorization: bearer another"], 200, "ben"),
            (["Authorization: Bearer a-token"], 401, #"Bearer realm="tea", error="invalid_token""#),
            (["Authorization: Bearer"], 401, #"Bearer realm="tea", error="invalid_token""#),
            (["Authorization: Bearer a b"], 401, #"Bearer realm="tea", error="invalid_token""#),
            ([], 401, #"Bearer realm="tea""#),
            (["Authorization: Basic YTpi"], 401, #"Bearer realm="tea""#),
        ]
        try withServer(router) { running throws in
            for (fields, status, text) in cases {
                let response = try ask(running, "GET /", fields)
                #expect(response.status == status, "\(fields)")
                #expect((status == 200 ? response.text : response["WWW-Authenticate"]) == text)
            }
        }
    }

    @Test func `two schemes make two challenges, in their order`() throws {
        let router = try Self.router(
            Authentication(
                realm: "tea",
                schemes: [
                    .bearer { $0 == "good" ? AuthenticatedUser(name: "robot") : nil },
                    .basic(PasswordFile(text: Self.file)),
                ], log: { _ in }))
        let basic = #"Basic realm="tea", charset="UTF-8""#
        try withServer(router) { running throws in
            #expect(try ask(running, "GET /", ["Authorization: Bearer good"]).text == "robot")
            #expect(try ask(running, "GET /", Self.basic("ben:correct horse")).text == "ben")
            #expect(
                try ask(running, "GET /").values("WWW-Authenticate")
                    == [#"Bearer realm="tea""#, basic])
            #expect(
                try ask(running, "GET /", ["Authorization: Bearer bad"]).values("WWW-Authenticate")
                    == [#"Bearer realm="tea", error="invalid_token""#, basic])
            #expect(
                try ask(running, "GET /", Self.basic("ben:bad")).values("WWW-Authenticate")
                    == [#"Bearer realm="tea""#, basic])
        }
    }

    @Test func `a log line stays one line`() throws {
        let log = Log()
        let router = try Self.router(
            BasicAuthentication(realm: "tea", log: { log.add($0) }) { _, _ in nil })
        try withServer(router) { running throws in
            #expect(
                try ask(running, "GET /", Self.basic("a\u{85}b\u{202E}c:")).status == 401)
            #expect(
                log.take()
                    == [
                        #"authentication: GET / from 127.0.0.1: 'a\u{85}b\u{202e}c' is refused"#
                    ])
        }
    }

    @Test func `settings that cannot be are errors at once`() throws {
        let users = try PasswordFile(text: Self.file)
        let settings: [(() throws -> Void, String)] = [
            (
                { _ = try BasicAuthentication(realm: "a\r\nb", users: users) },
                "Authentication: realm 'a\r\nb' is empty or holds more than visible ASCII"
            ),
            (
                { _ = try Authentication(realm: "a", schemes: []) },
                "Authentication: schemes [] are none, or two of one name"
            ),
            (
                { _ = try Authentication(realm: "a", schemes: [.basic(users), .basic(users)]) },
                #"Authentication: schemes ["Basic", "Basic"] are none, or two of one name"#
            ),
            (
                { _ = try BearerAuthentication(realm: "a", tokens: ["a b": "anna"]) },
                "Bearer: the token of 'anna' holds what no token can; it is made of letters, digits, "
                    + "-._~+/ and = at its end"
            ),
        ]
        for (make, description) in settings {
            let error = #expect(throws: InvalidMiddleware.self) { try make() }
            #expect(error?.description == description)
        }
    }

    // MARK: What verifying costs

    /// Runs something while a handler has taken a pool's only thread.
    private func whileBusy(
        _ pool: OffloadPool, _ running: RunningServer, _ release: DispatchSemaphore,
        _ body: () throws -> Void
    ) throws {
        let holder = try running.client()
        try holder.send("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n")
        do {
            defer { release.signal() }
            let deadline = MonotonicClock.now() + RawClient.patience
            while pool.busyCount == 0 {
                guard MonotonicClock.now() < deadline else { throw ClientFailure("nothing is run") }
                sched_yield()
            }
            try body()
        }
        #expect(try holder.response().status == 200)
    }

    private func waitUntilIdle(_ pool: OffloadPool) throws {
        let deadline = MonotonicClock.now() + RawClient.patience
        while pool.busyCount > 0 {
            guard MonotonicClock.now() < deadline else { throw ClientFailure("the pool is busy") }
            sched_yield()
        }
    }

    @Test func `what was right is known for five minutes, and all else costs a hash`() throws {
        let time = RateLimitTests.Time()
        let pool = OffloadPool(threads: 1, queue: 0)
        let users = try PasswordFile(
            text: Self.file, pool: pool, now: { time.nanoseconds })
        let release = DispatchSemaphore(value: 0)
        var router = Router()
        router.get("/hold") { _, _ in try await pool.run { release.wait() } }
        try router.group("/tea") { group in
            try group.use(BasicAuthentication(realm: "tea", users: users, log: { _ in }))
            group.get("/") { _, response in response.send("tea") }
        }
        func status(_ running: RunningServer, _ text: String) throws -> Int {
            try ask(running, "GET /tea", Self.basic(text)).status
        }
        try withServer(router) { running throws in
            #expect(try status(running, "anna:correct horse") == 200)
            #expect(try status(running, "ben:wrong") == 401)
            try waitUntilIdle(pool)
            try whileBusy(pool, running, release) {
                #expect(try status(running, "anna:correct horse") == 200)
                // Verifying each of these would take the thread.
                for text in [
                    "anna:wrong", "ben:wrong", "ben:correct horse", "mallory:x",
                    "anna:correct hors",
                ] {
                    #expect(try status(running, text) == 503, "\(text)")
                }
                time.pass(milliseconds: 299_999)
                #expect(try status(running, "anna:correct horse") == 200)
                time.pass(milliseconds: 1)
                let late = try ask(running, "GET /tea", Self.basic("anna:correct horse"))
                #expect(late.status == 503)
                #expect(late["Retry-After"] != nil)
            }
            try waitUntilIdle(pool)
            #expect(try status(running, "anna:correct horse") == 200)
        }
    }
}
