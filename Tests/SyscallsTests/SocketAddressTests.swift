import Syscalls
import Testing

@Suite struct SocketAddressTests {
    @Test(arguments: [
        (host: "127.0.0.1", text: "127.0.0.1:8080", isLoopback: true),
        (host: "127.255.0.9", text: "127.255.0.9:8080", isLoopback: true),
        (host: "128.0.0.1", text: "128.0.0.1:8080", isLoopback: false),
        (host: "0.0.0.0", text: "0.0.0.0:8080", isLoopback: false),
        (host: "255.255.255.255", text: "255.255.255.255:8080", isLoopback: false),
        (host: "::1", text: "[::1]:8080", isLoopback: true),
        (host: "::", text: "[::]:8080", isLoopback: false),
        (host: "0:0:0:0:0:0:0:1", text: "[::1]:8080", isLoopback: true),
        (
            host: "2001:DB8::8:800:200C:417A", text: "[2001:db8::8:800:200c:417a]:8080",
            isLoopback: false
        ),
        (host: "::ffff:127.0.0.1", text: "[::ffff:127.0.0.1]:8080", isLoopback: true),
        (host: "::ffff:10.0.0.1", text: "[::ffff:10.0.0.1]:8080", isLoopback: false),
        (host: "1::1", text: "[1::1]:8080", isLoopback: false),
    ])
    func `reads and writes numeric addresses`(
        host: String, text: String, isLoopback: Bool
    ) throws {
        let address = try #require(SocketAddress(numericHost: host, port: 8080))
        #expect(address.description == text)
        #expect(address.isLoopback == isLoopback)
        #expect(address.port == 8080)
        #expect(SocketAddress(numericHost: address.host, port: 8080) == address)
    }

    @Test(arguments: ["", "localhost", "127.0.0", "127.0.0.256", "1:2", "[::1]", "127.0.0.1:80"])
    func `refuses what is not a numeric address`(host: String) {
        #expect(SocketAddress(numericHost: host, port: 1) == nil)
    }

    @Test func `names the well-known addresses`() {
        #expect(SocketAddress.loopback(port: 1).description == "127.0.0.1:1")
        #expect(SocketAddress.loopbackIPv6(port: 65_535).description == "[::1]:65535")
        #expect(SocketAddress.any(port: 80).description == "0.0.0.0:80")
        #expect(SocketAddress.anyIPv6(port: 80).description == "[::]:80")
        #expect(SocketAddress.loopback(port: 1).family == .ipv4)
        #expect(SocketAddress.anyIPv6(port: 1).family == .ipv6)
    }

    @Test func `changes only the port`() {
        let address = SocketAddress.loopback(port: 1)
        #expect(address.withPort(2) == .loopback(port: 2))
        #expect(address.withPort(2) != address)
    }

    @Test func `tells families with the same bits apart`() {
        #expect(SocketAddress.any(port: 1) != .anyIPv6(port: 1))
    }

    @Test func `stays small`() {
        #expect(MemoryLayout<SocketAddress>.size <= 24)
    }

    @Test(arguments: ["127.0.0.1", "::1"])
    func `resolves a numeric host to itself alone`(host: String) throws {
        let address = try #require(SocketAddress(numericHost: host, port: 443))
        #expect(try SocketAddress.resolve(host: host, port: 443) == [address])
    }

    @Test func `explains a host that cannot be`() {
        do throws(ResolveError) {
            // A label longer than 63 bytes fails before any name service is asked.
            let host = String(repeating: "a", count: 300)
            _ = try SocketAddress.resolve(host: host, port: 1)
            Issue.record("resolved an impossible host")
        } catch {
            #expect(error.host.utf8.count == 300)
            #expect(error.code != 0)
            #expect(error.description.hasSuffix(": \(error.host)"))
        }
    }
}
