import Sluice
import TestSupport
import Testing

/// Encoded siblings of files (RFC 9110 §8.4, §12.5.3).
@Suite(.onEveryEngine) struct StaticCodingTests {
    /// The siblings hold what says which one it is.
    static func tree() throws -> StaticTree {
        let tree = try StaticTree()
        try tree.file("a.css", Array(repeating: UInt8(ascii: "x"), count: 1_000))
        try tree.file("a.css.gz", "gzip")
        try tree.file("a.css.br", "brotli")
        try tree.file("a.css.zst", "zstandard")
        try tree.file("plain.css", "plain")
        try tree.file("long.css", "short")
        try tree.file("long.css.gz", "longer than the file")
        return tree
    }

    @Test(
        arguments: [
            (nil, nil), ("", nil), ("gzip", "gzip"), ("x-gzip", "gzip"), ("GZIP", "gzip"),
            ("br", "br"), ("zstd", "zstd"), ("gzip, deflate, br, zstd", "br"),
            ("gzip, zstd", "zstd"), ("*", "br"), ("gzip;q=1, br;q=0.5", "gzip"),
            ("gzip;q=0.5, br;q=0.5", "br"), ("br;q=0, *", "zstd"), ("*;q=0", nil),
            ("gzip;q=0", nil), ("identity", nil), ("identity;q=0.5, gzip;q=0.4", nil),
            ("identity;q=0.5, gzip;q=0.5", "gzip"), ("identity;q=0", nil),
            ("identity;q=0, gzip;q=0.1", "gzip"), ("deflate", nil), ("compress, gzip;q=x", nil),
            ("gzip;q=0.001", "gzip"),
        ] as [(String?, String?)])
    func `the best coding that the client takes is sent`(
        accepted: String?, coding: String?
    ) throws {
        let contents = ["gzip": "gzip", "br": "brotli", "zstd": "zstandard"]
        try withFiles(try Self.tree()) { running, _ in
            let fields = accepted.map { ["Accept-Encoding: \($0)"] } ?? []
            let response = try ask(running, "GET /static/a.css", fields)
            #expect(response.status == 200)
            #expect(response["Content-Encoding"] == coding)
            #expect(response["Vary"] == "Accept-Encoding")
            #expect(response["Content-Type"] == "text/css; charset=utf-8")
            let content = coding.flatMap { contents[$0] } ?? String(repeating: "x", count: 1_000)
            #expect(response.text == content)
        }
    }

    @Test func `each form has its own tag, conditions and ranges`() throws {
        try withFiles(try Self.tree()) { running, _ in
            let client = try running.client()
            let plain = try client.ask("GET /static/a.css")
            let gzip = ["Accept-Encoding: gzip"]
            let encoded = try client.ask("GET /static/a.css", gzip)
            let tag = try #require(encoded["ETag"])
            #expect(plain["ETag"] != tag)
            let fresh = try client.ask("GET /static/a.css", gzip + ["If-None-Match: \(tag)"])
            #expect(fresh.status == 304)
            #expect(fresh["Vary"] == "Accept-Encoding")
            #expect(try client.ask("GET /static/a.css", ["If-None-Match: \(tag)"]).status == 200)
            let part = try client.ask("GET /static/a.css", gzip + ["Range: bytes=1-2"])
            #expect(part.status == 206)
            #expect(part["Content-Encoding"] == "gzip")
            #expect(part["Content-Range"] == "bytes 1-2/4")
            #expect(part.text == "zi")
        }
    }

    @Test func `what has no siblings does not vary`() throws {
        try withFiles(try Self.tree()) { running, _ in
            let client = try running.client()
            for name in ["plain.css", "long.css"] {
                let response = try client.ask("GET /static/\(name)", ["Accept-Encoding: gzip"])
                #expect(response["Vary"] == nil)
                #expect(response["Content-Encoding"] == nil)
            }
        }
    }

    @Test func `a sibling is a file of its own, too`() throws {
        try withFiles(try Self.tree()) { running, _ in
            let response = try ask(
                running, "GET /static/a.css.gz", ["Accept-Encoding: gzip"])
            #expect(response.text == "gzip")
            #expect(response["Content-Type"] == "application/gzip")
            #expect(response["Content-Encoding"] == nil)
        }
    }

    @Test func `siblings come and go`() throws {
        let tree = try StaticTree()
        try tree.file("a.css", "body {}")
        try withFiles(tree) { running, _ in
            let client = try running.client()
            let fields = ["Accept-Encoding: gzip"]
            #expect(try client.ask("GET /static/a.css", fields)["Content-Encoding"] == nil)
            try tree.file("a.css.gz", "gz")
            #expect(try client.ask("GET /static/a.css", fields).text == "gz")
            try tree.remove("a.css.gz")
            #expect(try client.ask("GET /static/a.css", fields).text == "body {}")
        }
    }

    @Test func `siblings can be ignored, and a fifo is none`() throws {
        let tree = try Self.tree()
        try tree.file("b.css", "body {}")
        try tree.fifo("b.css.gz")
        try tree.link("plain.css.gz", to: "../secret.txt")
        var options = StaticFiles.Options()
        let fields = ["Accept-Encoding: gzip"]
        try withFiles(tree, options) { running, _ in
            let client = try running.client()
            #expect(try client.ask("GET /static/b.css", fields).text == "body {}")
            #expect(try client.ask("GET /static/plain.css", fields).text == "plain")
        }
        options.usesPrecompressed = false
        try withFiles(tree, options) { running, _ in
            let response = try ask(running, "GET /static/a.css", fields)
            #expect(response["Content-Encoding"] == nil)
            #expect(response["Vary"] == nil)
        }
    }
}
