internal import CLinux
internal import Glibc

/// What is in a folder.
package struct FolderListing: Sendable {
    /// One name in it.
    package struct Entry: Sendable {
        /// The name, in whatever encoding it has: no NUL, no `/`.
        package let name: [UInt8]
        /// What it stands for. Of a symbolic link, what it leads to, if that can be opened by a path
        /// beneath the root; if not, the link itself.
        package let info: FileInfo
    }

    /// All but `.` and `..`, in no order.
    package let entries: [Entry]
    /// Whether there are more than were asked for.
    package let isTruncated: Bool
}

extension Folder {
    /// What is in the folder that a path leads to, at most `limit` names, hidden ones among them.
    /// Names that appear or go meanwhile may be there or not. Blocks for a call per name, and while
    /// the disk is read.
    ///
    /// - Parameter path: As for `openFile`.
    /// - Throws: As `openFile`; ENOTDIR when it leads to something else.
    package func entries(
        beneath path: Span<UInt8>, limit: Int, resolution: PathResolution = .kernel
    ) throws(Errno) -> FolderListing {
        precondition(limit >= 0)
        let path = try RelativePath(path)
        var stream = try FolderStream(try resolve(path, clinux_path_only(), resolution))
        var entries: [FolderListing.Entry] = []
        while let entry = try stream.next() {
            if entries.count == limit { return FolderListing(entries: entries, isTruncated: true) }
            entries.append(followed(entry, in: path, resolution))
        }
        return FolderListing(entries: entries, isTruncated: false)
    }

    private func followed(
        _ entry: FolderListing.Entry, in folder: RelativePath, _ resolution: PathResolution
    ) -> FolderListing.Entry {
        guard entry.info.kind == .symbolicLink else { return entry }
        do throws(Errno) {
            let path = RelativePath(folder, name: entry.name)
            let info = try resolve(path, clinux_path_only(), resolution).info()
            return FolderListing.Entry(name: entry.name, info: info)
        } catch {
            return entry
        }
    }
}

/// Reads a folder name by name (readdir(3)).
@safe
private struct FolderStream: ~Copyable {
    // Invariant: open, and ours alone.
    private let stream: OpaquePointer

    /// Reads a folder that is open, if only as a path; ENOTDIR when it is none.
    init(_ found: borrowing FileDescriptor) throws(Errno) {
        let place = found.rawValue
        let rawValue = try SystemCall.open.perform {
            // SAFETY: the path is a 0-terminated copy during the call.
            unsafe openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        let folder = FileDescriptor(owning: rawValue)
        // SAFETY: the stream takes the descriptor over, unless there is none (ENOMEM).
        guard let stream = unsafe fdopendir(rawValue) else { throw Errno.current }
        _ = folder.release()
        unsafe self.stream = stream
    }

    deinit {
        // SAFETY: open until here; it closes its descriptor.
        unsafe closedir(stream)
    }

    /// The next name; nil behind the last.
    mutating func next() throws(Errno) -> FolderListing.Entry? {
        while true {
            // At the end errno stays as it was.
            errno = 0
            // SAFETY: an entry is valid until the next call, and used before that.
            guard let entry = unsafe readdir(stream) else {
                if errno == 0 { return nil }
                throw Errno.current
            }
            // SAFETY: the name lies in the entry and ends with a 0.
            let start = unsafe UnsafeRawPointer(entry) + Self.nameOffset
            let name = unsafe start.assumingMemoryBound(to: CChar.self)
            if let entry = unsafe Self.entry(name, in: dirfd(stream)) { return entry }
        }
    }

    private static let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name)!

    private static let notListed = [Array(".".utf8), Array("..".utf8)]

    /// What is said of a name: nothing of `.` and `..`, and of what is gone by now or cannot be
    /// looked at, such as the place of a file system that does not answer.
    @unsafe
    private static func entry(
        _ name: UnsafePointer<CChar>, in folder: Int32
    ) -> FolderListing.Entry? {
        // SAFETY: the caller vouches for the 0 behind the name.
        let bytes = unsafe UnsafeRawBufferPointer(start: name, count: strlen(name))
        let copy = unsafe Array(bytes)
        guard !notListed.contains(copy) else { return nil }
        var status = stat()
        let result = try? SystemCall.other.perform {
            // SAFETY: fstatat(2) reads the name and writes one structure.
            unsafe fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW)
        }
        return result == nil ? nil : FolderListing.Entry(name: copy, info: FileInfo(status))
    }
}
