internal import CLinux
internal import Glibc

/// TCP sockets. Every function is one system call (or, where it says so, a loop around one), never
/// allocates and never decides policy.
package enum Socket {}

/// A connection that a listener gave.
package struct Accepted: ~Copyable {
    /// The connection, close-on-exec.
    package var descriptor: FileDescriptor
    /// Who is at the other end; nil when the listener is neither IPv4 nor IPv6.
    package let peer: SocketAddress?

    init(descriptor: consuming FileDescriptor, peer: SocketAddress?) {
        self.descriptor = descriptor
        self.peer = peer
    }

    /// Gives up the address and keeps the connection.
    package consuming func takeDescriptor() -> FileDescriptor { descriptor }
}

/// What connect(2) did.
package enum ConnectResult: Equatable, Sendable {
    /// The connection is there.
    case connected
    /// The handshake goes on: wait for writability, then ask `Socket.connectError`.
    case inProgress
}

// MARK: - Setting up

extension Socket {
    /// A new TCP socket, close-on-exec (socket(2)).
    package static func stream(
        family: SocketAddress.Family, nonBlocking: Bool
    ) throws(Errno) -> FileDescriptor {
        let type = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue
        let flags = nonBlocking ? SOCK_NONBLOCK.rawValue : 0
        let rawValue = try SystemCall.other.perform {
            socket(family.rawFamily, Int32(type | flags), 0)
        }
        return FileDescriptor(owning: rawValue)
    }

    /// Gives the socket its local address (bind(2)).
    package static func bind(
        _ descriptor: borrowing FileDescriptor, to address: SocketAddress
    ) throws(Errno) {
        let rawValue = descriptor.rawValue
        _ = try SystemCall.other.perform {
            // SAFETY: `withSockaddr` lends an address of the length that it says.
            unsafe address.withSockaddr { unsafe Glibc.bind(rawValue, $0, $1) }
        }
    }

    /// Lets peers connect (listen(2)). The kernel holds the backlog to net.core.somaxconn.
    package static func listen(
        _ descriptor: borrowing FileDescriptor, backlog: Int32
    ) throws(Errno) {
        let rawValue = descriptor.rawValue
        _ = try SystemCall.other.perform { Glibc.listen(rawValue, backlog) }
    }

    /// The local address (getsockname(2)); it tells the port that bind(2) chose for port 0.
    package static func localAddress(
        of descriptor: borrowing FileDescriptor
    ) throws(Errno) -> SocketAddress? {
        let rawValue = descriptor.rawValue
        return try unsafe SocketAddress.reading { (address, length) throws(Errno) in
            // SAFETY: `reading` lends room of the length that it says.
            _ = try SystemCall.other.perform { unsafe getsockname(rawValue, address, length) }
        }
    }

    /// The other end's address (getpeername(2)).
    package static func peerAddress(
        of descriptor: borrowing FileDescriptor
    ) throws(Errno) -> SocketAddress? {
        let rawValue = descriptor.rawValue
        return try unsafe SocketAddress.reading { (address, length) throws(Errno) in
            // SAFETY: `reading` lends room of the length that it says.
            _ = try SystemCall.other.perform { unsafe getpeername(rawValue, address, length) }
        }
    }
}

// MARK: - Connections

extension Socket {
    /// The next waiting connection, or nil when none waits (accept4(2)). Connections whose peer
    /// left before we came are passed over. EMFILE and its kin are thrown and leave the connection
    /// waiting, so a caller that tries again at once would spin.
    package static func accept(
        on listener: borrowing FileDescriptor, nonBlocking: Bool
    ) throws(Errno) -> Accepted? {
        let type = SOCK_CLOEXEC.rawValue | (nonBlocking ? SOCK_NONBLOCK.rawValue : 0)
        let rawListener = listener.rawValue
        // Each turn takes one connection off the queue, so the loop ends.
        while true {
            var rawValue: Int32 = -1
            do throws(Errno) {
                let peer = try unsafe SocketAddress.reading { (address, length) throws(Errno) in
                    rawValue = try SystemCall.accept.perform {
                        // SAFETY: `reading` lends room of the length that it says.
                        unsafe accept4(rawListener, address, length, Int32(type))
                    }
                }
                return Accepted(descriptor: FileDescriptor(owning: rawValue), peer: peer)
            } catch {
                if error == .wouldBlock { return nil }
                if !error.concernsOnlyOnePeer { throw error }
            }
        }
    }

    /// Starts or completes a connection (connect(2)). On a blocking socket the result is always
    /// `.connected`.
    package static func connect(
        _ descriptor: borrowing FileDescriptor, to address: SocketAddress
    ) throws(Errno) -> ConnectResult {
        let rawValue = descriptor.rawValue
        do throws(Errno) {
            _ = try SystemCall.connect.perform {
                // SAFETY: `withSockaddr` lends an address of the length that it says.
                unsafe address.withSockaddr { unsafe Glibc.connect(rawValue, $0, $1) }
            }
            return .connected
        } catch {
            // The last two come from the second attempt after an interrupted first one.
            if error == .inProgress || error == .alreadyInProgress { return .inProgress }
            if error == .alreadyConnected { return .connected }
            throw error
        }
    }

    /// How the handshake ended: nil when the connection is there. Also fetches, and clears, the
    /// error behind an EPOLLERR (SO_ERROR, socket(7)).
    package static func connectError(
        _ descriptor: borrowing FileDescriptor
    ) throws(Errno) -> Errno? {
        let code: Int32 = try getOption(descriptor, level: SOL_SOCKET, name: SO_ERROR)
        return code == 0 ? nil : Errno(rawValue: code)
    }

    /// Says that we send no more; the peer reads to the end (shutdown(2)). A connection that is
    /// gone already is not an error.
    package static func shutdownWrite(_ descriptor: borrowing FileDescriptor) throws(Errno) {
        let rawValue = descriptor.rawValue
        do throws(Errno) {
            _ = try SystemCall.other.perform { shutdown(rawValue, Int32(SHUT_WR)) }
        } catch {
            if error != .notConnected { throw error }
        }
    }
}

extension Errno {
    /// Whether a failed accept concerns only the one connection that it took off the queue.
    /// accept(2) names these network errors and says to treat them like EAGAIN.
    fileprivate var concernsOnlyOnePeer: Bool {
        switch rawValue {
        case ECONNABORTED, EPROTO, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETDOWN,
            ENETUNREACH:
            return true
        default:
            return false
        }
    }
}
