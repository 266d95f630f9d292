import Foundation
import Sluice
import Synchronization
import TestSupport
import Testing

/// What clients hear of errors, in which form, and what they do not.
@Suite struct ErrorAnswerTests {
    private struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    /// Lines that a server logs.
    private final class Log: Sendable {
        private let kept = Mutex<[String]>([])
        var lines: [String] { kept.withLock { $0 } }
        func write(_ line: String) { kept.withLock { $0.append(line) } }
    }

    private static func router() -> Router {
        var router = Router()
        router.get("/teapot") { _, response in
            response.status = .created
            try response.setField("X-Half", "done")
            response.send("half done")
            throw HTTPError(
                .unauthorized, code: "no_<tea>", message: "\"tea\" & <b>milk</b>\r\n", field: "<i>",
                fields: [("WWW-Authenticate", "Basic"), ("WWW-Authenticate", "Bearer")])
        }
        router.get("/broken") { _, response in
            response.status = .created
            try response.setField("X-Half", "done")
            response.send("half done")
            throw Broken(description: "out of tea\nerror 0: forged\u{1B}[2J\u{2028}")
        }
        router.get("/fine") { _, response in response.send("fine") }
        return router
    }

    // MARK: Forms

    static let preferences: [(accept: [String], type: String)] = [
        ([], "text/plain; charset=utf-8"), ([""], "text/plain; charset=utf-8"),
        (["*/*"], "text/plain; charset=utf-8"), (["text/plain"], "text/plain; charset=utf-8"),
        (["image/png"], "text/plain; charset=utf-8"), (["text/*"], "text/plain; charset=utf-8"),
        (["application/json;q=0, */*;q=0"], "text/plain; charset=utf-8"),
        (["application/json;q=2"], "text/plain; charset=utf-8"),
        (["application/json;q=x"], "text/plain; charset=utf-8"),
        (["application/json;q=0.0001"], "text/plain; charset=utf-8"),
        (["application/json"], "application/problem+json"),
        (["application/problem+json"], "application/problem+json"),
        (["APPLICATION/JSON ; Q=1.000"], "application/problem+json"),
        (["application/*"], "application/problem+json"),
        (["application/json, text/plain, */*"], "application/problem+json"),
        (["*/*, application/json"], "application/problem+json"),
        (["text/html;q=0.8", "application/json;q=0.9"], "application/problem+json"),
        (["application/json;x=\"a,b;q=0\";q=0.5, text/html;q=0.4"], "application/problem+json"),
        (["text/*;q=0.3, application/json;q=0.301"], "application/problem+json"),
        (["*/*, text/plain;q=0.5, text/html;q=0"], "application/problem+json"),
        (["text/html"], "text/html; charset=utf-8"),
        (
            ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
            "text/html; charset=utf-8"
        ),
        (["text/html, application/json"], "text/html; charset=utf-8"),
        (["text/*, text/plain;q=0.1"], "text/html; charset=utf-8"),
        ([String(repeating: "a/b,", count: 31) + "text/html"], "text/html; charset=utf-8"),
        ([String(repeating: "a/b,", count: 32) + "text/html"], "text/plain; charset=utf-8"),
        (["\"", "text/html"], "text/html; charset=utf-8"),
    ]

    @Test func `Accept decides the form`() throws {
        try withServer(Self.router()) { running in
            let client = try running.client()
            for (accept, type) in Self.preferences {
                let lines = accept.map { "Accept: \($0)\r\n" }.joined()
                try client.send("GET /nothing HTTP/1.1\r\nHost: a\r\n\(lines)\r\n")
                let response = try client.response()
                #expect(response.status == 404)
                #expect(response["Content-Type"] == type, "\(accept)")
                #expect(response["Vary"] == "Accept")
            }
        }
    }

    private static let json = "Accept: application/json"
    private static let html = "Accept: text/html"

