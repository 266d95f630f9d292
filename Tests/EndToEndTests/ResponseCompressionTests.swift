import Sluice
import TestSupport
import Testing

/// Whose answers are compressed, and what they say about it.
@Suite(.onEveryEngine) struct ResponseCompressionTests {
    private static func router(_ compression: ResponseCompression) -> Router {
        var router = Router()
        router.use(compression)
        router.get("/") { request, response in
            let count = request.query["count"].flatMap { Int($0) } ?? 2_000
            try response.send(lines(count), as: request.query["type"] ?? "text/plain")
        }
        router.get("/noise") { request, response in
            let count = request.query["count"].flatMap { Int($0) } ?? 2_000
            try response.send(noise(count).span, as: "text/plain")
        }
        router.get("/untyped") { _, response in response.append(lines(2_000)) }
        router.get("/bytes") { _, response in response.send(Array(lines(2_000).utf8).span) }
        router.get("/json") { _, response in response.send(jsonText: "[\(lines(2_000))]") }
        router.get("/empty") { _, response in response.send("") }
        router.get("/status/{code}") { request, response in
            response.send(lines(2_000))
            response.status = Status(try request.parameter("code", as: Int.self))
        }
        router.get("/field") { request, response in
            response.send(lines(2_000))
            let name = try #require(request.fields["X-Name"])
            try response.addField(name, request.fields["X-Value"] ?? "")
        }
        router.get("/asynchronous") { request, response in
            await Task.yield()
            response.send(lines(request.query["count"].flatMap { Int($0) } ?? 2_000))
        }
        router.get("/failing") { _, _ in
            throw HTTPError(.conflict, message: lines(2_000))
        }
        return router
    }

    private func withCompression(
        _ compression: ResponseCompression? = nil, _ body: (RunningServer) throws -> Void
    ) throws {
        try withServer(
            Self.router(try compression ?? ResponseCompression())
        ) { try body($0) }
    }

