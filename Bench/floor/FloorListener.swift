internal import Syscalls

/// Where every mode of the floor takes its connections from.
struct FloorListener: ~Copyable {
    let descriptor: FileDescriptor
    let port: Int

    init(port: Int) throws(Errno) {
        let address = SocketAddress.loopback(port: UInt16(port))
        let listener = try Socket.stream(family: address.family, nonBlocking: true)
        try Socket.setReuseAddress(listener, true)
        try Socket.setNoDelay(listener, true)
        try Socket.bind(listener, to: address)
        try Socket.listen(listener, backlog: 4_096)
        self.port = Int(try Socket.localAddress(of: listener)?.port ?? 0)
        descriptor = listener
    }
}
