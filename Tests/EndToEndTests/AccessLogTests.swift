import Foundation
import Sluice
import TestSupport
import Testing

/// What is in the access log after requests of every kind, on the wire and over signals.
@Suite(.onEveryEngine) struct AccessLogTests {
    @Test func `every request has a line, the refused and malformed ones too`() throws {
        try withLog("%m %U%q %s %B %{route}x %{reason}x %{request_number}x") { configuration in
            try withServer(
                TestRoutes.router(),
                {
                    $0.accessLog = configuration
                    $0.maxHeaderBytes = 1_024
                },
                { running in
                    let client = try running.client()
                    try client.send(
                        "GET /?a=b HTTP/1.1\r\nHost: a\r\n\r\n"
                            + "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
                    let body = try client.response().body.count
                    #expect(body > 0)
                    _ = try client.response(to: "HEAD")
                    try client.send("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try client.response().status == 404)
                    try client.send("BROKEN\r\n\r\n")
                    #expect(try client.response().status == 400)
                    _ = try client.rest()
                    let second = try running.client()
                    let long = String(repeating: "x", count: 2_000)
                    try second.send("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n")
                    #expect(try second.response().status == 431)
                    _ = try second.rest()
                })
        } check: { lines in
            // Two connections may be two threads', whose lines are in no order.
            try #require(lines.count == 5)
            for line in [
                /GET \/\?a=b 200 [1-9]\d* GET \/ - 1/, /HEAD \/ 200 0 GET \/ - 2/,
                /GET \/nowhere 404 \d+ unmatched not_found 3/,
                /- - 400 \d+ request\/malformed .+ 0/,
                /- - 431 \d+ request\/header_too_large .+ 0/,
            ] {
                #expect(lines.contains { $0.wholeMatch(of: line) != nil }, "\(lines)")
            }
        }
    }

    @Test func `pipelined requests have a line each, in their order`() throws {
        try withLog(#"%h "%r" %{reused}x %{Referer}i"#) { configuration in
            try withServer(
                TestRoutes.router(), { $0.accessLog = configuration },
                { running in
                    let client = try running.client()
                    try client.send(
                        (0..<500).map {
                            "GET /?\($0) HTTP/1.1\r\nHost: a\r\nReferer: r\($0)\r\n\r\n"
                        }.joined())
                    _ = try client.responses(500)
                })
        } check: { lines in
            #expect(
                lines
                    == (0..<500).map {
                        "127.0.0.1 \"GET /?\($0) HTTP/1.1\" \($0 > 0) r\($0)"
                    })
        }
    }

    @Test func `a client cannot forge a line`() throws {
        try withLog("combined") { configuration in
            try withServer(
                TestRoutes.router(), { $0.accessLog = configuration },
                { running in
                    let client = try running.client()
                    try client.send(
                        Array("GET /%0a%22 HTTP/1.1\r\nHost: a\r\nReferer: \" \\ ".utf8)
                            + [0xFF, 0x09, 0xC2, 0x85]
                            + Array("\r\nUser-Agent: 1.2.3.4 - - []\r\n\r\n".utf8))
                    _ = try client.response()
                    let second = try running.client()
                    try second.send("\u{1B}[2J\" 200 1\rx\r\n\r\n")
                    _ = try second.rest()
                })
        } check: { lines in
            // Workers of the pool write in an order of their own.
            try #require(lines.count == 2)
            let parsed = try #require(lines.first { $0.contains(#""GET /%0a%22 HTTP/1.1" 404 "#) })
            #expect(parsed.hasSuffix(#" "\" \\ \xff\x09\xc2\x85" "1.2.3.4 - - []""#))
            #expect(lines.contains { $0.contains(#"] "\x1b[2J\" 200 1\x0dx" 400 "#) })
        }
    }

    @Test func `a connection beyond the limit has a line`() throws {
        try withLog("%s %{route}x %m") { configuration in
            try withServer(
                TestRoutes.router(),
                {
                    $0.accessLog = configuration
                    $0.maxConnections = 1
                },
                { running in
                    let first = try running.client()
                    try first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    _ = try first.response()
                    let second = try running.client()
                    #expect(try second.response().status == 503)
                    _ = try second.rest()
                })
        } check: { lines in
            #expect(lines.sorted() == ["200 GET / GET", "503 queue/full -"])
        }
    }

    @Test func `the executable writes JSON to standard output`() throws {
        let sluice = try SluiceProcess(["--log-format", "json"])
        let client = try sluice.client()
        try client.send("GET /health HTTP/1.1\r\nHost: a\r\nUser-Agent: \"t\"\r\n\r\n")
        _ = try client.response()
        let lines = try sluice.process.outputLines(2)
        _ = try sluice.stop()
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(lines[1].utf8)) as? [String: Any])
        #expect(object["status"] as? Int == 200)
        #expect(object["path"] as? String == "/health")
        #expect(object["user_agent"] as? String == "\"t\"")
        #expect(object["engine"] as? String == EngineUnderTest.current.rawValue)
        #expect(object["shutdown_phase"] as? String == "running")
        #expect(object["latency_ms"] as? Double != nil)
        #expect(object["connection_reused"] as? Bool == false)
    }

    @Test(arguments: [SIGHUP, SIGUSR1])
    func `rotation under load loses no line and tears none`(signal: Int32) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/access.log"
        var files = [path]
        let (batches, batch) = (40, 200)
        try withSluice(
            ["--access-log", path, "--log-format", "%r", "--log-overflow", "block"]
        ) { sluice in
            let client = try sluice.client()
            for number in 0..<batches {
                try client.send(
                    (0..<batch).map {
                        "GET /?\(number * batch + $0) HTTP/1.1\r\nHost: a\r\n\r\n"
                    }.joined())
                if number % 4 == 1 {
                    try FileManager.default.moveItem(atPath: path, toPath: path + ".\(number)")
                    files.insert(path + ".\(number)", at: files.count - 1)
                    sluice.process.signal(signal)
                }
                _ = try client.responses(batch)
                // The signal has been heard when the new file is there; only then the next.
                let deadline = Date() + 15
                while !FileManager.default.fileExists(atPath: path), Date() < deadline {
                    sched_yield()
                }
            }
        }
        let lines = try files.flatMap { try Self.lines(of: $0) }
        #expect(lines == (0..<batches * batch).map { "GET /?\($0) HTTP/1.1" })
    }

    /// Runs `body` with a log in this format, and `check` with its lines when it is closed.
    private func withLog(
        _ format: String, _ body: (AccessLog) throws -> Void,
        check: ([String]) throws -> Void
    ) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let log = try AccessLog(.parse(format), to: .file(path))
        try body(log)
        #expect(log.close())
        #expect(log.droppedCount == 0)
        try check(try Self.lines(of: path))
    }

    private static func lines(of path: String) throws -> [String] {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return text.split(separator: "\n").map(String.init)
    }
}
