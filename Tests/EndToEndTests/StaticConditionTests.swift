import Sluice
import TestSupport
import Testing

/// Conditions and ranges of requests for files: the tables are those of PreconditionTests and
/// ByteRangeTests, so here is what they come to.
@Suite(.onEveryEngine) struct StaticConditionTests {
    /// Kept in memory, and sent from the file.
    static let sizes = [5_000, 200_000]

    @Test(arguments: sizes)
    func `a client that has the file hears only that`(byteCount: Int) throws {
        let tree = try StaticTree()
        try tree.file("a.bin", bytes(byteCount))
        var options = StaticFiles.Options()
        options.cacheControl = "no-cache"
        try withFiles(tree, options) { running, _ in
            let client = try running.client()
            let full = try client.ask("GET /static/a.bin")
            let tag = try #require(full["ETag"])
            let date = try #require(full["Last-Modified"])
            for field in ["If-None-Match: \(tag)", "If-Modified-Since: \(date)"] {
                for method in ["GET", "HEAD"] {
                    let response = try client.ask("\(method) /static/a.bin", [field])
                    #expect(response.status == 304, "\(method) \(field)")
                    #expect(response["ETag"] == tag)
                    #expect(response["Cache-Control"] == "no-cache")
                    // RFC 9110 §15.4.5: nothing of what describes the content.
                    for name in ["Content-Type", "Content-Length", "Last-Modified"] {
                        #expect(response[name] == nil, "\(name)")
                    }
                }
            }
            #expect(try client.ask("GET /static/a.bin", ["If-None-Match: \"x\""]).status == 200)
            let failed = try client.ask("GET /static/a.bin", ["If-Match: \"x\""])
            #expect(failed.status == 412)
            #expect(try client.ask("GET /static/a.bin", ["If-Match: \(tag)"]).status == 200)
            #expect(try client.ask("GET /static/none", ["If-None-Match: *"]).status == 404)
        }
    }

