internal import Syscalls

/// Where a client is: an IPv4 or IPv6 address and, when it is known, a port.
public struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    let address: SocketAddress

    init(_ address: SocketAddress) {
        self.address = address
    }

    /// The numeric address: `192.0.2.1`, `2001:db8::1` (RFC 5952). Allocates.
    public var host: String { address.host }

    /// The port; `nil` where a proxy has not told it.
    public var port: Int? { address.port == 0 ? nil : Int(address.port) }

    /// Whether it is this machine.
    public var isLoopback: Bool { address.isLoopback }

    /// As in a URL: `192.0.2.1:8080`, `[2001:db8::1]:8080`; without a port, the address alone.
    public var description: String { address.port == 0 ? host : address.description }
}

/// Addresses that begin with the same bits, such as `10.0.0.0/8` or `2001:db8::/32` (CIDR, RFC 4632),
/// or a single one.
///
/// An IPv4 address is the same when it comes mapped into IPv6 (`::ffff:10.1.2.3`).
public struct NetworkRange: Hashable, Sendable, LosslessStringConvertible {
    let range: AddressRange

    /// Reads an address with or without a prefix length. `nil` for anything else, and when bits
    /// behind the prefix are set: `10.1.2.3/8` would mean more than it says.
    public init?(_ text: String) {
        guard let range = AddressRange(text) else { return nil }
        self.range = range
    }

    /// Whether it holds the address.
    public func contains(_ address: NetworkAddress) -> Bool { range.contains(address.address) }

    /// With the prefix length: `192.0.2.1/32`.
    public var description: String { range.description }
}
