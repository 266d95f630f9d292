package import Syscalls

/// A socket that accepts connections.
package struct Listener: ~Copyable {
    let descriptor: FileDescriptor

    /// The address that is bound; with port 0 asked for, the port that the kernel chose.
    package let address: SocketAddress

    /// Binds and listens. From then on the kernel accepts connections into the backlog.
    ///
    /// `TCP_NODELAY` is set here, once: Linux hands it to every accepted socket. An IPv6 listener
    /// takes IPv6 only, so that both families of one name can be bound.
    ///
    /// - Throws: `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES` and what else `bind(2)` and `listen(2)` name.
    package init(on address: SocketAddress, backlog: Int) throws(Errno) {
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
    }
}
