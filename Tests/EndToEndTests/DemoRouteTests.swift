import TestSupport
import Testing

/// The routes of the executable, as its help names them.
@Suite(.onEveryEngine) struct DemoRouteTests {
    /// Path, methods of `Allow`, body of GET.
    static let routes: [(path: String, allow: String, body: String?)] = [
        ("/", "GET, HEAD, OPTIONS", "Hello, World!"),
        ("/health", "GET, HEAD, OPTIONS", "OK"),
        (
            "/stream", "GET, HEAD, OPTIONS",
            (1...5).map { "chunk \($0) of 5\n" }.joined()
        ),
        (
            "/events?count=2&interval=10", "GET, HEAD, OPTIONS",
            "id: 1\ndata: tick 1\n\nid: 2\ndata: tick 2\n\n"
        ),
        ("/submit", "POST, OPTIONS", nil),
    ]

    @Test func `each route has its methods and nothing else`() throws {
        try withSluice { sluice in
            let client = try sluice.client()
            let methods = [
                "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE",
            ]
            for route in Self.routes {
                let allowed = route.allow.split(separator: ", ").map(String.init)
                for method in methods {
                    try client.send("\(method) \(route.path) HTTP/1.1\r\nHost: a\r\n\r\n")
                    let response = try client.response(to: method)
                    if !allowed.contains(method) {
                        #expect(response.status == 405, "\(method) \(route.path)")
                        #expect(response["Allow"] == route.allow)
                        if method != "HEAD" { #expect(response.defect == nil) }
                    } else if method == "OPTIONS" {
                        #expect(response.status == 204)
                        #expect(response["Allow"] == route.allow)
                    } else {
                        #expect(response.status == 200, "\(method) \(route.path)")
                        if method == "GET" { #expect(response.text == route.body) }
                    }
                }
            }
        }
    }

    @Test func `texts say that they are texts`() throws {
        try withSluice { sluice in
            let client = try sluice.client()
            for path in ["/", "/health", "/stream"] {
                try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try client.response()["Content-Type"] == "text/plain; charset=utf-8")
            }
        }
    }

    @Test func `OPTIONS for the whole server lists what it can do`() throws {
        try withSluice { sluice in
            let client = try sluice.client()
            for target in ["*", "http://a"] {
                try client.send("OPTIONS \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try client.response()
                #expect(response.status == 204)
                #expect(
                    response["Allow"]?.split(separator: ", ").sorted() == [
                        "GET", "HEAD", "OPTIONS", "POST",
                    ])
            }
        }
    }

    @Test func `a stream comes in several chunks`() throws {
        try withSluice { sluice in
            let client = try sluice.client()
            try client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().chunkSizes == Array(repeating: 13, count: 5))
        }
    }

    @Test(arguments: [0, 1, 65_536, 1_048_576], [true, false])
    func `submit gives the body back byte for byte`(count: Int, isChunked: Bool) throws {
        try withSluice { sluice in
            let client = try sluice.client()
            let body = bytes(count)
            try client.send("POST /submit HTTP/1.1\r\nHost: a\r\n")
            if isChunked {
                try client.send(Array("Transfer-Encoding: chunked\r\n\r\n".utf8) + chunked(body))
            } else {
                try client.send(Array("Content-Length: \(count)\r\n\r\n".utf8) + body)
            }
            let response = try client.response()
            #expect(response.status == 200)
            #expect(response["Content-Type"] == "application/octet-stream")
            #expect(response.body == body)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text == "Hello, World!")
        }
    }

    @Test func `a chunked body of one byte more than the limit gets 413`() throws {
        try withSluice(["--max-body-bytes", "64k"]) { sluice in
            let client = try sluice.client()
            try client.send(
                "POST /submit HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            try client.send(chunked(bytes(65_537)))
            let response = try client.response()
            #expect(response.status == 413)
            #expect(response.defect == nil)
            #expect(response.closes)
            #expect(try client.end() == .finished)
        }
    }
}

/// Bytes that no repetition of a short piece can imitate.
func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) }
}

/// A body in chunks of growing sizes, the last chunk included.
func chunked(_ body: [UInt8]) -> [UInt8] {
    var wire: [UInt8] = []
    var offset = 0
    var size = 1
    while offset < body.count {
        let end = min(body.count, offset + size)
        wire += Array(String(end - offset, radix: 16).utf8) + [13, 10]
        wire += body[offset..<end] + [13, 10]
        offset = end
        size = size * 2 + 1
    }
    return wire + Array("0\r\n\r\n".utf8)
}
