import Glibc
import Syscalls
import Testing

@Suite struct UnixSocketTests {
    private func path() -> String {
        "/tmp/sluice-test-\(MonotonicClock.now().nanoseconds).sock"
    }

    @Test func `connects, and bytes go through`() throws {
        let path = path()
        let address = try #require(UnixSocketAddress(path: path))
        let listener = try Socket.unixStream(nonBlocking: true)
        try Socket.bind(listener, to: address)
        defer { removeFile(path) }
        try Socket.listen(listener, backlog: 1)
        let client = try Socket.unixStream(nonBlocking: true)
        try Socket.connect(client, to: address)
        guard let accepted = try Socket.accept(on: listener, nonBlocking: true) else {
            throw Missing.connection
        }
        let server = accepted.takeDescriptor()
        let bytes: [UInt8] = [1, 2, 3]
        #expect(try Socket.send(bytes.span, to: client) == .bytes(3))
        var area = ReadArea()
        #expect(try area.receive(from: server) == .bytes(3))
    }

    @Test func `nobody there is an error`() throws {
        let address = try #require(UnixSocketAddress(path: path()))
        let client = try Socket.unixStream(nonBlocking: true)
        #expect(throws: Errno.noSuchFile) { try Socket.connect(client, to: address) }
    }

    @Test(arguments: [0, 1, 107, 108])
    func `a path has 1 to 107 bytes`(count: Int) {
        let address = UnixSocketAddress(path: String(repeating: "a", count: count))
        #expect((address != nil) == (1...107).contains(count))
        #expect(UnixSocketAddress(path: "a\0b") == nil)
    }

    @Test func `a socket may have an address and leave the port to connect`() throws {
        let listener = try Listener()
        let client = try Socket.stream(family: .ipv4, nonBlocking: true)
        let source = try #require(SocketAddress(numericHost: "127.0.0.9", port: 0))
        try Socket.setBindAddressNoPort(client, true)
        try Socket.bind(client, to: source)
        #expect(try Socket.localAddress(of: client)?.port == 0)
        _ = try Socket.connect(client, to: listener.address)
        let local = try Socket.localAddress(of: client)
        #expect(local?.host == "127.0.0.9" && local?.port != 0)
    }
}

@Suite struct WholeFileTests {
    @Test(arguments: [0, 1, 65_536, 200_001])
    func `what is written is read again`(count: Int) throws {
        let path = "/tmp/sluice-test-\(MonotonicClock.now().nanoseconds)-\(count)"
        defer { removeFile(path) }
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try WholeFile.write(bytes.span, path)
        #expect(try WholeFile.read(path, maximumByteCount: count) == bytes)
        if count > 0 {
            #expect(throws: Errno.self) {
                try WholeFile.read(path, maximumByteCount: count - 1)
            }
        }
    }

    @Test func `a file that is not there is an error`() {
        #expect(throws: Errno.noSuchFile) {
            try WholeFile.read("/nowhere/x", maximumByteCount: 1)
        }
    }
}

private func removeFile(_ path: String) {
    // SAFETY: the path is a 0-terminated copy during the call.
    _ = unsafe unlink(path)
}
