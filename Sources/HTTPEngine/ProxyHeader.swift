//  version 1 (text, at most 107 bytes)
//
//     PROXY TCP4 192.0.2.1 198.51.100.7 56324 443\r\n
//     PROXY UNKNOWN ...\r\n
//
//  version 2 (binary)
//
//     0                                           12        13          14       16
//     │ 0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A       │ ver cmd │ fam proto │ length │ addresses, TLVs │
//
// Theory of operation: the header is the first thing on the connection and is parsed from its first
// byte each time more has come: as long as the text, at most 107 bytes, or with one look at the
// 16 bytes that tell the length. Which version it is shows in the first byte.

internal import HTTP1
package import Syscalls

/// Who a proxy in front of us says is at the other end: the header of the PROXY protocol
/// (haproxy's "The PROXY protocol", versions 1 and 2), which comes before anything else.
///
/// Pure: bytes in, a verdict out. Strict: what is not exactly such a header is invalid, and the
/// specification asks for the connection to be closed without an answer then.
package struct ProxyHeader: Equatable, Sendable {
    /// Bytes of a header in text, its line end included (§2.1).
    package static let maxTextByteCount = 107

    /// Bytes of a binary header: the 16 that are fixed, the addresses, and TLVs. The format has
    /// room for 65,551; a certificate of 2 KiB in them is the largest that is seen. Beyond:
    /// invalid.
    package static let maxBinaryByteCount = 4_096

    /// How many bytes of the input it takes.
    package let byteCount: Int

    /// Who has connected to the proxy. `nil`: it does not say (LOCAL, UNKNOWN, AF_UNSPEC) or it is
    /// no address of a network (AF_UNIX); then the connection's own peer counts.
    package let source: SocketAddress?

    /// What the bytes at the front of a connection are.
    package enum Result: Equatable, Sendable {
        case complete(ProxyHeader)
        /// The beginning of a header.
        case incomplete
        case invalid
    }

    /// Looks at all that has come so far. O(107), or O(1) for a binary header.
    package static func parse(_ bytes: Span<UInt8>) -> Result {
        guard !bytes.isEmpty else { return .incomplete }
        return bytes[0] == UInt8(ascii: "P") ? parseText(bytes) : parseBinary(bytes)
    }
}

// MARK: - Version 2

extension ProxyHeader {
    private static var signature: StaticString { "\r\n\r\n\0\r\nQUIT\n" }
    private static let fixedByteCount = 16

    /// What the fixed bytes say about what follows them.
    private enum Command {
        /// The proxy has connected on its own behalf, such as for a health check.
        case local
        case proxied(Family)
    }

    /// The families that are told apart, with the bytes of their addresses and ports.
    private enum Family {
        case none
        case ipv4
        case ipv6
        case unix

        var byteCount: Int {
            switch self {
            case .none: 0
            case .ipv4: 12
            case .ipv6: 36
            case .unix: 216
            }
        }
    }

    private static func parseBinary(_ bytes: Span<UInt8>) -> Result {
        let signature = signature.span
        for index in 0..<min(bytes.count, signature.count) where bytes[index] != signature[index] {
            return .invalid
        }
        // Each byte is refused as soon as it is there.
        if bytes.count > 12, !isKnownCommand(bytes[12]) { return .invalid }
        if bytes.count > 13, bytes[12] & 0xF != 0, family(bytes[13]) == nil { return .invalid }
        guard bytes.count >= fixedByteCount else { return .incomplete }
        let length = Int(bytes[14]) << 8 | Int(bytes[15])
        let byteCount = fixedByteCount + length
        guard byteCount <= maxBinaryByteCount else { return .invalid }
        guard bytes[12] & 0xF != 0 else {
            // LOCAL: what follows is skipped, whatever its family.
            return bytes.count < byteCount
                ? .incomplete : .complete(ProxyHeader(byteCount: byteCount, source: nil))
        }
        guard let family = family(bytes[13]), length >= family.byteCount else { return .invalid }
        guard bytes.count >= byteCount else { return .incomplete }
        guard areTLVs(bytes.extracting(fixedByteCount + family.byteCount..<byteCount), family)
        else { return .invalid }
        return .complete(ProxyHeader(byteCount: byteCount, source: address(family, bytes)))
    }

