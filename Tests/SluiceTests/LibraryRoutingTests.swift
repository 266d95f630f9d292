import Foundation
import Sluice
import TestSupport
import Testing

/// The snippets of docs/LIBRARY.md about routing are lines of this file, and they run.
@Suite struct LibraryRoutingTests {
    static func router() throws -> Router {
        var router = Router()
        router.get("/users/{id}") { request, response in
            let id = try request.parameter("id", as: Int.self)
            response.send("user \(id)")
        }
        router.delete("/files/{rest...}") { request, response in
            response.send("deleted \(request.parameter("rest") ?? "nothing that is safe")")
        }
        router.get("/stats/*") { request, response in
            response.send("statistics of \(request.unresolvedPath)")
        }
        router.group("/api/{tenant}", limits: .maxBodyBytes(65_536)) { api in
            api.post("/notes") { request, response in
                response.send(
                    "\(request.body.count) bytes for \(request.parameter("tenant") ?? "")")
            }
            let images = RouteLimits(maxBodyBytes: 10_000_000, contentTypes: ["image/*"])
            api.post("/images", limits: images) { request, response in
                response.send("\(request.body.count) bytes")
            }
        }
        router.redirectsUncleanPaths = true
        try router.map(
            "/v1/queue/start => start, /v1/queue/stats/* => stats",
            to: [
                "start": { _, response in response.send("started") },
                "stats": { request, response in response.send("stats of \(request.unresolvedPath)")
                },
            ])
        var files = Service("FileService")
        files.method("count") { _, response in response.send("3") }
        files.method("purge") { _, response in response.send("purged") }
        files.defaultMethod { request, response in
            response.send("file \(request.unresolvedPathDecoded ?? "that cannot be")")
        }
        try router.add(files, mappings: "/admin/purge => purge")
        return router
    }

    @Test(arguments: [
        ("GET", "/users/7", "user 7"), ("DELETE", "/files/a/b", "deleted a/b"),
        ("DELETE", "/files/..", "deleted nothing that is safe"),
        ("GET", "/stats/x//y/", "statistics of x/y"), ("POST", "/api/a/notes", "0 bytes for a"),
        ("POST", "/api/a/images", "0 bytes"), ("PUT", "/v1//queue/start/", "started"),
        ("GET", "/v1/queue/stats/a", "stats of a"), ("GET", "/FileService/count", "3"),
        ("GET", "/FileService/app/boot.cfg", "file app/boot.cfg"),
        ("GET", "/admin/purge", "purged"),
    ])
    func `the snippets do what the page says`(
        method: String, target: String, text: String
    ) throws {
        try withServer(Self.router()) { running in
            let client = try running.client()
            try client.send("\(method) \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text == text)
        }
    }

    @Test(arguments: [
        ("/users//7", 308), ("/users/x", 400), ("/FileService/purge", 404), ("/api/a/notes", 405),
    ])
    func `the snippets refuse what the page says`(target: String, status: Int) throws {
        try withServer(Self.router()) { running in
            let client = try running.client()
            try client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().status == status)
        }
    }

    @Test func `every snippet of the section is code of this file`() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/LIBRARY.md"), encoding: .utf8)
        let section = try #require(
            page.split(separator: "\n## ").first { $0.hasPrefix("Routing\n") })
        let snippets = section.split(separator: "```swift\n").dropFirst().map { text in
            text.prefix(upTo: text.range(of: "```")?.lowerBound ?? text.endIndex)
        }
        #expect(snippets.count > 5)
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        for snippet in snippets {
            let lines = snippet.split(separator: "\n").map { "        \($0)" }
            #expect(source.contains(lines.joined(separator: "\n")), "\(snippet)")
        }
    }

    @Test func `the service example runs as it is built`() throws {
        let process = try ChildProcess(
            "/usr/bin/env", ["stdbuf", "-oL", SluiceProcess.path(of: "service"), "0"])
        let lines = try process.outputLines(6)
        #expect(lines.first == "ANY  /v1/queue/start       QueueService.start")
        let port = try #require(lines.last?.split(separator: ":").last.flatMap { Int($0) })
        let client = try RawClient(port: port)
        for (target, text) in [
            ("/v1/queue/start", "started\n"),
            ("//v1//queue//stats//foo///bar//", "running foo/bar\n"),
            ("/v1/queue/stop", "stopped\n"), ("/v1/queue/stats", "stopped \n"),
            ("/a/b.data", "the data of a/b\n"), ("/QueueService/ping/x", "pong\n"),
        ] {
            try client.send("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.response().text == text)
        }
        try client.send("GET /QueueService/start HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().status == 404)
        process.signal(SIGKILL)
        _ = try process.wait()
    }
}
