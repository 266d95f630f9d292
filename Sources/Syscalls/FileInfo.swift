internal import CLinux  // `timespec` belongs to whichever the compiler meets first.
internal import Glibc

/// What the file system knows of a file, at one moment. 40 bytes, no heap.
package struct FileInfo: Equatable, Sendable {
    /// What a name stands for (inode(7)).
    package enum Kind: Equatable, Sendable {
        /// Bytes on a disk, or what the file system shows as such.
        case regular
        /// A folder.
        case directory
        /// A symbolic link itself, not what it leads to.
        case symbolicLink
        /// A fifo, a socket or a device: to open one may wait, or do something.
        case other
    }

    /// Changes when the name is given to another file.
    package let inode: UInt64
    /// The file system; an inode is one of its.
    package let device: UInt64
    /// Bytes; of a symbolic link those of its target, of a folder what the file system likes.
    package let size: Int
    /// When its bytes were last changed: seconds since 1970, negative before.
    package let modifiedSeconds: Int64
    /// And nanoseconds, 0 to 999,999,999. Many file systems know the time only by the kernel's
    /// ticks, of 1 to 10 ms: two changes within one look like one.
    package let modifiedNanoseconds: Int32
    package let kind: Kind

    init(_ status: stat) {
        inode = UInt64(status.st_ino)
        device = UInt64(status.st_dev)
        size = Int(status.st_size)
        modifiedSeconds = Int64(status.st_mtim.tv_sec)
        modifiedNanoseconds = Int32(status.st_mtim.tv_nsec)
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .other
            }
    }
}

extension FileDescriptor {
    /// What is open here (fstat(2)).
    package func info() throws(Errno) -> FileInfo {
        let rawValue = rawValue
        var status = stat()
        _ = try SystemCall.other.perform {
            // SAFETY: fstat(2) writes one structure.
            unsafe fstat(rawValue, &status)
        }
        return FileInfo(status)
    }

    /// Appends bytes of a file, from `offset` on, to `output`, which must have room (pread(2)). The
    /// file's own position is neither used nor moved, so several threads may read one file.
    ///
    /// Fewer bytes than there is room for do not mean that the file ends there. Blocking, while the
    /// disk is read.
    package func read(
        at offset: Int, into output: inout OutputSpan<UInt8>
    ) throws(Errno) -> IOResult {
        precondition(offset >= 0 && output.freeCapacity > 0)
        let rawValue = rawValue
        let count = SystemCall.read.allowedCount(output.freeCapacity)
        return try unsafe output.withUnsafeMutableBufferPointer {
            (bytes, initializedCount) throws(Errno) in
            let unused = unsafe bytes.baseAddress! + initializedCount
            let result = try SystemCall.read.performIO {
                // SAFETY: the room behind the initialised bytes belongs to the span, and we report
                // how much of it the kernel filled.
                unsafe pread(rawValue, unused, count, offset)
            }
            if case .bytes(let count) = result { initializedCount += count }
            return result == .bytes(0) ? .endOfStream : result
        }
    }
}
