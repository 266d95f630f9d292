import Syscalls
import Testing

@Suite struct SocketTests {
    @Test func `carries bytes both ways and says when the peer has ended`() throws {
        let pair = try Loopback()
        try sendAll(Array("ping".utf8), to: pair.client)
        #expect(try receiveText(4, pair.server) == "ping")
        try sendAll(Array("pong".utf8), to: pair.server)
        #expect(try receiveText(4, pair.client) == "pong")
        try Socket.shutdownWrite(pair.client)
        #expect(try receive(1, from: pair.server).isEmpty)
    }

    @Test func `says would block when nothing has arrived`() throws {
        let pair = try Loopback()
        var area = ReadArea(size: 16)
        let result = try area.receive(from: pair.server)
        #expect(result == .wouldBlock)
    }

    @Test func `receives behind what an output span already holds`() throws {
        let pair = try Loopback()
        try sendAll(Array("cd".utf8), to: pair.client)
        try waitUntil(.readable, pair.server)
        var bytes = Array("a".utf8)
        var result: IOResult?
        try bytes.append(addingCapacity: 16) { output in
            output.append(UInt8(ascii: "b"))
            result = try Socket.receive(from: pair.server, into: &output)
        }
        #expect(result == .bytes(2))
        #expect(bytes == Array("abcd".utf8))
    }

    @Test(arguments: [
        (first: "head", second: "body"), (first: "", second: "body"), (first: "head", second: ""),
    ])
    func `sends two runs as one`(first: String, second: String) throws {
        let pair = try Loopback()
        let result = try Socket.send(
            first: first.utf8.span, second: second.utf8.span, to: pair.client)
        #expect(result == .bytes(first.utf8.count + second.utf8.count))
        let whole = first + second
        #expect(try receiveText(whole.utf8.count, pair.server) == whole)
    }

    @Test func `says would block when the peer does not read`() throws {
        let pair = try Loopback()
        try Socket.setSendBufferSize(pair.client, byteCount: 4096)
        let bytes = [UInt8](repeating: 0, count: 1 << 20)
        var sent = 0
        // Far more than any socket buffers: the loop ends by the result it looks for.
        while sent < 1 << 30 {
            guard case .bytes(let count) = try Socket.send(bytes.span, to: pair.client) else {
                break
            }
            sent += count
        }
        #expect(sent > 0)
        #expect(sent < 1 << 30)
    }

    @Test func `an accept without a waiting connection is nil`() throws {
        let listener = try Listener()
        let accepted = try Socket.accept(on: listener.descriptor, nonBlocking: true)
        #expect((accepted == nil) == true)
    }

    @Test func `both ends know each other's address`() throws {
        let listener = try Listener()
        let client = try listener.connectedClient()
        try waitUntil(.readable, listener.descriptor)
        guard let accepted = try Socket.accept(on: listener.descriptor, nonBlocking: true) else {
            throw Missing.connection
        }
        let peer = accepted.peer
        let descriptor = accepted.takeDescriptor()
        #expect(try Socket.localAddress(of: client) == peer)
        #expect(try Socket.peerAddress(of: client) == listener.address)
        #expect(try Socket.peerAddress(of: descriptor) == peer)
        #expect(peer?.isLoopback == true)
    }

    @Test func `works over IPv6`() throws {
        let listener: Listener
        do {
            listener = try Listener(.loopbackIPv6(port: 0))
        } catch let error as Errno where error == .addressNotAvailable {
            return  // A machine without IPv6 cannot say more.
        }
        let client = try listener.connectedClient()
        #expect(try Socket.peerAddress(of: client) == listener.address)
        #expect(listener.address.description.hasPrefix("[::1]:"))
    }

