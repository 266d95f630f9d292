import Syscalls
import Testing

/// Which addresses a prefix covers (RFC 4632, RFC 4291 §2.3).
@Suite struct AddressRangeTests {
    @Test(arguments: [
        (
            "10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"],
            ["11.0.0.0", "9.0.0.1"]
        ),
        ("192.0.2.1", ["192.0.2.1", "::ffff:192.0.2.1"], ["192.0.2.2", "192.0.2.0", "::1"]),
        ("192.0.2.128/25", ["192.0.2.128", "192.0.2.255"], ["192.0.2.127"]),
        ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255", "::ffff:1.2.3.4"], ["::1", "2001:db8::1"]),
        ("::/0", ["::1", "2001:db8::1", "::ffff:1.2.3.4"], ["127.0.0.1"]),
        ("2001:db8::/32", ["2001:db8::1", "2001:db8:ffff::"], ["2001:db9::", "10.0.0.1"]),
        ("2001:db8::/64", ["2001:db8::ffff"], ["2001:db8:0:1::"]),
        ("2001:db8::8000/113", ["2001:db8::ffff"], ["2001:db8::7fff", "2001:db8::1:8000"]),
        ("::1", ["::1"], ["::2", "127.0.0.1"]),
        ("::ffff:10.0.0.0/104", ["10.1.2.3", "::ffff:10.1.2.3"], ["11.0.0.0", "::a00:1"]),
    ])
    func `a prefix covers what begins with it`(
        range: String, inside: [String], outside: [String]
    ) throws {
        let range = try #require(AddressRange(range))
        for host in inside {
            let address = try #require(SocketAddress(numericHost: host, port: 9))
            #expect(range.contains(address), "\(host)")
        }
        for host in outside {
            let address = try #require(SocketAddress(numericHost: host, port: 9))
            #expect(!range.contains(address), "\(host)")
        }
        #expect(AddressRange(range.description) == range)
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8",
        "10.0.0.1/8", "0.0.0.1/0", "::1/0", "2001:db8::1/64", "::/129", "localhost", "10.0.0/8",
        "10.0.0.0/0008", "10.0.0.0 /8", "fe80::1%1", "[::1]",
    ])
    func `what is no prefix is refused`(text: String) {
        #expect(AddressRange(text) == nil)
    }
}
