import Foundation
import Testing

@testable import Syscalls

@Suite struct LogFileTests {
    @Test func `bytes are appended to what is there`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "log").path
        for text in ["one\n", "two\n"] {
            let file = try LogFile(appendingTo: path)
            #expect(try file.append(text.utf8.span) == .bytes(4))
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\ntwo\n")
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let mode = try #require(attributes[.posixPermissions] as? Int)
        #expect(mode & ~0o640 == 0)
    }

    @Test func `a file that cannot be is an error`() {
        #expect(throws: Errno.noSuchFile) { _ = try LogFile(appendingTo: "/nowhere/log") }
    }

    @Test func `a full disk is an error`() throws {
        let file = try LogFile(appendingTo: "/dev/full")
        #expect(throws: Errno.noSpace) { _ = try file.append("x".utf8.span) }
    }
}
