import Compression
import Sluice
import TestSupport
import Testing

/// Bodies of requests that come compressed.
@Suite(.onEveryEngine) struct RequestDecompressionTests {
    private static func router(_ decompression: RequestDecompression?) -> Router {
        var router = Router()
        router.group("/") { inner in
            if let decompression {
                inner.use(decompression)
                inner.use(decompression)
            }
            inner.post("/synchronous") { request, response in
                response.send(request.body)
            }
            inner.post("/asynchronous") { request, response in
                await Task.yield()
                response.send(request.body)
            }
            inner.stream(.post, "/streaming") { request, response in
                for try await chunk in request.body {
                    #expect((1...65_536).contains(chunk.count))
                    try await response.write(chunk)
                }
            }
            inner.stream(.post, "/collecting") { request, response in
                let body = try await request.body.collect(upTo: 100_000)
                response.send(body.span)
            }
            inner.post("/form") { request, response in
                let form = try request.form()
                response.send(form["a"] ?? "nothing")
            }
        }
        return router
    }

    private static let paths = ["/synchronous", "/asynchronous", "/streaming"]

    private func withDecompression(
        _ decompression: RequestDecompression? = nil, _ body: (RunningServer) throws -> Void
    ) throws {
        try withServer(Self.router(try decompression ?? RequestDecompression())) { try body($0) }
    }