    @Test(
        arguments: sizes, ["0-0", "100-199", "4000-", "-10", "10-19,15-30", "0-", "4990-999999"])
    func `one range is sent`(byteCount: Int, range: String) throws {
        let tree = try StaticTree()
        let content = try tree.file("a.bin", bytes(byteCount))
        let parts: [String: Range<Int>] = [
            "0-0": 0..<1, "100-199": 100..<200, "4000-": 4_000..<byteCount,
            "-10": (byteCount - 10)..<byteCount, "10-19,15-30": 10..<31, "0-": 0..<byteCount,
            "4990-999999": 4_990..<byteCount,
        ]
        let part = try #require(parts[range])
        try withFiles(tree) { running, _ in
            let client = try running.client()
            let response = try client.ask("GET /static/a.bin", ["Range: bytes=\(range)"])
            #expect(response.status == 206)
            #expect(
                response["Content-Range"]
                    == "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(byteCount)")
            #expect(response["Content-Length"] == String(part.count))
            #expect(response["Content-Type"] == "application/octet-stream")
            #expect(response.body == Array(content[part]))
            // Only GET has ranges.
            let head = try client.ask("HEAD /static/a.bin", ["Range: bytes=\(range)"])
            #expect(head.status == 200)
            #expect(head["Content-Length"] == String(byteCount))
        }
    }

    @Test(arguments: sizes)
    func `several ranges are parts`(byteCount: Int) throws {
        let tree = try StaticTree()
        let content = try tree.file("a.txt", bytes(byteCount))
        try withFiles(tree) { running, _ in
            let client = try running.client()
            let fields = ["Range: bytes=1000-1009, 0-4, -3"]
            let response = try client.ask("GET /static/a.txt", fields)
            #expect(response.status == 206)
            #expect(response["Content-Range"] == nil)
            #expect(response["ETag"] != nil)
            let type = try #require(response["Content-Type"].flatMap { MediaType($0) })
            #expect(type.essence == "multipart/byteranges")
            let boundary = try #require(type["boundary"])
            var expected: [UInt8] = []
            for part in [1_000..<1_010, 0..<5, (byteCount - 3)..<byteCount] {
                let last = part.upperBound - 1
                expected += Array("\(expected.isEmpty ? "" : "\r\n")--\(boundary)\r\n".utf8)
                expected += Array("Content-Type: text/plain; charset=utf-8\r\n".utf8)
                expected += Array(
                    "Content-Range: bytes \(part.lowerBound)-\(last)/\(byteCount)\r\n\r\n".utf8)
                expected += content[part]
            }
            #expect(response.body == expected + Array("\r\n--\(boundary)--\r\n".utf8))
            let again = try client.ask("GET /static/a.txt", fields)
            #expect(again["Content-Type"] != response["Content-Type"], "the boundary is random")
        }
    }

    @Test(arguments: sizes)
    func `a range that is not there is refused`(byteCount: Int) throws {
        let tree = try StaticTree()
        try tree.file("a.bin", bytes(byteCount))
        try tree.file("empty", "")
        try withFiles(tree) { running, _ in
            let client = try running.client()
            let fields = ["Range: bytes=\(byteCount)-", "Accept: application/problem+json"]
            let response = try client.ask("GET /static/a.bin", fields)
            #expect(response.status == 416)
            #expect(response["Content-Range"] == "bytes */\(byteCount)")
            #expect(response.text.contains("\"code\":\"range_not_satisfiable\""))
            let empty = try client.ask("GET /static/empty", ["Range: bytes=0-"])
            #expect(empty.status == 416)
            #expect(empty["Content-Range"] == "bytes */0")
            #expect(try client.ask("GET /static/empty", ["Range: bytes=-1"]).status == 200)
        }
    }

    @Test(arguments: sizes)
    func `hundreds of tiny ranges are the whole file`(byteCount: Int) throws {
        let tree = try StaticTree()
        let content = try tree.file("a.bin", bytes(byteCount))
        let ranges = (0..<500).map { "\($0)-\($0)" }.joined(separator: ",")
        try withFiles(tree) { running, _ in
            let response = try ask(running, "GET /static/a.bin", ["Range: bytes=\(ranges)"])
            #expect(response.status == 200)
            #expect(response.body == content)
        }
    }

    @Test func `a range goes on only where the file is still the same`() throws {
        let tree = try StaticTree()
        try tree.file("a.bin", bytes(100_000))
        try withFiles(tree) { running, _ in
            let client = try running.client()
            let full = try client.ask("GET /static/a.bin")
            let tag = try #require(full["ETag"])
            let date = try #require(full["Last-Modified"])
            for validator in [tag, date] {
                let fields = ["Range: bytes=5-", "If-Range: \(validator)"]
                #expect(try client.ask("GET /static/a.bin", fields).status == 206)
            }
            try tree.file("a.bin", bytes(100_001), changed: 784_111_778)
            for validator in [tag, date, "W/\(tag)"] {
                let fields = ["Range: bytes=5-", "If-Range: \(validator)"]
                let response = try client.ask("GET /static/a.bin", fields)
                #expect(response.status == 200)
                #expect(response.body.count == 100_001)
            }
        }
    }

    @Test func `a young file's tag is good for nothing that needs the very bytes`() throws {
        let tree = try StaticTree()
        try tree.file("a.txt", Array("young".utf8), changed: 4_102_444_800)
        try withFiles(tree) { running, _ in
            let client = try running.client()
            let tag = try #require(try client.ask("GET /static/a.txt")["ETag"])
            #expect(tag.hasPrefix("W/"))
            #expect(try client.ask("GET /static/a.txt", ["If-None-Match: \(tag)"]).status == 304)
            #expect(try client.ask("GET /static/a.txt", ["If-Match: \(tag)"]).status == 412)
            let fields = ["Range: bytes=0-1", "If-Range: \(tag)"]
            #expect(try client.ask("GET /static/a.txt", fields).status == 200)
        }
    }
}
