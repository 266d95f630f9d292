import Foundation
import Syscalls
import Testing

@Suite struct FolderTests {
    @Test func `only one component that is not hidden in others is a name`() {
        for name in ["a", "a.b", ".hidden", "...", "ä b", "\\", String(repeating: "x", count: 255)]
        {
            #expect(Folder.isName(name), "\(name)")
        }
        for name in [
            "", ".", "..", "/", "a/b", "../a", "a\u{0}", String(repeating: "x", count: 256),
        ] {
            #expect(!Folder.isName(name), "\(name)")
        }
    }

    @Test func `a nameless file has a name when it is given one`() throws {
        try withTemporaryFolder { path, folder in
            guard folder.hasNamelessFiles() else { return }
            let file = try folder.makeNamelessFile(mode: 0o644)
            try Output.write("abc".utf8.span, to: file)
            try file.synchronize()
            #expect(names(path) == [])
            try folder.link(file, as: "a")
            try folder.synchronize()
            #expect(names(path) == ["a"])
            #expect(text(path + "/a") == "abc")
            #expect(throws: Errno.fileExists) { try folder.link(file, as: "a") }
            let other = try folder.makeNamelessFile(mode: 0o644)
            other.close()
            #expect(names(path) == ["a"])
        }
    }

    @Test func `a new file takes the place of nothing, a renamed one of what is there`() throws {
        try withTemporaryFolder { path, folder in
            try Output.write("old".utf8.span, to: try folder.makeFile("a", mode: 0o644))
            #expect(throws: Errno.fileExists) { _ = try folder.makeFile("a", mode: 0o644) }
            try Output.write("new".utf8.span, to: try folder.makeFile("b", mode: 0o644))
            #expect(throws: Errno.fileExists) { try folder.link("b", as: "a") }
            #expect(text(path + "/a") == "old")
            try folder.rename("b", to: "a")
            #expect(text(path + "/a") == "new")
            #expect(names(path) == ["a"])
            try folder.link("a", as: "c")
            try folder.remove("a")
            #expect(names(path) == ["c"])
            #expect(throws: Errno.noSuchFile) { try folder.remove("a") }
            #expect(throws: Errno.noSuchFile) { try folder.rename("a", to: "b") }
        }
    }

    @Test func `symbolic links are not followed, neither by making nor by renaming`() throws {
        try withTemporaryFolder { path, folder in
            let outside = path + "-outside"
            try FileManager.default.createSymbolicLink(
                atPath: path + "/link", withDestinationPath: outside)
            #expect(throws: Errno.fileExists) { _ = try folder.makeFile("link", mode: 0o644) }
            try Output.write("x".utf8.span, to: try folder.makeFile("a", mode: 0o644))
            try folder.rename("a", to: "link")
            #expect(FileAccess.target(ofLink: path + "/link") == nil)
            #expect(!FileAccess.exists(outside))
        }
    }

    @Test func `what is no folder is refused`() throws {
        #expect(throws: Errno.notDirectory) { _ = try Folder("/proc/self/status") }
        #expect(throws: Errno.noSuchFile) { _ = try Folder("/no such folder") }
        // A file system that has no nameless files.
        #expect(try !Folder("/proc").hasNamelessFiles())
    }

    private func names(_ path: String) -> [String] {
        FileAccess.names(inFolder: path)?.sorted() ?? []
    }

    private func text(_ path: String) -> String? {
        try? String(decoding: WholeFile.read(path, maximumByteCount: 100), as: UTF8.self)
    }

    private func withTemporaryFolder(_ body: (String, borrowing Folder) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("sluice-folder-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path, try Folder(path))
    }
}
