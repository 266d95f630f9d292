import Sluice
import TestSupport
import Testing

/// What the engine itself answers, in the form that the client asks for, where its head is there.
@Suite(.onEveryEngine) struct ErrorFormTests {
    static let withHead: [(name: String, request: String, status: Int)] = [
        ("a length beyond the limit", "Content-Length: 1048577\r\n\r\n", 413),
        (
            "a chunk beyond the limit",
            "Transfer-Encoding: chunked\r\n\r\n100001\r\n"
                + String(repeating: "x", count: 1_048_577) + "\r\n0\r\n\r\n", 413
        ),
        ("a chunk without a size", "Transfer-Encoding: chunked\r\n\r\nx\r\n", 400),
        ("an expectation", "Expect: tea\r\nContent-Length: 0\r\n\r\n", 417),
        ("a body that does not come", "Content-Length: 5\r\n\r\nhe", 408),
    ]

    @Test(arguments: withHead)
    func `a request with a head is refused in its form`(
        name: String, request: String, status: Int
    ) throws {
        try withServer(TestRoutes.router(), { $0.bodyTimeout = .milliseconds(100) }) { running in
            for (accept, type) in [
                ("text/html", "text/html; charset=utf-8"),
                ("application/json", "application/problem+json"),
                ("*/*", "text/plain; charset=utf-8"),
            ] {
                let client = try running.client()
                try client.sendWhileReading(
                    Array(
                        "POST /submit HTTP/1.1\r\nHost: a\r\nAccept: \(accept)\r\n\(request)".utf8))
                let response = try client.response()
                #expect(response.status == status)
                #expect(response["Content-Type"] == type)
                #expect(response.closes)
            }
        }
    }

    static let withoutHead: [(request: String, status: Int)] = [
        ("GET / HTTP/1.1\r\nHost : a", 400), ("GET / HTTP/2.0\r\nHost: a", 505),
        ("GET /" + String(repeating: "x", count: 9_000) + " HTTP/1.1\r\nHost: a", 414),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 17_000), 431),
        ("GET <script> HTTP/1.1\r\nHost: a", 400),
    ]

    @Test func `what never became a request is answered in text`() throws {
        try withServer(TestRoutes.router()) { running in
            for (request, status) in Self.withoutHead {
                let client = try running.client()
                try client.sendWhileReading(Array("\(request)\r\nAccept: text/html\r\n\r\n".utf8))
                let response = try client.response()
                #expect(response.status == status)
                #expect(response.defect == nil)
                #expect(!response.text.contains("script"))
            }
        }
    }

    @Test func `a replaced renderer writes those answers too`() throws {
        struct Page: ErrorRenderer {
            func render(
                _ error: HTTPError, _ context: borrowing ErrorContext,
                into response: inout Response
            ) {
                response.send(html: "<p>\(error.code)")
            }
        }
        try withServer(TestRoutes.router(), { $0.errorRenderer = Page() }) { running in
            let client = try running.client()
            try client.send("GET / HTTP/2.0\r\nHost: a\r\n\r\n")
            let response = try client.response()
            #expect(response.status == 505)
            #expect(response.text == "<p>http_version_not_supported")
        }
    }

    @Test func `a drain says 503 in the form that is asked for`() throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send("POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
            // The other client's answer shows that the first one's head has been read.
            let other = try running.client()
            try other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try other.response().status == 200)
            running.server.drain()
            try running.wait(for: .draining)
            // This answer leaves when the drain has looked at every connection.
            try client.send("llo")
            #expect(try client.response().text == "hello")
            let late = "GET / HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n"
            try other.send(late)
            var response = try other.response()
            if response.status == 200, EngineUnderTest.current == .threadPool {
                // A worker of the pool may learn of the drain only after one more answer.
                try other.send(late)
                response = try other.response()
            }
            #expect(response.status == 503)
            #expect(response["Content-Type"] == "application/problem+json")
            #expect(response["Retry-After"] != nil)
            #expect(response.closes)
        }
    }

    @Test func `the connection beyond the limit hears 503 in its form`() throws {
        try withServer(TestRoutes.router(), { $0.maxConnections = 1 }) { running in
            let first = try running.client()
            try first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try first.response()
            let second = try running.client()
            try second.send("GET / HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n")
            let response = try second.response()
            #expect(response.status == 503)
            #expect(response["Content-Type"] == "application/problem+json")
            #expect(response["Retry-After"] != nil)
        }
    }
}
