import Sluice
import Synchronization
import TestSupport
import Testing

/// What requests are called, from the first byte to the last line of a log.
@Suite(.onEveryEngine) struct RequestIdentityTests {
    private struct Broken: Error {}

    private static let uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

    /// Says to the client what its handler sees.
    private static func describe(_ id: String?, _ trace: TraceContext?) -> String {
        "\(id ?? "-") \(trace?.traceID ?? "-") \(trace?.spanID ?? "-") \(trace?.parentID ?? "-") "
            + "\(trace?.isSampled == true) \(trace?.state ?? "-")"
    }

    private static func router() -> Router {
        var router = Router()
        router.get("/plain") { request, response in
            response.send(describe(request.id, request.trace))
        }
        router.get("/later") { request, response in
            await Task.yield()
            response.send(describe(request.id, request.trace))
        }
        router.stream(.post, "/stream") { request, response in
            var count = 0
            for try await chunk in request.body { count += chunk.count }
            try await response.write(describe(request.id, request.trace))
        }
        router.post("/body") { request, response in
            response.send(describe(request.id, request.trace))
        }
        router.get("/broken") { _, _ in throw Broken() }
        router.get("/broken/later") { _, _ in
            await Task.yield()
            throw Broken()
        }
        router.get("/never", limits: .deadline(.milliseconds(20))) { _, _ in
            try await Task.sleep(for: .seconds(60))
        }
        router.get("/own") { _, response in
            try response.setField("x-request-id", "forged")
            response.send("own")
        }
        return router
    }

    /// The one id that an answer brings.
    private func id(of response: RawResponse, _ field: String = "X-Request-ID") throws -> String {
        let values = response.values(field)
        try #require(values.count == 1, "\(values)")
        return values[0]
    }

    @Test func `without ids there is neither field nor name`() throws {
        try withServer(Self.router()) { running in
            let response = try ask(running, "GET /plain", ["X-Request-ID: a"])
            #expect(response.values("X-Request-ID") == [])
            #expect(response.text == "- - - - false -")
        }
    }

    @Test(arguments: ["GET /plain", "GET /later", "POST /stream", "POST /body"])
    func `handlers of all kinds see the name that the answer has`(line: String) throws {
        let ids = try RequestIDs()
        try withServer(Self.router(), { $0.requestIDs = ids }) { running in
            let body = line.hasPrefix("POST") ? "some body" : ""
            let response = try ask(running, line, body: body)
            let id = try id(of: response)
            #expect(try id.wholeMatch(of: Regex(Self.uuid)) != nil)
            #expect(response.text.hasPrefix(id + " "))
            #expect(response.text.wholeMatch(of: #/\S+ [0-9a-f]{32} [0-9a-f]{16} - false /#) != nil)
            let other = try ask(running, line, body: body)
            #expect(try self.id(of: other) != id)
        }
    }

    @Test(arguments: [
        (RequestIDs.Format.uuid, uuid), (.uuidBase32, "[A-Z2-7]{26}"),
        (.uuidBase64, "[A-Za-z0-9_-]{22}"), (.ulid, "[0-7][0-9A-HJKMNP-TV-Z]{25}"),
    ])
    func `a name has the form that was asked for`(
        format: RequestIDs.Format, form: String
    ) throws {
        let ids = try RequestIDs(format, fieldName: "X-Name")
        try withServer(Self.router(), { $0.requestIDs = ids }) { running in
            let response = try ask(running, "GET /plain")
            #expect(try id(of: response, "X-Name").wholeMatch(of: Regex(form)) != nil)
            #expect(response.values("X-Request-ID") == [])
        }
    }

    @Test(arguments: [
        (RequestIDs.Source.nobody, true, false), (.nobody, false, false),
        (.trustedProxies, true, true), (.trustedProxies, false, false), (.everybody, false, true),
    ])
    func `a client's own name is taken over from whom is believed`(
        source: RequestIDs.Source, isTrusted: Bool, isTaken: Bool
    ) throws {
        var ids = try RequestIDs()
        ids.takenFrom = source
        let proxies = isTrusted ? ["127.0.0.0/8"] : ["192.0.2.0/24"]
        try withServer(
            Self.router(),
            {
                $0.requestIDs = ids
                $0.trustedProxies = proxies.compactMap { NetworkRange($0) }
            },
            { running in
                let response = try ask(running, "GET /plain", ["x-request-id: mine/1"])
                #expect(try (id(of: response) == "mine/1") == isTaken)
                #expect(response.text.hasPrefix("mine/1 ") == isTaken)
            })
    }

    @Test(arguments: [
        ["X-Request-ID: a b"], ["X-Request-ID:"], ["X-Request-ID: a", "X-Request-ID: b"],
        ["X-Request-ID: a\"b"], ["X-Request-ID: \(String(repeating: "a", count: 129))"],
        ["X-Request-ID: \u{e9}"],
    ])
    func `what is not well-formed is not taken over`(fields: [String]) throws {
        var ids = try RequestIDs()
        ids.takenFrom = .everybody
        try withServer(Self.router(), { $0.requestIDs = ids }) { running in
            let response = try ask(running, "GET /plain", fields)
            #expect(try id(of: response).wholeMatch(of: Regex(Self.uuid)) != nil)
        }
    }