    @Test func `Accept-Encoding decides`() throws {
        let wishes: [(String?, Bool)] = [
            (nil, false), ("", false), ("gzip", true), ("GZip", true), ("x-gzip", true),
            ("gzip, deflate, br, zstd", true), ("br", false), ("deflate", false), ("*", true),
            ("gzip;q=0", false), ("gzip;q=0.001", true), ("gzip;q=0, *", false),
            ("*;q=0", false), ("*;q=0, gzip", true), ("identity", false),
            ("identity, gzip", true), ("identity;q=0.5, gzip;q=0.4", false),
            ("identity;q=0.4, gzip;q=0.5", true), ("gzip;q=0.5", true), ("*;q=0.5", true),
            ("identity, *;q=0.5", false), ("identity;q=0, *;q=0.1", true),
            ("identity;q=0", false), ("identity;q=0, gzip;q=0", false),
            ("br;q=1, gzip;q=0.2", true),
            ("gzip;q=2", false), ("gzip;q=x, x-gzip", true), ("gzip ; q=1.000", true),
        ]
        try withCompression { running throws in
            for (wish, isCompressed) in wishes {
                let response = try ask(
                    running, "GET /", wish.map { ["Accept-Encoding: \($0)"] } ?? [])
                #expect(response.status == 200)
                let coding = response["Content-Encoding"]
                #expect(coding == (isCompressed ? "gzip" : nil), "\(wish ?? "-")")
                #expect(response["Vary"] == "Accept-Encoding", "\(wish ?? "-")")
                #expect(try response.plainText() == lines(2_000), "\(wish ?? "-")")
                #expect(response["Content-Length"] == "\(response.body.count)")
                if isCompressed { #expect(response.body.count < 1_000) }
            }
        }
    }

    @Test func `two lines of the field are one list`() throws {
        try withCompression { running throws in
            let fields = ["Accept-Encoding: br", "Accept-Encoding: gzip"]
            #expect(try ask(running, "GET /", fields)["Content-Encoding"] == "gzip")
        }
    }

    @Test func `only types that shrink are compressed`() throws {
        let types: [(String, Bool)] = [
            ("text/html; charset=utf-8", true), ("TEXT/CSS", true),
            ("text/csv;header=absent", true),
            ("application/json", true), ("application/problem+json", true),
            ("application/vnd.api+json; ext=a", true), ("image/svg+xml", true),
            ("application/xml", true), ("application/atom+xml", true),
            ("application/javascript", true), ("application/wasm", true), ("font/ttf", true),
            ("image/png", false), ("font/woff2", false), ("video/mp4", false),
            ("application/zip", false), ("application/octet-stream", false),
            ("application/jsonp", false), ("texts/html", false), ("text", false),
        ]
        try withCompression { running throws in
            for (type, isCompressed) in types {
                let target =
                    "/?type=\(type.replacing("+", with: "%2B").replacing(" ", with: "%20"))"
                let response = try ask(running, "GET \(target)", ["Accept-Encoding: gzip"])
                #expect(response["Content-Type"] == type)
                #expect((response["Content-Encoding"] == "gzip") == isCompressed, "\(type)")
                #expect((response["Vary"] == "Accept-Encoding") == isCompressed, "\(type)")
                #expect(try response.plainText() == lines(2_000))
            }
            for (path, isCompressed) in [("/untyped", false), ("/bytes", false), ("/json", true)] {
                let response = try ask(running, "GET \(path)", ["Accept-Encoding: gzip"])
                #expect((response["Content-Encoding"] == "gzip") == isCompressed, "\(path)")
            }
        }
    }

    @Test func `types can be others`() throws {
        let compression = try ResponseCompression(types: ["image/png", "application/*"])
        try withCompression(compression) { running throws in
            for (type, isCompressed) in [
                ("image/png", true), ("application/zip", true), ("text/plain", false),
            ] {
                let response = try ask(running, "GET /?type=\(type)", ["Accept-Encoding: gzip"])
                #expect((response["Content-Encoding"] == "gzip") == isCompressed, "\(type)")
            }
        }
    }

    @Test func `bodies below the threshold are sent as they are, unless that is ruled out`() throws
    {
        try withCompression { running throws in
            for (count, isCompressed) in [(0, false), (1, false), (511, false), (512, true)] {
                let response = try ask(
                    running, "GET /?count=\(count)", ["Accept-Encoding: gzip"])
                #expect((response["Content-Encoding"] == "gzip") == isCompressed, "\(count)")
                #expect(response["Vary"] == (count > 0 ? "Accept-Encoding" : nil), "\(count)")
                let demanding = try ask(
                    running, "GET /?count=\(count)", ["Accept-Encoding: gzip, identity;q=0"])
                #expect((demanding["Content-Encoding"] == "gzip") == (count > 0), "\(count)")
                #expect(try demanding.plainText() == lines(count))
            }
        }
        try withCompression(ResponseCompression(threshold: 0)) { running throws in
            let response = try ask(running, "GET /?count=100", ["Accept-Encoding: gzip"])
            #expect(response["Content-Encoding"] == "gzip")
        }
    }

    @Test(arguments: [2_000, 65_536, 65_537, 300_000])
    func `what does not become smaller is sent as it is`(count: Int) throws {
        try withCompression { running throws in
            let response = try ask(running, "GET /noise?count=\(count)", ["Accept-Encoding: gzip"])
            #expect(response["Content-Encoding"] == nil)
            #expect(response["Vary"] == "Accept-Encoding")
            #expect(response["Content-Length"] == "\(count)")
            #expect(response.body == noise(count))
            let demanding = try ask(
                running, "GET /noise?count=\(count)", ["Accept-Encoding: gzip, identity;q=0"])
            #expect(demanding["Content-Encoding"] == "gzip")
            #expect(try expanded(demanding.body) == noise(count))
        }
    }

    @Test(arguments: [65_536, 65_537, 131_072, 3_000_000], ["/", "/asynchronous"])
    func `a body beyond 64 KiB is compressed while it is sent`(count: Int, path: String) throws {
        try withCompression { running throws in
            let client = try running.client()
            for version in ["1.1", "1.0"] {
                try client.send(
                    "GET \(path)?count=\(count) HTTP/\(version)\r\nHost: a\r\n"
                        + "Connection: keep-alive\r\nAccept-Encoding: gzip\r\n\r\n")
                let response = try client.response()
                #expect(response["Content-Encoding"] == "gzip")
                #expect((response["Content-Length"] != nil) == (count == 65_536))
                #expect((response.chunkSizes != nil) == (count > 65_536 && version == "1.1"))
                #expect(response.isEndedByClose == (count > 65_536 && version == "1.0"))
                #expect(response.body.count < count / 4)
                #expect(try response.plainText() == lines(count))
            }
        }
    }

    @Test(arguments: ["/", "/?count=300000", "/noise", "/asynchronous", "/empty", "/failing"])
    func `HEAD gets the head of GET`(path: String) throws {
        try withCompression { running throws in
            for wish in ["gzip", "identity", "gzip, identity;q=0"] {
                let fields = ["Accept-Encoding: \(wish)"]
                let get = try ask(running, "GET \(path)", fields)
                let head = try ask(running, "HEAD \(path)", fields)
                #expect(head.body.isEmpty)
                let names = ["content-encoding", "content-length", "vary", "transfer-encoding"]
                for name in names { #expect(head[name] == get[name], "\(name), \(wish)") }
            }
        }
    }

    @Test func `some answers are left alone`() throws {
        let fields: [(String, String, Bool)] = [
            ("X-Other", "a", true), ("Content-Encoding", "br", false),
            ("content-encoding", "identity", false), ("Content-Range", "bytes 0-1/2", false),
            ("Cache-Control", "no-transform", false),
            ("Cache-Control", "max-age=60, No-Transform", false),
            ("Cache-Control", "no-store", true),
            ("Repr-Digest", "sha-256=:AA==:", false), ("Content-MD5", "AA==", false),
        ]
        try withCompression { running throws in
            for (name, value, isCompressed) in fields {
                let response = try ask(
                    running, "GET /field",
                    ["Accept-Encoding: gzip", "X-Name: \(name)", "X-Value: \(value)"])
                #expect((response["Content-Encoding"] == "gzip") == isCompressed, "\(name)")
                #expect((response["Vary"] == "Accept-Encoding") == isCompressed, "\(name)")
            }
            for (status, isCompressed) in [
                (200, true), (201, true), (204, false), (205, false), (206, false), (304, false),
                (404, true), (500, true),
            ] {
                let response = try ask(running, "GET /status/\(status)", ["Accept-Encoding: gzip"])
                #expect(response.status == status)
                #expect((response["Content-Encoding"] == "gzip") == isCompressed, "\(status)")
            }
        }
    }

    @Test func `errors are compressed, too`() throws {
        try withCompression { running throws in
            let response = try ask(running, "GET /failing", ["Accept-Encoding: gzip"])
            #expect(response.status == 409)
            #expect(response["Vary"] == nil)
            #expect(response.values("Vary").sorted() == ["Accept", "Accept-Encoding"])
            #expect(try response.plainText().contains("line 3: "))
        }
    }

    @Test func `the validators are those of the compressed form`() throws {
        try withCompression { running throws in
            let tags: [(String, String, String)] = [
                ("gzip", "\"a\"", "W/\"a\""), ("gzip", "W/\"a\"", "W/\"a\""),
                ("identity", "\"a\"", "\"a\""), ("gzip", "a", "a"),
            ]
            for (wish, tag, expected) in tags {
                let response = try ask(
                    running, "GET /field",
                    ["Accept-Encoding: \(wish)", "X-Name: ETag", "X-Value: \(tag)"])
                #expect(response.values("ETag") == [expected], "\(wish) \(tag)")
            }
            let response = try ask(
                running, "GET /field",
                ["Accept-Encoding: gzip", "X-Name: Accept-Ranges", "X-Value: bytes"])
            #expect(response["Accept-Ranges"] == nil)
        }
    }

    @Test func `304 has the validator that the client has`() throws {
        var router = Router()
        router.use(try ResponseCompression())
        router.get("/") { _, response in
            try response.setField("ETag", "\"a\"")
            response.status = .notModified
        }
        try withServer(router) { running throws in
            for (condition, tag, vary) in [
                ("W/\"a\"", "W/\"a\"", "Accept-Encoding"), ("\"a\"", "\"a\"", nil),
                ("\"b\", W/\"a\"", "W/\"a\"", "Accept-Encoding"), ("*", "\"a\"", nil),
            ] {
                let response = try ask(
                    running, "GET /", ["If-None-Match: \(condition)", "Accept-Encoding: gzip"])
                #expect(response.status == 304)
                #expect(response["ETag"] == tag, "\(condition)")
                #expect(response["Vary"] == vary, "\(condition)")
            }
        }
    }

    @Test func `Vary is added to what there is`() throws {
        try withCompression { running throws in
            for (value, expected) in [
                ("Origin", ["Origin", "Accept-Encoding"]), ("*", ["*"]),
                ("accept-encoding, Origin", ["accept-encoding, Origin"]),
            ] {
                let response = try ask(
                    running, "GET /field",
                    ["Accept-Encoding: gzip", "X-Name: Vary", "X-Value: \(value)"])
                #expect(response.values("Vary") == expected)
            }
        }
    }

    @Test func `nothing is compressed twice`() throws {
        var router = Router()
        router.use(try ResponseCompression())
        router.use(try ResponseCompression(level: 1))
        router.get("/") { _, response in response.send(lines(2_000)) }
        router.get("/written") { _, response in
            response.send("")
            try await response.write(lines(2_000))
        }
        router.get("/streamed") { _, response in
            response.stream(Pieces(count: 3, byteCount: 1_000))
            try response.setField("Content-Type", "text/plain")
        }
        try withServer(router) { running throws in
            for path in ["/", "/written", "/streamed"] {
                let response = try ask(running, "GET \(path)", ["Accept-Encoding: gzip"])
                #expect(response.values("Content-Encoding") == ["gzip"])
                #expect(response.values("Vary") == ["Accept-Encoding"])
                #expect(try response.plainText().utf8.count >= 2_000)
            }
        }
    }

    @Test(arguments: [3_072, 16_384, 1 << 20], [1, 9])
    func `level and memory change the bytes and not what they say`(memory: Int, level: Int) throws {
        try withCompression(ResponseCompression(level: level, memory: memory)) { running throws in
            for _ in 0..<3 {
                let response = try ask(running, "GET /?count=50000", ["Accept-Encoding: gzip"])
                #expect(response["Content-Encoding"] == "gzip")
                #expect(try response.plainText() == lines(50_000))
            }
        }
    }

    @Test func `settings that cannot be are refused`() throws {
        let settings: [(() throws -> ResponseCompression, String)] = [
            ({ try ResponseCompression(threshold: -1) }, "threshold -1"),
            ({ try ResponseCompression(level: 0) }, "level 0"),
            ({ try ResponseCompression(level: 10) }, "level 10"),
            ({ try ResponseCompression(memory: 3_071) }, "memory 3071"),
            ({ try ResponseCompression(maxConcurrent: 0) }, "maxConcurrent 0"),
            ({ try ResponseCompression(types: ["text"]) }, "'text' is no media type"),
            ({ try ResponseCompression(types: ["*/html"]) }, "'*/html' is no media type"),
            ({ try ResponseCompression(types: ["text/html;a=b"]) }, "'text/html;a=b' is no"),
        ]
        for (make, text) in settings {
            let error = #expect(throws: InvalidMiddleware.self) { try make() }
            #expect(error?.description.contains(text) == true, "\(text)")
        }
    }

    @Test func `answers in a pipeline keep their order and their coding`() throws {
        try withCompression { running throws in
            let client = try running.client()
            let counts = [600, 200_000, 10, 70_000, 600, 65_536]
            for (index, count) in counts.enumerated() {
                let wish = index == 4 ? "identity" : "gzip"
                try client.send(
                    "GET /?count=\(count) HTTP/1.1\r\nHost: a\r\nAccept-Encoding: \(wish)\r\n\r\n")
            }
            for (index, count) in counts.enumerated() {
                let response = try client.response()
                #expect((response["Content-Encoding"] == "gzip") == (count > 511 && index != 4))
                #expect(try response.plainText() == lines(count))
            }
        }
    }
}

/// Bytes that nothing can be saved of.
private func noise(_ byteCount: Int) -> [UInt8] {
    var generator = SeededGenerator(seed: 7)
    return (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
}
