internal import CLinux
internal import Glibc

/// An open folder, to make files in, or to read what lies beneath it. What is opened is what is
/// used, wherever its path leads later. Names to make are one component, so that nothing leads out
/// of it; paths to read are longer: `Folder+Beneath.swift`.
///
/// Blocking, so it has no place on a loop's thread.
package struct Folder: ~Copyable, Sendable {
    /// Bytes of a name that every usual file system takes (NAME_MAX).
    package static let maximumNameLength = 255

    let descriptor: FileDescriptor

    /// Opens a folder (open(2)); ENOTDIR when it is none.
    package init(_ path: String) throws(Errno) {
        let rawValue = try SystemCall.other.perform {
            // SAFETY: the path is a 0-terminated copy during the call.
            unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        descriptor = FileDescriptor(owning: rawValue)
    }

    /// Whether this can be the name of something in a folder: 1 to 255 bytes, no `/`, no NUL, not
    /// `.` and not `..`.
    package static func isName(_ name: String) -> Bool {
        (1...maximumNameLength).contains(name.utf8.count) && name != "." && name != ".."
            && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    /// Makes a file without a name, to write to (O_TMPFILE of open(2)). It is gone when its
    /// descriptor is closed, also by a crash, unless it has been given a name. EOPNOTSUPP where the
    /// file system has no such files, EISDIR where the kernel has none.
    package func makeNamelessFile(mode: UInt32) throws(Errno) -> FileDescriptor {
        let folder = descriptor.rawValue
        let rawValue = try SystemCall.other.perform { clinux_open_nameless(folder, mode) }
        return FileDescriptor(owning: rawValue)
    }

    /// Makes a file to write to; EEXIST when there is something of this name, be it a symbolic link
    /// that leads nowhere (O_EXCL of open(2)).
    package func makeFile(_ name: String, mode: UInt32) throws(Errno) -> FileDescriptor {
        precondition(Self.isName(name), "not a name in a folder")
        let folder = descriptor.rawValue
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let rawValue = try SystemCall.other.perform {
            // SAFETY: the name is a 0-terminated copy during the call.
            unsafe openat(folder, name, flags, mode_t(mode))
        }
        return FileDescriptor(owning: rawValue)
    }

    /// Gives a nameless file a name (linkat(2)); EEXIST when there is something of this name. Needs
    /// /proc: the other way, AT_EMPTY_PATH, needs a capability.
    package func link(_ file: borrowing FileDescriptor, as name: String) throws(Errno) {
        precondition(Self.isName(name), "not a name in a folder")
        let folder = descriptor.rawValue
        let path = Self.processPath(file)
        _ = try SystemCall.other.perform {
            // SAFETY: both are 0-terminated copies during the call.
            unsafe linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW)
        }
    }

    /// Gives a file a second name (linkat(2)); EEXIST when there is something of that name.
    package func link(_ name: String, as other: String) throws(Errno) {
        precondition(Self.isName(name) && Self.isName(other), "not a name in a folder")
        let folder = descriptor.rawValue
        _ = try SystemCall.other.perform {
            // SAFETY: both are 0-terminated copies during the call.
            unsafe linkat(folder, name, folder, other, 0)
        }
    }

    /// Gives a file another name, in place of what has it: a file, or a symbolic link, which itself
    /// is replaced and not followed (rename(2)). At every moment the name is there.
    package func rename(_ name: String, to other: String) throws(Errno) {
        precondition(Self.isName(name) && Self.isName(other), "not a name in a folder")
        let folder = descriptor.rawValue
        _ = try SystemCall.other.perform {
            // SAFETY: both are 0-terminated copies during the call.
            unsafe renameat(folder, name, folder, other)
        }
    }

    /// Removes a file (unlink(2)).
    package func remove(_ name: String) throws(Errno) {
        precondition(Self.isName(name), "not a name in a folder")
        let folder = descriptor.rawValue
        _ = try SystemCall.other.perform {
            // SAFETY: the name is a 0-terminated copy during the call.
            unsafe unlinkat(folder, name, 0)
        }
    }

    /// Returns when the names in the folder are on the disk (fsync(2)).
    package func synchronize() throws(Errno) {
        try descriptor.synchronize()
    }

    /// Whether nameless files can be made here and given a name: the file system has them, and /proc
    /// is there.
    package func hasNamelessFiles() -> Bool {
        do throws(Errno) {
            let file = try makeNamelessFile(mode: 0o600)
            return FileAccess.exists(Self.processPath(file))
        } catch {
            return false
        }
    }

    /// Leads to an open file, whatever its name is now (proc_pid_fd(5)).
    static func processPath(_ file: borrowing FileDescriptor) -> String {
        "/proc/self/fd/\(file.rawValue)"
    }
}

extension FileDescriptor {
    /// Returns when what has been written to the file is on the disk (fsync(2)). Blocking.
    package func synchronize() throws(Errno) {
        let rawValue = rawValue
        _ = try SystemCall.other.perform { fsync(rawValue) }
    }
}
