internal import CLinux
internal import Glibc

// Reading what lies beneath a folder, by paths that strangers may have written.
//
// A path is looked up without opening what it leads to (O_PATH of open(2)), and only a regular file
// is then opened, through its descriptor: to open a fifo waits for its other end, and to open a
// device may do anything. Where there is /proc, what is opened is what was looked at, also when its
// name has meanwhile been given to something else.

/// What a path beneath a folder leads to.
package enum OpenedBeneath: ~Copyable, Sendable {
    /// A regular file, open for reading, and what it was just before that.
    case file(FileDescriptor, FileInfo)
    /// A folder, perhaps the root itself.
    case folder(FileInfo)
    /// A fifo, a socket or a device. It has not been opened.
    case other
}

/// Who sees to it that a path does not lead out of a folder.
package enum PathResolution: CaseIterable, Sendable {
    /// The kernel (openat2(2), Linux 5.6), which follows symbolic links as long as they stay inside.
    /// Where there is no such call, as `.stepwise`.
    case kernel
    /// Ourselves, one name after the other; any symbolic link is ELOOP.
    case stepwise
}

extension Folder {
    /// Opens a regular file, or says what else is there. Blocks while the disk is read for it, but
    /// waits for nobody's doing.
    ///
    /// - Parameter path: Names divided by `/`, percent-decoded. None is the folder itself.
    /// - Throws: ENOENT, ENOTDIR, EACCES, ENAMETOOLONG as open(2); EXDEV when the path leads out of
    ///   the folder, by `..`, as an absolute one or by a symbolic link; ELOOP when there are too
    ///   many links, or one where none may be; EAGAIN while another program holds a lease of the
    ///   file (fcntl(2)).
    package func openFile(
        beneath path: Span<UInt8>, resolution: PathResolution = .kernel
    ) throws(Errno) -> OpenedBeneath {
        let path = try RelativePath(path)
        let found = try resolve(path, clinux_path_only(), resolution)
        let info = try found.info()
        switch info.kind {
        case .directory: return .folder(info)
        case .symbolicLink, .other: return .other
        case .regular: break
        }
        do throws(Errno) {
            return .file(try openAgain(found), info)
        } catch {
            guard error == .noSuchFile else { throw error }
        }
        // Without /proc by the name once more. It may be another thing's by now: O_NONBLOCK keeps a
        // fifo from waiting.
        let file = try resolve(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, resolution)
        let newInfo = try file.info()
        return newInfo.kind == .regular ? .file(file, newInfo) : .other
    }

    /// What a path leads to, without opening it. Blocks and throws as `openFile`, except that
    /// nothing need be readable.
    package func info(
        beneath path: Span<UInt8>, resolution: PathResolution = .kernel
    ) throws(Errno) -> FileInfo {
        try resolve(try RelativePath(path), clinux_path_only(), resolution).info()
    }

    /// Opens what a path leads to, whatever it is: with O_PATH, or O_NONBLOCK at least.
    func resolve(
        _ path: RelativePath, _ flags: Int32, _ resolution: PathResolution
    ) throws(Errno) -> FileDescriptor {
        switch resolution {
        case .stepwise: return try walk(path, flags)
        case .kernel: break
        }
        do throws(Errno) {
            return try resolveByKernel(path, flags)
        } catch {
            // EPERM is how some sandboxes say ENOSYS; without O_NOATIME the call has no other use
            // for it.
            guard error == .notImplemented || error == .notPermitted else { throw error }
        }
        return try walk(path, flags)
    }

    /// Looked up so often, a path counts as leading out of the folder. A try takes microseconds, and
    /// fails only when something is renamed within them.
    private static let maximumTries = 16

    /// EAGAIN is what the kernel says when it cannot be sure that a `..` of a symbolic link has not
    /// left the folder, because something was renamed at that moment.
    private func resolveByKernel(
        _ path: RelativePath, _ flags: Int32
    ) throws(Errno) -> FileDescriptor {
        let folder = descriptor.rawValue
        for _ in 0..<Self.maximumTries {
            do throws(Errno) {
                let rawValue = try SystemCall.open.perform {
                    // SAFETY: the characters end with a 0 and stay during the call.
                    unsafe clinux_open_beneath(folder, path.characters, flags)
                }
                return FileDescriptor(owning: rawValue)
            } catch {
                guard error == .wouldBlock else { throw error }
            }
        }
        throw .crossDeviceLink
    }

    /// Goes down name by name. Each step is from an open folder to something in it, and with neither
    /// `..` nor links there is no way up.
    private func walk(_ path: RelativePath, _ flags: Int32) throws(Errno) -> FileDescriptor {
        var names = path.names
        let last = names.removeLast()
        var place = try step(from: descriptor, to: RelativePath.here, clinux_path_only())
        for name in names { place = try step(from: place, to: name, clinux_path_only()) }
        place = try step(from: place, to: last, flags)
        if path.wantsFolder, try place.info().kind != .directory { throw .notDirectory }
        return place
    }

    /// Opens something in a folder; a symbolic link is ELOOP, also with O_PATH, by which it can be
    /// open itself.
    private func step(
        from folder: borrowing FileDescriptor, to name: [CChar], _ flags: Int32
    ) throws(Errno) -> FileDescriptor {
        let folder = folder.rawValue
        let rawValue = try SystemCall.open.perform {
            // SAFETY: the name ends with a 0 and stays during the call.
            unsafe openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC)
        }
        let place = FileDescriptor(owning: rawValue)
        if try place.info().kind == .symbolicLink { throw .tooManySymbolicLinks }
        return place
    }

    /// Opens for reading what is open as a mere path. It must be a regular file; ENOENT without
    /// /proc.
    private func openAgain(_ found: borrowing FileDescriptor) throws(Errno) -> FileDescriptor {
        let path = Self.processPath(found)
        let rawValue = try SystemCall.open.perform {
            // SAFETY: the path is a 0-terminated copy during the call.
            unsafe Glibc.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        }
        return FileDescriptor(owning: rawValue)
    }
}