    private func post(
        _ running: RunningServer, _ path: String, _ body: [UInt8], _ fields: [String],
        chunk: Int? = nil
    ) throws -> RawResponse {
        let client = try running.client()
        let framing = chunk == nil ? "Content-Length: \(body.count)" : "Transfer-Encoding: chunked"
        let head = ["POST \(path) HTTP/1.1", "Host: a", framing] + fields
        try client.send(head.map { $0 + "\r\n" }.joined() + "\r\n")
        guard let chunk else {
            try client.sendWhileReading(body)
            return try client.response()
        }
        for start in stride(from: 0, to: body.count, by: chunk) {
            let piece = body[start..<min(body.count, start + chunk)]
            try client.sendWhileReading(
                Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8))
        }
        try client.send("0\r\n\r\n")
        return try client.response()
    }

    @Test(arguments: paths, [0, 13, 70_000, 900_000])
    func `every kind of handler reads what was compressed`(path: String, count: Int) throws {
        let text = Array(lines(count).utf8)
        try withDecompression(RequestDecompression(maxRatio: 1_032)) { running throws in
            for (coding, format) in [
                ("gzip", Deflater.Format.gzip), ("X-GZIP", .gzip), ("deflate", .zlib),
                ("deflate", .raw), ("identity, gzip", .gzip), (", gzip ,", .gzip),
            ] {
                let body = try compressed(text, format)
                let response = try post(running, path, body, ["Content-Encoding: \(coding)"])
                #expect(response.status == 200, "\(coding)")
                #expect(response.body == text, "\(coding)")
            }
        }
    }

    @Test(arguments: paths, [1, 7, 65_536])
    func `a chunked body may be divided anywhere`(path: String, chunk: Int) throws {
        let text = Array(lines(4_000).utf8)
        // Two members, one behind the other.
        let body = try compressed(text) + compressed(text)
        try withDecompression { running throws in
            let response = try post(running, path, body, ["Content-Encoding: gzip"], chunk: chunk)
            #expect(response.status == 200)
            #expect(response.body == text + text)
        }
    }

    @Test(arguments: paths)
    func `what has no coding comes as it is`(path: String) throws {
        let body = try compressed(Array("tea".utf8))
        try withDecompression { running throws in
            for fields in [[], ["Content-Encoding: identity"], ["Content-Encoding:"]] {
                #expect(try post(running, path, body, fields).body == body)
            }
            // Nothing in any coding is nothing.
            for fields in [["Content-Encoding: gzip"], ["Content-Encoding: br"]] {
                #expect(try post(running, path, [], fields).status == 200)
            }
        }
        try withServer(Self.router(nil)) { running throws in
            let response = try post(running, path, body, ["Content-Encoding: gzip"])
            #expect(response.body == body)
        }
    }

    @Test func `forms are read, and what is collected is counted when it is decoded`() throws {
        try withDecompression { running throws in
            let form = try compressed(Array("a=tea+leaves".utf8))
            let fields = [
                "Content-Encoding: gzip", "Content-Type: application/x-www-form-urlencoded",
            ]
            #expect(try post(running, "/form", form, fields).text == "tea leaves")
            for (count, status) in [(100_000, 200), (100_001, 413)] {
                let body = try compressed(Array(lines(count).utf8))
                let response = try post(
                    running, "/collecting", body, ["Content-Encoding: gzip"])
                #expect(response.status == status)
            }
        }
    }

    @Test(arguments: [
        "br", "zstd", "gzip, br", "gzip, gzip", "deflate,gzip", "chunked", "gzip;q=1",
    ])
    func `another coding gets 415 before the body is asked for`(coding: String) throws {
        try withDecompression { running throws in
            for path in Self.paths {
                let client = try running.client()
                try client.send(
                    "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n"
                        + "Expect: 100-continue\r\nContent-Encoding: \(coding)\r\n\r\n")
                let response = try client.response()
                #expect(response.status == 415)
                #expect(response["Accept-Encoding"] == "gzip, deflate")
            }
        }
    }

    @Test func `two lines of the field are one list`() throws {
        try withDecompression { running throws in
            let response = try post(
                running, "/synchronous", [1],
                ["Content-Encoding: gzip", "Content-Encoding: deflate"])
            #expect(response.status == 415)
        }
    }

    @Test(arguments: ["/synchronous", "/asynchronous", "/collecting"])
    func `a body that is damaged or incomplete gets 400`(path: String) throws {
        let good = try compressed(Array(lines(2_000).utf8))
        var flipped = good
        flipped[good.count - 5] ^= 1
        let bodies = [
            Array(good.dropLast()), Array(good.prefix(1)), Array(good.prefix(10)), flipped,
            good + [0], Array("no gzip".utf8), good + good.dropLast(8),
        ]
        try withDecompression { running throws in
            for body in bodies {
                let response = try post(
                    running, path, body,
                    ["Content-Encoding: gzip", "Accept: application/problem+json"])
                #expect(response.status == 400)
                #expect(response.text.contains("invalid_content_coding"))
            }
        }
    }

    @Test(arguments: ["/synchronous", "/asynchronous"])
    func `a bomb gets 413 and no more memory than the limit`(path: String) throws {
        let bomb = try compressed(Array(repeating: 0, count: 64 << 20), level: 9)
        #expect(bomb.count < 70_000)
        for decompression in [
            try RequestDecompression(), try RequestDecompression(maxExpandedBytes: 1 << 30),
            try RequestDecompression(maxExpandedBytes: 8 << 20, maxRatio: 1_032),
        ] {
            try withDecompression(decompression) { running throws in
                let response = try post(
                    running, path, bomb,
                    ["Content-Encoding: gzip", "Accept: application/problem+json"])
                #expect(response.status == 413)
                #expect(response.text.contains("expanded_content_too_large"))
            }
        }
    }

    @Test func `the limits are exact`() throws {
        let noisy = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        try withDecompression(RequestDecompression(maxExpandedBytes: 150_000)) { running throws in
            for (count, status) in [(150_000, 200), (150_001, 413)] {
                let body = try compressed(Array(noisy.prefix(count)))
                let response = try post(
                    running, "/synchronous", body, ["Content-Encoding: gzip"])
                #expect(response.status == status)
            }
        }
        // Short bodies may repeat themselves.
        try withDecompression(RequestDecompression(maxRatio: 1)) { running throws in
            for (count, status) in [(65_536, 200), (65_537, 413)] {
                let body = try compressed(Array(repeating: 0, count: count))
                let response = try post(
                    running, "/synchronous", body, ["Content-Encoding: gzip"])
                #expect(response.status == status)
            }
        }
        try withDecompression(RequestDecompression(maxExpandedBytes: 0)) { running throws in
            let body = try compressed([1])
            let response = try post(running, "/synchronous", body, ["Content-Encoding: gzip"])
            #expect(response.status == 413)
        }
    }

    @Test func `settings that cannot be are refused`() throws {
        let settings: [(() throws -> RequestDecompression, String)] = [
            ({ try RequestDecompression(maxExpandedBytes: -1) }, "maxExpandedBytes -1"),
            ({ try RequestDecompression(maxRatio: 0) }, "maxRatio 0"),
            ({ try RequestDecompression(maxRatio: 1_033) }, "maxRatio 1033"),
        ]
        for (make, text) in settings {
            let error = #expect(throws: InvalidMiddleware.self) { try make() }
            #expect(error?.description.contains(text) == true, "\(text)")
        }
    }

    @Test func `the server's limit is for what is sent`() throws {
        let body = try compressed(Array(lines(50_000).utf8))
        try withServer(
            Self.router(RequestDecompression()), { $0.maxBodyBytes = body.count },
            { running throws in
                #expect(
                    try post(running, "/synchronous", body, ["Content-Encoding: gzip"]).status
                        == 200)
                #expect(
                    try post(
                        running, "/synchronous", body + body, ["Content-Encoding: gzip"]
                    ).status == 413)
            })
    }
}
