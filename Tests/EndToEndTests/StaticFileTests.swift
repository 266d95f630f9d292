import Foundation
import Sluice
import Syscalls
import TestSupport
import Testing

/// Files over real sockets.
@Suite(.onEveryEngine) struct StaticFileTests {
    @Test func `a file comes with its fields, byte for byte`() throws {
        let tree = try StaticTree()
        let content = try tree.file("css/style.css", "body { margin: 0 }\n")
        var options = StaticFiles.Options()
        options.cacheControl = "max-age=60"
        try withFiles(tree, options) { running, _ in
            for _ in 0..<2 {
                let response = try ask(running, "GET /static/css/style.css")
                #expect(response.status == 200)
                #expect(response.body == content)
                #expect(response["Content-Type"] == "text/css; charset=utf-8")
                #expect(response["Last-Modified"] == "Sun, 06 Nov 1994 08:49:37 GMT")
                #expect(response["Accept-Ranges"] == "bytes")
                #expect(response["Cache-Control"] == "max-age=60")
                #expect(response["X-Content-Type-Options"] == "nosniff")
                #expect(response["Vary"] == nil)
                let tag = try #require(response["ETag"])
                #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
            }
        }
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 1_048_576, 5_242_880])
    func `GET and HEAD say the same of files of all sizes`(byteCount: Int) throws {
        let tree = try StaticTree()
        let content = try tree.file("file.bin", bytes(byteCount))
        try withFiles(tree) { running, _ in
            let client = try running.client()
            for _ in 0..<2 {
                let get = try client.ask("GET /static/file.bin")
                let head = try client.ask("HEAD /static/file.bin")
                #expect(get.body == content)
                #expect(head.status == 200)
                #expect(head["Content-Length"] == String(byteCount))
                for name in ["Content-Type", "Last-Modified", "ETag", "Content-Length"] {
                    #expect(get[name] == head[name])
                }
            }
        }
    }

    @Test func `files of all sizes come in order in one pipeline`() throws {
        let tree = try StaticTree()
        let sizes = [10, 200_000, 0, 70_000, 65_536, 300_000, 1]
        for size in sizes { try tree.file("\(size).bin", bytes(size)) }
        try withFiles(tree) { running, _ in
            let client = try running.client()
            try client.send(
                sizes.map { "GET /static/\($0).bin HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            for size in sizes { #expect(try client.response().body == bytes(size)) }
        }
    }

    @Test(arguments: [50_000, 3_000_000])
    func `a file that has to be read from the disk is the same`(byteCount: Int) throws {
        let tree = try StaticTree()
        let content = try tree.file("cold.bin", bytes(byteCount))
        try withFiles(tree) { running, _ in
            let client = try running.client()
            for _ in 0..<3 {
                try tree.forget("cold.bin")
                #expect(try client.ask("GET /static/cold.bin").body == content)
                let part = try client.ask("GET /static/cold.bin", ["Range: bytes=40000-40009"])
                #expect(part.body == Array(content[40_000..<40_010]))
            }
        }
    }

    @Test func `only GET and HEAD are possible`() throws {
        let tree = try StaticTree()
        try tree.file("a.txt", "a")
        try withFiles(tree) { running, _ in
            for method in ["POST", "PUT", "DELETE", "PATCH"] {
                let response = try ask(running, "\(method) /static/a.txt")
                #expect(response.status == 405)
                #expect(response["Allow"] == "GET, HEAD, OPTIONS")
            }
        }
    }

    @Test(arguments: [
        ("/static/", "root"), ("/static/sub/", "sub"), ("/static/sub/?x=1", "sub"),
        ("/static/%73ub/", "sub"), ("/static/index.html", "root"),
    ])
    func `a folder's index stands for it`(path: String, text: String) throws {
        let tree = try StaticTree()
        try tree.file("index.html", "root")
        try tree.file("sub/index.html", "sub")
        try withFiles(tree) { running, _ in
            let response = try ask(running, "GET \(path)")
            #expect(response.status == 200)
            #expect(response.text == text)
            #expect(response["Content-Type"] == "text/html; charset=utf-8")
        }
    }

    @Test(arguments: [
        ("/static", "/static/"), ("/static?q=%20a", "/static/?q=%20a"),
        ("/static/sub", "/static/sub/"), ("/static/a%20b", "/static/a%20b/"),
        ("/static/%73ub?x=//y", "/static/%73ub/?x=//y"),
    ])
    func `a folder without its slash is elsewhere`(path: String, location: String) throws {
        let tree = try StaticTree()
        try tree.file("sub/index.html", "sub")
        try tree.folder("a b")
        try withFiles(tree) { running, _ in
            let response = try ask(running, "GET \(path)")
            #expect(response.status == 301)
            #expect(response["Location"] == location)
        }
    }

    @Test(arguments: ["//other.example", "//other.example/", "//other.example/%2e%2e", "///sub"])
    func `no redirect leads to another host`(path: String) throws {
        let tree = try StaticTree()
        try tree.folder("other.example")
        try tree.folder("sub")
        var router = Router()
        router.files("/", try StaticFiles(tree.path))
        try withServer(router) { running in
            let response = try ask(running, "GET \(path)")
            #expect((400...404).contains(response.status))
            #expect(response["Location"] == nil)
        }
    }

    @Test func `files can be mounted at the root, beside routes`() throws {
        let tree = try StaticTree()
        try tree.file("index.html", "index")
        try tree.file("sub/a.txt", "a")
        try tree.file("health", "file")
        var router = Router()
        router.get("/health") { _, response in response.send("route") }
        router.files("/", try StaticFiles(tree.path))
        try withServer(router) { running in
            let client = try running.client()
            #expect(try client.ask("GET /").text == "index")
            #expect(try client.ask("GET http://a").text == "index")
            #expect(try client.ask("GET /sub/a.txt").text == "a")
            #expect(try client.ask("GET /sub")["Location"] == "/sub/")
            #expect(try client.ask("GET /health").text == "route")
        }
    }

    @Test func `middleware stands around files, and prefixes may hold parameters`() throws {
        let tree = try StaticTree()
        try tree.file("large.bin", bytes(300_000))
        let files = try StaticFiles(tree.path)
        var router = Router()
        router.group("/{tenant}") { group in
            group.prepare { request, response in
                try response.setField("X-Tenant", request.parameter("tenant") ?? "")
            }
            group.files("/files", files)
        }
        try withServer(router) { running in
            let response = try ask(running, "GET /blue/files/large.bin")
            #expect(response["X-Tenant"] == "blue")
            #expect(response.body == bytes(300_000))
        }
    }

    @Test func `embedded files need no folder`() throws {
        var router = Router()
        router.files(
            "/own",
            try StaticFiles(embedded: [
                .init("index.html", "<p>index"), .init("css/style.css", "p {}"),
                .init("docs/index.html", "docs"),
            ]))
        try withServer(router) { running in
            let response = try ask(running, "GET /own/css/style.css")
            #expect(response.text == "p {}")
            #expect(response["Last-Modified"] == nil)
            let tag = try #require(response["ETag"])
            let again = try ask(running, "GET /own/css/style.css", ["If-None-Match: \(tag)"])
            #expect(again.status == 304)
            #expect(try ask(running, "GET /own/").text == "<p>index")
            #expect(try ask(running, "GET /own/docs/").text == "docs")
            #expect(try ask(running, "GET /own/docs")["Location"] == "/own/docs/")
            #expect(try ask(running, "GET /own/none").status == 404)
            #expect(try ask(running, "GET /own/../own/index.html").status == 403)
        }
    }

    @Test(arguments: ["a\r\nb", "\u{0}"])
    func `options that cannot be are refused`(value: String) throws {
        let tree = try StaticTree()
        var options = StaticFiles.Options()
        options.cacheControl = value
        #expect(throws: FileError.self) { try StaticFiles(tree.path, options: options) }
        options = StaticFiles.Options()
        options.index = "a/b"
        #expect(throws: FileError.self) { try StaticFiles(tree.path, options: options) }
        #expect(throws: FileError.self) { try StaticFiles(tree.place("nothing")) }
    }
}

extension RawClient {
    /// The answer to one request without a body, on this connection.
    func ask(_ line: String, _ fields: [String] = []) throws -> RawResponse {
        let lines = ["\(line) HTTP/1.1", "Host: a"] + fields
        try send(lines.map { $0 + "\r\n" }.joined() + "\r\n")
        return try response(to: String(line.prefix { $0 != " " }))
    }
}
