internal import Syscalls

/// A folder that files are written to, off the loop: opened once, and nothing is written outside it.
///
///     let uploads = try UploadFolder("/srv/uploads")
///     router.stream(.put, "/upload/{name}") { request, response in
///         let name = request.head.parameter("name") ?? ""
///         let byteCount = try await uploads.save(request.body, as: name)
///         response.send("\(byteCount) bytes")
///     }
///
/// A file appears under its name whole or not at all: see `FileSink`.
public final class UploadFolder: Sendable {
    /// What happens when there is a file of that name.
    public enum Existing: Sendable {
        /// The new one takes its place; whoever reads the old one goes on reading it. A symbolic
        /// link is replaced itself, and never followed.
        case replaced
        /// The old one stays: `HTTPError` 409 `file_exists`.
        case kept
    }

    let folder: Folder
    package let pool: OffloadPool
    let hasNamelessFiles: Bool
    private let allowsHidden: Bool

    /// Opens a folder. Blocks for as long as that takes: for a program's start.
    ///
    /// - Parameters:
    ///   - allowsHidden: Takes names that begin with a dot.
    ///   - pool: Whose threads do the work.
    /// - Throws: `FileError` when it cannot be opened, or is no folder.
    public convenience init(
        _ path: String, allowsHidden: Bool = false, pool: OffloadPool = .shared
    ) throws(FileError) {
        try self.init(path, allowsHidden: allowsHidden, pool: pool, usesNamelessFiles: true)
    }

    /// The same, without the help of nameless files even where there are some.
    package init(
        _ path: String, allowsHidden: Bool = false, pool: OffloadPool = .shared,
        usesNamelessFiles: Bool
    ) throws(FileError) {
        do throws(Errno) {
            folder = try Folder(path)
        } catch {
            throw FileError("folder \(path.debugDescription) cannot be opened: \(error)")
        }
        self.allowsHidden = allowsHidden
        self.pool = pool
        hasNamelessFiles = usesNamelessFiles && folder.hasNamelessFiles()
    }

    /// Whether a file may have this name here: one component of at most 255 bytes without NUL, not
    /// `.` or `..`, and hidden only where that is allowed.
    public func allows(name: String) -> Bool {
        Folder.isName(name) && (allowsHidden || name.utf8.first != UInt8(ascii: "."))
    }

    /// Begins a file.
    ///
    /// - Parameter existing: What happens to a file of that name, when the new one is finished.
    /// - Throws: `HTTPError` 400 `invalid_file_name`; 503 when the pool has no room; 507 when the
    ///   disk has none; `FileError`.
    public func create(
        _ name: String, existing: Existing = .replaced
    ) async throws -> FileSink {
        guard allows(name: name) else {
            throw HTTPError(
                .badRequest, code: "invalid_file_name",
                message: "a file's name has no slash, is not hidden, and has at most 255 bytes")
        }
        let file = try await pool.run { try PendingFile(name, existing, in: self) }
        return FileSink(file)
    }

    /// Writes all chunks to a file. One is written while nobody yet asks for the next, so that
    /// whoever sends them is slowed down to the speed of the disk.
    ///
    /// - Parameters:
    ///   - existing: What happens to a file of that name, when the new one is finished.
    ///   - synchronizing: As for `FileSink.finish`.
    /// - Returns: The bytes that were written.
    /// - Throws: As `create`, and what the chunks throw; nothing is left behind then.
    @discardableResult
    public func save<Chunks: AsyncSequence>(
        _ chunks: Chunks, as name: String, existing: Existing = .replaced,
        synchronizing: Bool = false
    ) async throws -> Int where Chunks.Element == [UInt8] {
        var sink = try await create(name, existing: existing)
        var iterator = chunks.makeAsyncIterator()
        while let chunk = try await iterator.next(isolation: #isolation) {
            try await sink.write(chunk)
        }
        return try await sink.finish(synchronizing: synchronizing)
    }
}

/// A file that cannot be written. Clients see a 500; what is in here is for the log.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried and why it failed.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
