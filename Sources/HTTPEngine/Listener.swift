package import Syscalls

/// A socket that accepts connections.
package struct Listener: ~Copyable {
    let descriptor: FileDescriptor

    /// The address that is bound; with port 0 asked for, the port that the kernel chose.
    package let address: SocketAddress

    /// Its connections begin with a header of the PROXY protocol.
    let readsProxyHeader: Bool

    /// Binds and listens. From then on the kernel accepts connections into the backlog.
    ///
    /// `TCP_NODELAY` is set here, once: Linux hands it to every accepted socket. An IPv6 listener
    /// takes IPv6 only, so that both families of one name can be bound.
    ///
    /// - Parameter readsProxyHeader: Every connection must begin with a header of the PROXY
    ///   protocol; one that does not is closed without an answer.
    ///
    /// - Throws: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES` and what else `bind(2)` and `listen(2)` name.
    package init(
        on address: SocketAddress, backlog: Int, readsProxyHeader: Bool = false
    ) throws(Errno) {
        let descriptor = try Socket.stream(family: address.family, nonBlocking: true)
        try Socket.setReuseAddress(descriptor, true)
        if address.family == .ipv6 {
            try Socket.setIPv6Only(descriptor, true)
        }
        try Socket.setNoDelay(descriptor, true)
        try Socket.bind(descriptor, to: address)
        try Socket.listen(descriptor, backlog: Int32(clamping: backlog))
        // Only a listener of another family than ours has no address.
        self.address = try Socket.localAddress(of: descriptor) ?? address
        self.descriptor = descriptor
        self.readsProxyHeader = readsProxyHeader
    }
}

extension Listener {
    /// Whether a connection from there may be taken: everybody's, but where the PROXY protocol is
    /// read, only those of trusted proxies when there are any. Whoever may write that header can
    /// say that it is somebody else.
    func mayConnect(_ peer: SocketAddress, trustedProxies: [AddressRange]) -> Bool {
        guard readsProxyHeader, !trustedProxies.isEmpty else { return true }
        return trustedProxies.contains { $0.contains(peer) }
    }
}
