import Foundation
import TestSupport
import Testing

/// A client that we have not written.
@Suite(.onEveryEngine, .enabled(if: Curl.isInstalled, "curl is not installed"))
struct CurlTests {
    @Test(arguments: ["--http1.1", "--http1.0"])
    func `curl gets every route`(version: String) throws {
        try withSluice { sluice in
            let url = sluice.urls[0]
            #expect(try Curl.run(version, "\(url)/") == "Hello, World!")
            #expect(try Curl.run(version, "\(url)/health") == "OK")
            #expect(try Curl.run(version, "\(url)/stream").split(separator: "\n").count == 5)
            #expect(try Curl.run(version, "-d", "a=b", "\(url)/submit") == "a=b")
            #expect(
                try Curl.run(version, "-o", "/dev/null", "-w", "%{http_code}", "\(url)/no") == "404"
            )
            let head = try Curl.run(version, "--head", "\(url)/")
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(head.contains("Content-Length: 13\r\n"))
        }
    }

    @Test(arguments: ["Transfer-Encoding: chunked", "Expect: 100-continue", "Expect:"])
    func `curl uploads a megabyte and gets it back`(field: String) throws {
        try withSluice { sluice in
            let folder = FileManager.default.temporaryDirectory
                .appendingPathComponent("sluice-curl-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let body = Data(bytes(1_048_576))
            let sent = folder.appendingPathComponent("sent")
            let echoed = folder.appendingPathComponent("echoed")
            try body.write(to: sent)
            let log = try Curl.run(
                "--http1.1", "--verbose", "-H", field, "--data-binary", "@\(sent.path)", "-o",
                echoed.path, "--stderr", "-", "\(sluice.urls[0])/submit")
            #expect(try Data(contentsOf: echoed) == body)
            #expect(log.contains("< HTTP/1.1 100 Continue") == field.hasSuffix("100-continue"))
        }
    }

    @Test func `curl stops an upload that is too large`() throws {
        try withSluice(["--max-body-bytes", "1k"]) { sluice in
            let text = String(repeating: "x", count: 100_000)
            let status = try Curl.run(
                "--http1.1", "-d", text, "-o", "/dev/null", "-w", "%{http_code}",
                "\(sluice.urls[0])/submit")
            #expect(status == "413")
        }
    }

    @Test func `curl uses one connection for several requests`() throws {
        try withSluice { sluice in
            let url = sluice.urls[0]
            let counts = try Curl.run(
                "-w", "%{num_connects} ", "-o", "/dev/null", "\(url)/", "--next", "--silent", "-w",
                "%{num_connects} ", "-o", "/dev/null", "-d", "a", "\(url)/submit", "--next",
                "--silent", "-w", "%{num_connects}", "-o", "/dev/null", "\(url)/nothing")
            #expect(counts == "1 0 0")
        }
    }
}

/// The client on this machine, if there is one.
enum Curl {
    static let path = ["/usr/bin/curl", "/usr/local/bin/curl", "/bin/curl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    static var isInstalled: Bool { path != nil }

    /// What it prints; an exit code other than 0 is an error.
    @discardableResult
    static func run(_ arguments: String...) throws -> String {
        try run(arguments)
    }

    /// The same.
    @discardableResult
    static func run(_ arguments: [String]) throws -> String {
        let quiet = ["-q", "--silent", "--show-error", "--noproxy", "*", "--max-time", "15"]
        let finished = try ChildProcess(path ?? "curl", quiet + arguments).wait()
        guard finished.code == 0 else {
            throw ClientFailure("curl \(arguments): \(finished.code) \(finished.error)")
        }
        return finished.output
    }
}
