import Foundation
import Glibc
import Sluice
import Syscalls
import TestSupport

/// A folder of files for a test, which goes with it.
final class StaticTree {
    /// What is served.
    let path: String
    /// Holds that folder, and what lies beside it and must not be served.
    private let parent: URL

    init() throws {
        parent = FileManager.default.temporaryDirectory
            .appendingPathComponent("sluice-static-\(UUID().uuidString)")
        path = parent.appendingPathComponent("root").path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        try Data("secret".utf8).write(to: parent.appendingPathComponent("secret.txt"))
    }

    deinit {
        try? FileManager.default.removeItem(at: parent)
    }

    func place(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a file, with the folders on the way, or replaces it by another; last changed long ago.
    @discardableResult
    func file(_ name: String, _ content: [UInt8], changed: Int = 784_111_777) throws -> [UInt8] {
        let url = URL(fileURLWithPath: place(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content).write(to: url, options: .atomic)
        try setChanged(name, changed)
        return content
    }

    @discardableResult
    func file(_ name: String, _ text: String) throws -> [UInt8] {
        try file(name, Array(text.utf8))
    }

    func folder(_ name: String) throws {
        try FileManager.default.createDirectory(
            atPath: place(name), withIntermediateDirectories: true)
    }

    func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            atPath: place(name), withDestinationPath: target)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: place(name))
    }

    /// Writes over a file in its place, without a new name or inode.
    func overwrite(_ name: String, _ text: String) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: place(name)))
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    func setMode(_ name: String, _ mode: Int) throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: place(name))
    }

    func setChanged(_ name: String, _ seconds: Int) throws {
        let time = timespec(tv_sec: seconds, tv_nsec: 123_456_789)
        // SAFETY: utimensat(2) reads two times; the path is a 0-terminated copy during the call.
        try check(unsafe utimensat(AT_FDCWD, place(name), [time, time], 0))
    }

    func truncate(_ name: String, to byteCount: Int) throws {
        // SAFETY: the path is a 0-terminated copy during the call.
        try check(unsafe Glibc.truncate(place(name), byteCount))
    }

    /// Puts a file out of memory, where the file system lets us.
    func forget(_ name: String) throws {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: place(name)))
        try handle.synchronize()
        posix_fadvise(handle.fileDescriptor, 0, 0, POSIX_FADV_DONTNEED)
        try handle.close()
    }

    func fifo(_ name: String) throws {
        // SAFETY: the path is a 0-terminated copy during the call.
        try check(unsafe mkfifo(place(name), 0o644))
    }

    private func check(_ result: Int32) throws {
        if result != 0 { throw ClientFailure("errno \(errno)") }
    }
}

/// Serves a tree under `/static` while `body` runs.
///
/// - Parameters:
///   - checkInterval: Nanoseconds; 0: whatever is kept is held against the file system every time.
func withFiles(
    _ tree: StaticTree, _ options: StaticFiles.Options = StaticFiles.Options(),
    stepwise: Bool = false, checkInterval: UInt64 = 0,
    _ body: (RunningServer, StaticFiles) throws -> Void
) throws {
    let files = try StaticFiles(
        tree.path, options: options, resolution: stepwise ? .stepwise : .kernel,
        checkInterval: checkInterval)
    var router = Router()
    router.files("/static", files)
    try withServer(router) { running in try body(running, files) }
}
