import Syscalls
import TestSupport
import Testing

@testable import HTTPEngine

/// The header of the PROXY protocol: haproxy's "The PROXY protocol", versions 1 and 2.
@Suite struct ProxyHeaderTests {
    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]
    private static let ipv4: [UInt8] = [192, 0, 2, 1, 198, 51, 100, 7, 0x12, 0x34, 0x01, 0xBB]
    private static let ipv6: [UInt8] =
        [0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [1]
        + Array(repeating: 0, count: 15) + [1, 0xFF, 0xFF, 0, 80]

    /// A header of version 2.
    private static func binary(
        _ command: UInt8, _ family: UInt8, _ rest: [UInt8], length: Int? = nil
    ) -> [UInt8] {
        let length = length ?? rest.count
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 0xFF)] + rest
    }

    /// What the header says, or `nil` for "nothing about an address".
    static let valid: [Named<(bytes: [UInt8], source: String?)>] = [
        text("PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n", "192.0.2.1:56324"),
        text("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535"),
        text("PROXY TCP4 1.2.3.4 1.2.3.4 0 0\r\n", "1.2.3.4:0"),
        text("PROXY TCP6 2001:db8::1 ::1 1 2\r\n", "[2001:db8::1]:1"),
        text("PROXY TCP6 \(full) \(full) 65535 65535\r\n", "[\(full)]:65535"),
        text("PROXY UNKNOWN\r\n", nil),
        text("PROXY UNKNOWN \(full) \(full) 65535 65535\r\n", nil),
        text("PROXY UNKNOWN whatever it may be\r\n", nil),
        Named("TCP over IPv4", (binary(0x21, 0x11, ipv4), "192.0.2.1:4660")),
        Named("UDP over IPv4", (binary(0x21, 0x12, ipv4), "192.0.2.1:4660")),
        Named("TCP over IPv6", (binary(0x21, 0x21, ipv6), "[2001:db8::1]:65535")),
        Named("with TLVs", (binary(0x21, 0x11, ipv4 + [4, 0, 1, 9, 3, 0, 0]), "192.0.2.1:4660")),
        Named("a socket of the file system", (binary(0x21, 0x31, zeros(216)), nil)),
        Named("no family", (binary(0x21, 0x00, []), nil)),
        Named("no family, with bytes", (binary(0x21, 0x00, [1, 2, 3, 4]), nil)),
        Named("LOCAL", (binary(0x20, 0x00, []), nil)),
        Named("LOCAL with addresses", (binary(0x20, 0x11, ipv4), nil)),
        Named("LOCAL of any family", (binary(0x20, 0xFF, [1]), nil)),
        Named("as long as it may be", (binary(0x20, 0x00, zeros(4_080)), nil)),
    ]

    private static let full = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"

    private static func text(
        _ text: String, _ source: String?
    ) -> Named<(bytes: [UInt8], source: String?)> {
        Named(text, (Array(text.utf8), source))
    }

    private static func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }

    @Test(arguments: valid)
    func `a header is complete with its last byte, and not before`(
        header: Named<(bytes: [UInt8], source: String?)>
    ) {
        let (bytes, source) = header.value
        let pages = GuardedPages()
        for count in bytes.indices {
            #expect(pages.withSpan(of: bytes[..<count], ProxyHeader.parse) == .incomplete)
        }
        for rest in [[], Array("GET / HTTP/1.1\r\n".utf8)] {
            let result = pages.withSpan(of: (bytes + rest)[...], ProxyHeader.parse)
            guard case .complete(let parsed) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(parsed.byteCount == bytes.count)
            #expect(parsed.source?.description == source)
        }
    }

    static let invalid: [Named<[UInt8]>] =
        [
            "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "\r\nPROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
            "proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY\r\n", "PROXY \r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n", "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n",
            "PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n",
            "PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n", "PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n",
            "PROXY TCP4 localhost 1.2.3.4 1 2\r\n", "PROXY TCP4 ::1 ::1 1 2\r\n",
            "PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP6 ::1 1.2.3.4 1 2\r\n",
            "PROXY UNKNOWN " + String(repeating: "x", count: 92) + "\r\n",
        ].map { Named($0, Array($0.utf8)) } + [
            Named("a wrong signature", Array(signature.dropLast()) + [0x0B, 0x21, 0x11]),
            Named("version 1 in binary", binary(0x11, 0x11, ipv4)),
            Named("an unknown command", binary(0x22, 0x11, ipv4)),
            Named("an unknown family", binary(0x21, 0x41, ipv4)),
            Named("an unknown transport", binary(0x21, 0x13, ipv4)),
            Named("too short for its family", binary(0x21, 0x21, ipv4)),
            Named("half a TLV", binary(0x21, 0x11, ipv4 + [4, 0])),
            Named("a TLV beyond the end", binary(0x21, 0x11, ipv4 + [4, 0, 9, 1])),
            Named("longer than it may be", binary(0x20, 0x00, [], length: 4_081)),
        ]

    @Test(arguments: invalid)
    func `what is no header is refused, and remains so`(header: Named<[UInt8]>) {
        let bytes = header.value
        let pages = GuardedPages()
        #expect(pages.withSpan(of: bytes[...], ProxyHeader.parse) == .invalid)
        var isInvalid = false
        for count in 0...bytes.count {
            switch pages.withSpan(of: bytes[..<count], ProxyHeader.parse) {
            case .invalid: isInvalid = true
            case .incomplete: #expect(!isInvalid)
            case .complete(let header): Issue.record("\(header)")
            }
        }
        #expect(isInvalid)
    }

    @Test func `a text that does not end is refused at its longest`() {
        let bytes = Array(("PROXY UNKNOWN " + String(repeating: "x", count: 200)).utf8)
        let pages = GuardedPages()
        #expect(pages.withSpan(of: bytes[..<106], ProxyHeader.parse) == .incomplete)
        #expect(pages.withSpan(of: bytes[..<107], ProxyHeader.parse) == .invalid)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `a header with a few bytes changed never does harm`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pages = GuardedPages()
        for _ in 0..<2_000 {
            var bytes = Self.valid.randomElement(using: &random)!.value.bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<min(bytes.count, 64), using: &random)] = .random(
                    in: 0...255, using: &random)
            }
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
            if case .complete(let header) = pages.withSpan(of: bytes[...], ProxyHeader.parse) {
                #expect((15...bytes.count).contains(header.byteCount), "seed \(seed)")
            }
        }
    }
}
