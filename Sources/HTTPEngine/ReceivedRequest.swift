package import HTTP1
package import Syscalls

/// A request as it was received: its head, and whom it came from. The body is elsewhere.
///
/// One for each thread, parsed into again and again; and one for each request that is answered later.
package struct ReceivedRequest: ~Copyable, Sendable {
    package var head: RequestHead

    /// The name of its exchange on its connection.
    package internal(set) var exchange = ExchangeID(rawValue: 0)

    /// Who is at the other end: the socket's peer, or whom the PROXY protocol names.
    package internal(set) var peer: SocketAddress

    /// Who is believed about whom it speaks for.
    package internal(set) var trustedProxies: [AddressRange]

    package init(
        head: consuming RequestHead = RequestHead(), peer: SocketAddress = .any(port: 0),
        trustedProxies: [AddressRange]
    ) {
        self.head = head
        self.peer = peer
        self.trustedProxies = trustedProxies
    }
}
