import Foundation
import Sluice
import Syscalls
import TestSupport
import Testing

/// Files that are written off the loop: with nameless files where this file system has them, and
/// without.
@Suite(.timeLimit(.minutes(1))) struct UploadFolderTests {
    @Test(arguments: [true, false])
    func `a file appears whole, when it is finished`(usesNamelessFiles: Bool) async throws {
        try await withTemporaryFolder(usesNamelessFiles) { folder, uploads, _ in
            var sink = try await uploads.create("a.txt")
            try await sink.write(Array("one ".utf8))
            try await sink.write([])
            try await sink.write(Array("two".utf8))
            #expect(visible(folder) == [])
            #expect(sink.byteCount == 7 && sink.name == "a.txt")
            #expect(try await sink.finish(synchronizing: true) == 7)
            #expect(names(folder) == ["a.txt"])
            #expect(text(folder, "a.txt") == "one two")
        }
    }

    @Test(arguments: [true, false])
    func `an old file is replaced, or kept as is asked for`(usesNamelessFiles: Bool) async throws {
        try await withTemporaryFolder(usesNamelessFiles) { folder, uploads, _ in
            for content in ["first", "second"] {
                try await uploads.save(chunks(content), as: "a")
                #expect(text(folder, "a") == content)
            }
            let error = await #expect(throws: HTTPError.self) {
                try await uploads.save(chunks("third"), as: "a", existing: .kept)
            }
            #expect(error?.status == .conflict && error?.code == "file_exists")
            #expect(try await uploads.save(chunks("new"), as: "b", existing: .kept) == 3)
            await uploads.isQuiet()
            #expect(names(folder) == ["a", "b"])
            #expect(text(folder, "a") == "second" && text(folder, "b") == "new")
        }
    }

    @Test(arguments: [true, false])
    func `what is not finished leaves nothing`(usesNamelessFiles: Bool) async throws {
        try await withTemporaryFolder(usesNamelessFiles) { folder, uploads, _ in
            do {
                var sink = try await uploads.create("a")
                try await sink.write(Array("x".utf8))
            }
            await #expect(throws: Failure.self) {
                let failing = AsyncThrowingStream<[UInt8], any Error> { chunks in
                    chunks.yield(Array("x".utf8))
                    chunks.finish(throwing: Failure())
                }
                try await uploads.save(failing, as: "b")
            }
            await uploads.isQuiet()
            #expect(names(folder) == [])
        }
    }

    @Test(arguments: [true, false])
    func `a write that was cancelled before it began ends the file`(
        usesNamelessFiles: Bool
    ) async throws {
        try await withTemporaryFolder(usesNamelessFiles) { folder, uploads, pool in
            let isOpen = Monitor(false)
            let writing = Task {
                var sink = try await uploads.create("a")
                let blocked = Task { try await pool.run { isOpen.wait { $0 ? () : nil } } }
                await until { pool.busyCount == 1 }
                let error = await #expect(throws: CancellationError.self) {
                    try await sink.write([1])
                }
                // Without the chunk that was not written, the file would be a wrong one.
                await #expect(throws: FileError.self) { try await sink.write([2]) }
                do {
                    try await sink.finish()
                    Issue.record("it has been finished")
                } catch {
                    #expect(error is FileError)
                }
                isOpen.withLock { $0 = true }
                isOpen.signalAll()
                try await blocked.value
                return error != nil
            }
            // Only the write can wait behind work that is being done; the file is there by then.
            await until { pool.busyCount == 1 && pool.queuedCount == 1 }
            writing.cancel()
            let wasCancelled = try await writing.value
            #expect(wasCancelled)
            await uploads.isQuiet()
            #expect(names(folder) == [])
        }
    }

    @Test(arguments: [true, false])
    func `a symbolic link is replaced and not followed`(usesNamelessFiles: Bool) async throws {
        try await withTemporaryFolder(usesNamelessFiles) { folder, uploads, _ in
            let outside = folder + "-outside"
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/link", withDestinationPath: outside)
            let error = await #expect(throws: HTTPError.self) {
                try await uploads.save(chunks("x"), as: "link", existing: .kept)
            }
            #expect(error?.code == "file_exists")
            try await uploads.save(chunks("x"), as: "link")
            #expect(text(folder, "link") == "x")
            #expect(!FileAccess.exists(outside))
            #expect(FileAccess.target(ofLink: folder + "/link") == nil)
        }
    }

    @Test func `a folder in the place of the file stays, and nothing is left`() async throws {
        try await withTemporaryFolder(true) { folder, uploads, _ in
            try FileManager.default.createDirectory(
                atPath: folder + "/a", withIntermediateDirectories: false)
            await #expect(throws: FileError.self) { try await uploads.save(chunks("x"), as: "a") }
            await uploads.isQuiet()
            #expect(names(folder) == ["a"])
        }
    }

    @Test func `the folder stays the same wherever its path leads later`() async throws {
        try await withTemporaryFolder(true) { folder, uploads, _ in
            let moved = folder + "-moved"
            try FileManager.default.moveItem(atPath: folder, toPath: moved)
            defer { try? FileManager.default.moveItem(atPath: moved, toPath: folder) }
            try await uploads.save(chunks("x"), as: "a")
            #expect(names(moved) == ["a"])
        }
    }

    @Test func `names are one component, and hidden ones only where they are allowed`()
        async throws
    {
        try await withTemporaryFolder(true) { folder, uploads, _ in
            let isRefused = [
                "", ".", "..", "../a", "/etc/passwd", "a/b", "a\u{0}b", ".hidden",
                String(repeating: "x", count: 256),
            ]
            for name in isRefused {
                #expect(!uploads.allows(name: name))
                let error = await #expect(throws: HTTPError.self, "\(name)") {
                    _ = try await uploads.create(name).finish()
                }
                #expect(error?.code == "invalid_file_name" && error?.status == .badRequest)
            }
            #expect(names(folder) == [])
            let permissive = try UploadFolder(folder, allowsHidden: true)
            for name in [".hidden", "...", "ä b", "a\\b", String(repeating: "x", count: 255)] {
                #expect(permissive.allows(name: name))
                try await permissive.save(chunks("x"), as: name)
                #expect(text(folder, name) == "x")
            }
            #expect(!permissive.allows(name: ".."))
        }
    }

    @Test func `a file that has begun is not refused when there is too much to do`() async throws {
        try await withTemporaryFolder(true) { folder, uploads, pool in
            let isOpen = Monitor(false)
            var sink = try await uploads.create("a")
            try await withThrowingTaskGroup { group in
                for _ in 0..<2 {
                    group.addTask { try await pool.run { isOpen.wait { $0 ? () : nil } } }
                }
                await until { pool.busyCount == 1 && pool.queuedCount == 1 }
                let error = await #expect(throws: HTTPError.self) {
                    _ = try await uploads.create("b").finish()
                }
                #expect(error?.status == .serviceUnavailable)
                group.addTask {
                    await until { pool.queuedCount == 2 }
                    isOpen.withLock { $0 = true }
                    isOpen.signalAll()
                }
                try await sink.write(Array("x".utf8))
                try await group.waitForAll()
            }
            try await sink.finish()
            #expect(names(folder) == ["a"])
        }
    }

    @Test func `what is no folder is refused by name`() {
        let error = #expect(throws: FileError.self) { _ = try UploadFolder("/proc/self/status") }
        #expect(error?.description.contains("\"/proc/self/status\"") == true)
        #expect(error?.description.contains("ENOTDIR") == true)
    }

    private func chunks(_ text: String) -> AsyncStream<[UInt8]> {
        AsyncStream { chunks in
            for byte in text.utf8 { chunks.yield([byte]) }
            chunks.finish()
        }
    }

    private func withTemporaryFolder(
        _ usesNamelessFiles: Bool,
        _ body: (String, UploadFolder, OffloadPool) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let pool = OffloadPool(threads: 1, queue: 1)
        try await body(
            folder.path,
            UploadFolder(folder.path, pool: pool, usesNamelessFiles: usesNamelessFiles), pool)
    }
}

private struct Failure: Error {}

extension UploadFolder {
    /// Returns when what was let go of before is gone: the pool has one thread, which keeps the
    /// order.
    fileprivate func isQuiet() async {
        do {
            try await pool.run(isAdmitted: true) {}
        } catch {
            Issue.record(error)
        }
    }
}

/// A folder that is gone with the test.
struct TemporaryFolder: ~Copyable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("sluice-uploads-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// What is in a folder.
func names(_ folder: String) -> [String] {
    FileAccess.names(inFolder: folder)?.sorted() ?? []
}

private func visible(_ folder: String) -> [String] { names(folder).filter { $0.first != "." } }

/// What is in a file.
func text(_ folder: String, _ name: String) -> String? {
    do {
        let bytes = try WholeFile.read("\(folder)/\(name)", maximumByteCount: 1_000)
        return String(decoding: bytes, as: UTF8.self)
    } catch {
        return nil
    }
}
