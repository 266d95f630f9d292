import Sluice
import Synchronization
import TestSupport
import Testing

/// Renderers of the program's own.
@Suite struct ErrorRendererTests {
    /// Says all that it is told, under a status of its own.
    private struct Teller: ErrorRenderer {
        func render(
            _ error: HTTPError, _ context: borrowing ErrorContext, into response: inout Response
        ) throws {
            let method = context.method?.rawValue ?? "-"
            response.send(
                "\(error.status.code) \(error.code) \(error.field ?? "-") \(context.format) "
                    + "\(method) \(context.path) \(context.id?.count ?? 0)")
            try response.setField("X-Rendered", "1")
            if error.status == .forbidden { response.status = .notFound }
        }
    }

    /// Fails in one way or another.
    private struct Failing: ErrorRenderer {
        struct Failure: Error {}
        let way: String

        func render(
            _ error: HTTPError, _ context: borrowing ErrorContext, into response: inout Response
        ) throws {
            try response.setField("X-Half", "done")
            response.send("half done")
            if way == "throws" { throw Failure() }
            response.status = .ok
        }
    }

    private static func router() -> Router {
        var router = Router()
        router.get("/forbidden") { _, _ in throw HTTPError(.forbidden, field: "user") }
        router.get("/broken") { _, _ in throw Failing.Failure() }
        return router
    }

    @Test func `a renderer is told everything and fills the answer`() throws {
        try withServer(Self.router(), { $0.errorRenderer = Teller() }) { running in
            let nothing = try ask(running, "GET /no%20 HTTP/1.1", "Accept: text/html")
            #expect(nothing.text == "404 not_found - html GET /no%20 0")
            #expect(nothing["X-Rendered"] == "1")
            let forbidden = try ask(running, "GET /forbidden HTTP/1.1")
            #expect(forbidden.text == "403 forbidden user text GET /forbidden 0")
            #expect(forbidden.status == 404, "a renderer may hide what is there")
            let broken = try ask(running, "GET /broken HTTP/1.1")
            #expect(broken.text == "500 internal_server_error - text GET /broken 16")
            let unknown = try ask(running, "BREW /a HTTP/1.1")
            #expect(unknown.text == "501 not_implemented - text BREW /a 0")
            let wrong = try ask(running, "PUT /broken HTTP/1.1")
            #expect(wrong["Allow"] == "GET, HEAD, OPTIONS")
            let unreadable = try ask(running, "GET /a HTTP/9.9", "Accept: text/html")
            #expect(unreadable.text == "505 http_version_not_supported - text -  0")
        }
    }

    @Test(arguments: ["throws", "makes a success of it"])
    func `a renderer that fails is replaced by text, and the log says so`(way: String) throws {
        let log = Mutex<[String]>([])
        try withServer(
            Self.router(),
            {
                $0.errorRenderer = Failing(way: way)
                $0.log = { line in log.withLock { $0.append(line) } }
            },
            { running in
                let response = try ask(running, "PUT /broken HTTP/1.1", "Accept: text/html")
                #expect(response.status == 405)
                #expect(response.values("X-Half") == [])
                #expect(response["Allow"] == "GET, HEAD, OPTIONS")
                #expect(response["Content-Type"] == "text/plain; charset=utf-8")
                #expect(
                    response.text == "405 Method Not Allowed: this method is not possible here\n")
            })
        #expect(log.withLock { $0.count } == 1)
        #expect(log.withLock { $0.first?.contains("renderer") } == true)
    }

    @Test(arguments: [
        (ErrorFormat.text, "text/plain; charset=utf-8"), (.json, "application/problem+json"),
        (.html, "text/html; charset=utf-8"),
    ])
    func `the standard renderer can be held to one form`(
        format: ErrorFormat, type: String
    ) throws {
        let renderer = StandardErrorRenderer(format: format)
        try withServer(Self.router(), { $0.errorRenderer = renderer }) { running in
            for accept in ["text/plain", "application/json", "text/html"] {
                let response = try ask(running, "GET /no HTTP/1.1", "Accept: \(accept)")
                #expect(response["Content-Type"] == type)
                #expect(response.values("Vary") == [])
            }
            #expect(try ask(running, "GET /no HTTP/9.9")["Content-Type"] == type)
        }
    }

    @Test func `HTML is escaped where it could end or begin something`() {
        #expect(
            "<a href=\"x\" id='y'>&amp; \u{E4}".escapedForHTML
                == "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp; \u{E4}")
    }
}
