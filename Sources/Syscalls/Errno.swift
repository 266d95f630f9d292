internal import Glibc

/// The reason for which the kernel refused a call: errno(3) as a value.
package struct Errno: Error, Hashable, Sendable {
    /// The number, as in errno(3).
    package let rawValue: Int32

    /// The error of that number.
    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// What the calling thread's errno says now. Read it directly after the failing call: any
    /// other library call may change it.
    static var current: Errno { Errno(rawValue: errno) }
}

extension Errno {
    /// EPERM.
    package static var notPermitted: Errno { Errno(rawValue: EPERM) }
    /// ENOENT.
    package static var noSuchFile: Errno { Errno(rawValue: ENOENT) }
    /// EINTR. Never leaves this module, except from calls scripted to fail with it in tests.
    package static var interrupted: Errno { Errno(rawValue: EINTR) }
    /// EIO.
    package static var inputOutput: Errno { Errno(rawValue: EIO) }
    /// EBADF.
    package static var badFileDescriptor: Errno { Errno(rawValue: EBADF) }
    /// EAGAIN, the same number as EWOULDBLOCK.
    package static var wouldBlock: Errno { Errno(rawValue: EAGAIN) }
    /// ENOMEM.
    package static var noMemory: Errno { Errno(rawValue: ENOMEM) }
    /// EACCES.
    package static var accessDenied: Errno { Errno(rawValue: EACCES) }
    /// EFAULT.
    package static var badAddress: Errno { Errno(rawValue: EFAULT) }
    /// EEXIST.
    package static var fileExists: Errno { Errno(rawValue: EEXIST) }
    /// EXDEV: for a path beneath a `Folder`, that it leads out of it.
    package static var crossDeviceLink: Errno { Errno(rawValue: EXDEV) }
    /// ENOTDIR.
    package static var notDirectory: Errno { Errno(rawValue: ENOTDIR) }
    /// ENOSPC: the disk is full.
    package static var noSpace: Errno { Errno(rawValue: ENOSPC) }
    /// EDQUOT: the user may not store more.
    package static var quotaExceeded: Errno { Errno(rawValue: EDQUOT) }
    /// EINVAL.
    package static var invalidArgument: Errno { Errno(rawValue: EINVAL) }
    /// ENFILE: the whole machine is out of file descriptors.
    package static var tooManyOpenFilesInSystem: Errno { Errno(rawValue: ENFILE) }
    /// EMFILE: this process is out of file descriptors.
    package static var tooManyOpenFiles: Errno { Errno(rawValue: EMFILE) }
    /// ENAMETOOLONG.
    package static var nameTooLong: Errno { Errno(rawValue: ENAMETOOLONG) }
    /// ENOSYS: the kernel is older than the call.
    package static var notImplemented: Errno { Errno(rawValue: ENOSYS) }
    /// ELOOP: too many symbolic links, or one where none may be.
    package static var tooManySymbolicLinks: Errno { Errno(rawValue: ELOOP) }
    /// EPIPE.
    package static var brokenPipe: Errno { Errno(rawValue: EPIPE) }
    /// ENOTSOCK.
    package static var notSocket: Errno { Errno(rawValue: ENOTSOCK) }
    /// EPROTO.
    package static var protocolError: Errno { Errno(rawValue: EPROTO) }
    /// EADDRINUSE.
    package static var addressInUse: Errno { Errno(rawValue: EADDRINUSE) }
    /// EADDRNOTAVAIL.
    package static var addressNotAvailable: Errno { Errno(rawValue: EADDRNOTAVAIL) }
    /// ENETUNREACH.
    package static var networkUnreachable: Errno { Errno(rawValue: ENETUNREACH) }
    /// ECONNABORTED.
    package static var connectionAborted: Errno { Errno(rawValue: ECONNABORTED) }
    /// ECONNRESET.
    package static var connectionReset: Errno { Errno(rawValue: ECONNRESET) }
    /// ENOBUFS.
    package static var noBufferSpace: Errno { Errno(rawValue: ENOBUFS) }
    /// EISCONN.
    package static var alreadyConnected: Errno { Errno(rawValue: EISCONN) }
    /// ENOTCONN.
    package static var notConnected: Errno { Errno(rawValue: ENOTCONN) }
    /// ETIMEDOUT.
    package static var timedOut: Errno { Errno(rawValue: ETIMEDOUT) }
    /// ECONNREFUSED.
    package static var connectionRefused: Errno { Errno(rawValue: ECONNREFUSED) }
    /// EHOSTUNREACH.
    package static var hostUnreachable: Errno { Errno(rawValue: EHOSTUNREACH) }
    /// EALREADY.
    package static var alreadyInProgress: Errno { Errno(rawValue: EALREADY) }
    /// EINPROGRESS.
    package static var inProgress: Errno { Errno(rawValue: EINPROGRESS) }
}

