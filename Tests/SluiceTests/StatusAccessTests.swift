import Sluice
import TestSupport
import Testing

/// Who sees status pages, and what the others see.
@Suite struct StatusAccessTests {
    private static func router(_ access: StatusAccess) -> Router {
        var router = Router()
        router.group("/inside") { inside in
            inside.use(access)
            inside.get("/page") { _, response in response.send("inside") }
        }
        router.get("/outside") { _, response in response.send("outside") }
        return router
    }

    private func answer(
        _ line: String, _ fields: [String], from ranges: [String] = [],
        readsProxyProtocol: Bool = false, header: String = "", body: String = ""
    ) throws -> RawResponse {
        let access = StatusAccess(
            from: try ranges.map { try #require(NetworkRange($0)) },
            readsProxyProtocol: readsProxyProtocol)
        var result: RawResponse?
        try withServer(Self.router(access)) { configuration in
            configuration.trustedProxies = [NetworkRange("127.0.0.1")!]
            configuration.readsProxyProtocol = readsProxyProtocol
        } _: { running in
            let client = try running.client()
            let lines = ([line] + fields).map { $0 + "\r\n" }.joined()
            try client.send(header + lines + "\r\n" + body)
            result = try client.response(to: String(line.prefix { $0 != " " }))
        }
        return try #require(result)
    }

    @Test(arguments: [
        "localhost", "LocalHost:8080", "127.0.0.1", "127.9.9.9:1", "[::1]", "[::1]:8080",
        "[::ffff:127.0.0.1]",
    ])
    func `this machine gets through by each of its names`(host: String) throws {
        let response = try answer("GET /inside/page HTTP/1.1", ["Host: \(host)"])
        #expect(response.text == "inside")
    }

    @Test(arguments: [
        "example.org", "localhost.example.org", "127.0.0.1.example.org", "10.0.0.1", "[::2]", "0",
        "127.1", "2130706433", "",
    ])
    func `a name that a page may have rebound does not`(host: String) throws {
        #expect(try answer("GET /inside/page HTTP/1.1", ["Host: \(host)"]).status == 404)
        let target = "GET http://\(host.isEmpty ? "a" : host)/inside/page HTTP/1.1"
        #expect(try answer(target, ["Host: \(host)"]).status == 404)
    }

    @Test(arguments: [
        "Forwarded: for=127.0.0.1", "X-Forwarded-For: 127.0.0.1", "x-forwarded-proto: https",
        "X-FORWARDED-ANYTHING: 1", "X-Forwarded: 1", "Via: 1.1 proxy", "X-Real-IP: 127.0.0.1",
        "X-Client-IP: 127.0.0.1", "CF-Connecting-IP: 127.0.0.1", "CDN-Loop: a",
        "Origin: http://evil.example", "Origin: null", "Origin: http://localhost:1",
    ])
    func `what a proxy or another page has sent does not`(field: String) throws {
        let response = try answer("GET /inside/page HTTP/1.1", ["Host: localhost", field])
        #expect(response.status == 404)
    }

    @Test func `a page of its own may ask`() throws {
        let response = try answer(
            "GET /inside/page HTTP/1.1", ["Host: localhost:80", "Origin: http://localhost:80"])
        #expect(response.text == "inside")
    }

    @Test(arguments: [
        ("10.1.2.3", 200), ("10.2.0.1", 404), ("127.0.0.1", 404),
    ])
    func `clients of the ranges get through by any name, judged behind trusted proxies`(
        client: String, status: Int
    ) throws {
        let response = try answer(
            "GET /inside/page HTTP/1.1", ["Host: example.org", "X-Forwarded-For: \(client)"],
            from: ["10.1.0.0/16"])
        #expect(response.status == status)
        let page = try answer(
            "GET /inside/page HTTP/1.1",
            ["Host: a", "X-Forwarded-For: \(client)", "Origin: http://b"], from: ["10.1.0.0/16"])
        #expect(page.status == 404)
    }

    @Test func `a peer that somebody has written down is not this machine`() throws {
        for (ranges, status) in [([], 404), (["127.0.0.1"], 200)] {
            let response = try answer(
                "GET /inside/page HTTP/1.1", ["Host: localhost"], from: ranges,
                readsProxyProtocol: true, header: "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n")
            #expect(response.status == status)
        }
    }

    @Test(
        arguments: ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "BREW"], ["", "text/html", "*/*"])
    func `for everybody else there is nothing, to the byte`(method: String, accept: String) throws {
        let fields = ["Host: example.org"] + (accept.isEmpty ? [] : ["Accept: \(accept)"])
        let hidden = try answer("\(method) /inside/page HTTP/1.1", fields)
        let unknown = try answer("\(method) /nowhere HTTP/1.1", fields)
        #expect(hidden.status == (method == "BREW" ? 501 : 404))
        #expect(hidden.status == unknown.status)
        #expect(hidden.body == unknown.body)
        #expect(hidden.fieldsWithoutDate == unknown.fieldsWithoutDate)
    }

    @Test(arguments: ["GET", "POST", "PUT"], [[], ["Expect: 100-continue"]])
    func `a body makes no difference`(method: String, fields: [String]) throws {
        let fields = ["Host: example.org", "Content-Length: 3"] + fields
        let body = fields.count == 2 ? "abc" : ""
        let hidden = try answer("\(method) /inside/page HTTP/1.1", fields, body: body)
        let unknown = try answer("\(method) /nowhere HTTP/1.1", fields, body: body)
        #expect(hidden.status == 404)
        #expect(hidden.body == unknown.body)
        #expect(hidden.fieldsWithoutDate == unknown.fieldsWithoutDate)
    }
}

extension RawResponse {
    fileprivate var fieldsWithoutDate: [String] {
        fields.filter { $0.name.lowercased() != "date" }.map { "\($0.name): \($0.value)" }
    }
}
