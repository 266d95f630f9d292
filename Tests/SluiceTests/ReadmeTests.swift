import Foundation
import TestSupport
import Testing

/// The README's snippet is the source of a program that is built and runs.
@Suite struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    @Test func `the snippet is the source of the hello example`() throws {
        let readme = try Self.text("README.md")
        let source = try Self.text("Sources/Examples/hello/Hello.swift")
        let start = try #require(readme.range(of: "```swift\n"))
        let end = try #require(readme.range(of: "```", range: start.upperBound..<readme.endIndex))
        #expect(readme[start.upperBound..<end.lowerBound] == source)
    }

    @Test func `the hello example runs as it is built`() throws {
        // stdbuf(1): what a program prints into a pipe would otherwise come only at its end.
        let process = try ChildProcess(
            "/usr/bin/env", ["stdbuf", "-oL", SluiceProcess.path(of: "hello"), "0"])
        let line = try #require(try process.outputLines(1).first)
        let port = try #require(line.split(separator: ":").last.flatMap { Int($0) })
        let client = try RawClient(port: port)
        try client.send("GET /hello?name=Ada%20L HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try client.response().text == "Hello, Ada L!\n")
        try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        #expect(try client.response().text == "abc")
        process.signal(SIGKILL)
        _ = try process.wait()
    }
}