    @Test func `what a handler sets under its name is replaced`() throws {
        let ids = try RequestIDs()
        try withServer(Self.router(), { $0.requestIDs = ids }) { running throws in
            #expect(try id(of: ask(running, "GET /own")) != "forged")
        }
    }

    @Test func `a program makes names of its own, and what is none of them becomes a UUID`() throws
    {
        let ids = try RequestIDs { request in
            guard request.path != "/nothing" else {
                throw HTTPError(.badRequest, code: "no_tenant", message: "there is no tenant")
            }
            return request.path == "/own" ? "not well-formed" : "t-\(request.method.rawValue)"
        }
        try withServer(Self.router(), { $0.requestIDs = ids }) { running throws in
            #expect(try id(of: ask(running, "GET /plain")) == "t-GET")
            let form = try Regex(Self.uuid)
            #expect(try id(of: ask(running, "GET /own")).wholeMatch(of: form) != nil)
            let refused = try ask(running, "GET /nothing")
            #expect(refused.status == 400)
            #expect(refused.text.contains("there is no tenant"))
            #expect(try id(of: refused).wholeMatch(of: form) != nil)
        }
    }

    // MARK: Errors

    @Test(arguments: [
        ("GET /none", 404), ("PUT /plain", 405), ("BREW /plain", 501), ("GET /broken", 500),
        ("GET /broken/later", 500), ("GET /never", 503),
    ])
    func `errors have a name, which their JSON and the log repeat`(
        line: String, status: Int
    ) throws {
        let ids = try RequestIDs()
        let lines = Mutex<[String]>([])
        let log = try ErrorLog(
            to: .closure { line in lines.withLock { $0.append(line) } }, level: .debug)
        try withServer(
            Self.router(),
            {
                $0.requestIDs = ids
                $0.errorLog = log
            },
            { running in
                let response = try ask(running, line, ["Accept: application/json"])
                #expect(response.status == status)
                let id = try id(of: response)
                #expect(response.text.contains(#""request_id":"\#(id)""#))
                guard status == 500 || status == 503 else { return }
                let isNamed = lines.withLock { lines in
                    lines.contains { $0.contains("request_id=\(id)") }
                }
                #expect(isNamed)
            })
    }

    @Test(arguments: [
        "GET / HTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/3.0\r\nHost: a\r\n\r\n",
        "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n",
    ])
    func `what the engine refuses has a name, too`(request: String) throws {
        let ids = try RequestIDs(.ulid)
        try withServer(Self.router(), { $0.requestIDs = ids }) { running in
            let client = try running.client()
            try client.send(request)
            let response = try client.response()
            #expect(response.status >= 400)
            #expect(try id(of: response).utf8.count == 26)
        }
    }

    @Test func `a deadline keeps the name that its handler has seen`() throws {
        var ids = try RequestIDs()
        ids.takenFrom = .everybody
        try withServer(Self.router(), { $0.requestIDs = ids }) { running in
            let response = try ask(running, "GET /never", ["X-Request-ID: mine"])
            #expect(response.status == 503)
            #expect(try id(of: response) == "mine")
        }
    }

    @Test func `each request of a pipeline has a name of its own`() throws {
        let ids = try RequestIDs(.ulid)
        try withServer(Self.router(), { $0.requestIDs = ids }) { running in
            let client = try running.client()
            let paths = ["/plain", "/later", "/none", "/plain", "/later"]
            try client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            let names = try paths.map { _ in try id(of: client.response()) }
            #expect(names == names.sorted() && Set(names).count == names.count)
        }
    }

    // MARK: Traces

    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test(arguments: ["GET /plain", "GET /later"])
    func `a trace goes on with a span of our own`(line: String) throws {
        let ids = try RequestIDs()
        try withServer(Self.router(), { $0.requestIDs = ids }) { running in
            let response = try ask(
                running, line,
                ["traceparent: \(Self.parent)", "tracestate: a=1", "tracestate: b=2"])
            let parts = response.text.split(separator: " ").map { String($0) }
            #expect(parts[1] == "0af7651916cd43dd8448eb211c80319c")
            #expect(parts[2] != "b7ad6b7169203331" && parts[2].count == 16)
            #expect(parts[3...] == ["b7ad6b7169203331", "true", "a=1,b=2"])
        }
    }

    @Test(arguments: [
        ["traceparent: x"], ["traceparent: \(parent)", "traceparent: \(parent)"],
    ])
    func `a trace that cannot be read begins anew, without its state`(fields: [String]) throws {
        let ids = try RequestIDs()
        try withServer(Self.router(), { $0.requestIDs = ids }) { running in
            let response = try ask(running, "GET /plain", fields + ["tracestate: a=1"])
            #expect(!response.text.contains("0af7651916cd43dd8448eb211c80319c"))
            #expect(response.text.hasSuffix(" - false "))
        }
    }

    @Test func `a trace of somebody who is not believed begins anew`() throws {
        var ids = try RequestIDs()
        ids.tracesTakenFrom = .trustedProxies
        try withServer(Self.router(), { $0.requestIDs = ids }) { running in
            let response = try ask(running, "GET /plain", ["traceparent: \(Self.parent)"])
            #expect(!response.text.contains("0af7651916cd43dd8448eb211c80319c"))
        }
    }
}
