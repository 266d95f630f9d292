import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Sluice

/// Lines of the error log.
@Suite struct ErrorLogTests {
    private static let time = (seconds: Int64(1_795_289_234), nanoseconds: Int64(7_999_999))

    private func entry(_ message: String, _ level: LogLevel = .error) -> LogEntry {
        LogEntry(level: level, message: message, time: Self.time)
    }

    /// A folder that goes away with its files.
    private final class Scratch: Sendable {
        let path = NSTemporaryDirectory() + "sluice-log-" + UUID().uuidString
        init() throws {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
        }
    }

    @Test func `a line has time, level, fields and message`() {
        #expect(
            entry("out of tea").text(instanceID: "") == "2026-11-21T19:27:14.007Z error: out of tea"
        )
        var entry = entry("GET /: out of tea", .warning)
        (entry.requestID, entry.errorID) = ("r1", "e1")
        #expect(
            entry.text(instanceID: "web-1")
                == "2026-11-21T19:27:14.007Z warning instance=web-1 request_id=r1 error_id=e1: "
                + "GET /: out of tea")
    }

    @Test func `JSON is one object a line, its keys in order`() throws {
        var entry = entry("out of \"tea\"\n\u{1B}[2J")
        (entry.requestID, entry.errorID) = ("r1", "e1")
        let line = entry.json(instanceID: "web-1")
        #expect(!line.contains("\n"))
        #expect(
            line
                == #"{"error_id":"e1","instance":"web-1","level":"error","#
                + #""message":"out of \"tea\"\n\u001b[2J","request_id":"r1","#
                + #""time":"2026-11-21T19:27:14.007Z"}"#)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        #expect(object["message"] == entry.message)
    }

    @Test(arguments: ["a\nb", "a\r\nb", "a\u{0}b", "a\u{1B}[2Jb", "a\u{2028}b", "a\u{202E}b"])
    func `nobody can forge a line`(message: String) {
        for text in [
            entry(message).text(instanceID: ""), entry("m").text(instanceID: message),
        ] {
            let isPlain = text.unicodeScalars.allSatisfy { (0x20...0x7E).contains($0.value) }
            #expect(isPlain, "\(text)")
        }
    }

    @Test func `a field in front of the message is no part of it`() {
        let text = entry("request_id=forged: x").text(instanceID: "a b: c")
        #expect(text.hasSuffix(#"error instance="a b: c": request_id=forged: x"#))
    }

    @Test func `a message is bounded in both forms`() {
        let entry = entry(String(repeating: "ö", count: 9_999))
        #expect(entry.text(instanceID: "").filter { $0 == "ö" }.count == 2_000)
        #expect(entry.json(instanceID: "").filter { $0 == "ö" }.count == 2_000)
    }

    @Test func `only what is grave enough is written, and the level can change`() throws {
        let lines = Mutex<[String]>([])
        let log = try ErrorLog(
            to: .closure { line in lines.withLock { $0.append(line) } }, level: .warning)
        for level in LogLevel.allCases { log.write(level, level.name) }
        let written = lines.withLock { $0.map { String($0.split(separator: " ").last ?? "") } }
        #expect(written == ["warning", "error", "critical"])
        log.level = .trace
        #expect(LogLevel.allCases.allSatisfy { log.writes($0) })
        log.level = .critical
        #expect(LogLevel.allCases.filter { log.writes($0) } == [.critical])
        var isMade = false
        func message() -> String {
            isMade = true
            return ""
        }
        log.write(.error, message())
        #expect(!isMade, "what is not written is not made")
    }

    @Test func `debugging is turned on and off, and the log says so`() throws {
        let lines = Mutex<[String]>([])
        let log = try ErrorLog(
            to: .closure { line in lines.withLock { $0.append(line) } }, level: .error)
        log.toggleDebugging(from: .error)
        #expect(log.level == .debug)
        log.toggleDebugging(from: .error)
        #expect(log.level == .error)
        #expect(lines.withLock { $0.count } == 2)
        log.level = .debug
        log.toggleDebugging(from: .debug)
        #expect(log.level == .trace)
    }

    @Test func `a level has a name`() {
        #expect(LogLevel.allCases.map { LogLevel($0.name) } == LogLevel.allCases)
        #expect(LogLevel("loud") == nil && LogLevel("Error") == nil)
    }

    @Test func `lines are appended to a file that others may not read`() throws {
        let scratch = try Scratch()
        let path = scratch.path + "/log"
        for word in ["first", "second"] {
            try ErrorLog(to: .file(path)).write(.error, word)
        }
        let lines = try scratch.text("log").split(separator: "\n")
        #expect(lines.map { $0.split(separator: " ").last } == ["first", "second"])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect((mode as? Int).map { $0 & 0o117 } == 0)
    }

    @Test func `a file that was renamed is opened anew, and none of its lines is lost`() throws {
        let scratch = try Scratch()
        let log = try ErrorLog(to: .file(scratch.path + "/log"))
        log.write(.error, "before")
        try FileManager.default.moveItem(
            atPath: scratch.path + "/log", toPath: scratch.path + "/log.1")
        log.write(.error, "between")
        try log.reopen()
        log.write(.error, "after")
        #expect(try scratch.text("log.1").split(separator: "\n").count == 2)
        #expect(try scratch.text("log").split(separator: "\n").count == 1)
    }

    @Test(arguments: ["/nowhere/log", "/tmp"])
    func `a file that cannot be is named`(path: String) {
        #expect {
            try ErrorLog(to: .file(path))
        } throws: {
            "\($0)".contains("\"\(path)\"")
        }
    }

    @Test func `lines of several threads stay whole`() async throws {
        let scratch = try Scratch()
        let log = try ErrorLog(to: .file(scratch.path + "/log"), format: .json)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask {
                    for _ in 0..<250 {
                        log.write(.error, String(repeating: "\(number)", count: 1_500))
                    }
                }
            }
        }
        let lines = try scratch.text("log").split(separator: "\n")
        #expect(lines.count == 1_000)
        for line in lines {
            let object =
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
            #expect(object?["message"].map { Set($0).count } == 1)
        }
    }
}
