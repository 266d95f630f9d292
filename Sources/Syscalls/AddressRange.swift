/// The addresses that begin with the same bits: `10.0.0.0/8`, `2001:db8::/32`, or one address (CIDR,
/// RFC 4632 and RFC 4291 §2.3).
///
/// An IPv4 address is the same address when it comes mapped into IPv6, as a socket of both families
/// reports it.
package struct AddressRange: Hashable, Sendable, BitwiseCopyable {
    /// The first address; the bits behind the prefix are 0.
    private let first: SocketAddress
    /// How many bits all addresses share.
    private let prefixLength: Int

    /// Reads an address with or without `/` and the length of its prefix. Bits behind the prefix
    /// must be 0: who writes `10.1.2.3/8` means something else than it says.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2,
            let address = SocketAddress(numericHost: String(parts[0]), port: 0)
        else { return nil }
        let bitCount = address.family == .ipv4 ? 32 : 128
        var length = bitCount
        if parts.count == 2 {
            guard let number = Self.number(parts[1]), number <= bitCount else { return nil }
            length = number
        }
        let isWhole = Self.isEmptyBehind(length, of: address)
        guard isWhole else { return nil }
        if let ipv4 = address.ipv4Bits, address.family == .ipv6, length >= 96 {
            first = .ipv4(ipv4, port: 0)
            prefixLength = length - 96
        } else {
            first = address
            prefixLength = length
        }
    }

    /// Whether the address is among them, whatever its port. O(1).
    package func contains(_ address: SocketAddress) -> Bool {
        if first.family == .ipv4 {
            guard let bits = address.ipv4Bits else { return false }
            return (bits ^ UInt32(truncatingIfNeeded: first.low)) & Self.mask32(prefixLength) == 0
        }
        guard address.family == .ipv6 else { return false }
        return (address.high ^ first.high) & Self.mask64(prefixLength) == 0
            && (address.low ^ first.low) & Self.mask64(prefixLength - 64) == 0
    }

    /// One to three digits: nothing that `Int` would also take, such as a sign.
    private static func number(_ text: some StringProtocol) -> Int? {
        guard (1...3).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(text)
    }

    private static func isEmptyBehind(_ length: Int, of address: SocketAddress) -> Bool {
        switch address.family {
        case .ipv4: UInt32(truncatingIfNeeded: address.low) & ~mask32(length) == 0
        case .ipv6:
            address.high & ~mask64(length) == 0 && address.low & ~mask64(length - 64) == 0
        }
    }

    /// The first `length` bits. A smart shift: by 32 and more it leaves nothing.
    private static func mask32(_ length: Int) -> UInt32 { ~(UInt32.max >> length) }

    /// The first `length` bits; none for a negative length, all for 64 and more.
    private static func mask64(_ length: Int) -> UInt64 { ~(UInt64.max >> max(0, length)) }
}

extension AddressRange: CustomStringConvertible {
    /// `10.0.0.0/8`.
    package var description: String { "\(first.host)/\(prefixLength)" }
}
