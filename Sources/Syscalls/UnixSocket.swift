internal import CLinux
internal import Glibc

/// Where a Unix socket is: a path in the file system (unix(7)). 110 bytes, no heap.
package struct UnixSocketAddress: Sendable {
    /// The longest path: `sun_path` less the byte that ends it.
    package static let maximumPathLength = 107

    private let path: [108 of UInt8]

    /// The address of a path of 1 to 107 bytes without a zero; nil for any other.
    package init?(path: String) {
        let bytes = path.utf8.span
        guard (1...Self.maximumPathLength).contains(bytes.count) else { return nil }
        var copy = [108 of UInt8](repeating: 0)
        for index in 0..<bytes.count {
            guard bytes[index] != 0 else { return nil }
            copy[index] = bytes[index]
        }
        self.path = copy
    }

    /// Lends the address in the kernel's form.
    func withSockaddr<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // SAFETY: `sun_path` has the 108 bytes of ours; C reads as many bytes as we say, and the
        // structure begins as `sockaddr` does.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            for index in 0..<path.count { unsafe target[index] = path[index] }
        }
        return unsafe withUnsafeBytes(of: &address) { bytes in
            let start = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            return unsafe body(start, socklen_t(bytes.count))
        }
    }
}

extension Socket {
    /// A new Unix stream socket, close-on-exec (socket(2)).
    package static func unixStream(nonBlocking: Bool) throws(Errno) -> FileDescriptor {
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
        let flags = nonBlocking ? SOCK_NONBLOCK.rawValue : 0
        let rawValue = try SystemCall.other.perform { socket(AF_UNIX, Int32(type | flags), 0) }
        return FileDescriptor(owning: rawValue)
    }

    /// Makes the path, which must not exist, and gives it to the socket (bind(2)).
    package static func bind(
        _ descriptor: borrowing FileDescriptor, to address: UnixSocketAddress
    ) throws(Errno) {
        let rawValue = descriptor.rawValue
        _ = try SystemCall.other.perform {
            // SAFETY: `withSockaddr` lends an address of the length that it says.
            unsafe address.withSockaddr { unsafe Glibc.bind(rawValue, $0, $1) }
        }
    }

    /// Connects at once or not at all (connect(2)): there is no handshake. A full backlog is
    /// EAGAIN for a non-blocking socket.
    package static func connect(
        _ descriptor: borrowing FileDescriptor, to address: UnixSocketAddress
    ) throws(Errno) {
        let rawValue = descriptor.rawValue
        _ = try SystemCall.connect.perform {
            // SAFETY: `withSockaddr` lends an address of the length that it says.
            unsafe address.withSockaddr { unsafe Glibc.connect(rawValue, $0, $1) }
        }
    }
}