    /// Version 2, and LOCAL or PROXY.
    private static func isKnownCommand(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x21 }

    /// `nil` for what is assigned to nothing. A datagram cannot have brought us this connection, but
    /// its addresses are the same.
    private static func family(_ byte: UInt8) -> Family? {
        switch byte {
        case 0x00: Family.none
        case 0x11, 0x12: .ipv4
        case 0x21, 0x22: .ipv6
        case 0x31, 0x32: .unix
        default: nil
        }
    }

    /// Whether the rest is a sequence of type, length and value, to its last byte. Nothing in them
    /// is used. Behind AF_UNSPEC it need not be: there, everything is to be skipped.
    private static func areTLVs(_ bytes: Span<UInt8>, _ family: Family) -> Bool {
        if case .none = family { return true }
        var offset = 0
        while offset < bytes.count {
            guard bytes.count - offset >= 3 else { return false }
            offset += 3 + (Int(bytes[offset + 1]) << 8 | Int(bytes[offset + 2]))
        }
        return offset == bytes.count
    }

    private static func address(_ family: Family, _ bytes: Span<UInt8>) -> SocketAddress? {
        switch family {
        case .none, .unix:
            return nil
        case .ipv4:
            return .ipv4(
                UInt32(truncatingIfNeeded: bytes.bigEndian(at: 16, byteCount: 4)),
                port: UInt16(truncatingIfNeeded: bytes.bigEndian(at: 24, byteCount: 2)))
        case .ipv6:
            return .ipv6(
                high: bytes.bigEndian(at: 16, byteCount: 8),
                low: bytes.bigEndian(at: 24, byteCount: 8),
                port: UInt16(truncatingIfNeeded: bytes.bigEndian(at: 48, byteCount: 2)))
        }
    }
}

extension Span where Element == UInt8 {
    /// A number in network order.
    fileprivate func bigEndian(at offset: Int, byteCount: Int) -> UInt64 {
        var number: UInt64 = 0
        for index in offset..<offset + byteCount { number = number << 8 | UInt64(self[index]) }
        return number
    }
}

// MARK: - Version 1

extension ProxyHeader {
    private static func parseText(_ bytes: Span<UInt8>) -> Result {
        let prefix: StaticString = "PROXY "
        for index in 0..<min(bytes.count, prefix.span.count)
        where bytes[index] != prefix.span[index] {
            return .invalid
        }
        var end = 0
        while end < min(bytes.count, maxTextByteCount), bytes[end] != UInt8(ascii: "\n") {
            end += 1
        }
        guard end < bytes.count, end < maxTextByteCount else {
            return end < maxTextByteCount ? .incomplete : .invalid
        }
        guard end > 0, bytes[end - 1] == UInt8(ascii: "\r") else { return .invalid }
        let words = bytes.extracting(prefix.span.count..<max(prefix.span.count, end - 1)).words
        switch words.first {
        // The rest of the line is to be skipped (§2.1).
        case "UNKNOWN": return .complete(ProxyHeader(byteCount: end + 1, source: nil))
        case "TCP4": return complete(words, .ipv4, byteCount: end + 1)
        case "TCP6": return complete(words, .ipv6, byteCount: end + 1)
        default: return .invalid
        }
    }

    /// Family, two addresses, two ports, and nothing else.
    private static func complete(
        _ words: [String], _ family: SocketAddress.Family, byteCount: Int
    ) -> Result {
        guard words.count == 5, let sourcePort = port(words[3]), port(words[4]) != nil,
            let source = SocketAddress(numericHost: words[1], port: sourcePort),
            let destination = SocketAddress(numericHost: words[2], port: 0),
            source.family == family, destination.family == family
        else { return .invalid }
        return .complete(ProxyHeader(byteCount: byteCount, source: source))
    }

    /// Decimal, without leading zeros (§2.1).
    private static func port(_ text: String) -> UInt16? {
        guard let port = UInt16(text), String(port) == text else { return nil }
        return port
    }
}

extension Span where Element == UInt8 {
    /// What single blanks divide. Two blanks together have an empty word between them.
    fileprivate var words: [String] {
        String(decoding: indices.map { self[$0] }, as: UTF8.self)
            .split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    }
}