    @Test func `text is a line`() throws {
        try withServer(Self.router()) { running in
            #expect(
                try ask(running, "GET /nothing HTTP/1.1").text
                    == "404 Not Found: there is nothing here\n")
            let thrown = try ask(running, "GET /teapot HTTP/1.1")
            #expect(thrown.text == "401 Unauthorized: \"tea\" & <b>milk</b>\r\n\n")
        }
    }

    @Test func `JSON is a problem in detail`() throws {
        try withServer(Self.router()) { running in
            let nothing = try ask(running, "GET /nothing HTTP/1.1", Self.json)
            #expect(
                nothing.text
                    == #"{"type":"about:blank","title":"Not Found","status":404,"#
                    + #""detail":"there is nothing here","code":"not_found"}"#)
            let thrown = try ask(running, "GET /teapot HTTP/1.1", Self.json)
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(thrown.body)) as? [String: Any])
            #expect(object["status"] as? Int == 401)
            #expect(object["title"] as? String == "Unauthorized")
            #expect(object["detail"] as? String == "\"tea\" & <b>milk</b>\r\n")
            #expect(object["code"] as? String == "no_<tea>")
            #expect(object["field"] as? String == "<i>")
            #expect(object["id"] == nil)
        }
    }

    @Test func `HTML is a page in which nothing can be injected`() throws {
        try withServer(Self.router()) { running in
            let page = try ask(running, "GET /teapot HTTP/1.1", Self.html)
            #expect(page.text.contains("<h1>401 Unauthorized</h1>"))
            #expect(page.text.contains("<p>&quot;tea&quot; &amp; &lt;b&gt;milk&lt;/b&gt;\r\n</p>"))
            #expect(page.text.contains("<code>&lt;i&gt;</code>"))
            #expect(!page.text.contains("<b>") && !page.text.contains("<i>"))
        }
    }

    @Test func `a path is not repeated in any form`() throws {
        let paths = ["/%3Cscript%3E'hostile'", "/';hostile--", "/hostile?hostile=1"]
        try withServer(Self.router()) { running in
            for path in paths {
                for accept in ["Accept: */*", Self.json, Self.html] {
                    let response = try ask(running, "GET \(path) HTTP/1.1", accept)
                    #expect(response.status == 404)
                    #expect(!response.text.contains("hostile"))
                }
            }
        }
    }

    @Test(arguments: ["*/*", "application/json", "text/html"])
    func `HEAD has the fields and no body`(accept: String) throws {
        try withServer(Self.router()) { running in
            let get = try ask(running, "GET /nothing HTTP/1.1", "Accept: \(accept)")
            let head = try ask(running, "HEAD /nothing HTTP/1.1", "Accept: \(accept)")
            #expect(head.status == 404)
            #expect(head.body.isEmpty)
            #expect(head["Content-Length"] == "\(get.body.count)")
            #expect(head["Content-Type"] == get["Content-Type"])
        }
    }

    @Test func `405 and 501 take the form too, and 405 brings Allow`() throws {
        try withServer(Self.router()) { running in
            let wrong = try ask(running, "PUT /fine HTTP/1.1", Self.json)
            #expect(wrong.status == 405)
            #expect(wrong["Allow"] == "GET, HEAD, OPTIONS")
            #expect(wrong.text.contains(#""code":"method_not_allowed""#))
            let unknown = try ask(running, "BREW /fine HTTP/1.1", Self.json)
            #expect(unknown.status == 501)
            #expect(unknown.text.contains(#""code":"not_implemented""#))
        }
    }

    @Test func `a body that nothing wants is refused in the form that was asked for`() throws {
        try withServer(Self.router()) { running in
            let refused = try ask(
                running, "POST /nothing HTTP/1.1", Self.json, "Content-Length: 2", body: "ab")
            #expect(refused.status == 404)
            #expect(refused["Content-Type"] == "application/problem+json")
        }
    }

    // MARK: What is thrown

    @Test func `what a handler had filled is dropped, what its error brings is not`() throws {
        try withServer(Self.router()) { running in
            let response = try ask(running, "GET /teapot HTTP/1.1")
            #expect(response.status == 401)
            #expect(response.values("WWW-Authenticate") == ["Basic", "Bearer"])
            #expect(response.values("X-Half") == [])
        }
    }

    @Test func `a field that an answer cannot carry is left out and logged`() throws {
        var router = Router()
        router.get("/") { _, _ in
            throw HTTPError(
                .tooManyRequests,
                fields: [
                    ("X-A", "a\r\nInjected: 1"), ("Retry-After", "5"), ("Content-Length", "0"),
                    ("X\nB", "b"),
                ])
        }
        let log = Log()
        try withServer(router, { $0.log = { log.write($0) } }) { running in
            let response = try ask(running, "GET / HTTP/1.1")
            #expect(response.status == 429)
            #expect(response["Retry-After"] == "5")
            #expect(response.values("X-A") == [])
            #expect(response.values("Injected") == [])
            #expect(response.text == "429 Too Many Requests: too many requests have come\n")
        }
        #expect(log.lines.count == 3)
        #expect(log.lines.allSatisfy { !$0.contains("\n") })
    }

    @Test(arguments: ["text/plain", "application/json", "text/html"])
    func `anything else is a 500 whose id the log has too`(accept: String) throws {
        let log = Log()
        try withServer(Self.router(), { $0.log = { log.write($0) } }) { running in
            let client = try running.client()
            try client.send(
                "GET /broken?secret=1 HTTP/1.1\r\nHost: a\r\nAccept: \(accept)\r\n\r\n"
                    + "GET /fine HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try client.response()
            #expect(response.status == 500)
            #expect(response.values("X-Half") == [])
            #expect(!response.text.contains("tea"), "a client learns nothing of our inside")
            let id = try #require(response.text.firstMatch(of: /[0-9a-f]{16}/)).output
            // One line, whatever the description holds, and no query in it.
            #expect(
                log.lines == [
                    "error \(id): GET /broken: "
                        + "out of tea\\u{a}error 0: forged\\u{1b}[2J\\u{2028}"
                ])
            #expect(try client.response().text == "fine")
        }
    }

    @Test func `every 500 has an id of its own`() throws {
        try withServer(Self.router()) { running in
            let ids = try (0..<8).map { _ in
                try #require(
                    try ask(running, "GET /broken HTTP/1.1").text.firstMatch(of: /[0-9a-f]{16}/)
                ).output
            }
            #expect(Set(ids).count == 8)
        }
    }

    @Test func `what is logged is bounded`() throws {
        var router = Router()
        router.get("/") { _, _ in throw Broken(description: String(repeating: "x", count: 9_999)) }
        let log = Log()
        try withServer(router, { $0.log = { log.write($0) } }) { running throws in
            #expect(try ask(running, "GET / HTTP/1.1").status == 500)
        }
        #expect(log.lines.map(\.unicodeScalars.count) == [2_001])
    }

    @Test func `what runs before a handler may throw an error for clients`() throws {
        var router = Self.router()
        router.prepare { _, _ in throw HTTPError(.forbidden) }
        try withServer(router) { running throws in
            #expect(try ask(running, "GET /fine HTTP/1.1").status == 403)
        }
    }
}