    @Test func `a port in use is EADDRINUSE`() throws {
        let listener = try Listener()
        let second = try Socket.stream(family: .ipv4, nonBlocking: true)
        #expect(throws: Errno.addressInUse) {
            try Socket.bind(second, to: listener.address)
        }
    }

    @Test func `several listeners share a port when all ask to`() throws {
        let first = try Socket.stream(family: .ipv4, nonBlocking: true)
        try Socket.setReusePort(first, true)
        try Socket.bind(first, to: .loopback(port: 0))
        let address = try #require(try Socket.localAddress(of: first))
        let second = try Socket.stream(family: .ipv4, nonBlocking: true)
        try Socket.setReusePort(second, true)
        try Socket.bind(second, to: address)
        #expect(try Socket.localAddress(of: second) == address)
    }

    @Test func `a refused connection is told by the socket's error`() throws {
        // A bound socket that does not listen holds the port, so nobody else can answer there.
        let closed = try Socket.stream(family: .ipv4, nonBlocking: true)
        try Socket.bind(closed, to: .loopback(port: 0))
        let address = try #require(try Socket.localAddress(of: closed))
        let client = try Socket.stream(family: .ipv4, nonBlocking: true)
        do throws(Errno) {
            #expect(try Socket.connect(client, to: address) == .inProgress)
        } catch {
            #expect(error == .connectionRefused)
            return
        }
        try waitUntil(.writable, client)
        #expect(try Socket.connectError(client) == .connectionRefused)
    }

    @Test func `a connection closed with linger 0 is reset`() throws {
        let client = try clientOfResetConnection()
        var failure: Errno?
        var area = ReadArea(size: 16)
        do throws(Errno) {
            _ = try area.receive(from: client)
        } catch {
            failure = error
        }
        #expect(failure == .connectionReset)
    }

    @Test func `sending to a peer that is gone is an error and no signal`() throws {
        let client = try clientOfResetConnection()
        let bytes: [UInt8] = [1]
        var failures: [Errno] = []
        for _ in 0..<2 {
            do throws(Errno) {
                _ = try Socket.send(bytes.span, to: client)
            } catch {
                failures.append(error)
            }
        }
        // The reset is told once, after that the pipe is broken.
        #expect(failures == [.connectionReset, .brokenPipe])
    }

    @Test func `a blocking receive ends with its timeout`() throws {
        let listener = try Listener()
        let client = try Socket.stream(family: .ipv4, nonBlocking: false)
        #expect(try Socket.connect(client, to: listener.address) == .connected)
        // 1 ns must be rounded up; as 0 it would mean no bound at all, and this test would hang.
        try Socket.setReceiveTimeout(client, nanoseconds: 1)
        try Socket.setSendTimeout(client, nanoseconds: 1_000_000_000)
        var area = ReadArea(size: 16)
        let result = try area.receive(from: client)
        #expect(result == .wouldBlock)
    }

    @Test func `takes every option`() throws {
        let descriptor = try Socket.stream(family: .ipv4, nonBlocking: true)
        try Socket.setReuseAddress(descriptor, true)
        try Socket.setReusePort(descriptor, true)
        try Socket.setNoDelay(descriptor, true)
        try Socket.setKeepAlive(descriptor, true)
        try Socket.setLinger(descriptor, seconds: nil)
        try Socket.setLinger(descriptor, seconds: 3)
        try Socket.setReceiveBufferSize(descriptor, byteCount: 65_536)
        try Socket.setSendBufferSize(descriptor, byteCount: 65_536)
        #expect(throws: Errno.self) { try Socket.setIPv6Only(descriptor, true) }
    }

    @Test func `shutting down what is not connected is no error`() throws {
        let descriptor = try Socket.stream(family: .ipv4, nonBlocking: true)
        try Socket.shutdownWrite(descriptor)
    }

    @Test func `a descriptor closed behind our back stops the program`() async {
        await #expect(processExitsWith: .failure) {
            let first = try Socket.stream(family: .ipv4, nonBlocking: true)
            FileDescriptor(owning: first.rawValue).close()
            first.close()
        }
    }

    private func clientOfResetConnection() throws -> FileDescriptor {
        let listener = try Listener()
        let client = try listener.connectedClient()
        try waitUntil(.readable, listener.descriptor)
        guard let accepted = try Socket.accept(on: listener.descriptor, nonBlocking: true) else {
            throw Missing.connection
        }
        let server = accepted.takeDescriptor()
        try Socket.setLinger(server, seconds: 0)
        server.close()
        try waitUntil(.readHangUp, client)
        return client
    }
}