extension Errno: CustomStringConvertible {
    /// The symbol of errno(3), such as "EADDRINUSE"; "errno 123" for the less common ones.
    /// Whether the process or the system has run out of descriptors or memory: a later try may work.
    package var isExhaustion: Bool {
        self == .tooManyOpenFiles || self == .tooManyOpenFilesInSystem || self == .noBufferSpace
            || self == .noMemory
    }

    package var name: String {
        switch rawValue {
        case EPERM: "EPERM"
        case ENOENT: "ENOENT"
        case EINTR: "EINTR"
        case EIO: "EIO"
        case EBADF: "EBADF"
        case EAGAIN: "EAGAIN"
        case ENOMEM: "ENOMEM"
        case EACCES: "EACCES"
        case EFAULT: "EFAULT"
        case EEXIST: "EEXIST"
        case EXDEV: "EXDEV"
        case ENOTDIR: "ENOTDIR"
        case EISDIR: "EISDIR"
        case EINVAL: "EINVAL"
        case ENFILE: "ENFILE"
        case EMFILE: "EMFILE"
        case ENOSPC: "ENOSPC"
        case EDQUOT: "EDQUOT"
        case EPIPE: "EPIPE"
        case ENAMETOOLONG: "ENAMETOOLONG"
        case ENOSYS: "ENOSYS"
        case ELOOP: "ELOOP"
        case ENOTSOCK: "ENOTSOCK"
        case EPROTO: "EPROTO"
        case ENOPROTOOPT: "ENOPROTOOPT"
        case EOPNOTSUPP: "EOPNOTSUPP"
        case EAFNOSUPPORT: "EAFNOSUPPORT"
        case EADDRINUSE: "EADDRINUSE"
        case EADDRNOTAVAIL: "EADDRNOTAVAIL"
        case ENETDOWN: "ENETDOWN"
        case ENETUNREACH: "ENETUNREACH"
        case ECONNABORTED: "ECONNABORTED"
        case ECONNRESET: "ECONNRESET"
        case ENOBUFS: "ENOBUFS"
        case EISCONN: "EISCONN"
        case ENOTCONN: "ENOTCONN"
        case ETIMEDOUT: "ETIMEDOUT"
        case ECONNREFUSED: "ECONNREFUSED"
        case EHOSTUNREACH: "EHOSTUNREACH"
        case EALREADY: "EALREADY"
        case EINPROGRESS: "EINPROGRESS"
        default: "errno \(rawValue)"
        }
    }

    /// For people: "Address already in use (EADDRINUSE)".
    package var description: String {
        let text = unsafe String(unsafeUninitializedCapacity: 256) { bytes in
            // SAFETY: strerror_r(3) writes at most `count` bytes, a final 0 among them.
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                let start = characters.baseAddress!
                guard unsafe strerror_r(rawValue, start, characters.count) == 0 else { return 0 }
                return unsafe strlen(start)
            }
        }
        return text.isEmpty ? name : "\(text) (\(name))"
    }
}
