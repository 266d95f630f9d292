import Foundation
import TestSupport
import Testing

/// `--compress` and `--decompress-requests` of the executable, with clients that we have not written.
@Suite(.onEveryEngine) struct DemoCompressionTests {
    private static let whole = (1...200).map { "chunk \($0) of 200\n" }.joined()

    @Test(.enabled(if: Curl.isInstalled, "curl is not installed"), arguments: [[], ["--http1.0"]])
    func `curl reads what is compressed`(version: [String]) throws {
        try withSluice(["--compress"]) { sluice throws in
            let url = "\(sluice.urls[0])/stream?chunks=200"
            let arguments = version + ["--compressed", "-i", url]
            let answer = try Curl.run(arguments)
            #expect(answer.contains("Content-Encoding: gzip\r\n"))
            #expect(answer.contains("Vary: Accept-Encoding\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n" + Self.whole))
            let plain = try Curl.run(version + ["-i", url])
            #expect(!plain.contains("Content-Encoding"))
            #expect(plain.contains("Vary: Accept-Encoding\r\n"))
            #expect(plain.hasSuffix("\r\n\r\n" + Self.whole))
        }
    }

    @Test(arguments: [
        ([], nil), (["--compress"], "gzip"), (["--compress-level", "1"], "gzip"),
        (["--compress-memory", "4k"], "gzip"), (["--compress-threshold", "40"], "gzip"),
    ])
    func `each option says that answers are compressed`(
        options: [String], large: String?
    ) throws {
        try withSluice(options) { sluice throws in
            let client = try sluice.client()
            // An error's text has 41 bytes, few of them twice: only who demands gzip gets it so.
            for (path, wish, coding) in [
                ("/no", "gzip, identity;q=0", options.isEmpty ? nil : "gzip"),
                ("/no", "gzip", String?.none), ("/stream?chunks=200", "gzip", large),
            ] {
                try client.send(
                    "GET \(path) HTTP/1.1\r\nHost: a\r\nAccept-Encoding: \(wish)\r\n\r\n")
                let response = try client.response()
                #expect(response["Content-Encoding"] == coding, "\(path) \(wish)")
            }
        }
    }

    @Test func `events are compressed one by one`() throws {
        try withSluice(["--compress"]) { sluice throws in
            let client = try sluice.client()
            try client.send(
                "GET /events?count=3&interval=10 HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n"
                    + "\r\n")
            let response = try client.response()
            #expect(response["Content-Encoding"] == "gzip")
            let events = try response.plainText()
            #expect(events.hasPrefix("id: 1\ndata: tick 1\n\n"))
            #expect(events.hasSuffix("id: 3\ndata: tick 3\n\n"))
        }
    }

    @Test func `bodies are decompressed when that is asked for`() throws {
        let body = try compressed(Array("tea leaves".utf8))
        let head =
            "POST /submit HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n"
            + "Content-Length: \(body.count)\r\n\r\n"
        try withSluice { sluice throws in
            let client = try sluice.client()
            try client.send(Array(head.utf8) + body)
            #expect(try client.response().body == body)
        }
        let bomb = try compressed(Array(repeating: 0, count: 4_000_000))
        try withSluice(["--decompress-requests"]) { sluice throws in
            let client = try sluice.client()
            try client.send(Array(head.utf8) + body)
            #expect(try client.response().text == "tea leaves")
            try client.send(
                Array(head.replacing("\(body.count)\r\n\r\n", with: "\(bomb.count)\r\n\r\n").utf8)
                    + bomb)
            #expect(try client.response().status == 413)
        }
    }

    @Test(arguments: [
        (["--compress-level", "0"], "--compress-level: '0' is out of range; give 1 to 9"),
        (
            ["--compress-memory", "3071"],
            "--compress-memory: '3071' is out of range; give 3072 to 1048576 bytes"
        ),
        (
            ["--compress-threshold", "many"],
            "--compress-threshold: 'many' is not a size; give bytes such as 65536, or 64k, 1m, 2g"
        ),
    ])
    func `a value that cannot be is named with its cure`(
        arguments: [String], message: String
    ) throws {
        let finished = try SluiceProcess.run(arguments)
        #expect(finished.code == 2)
        #expect(finished.error == "sluice: \(message)\n")
    }
}
