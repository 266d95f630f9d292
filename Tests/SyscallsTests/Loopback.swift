import Syscalls

/// A connected pair of TCP sockets on the loopback interface, both non-blocking.
struct Loopback: ~Copyable {
    let client: FileDescriptor
    let server: FileDescriptor

    init() throws {
        let listener = try Listener()
        let client = try listener.connectedClient()
        try waitUntil(.readable, listener.descriptor)
        guard let accepted = try Socket.accept(on: listener.descriptor, nonBlocking: true) else {
            throw Missing.connection
        }
        self.client = client
        server = accepted.takeDescriptor()
    }
}

/// A non-blocking listener on a free port of the loopback interface.
struct Listener: ~Copyable {
    let descriptor: FileDescriptor
    let address: SocketAddress

    init(_ wanted: SocketAddress = .loopback(port: 0)) throws {
        let descriptor = try Socket.stream(family: wanted.family, nonBlocking: true)
        try Socket.setReuseAddress(descriptor, true)
        try Socket.bind(descriptor, to: wanted)
        try Socket.listen(descriptor, backlog: 16)
        guard let address = try Socket.localAddress(of: descriptor) else { throw Missing.address }
        self.descriptor = descriptor
        self.address = address
    }

    /// A new client whose handshake with this listener is complete.
    func connectedClient() throws -> FileDescriptor {
        let client = try Socket.stream(family: address.family, nonBlocking: true)
        _ = try Socket.connect(client, to: address)
        try waitUntil(.writable, client)
        return client
    }
}

/// Why a test could not go on.
enum Missing: Error {
    case address
    case connection
    case file
    case folder
    case readiness
}

/// Waits for readiness, at most five seconds.
func waitUntil(_ events: EpollEvents, _ descriptor: borrowing FileDescriptor) throws {
    let epoll = try Epoll()
    try epoll.add(descriptor, events: events, data: 7)
    var list = EventList(capacity: 1)
    try epoll.wait(into: &list, timeoutNanoseconds: 5_000_000_000)
    if list.count == 0 { throw Missing.readiness }
}

/// All of `bytes` through `descriptor`, waiting for room when it must.
func sendAll(_ bytes: [UInt8], to descriptor: borrowing FileDescriptor) throws {
    var offset = 0
    while offset < bytes.count {
        switch try Socket.send(bytes.span.extracting(offset...), to: descriptor) {
        case .bytes(let count): offset += count
        case .wouldBlock: try waitUntil(.writable, descriptor)
        case .endOfStream: throw Missing.connection
        }
    }
}

/// Exactly `count` bytes, or fewer at the end of the stream.
func receive(_ count: Int, from descriptor: borrowing FileDescriptor) throws -> [UInt8] {
    var area = ReadArea(size: 64)
    var bytes: [UInt8] = []
    while bytes.count < count {
        switch try area.receive(from: descriptor) {
        case .bytes(let arrived):
            let span = area.bytes(arrived)
            for index in span.indices { bytes.append(span[index]) }
        case .wouldBlock: try waitUntil(.readable, descriptor)
        case .endOfStream: return bytes
        }
    }
    return bytes
}

/// As `receive`, as text.
func receiveText(_ count: Int, _ descriptor: borrowing FileDescriptor) throws -> String {
    String(decoding: try receive(count, from: descriptor), as: UTF8.self)
}
