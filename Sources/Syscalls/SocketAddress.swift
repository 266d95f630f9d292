internal import Glibc

/// Where a TCP socket is: an IPv4 or IPv6 address and a port. 24 bytes, no heap.
package struct SocketAddress: Hashable, Sendable, BitwiseCopyable {
    /// The protocol family.
    package enum Family: UInt8, Sendable, BitwiseCopyable {
        /// AF_INET.
        case ipv4
        /// AF_INET6.
        case ipv6

        var rawFamily: Int32 {
            switch self {
            case .ipv4: AF_INET
            case .ipv6: AF_INET6
            }
        }
    }

    // The address in host order. Of IPv4 the lower 32 bits of `low`; `high` is 0.
    let high: UInt64
    let low: UInt64
    // Interface, port and family in one word: a request's view holds an address, and three words are
    // copied faster than five fields.
    private let details: UInt64

    // The interface of a link-local IPv6 address; 0 otherwise.
    private var scope: UInt32 { UInt32(truncatingIfNeeded: details >> 32) }
    /// The port, in host order.
    package var port: UInt16 { UInt16(truncatingIfNeeded: details >> 16) }
    /// The protocol family.
    package var family: Family { details & 1 == 0 ? .ipv4 : .ipv6 }

    private init(family: Family, high: UInt64, low: UInt64, scope: UInt32, port: UInt16) {
        self.high = high
        self.low = low
        // The raw values are 0 and 1.
        details = UInt64(scope) << 32 | UInt64(port) << 16 | UInt64(family.rawValue)
    }

    /// The same in three numbers, for tables of numbers.
    package var words: (high: UInt64, low: UInt64, details: UInt64) { (high, low, details) }

    /// The address that has these words. Others than an address has given make some address.
    package init(words: (high: UInt64, low: UInt64, details: UInt64)) {
        (high, low, details) = words
    }

    /// 127.0.0.1 and a port; port 0 asks bind(2) for a free one.
    package static func loopback(port: UInt16) -> SocketAddress {
        SocketAddress(family: .ipv4, high: 0, low: 0x7F00_0001, scope: 0, port: port)
    }

    /// ::1 and a port.
    package static func loopbackIPv6(port: UInt16) -> SocketAddress {
        SocketAddress(family: .ipv6, high: 0, low: 1, scope: 0, port: port)
    }

    /// 0.0.0.0 and a port: every IPv4 interface.
    package static func any(port: UInt16) -> SocketAddress {
        SocketAddress(family: .ipv4, high: 0, low: 0, scope: 0, port: port)
    }

    /// :: and a port: every interface, of both families unless `setIPv6Only` says otherwise.
    package static func anyIPv6(port: UInt16) -> SocketAddress {
        SocketAddress(family: .ipv6, high: 0, low: 0, scope: 0, port: port)
    }

    /// An IPv4 address, in host order, and a port.
    package static func ipv4(_ address: UInt32, port: UInt16) -> SocketAddress {
        SocketAddress(family: .ipv4, high: 0, low: UInt64(address), scope: 0, port: port)
    }

    /// An IPv6 address, in host order, and a port.
    package static func ipv6(high: UInt64, low: UInt64, port: UInt16) -> SocketAddress {
        SocketAddress(family: .ipv6, high: high, low: low, scope: 0, port: port)
    }

    /// The same address with another port.
    package func withPort(_ port: UInt16) -> SocketAddress {
        SocketAddress(family: family, high: high, low: low, scope: scope, port: port)
    }

    /// The IPv4 address, if it is one or is one mapped into IPv6; in host order.
    package var ipv4Bits: UInt32? {
        guard family == .ipv4 || isMappedIPv4 else { return nil }
        return UInt32(truncatingIfNeeded: low)
    }

    /// The first 64 bits of an IPv6 address, which name the network that it is in (RFC 4291 §2.5.4);
    /// 0 for one of IPv4.
    package var ipv6Network: UInt64 { high }

    /// Whether the peer is this machine: 127.0.0.0/8, ::1, or an IPv4 loopback address mapped into
    /// IPv6, as a socket of both families reports it.
    package var isLoopback: Bool {
        switch family {
        case .ipv4: return isIPv4Loopback
        case .ipv6: return high == 0 && (low == 1 || (isMappedIPv4 && isIPv4Loopback))
        }
    }

    private var isIPv4Loopback: Bool { low >> 24 & 0xFF == 127 }
    var isMappedIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }
}

// MARK: - Text

extension SocketAddress: CustomStringConvertible {
    /// Reads a numeric address, such as "127.0.0.1" or "::1", without a name service.
    package init?(numericHost: String, port: UInt16) {
        var ipv4 = in_addr()
        var ipv6 = in6_addr()
        // SAFETY: inet_pton(3) writes one address of the family, or nothing.
        if unsafe inet_pton(AF_INET, numericHost, &ipv4) == 1 {
            self.init(ipv4, port: port)
        } else if unsafe inet_pton(AF_INET6, numericHost, &ipv6) == 1 {
            self.init(ipv6, scope: 0, port: port)
        } else {
            return nil
        }
    }

    /// The numeric address: "127.0.0.1", "::1" (RFC 5952), "fe80::1%2".
    package var host: String {
        let text = unsafe String(unsafeUninitializedCapacity: Int(INET6_ADDRSTRLEN)) { bytes in
            // SAFETY: inet_ntop(3) writes at most `count` bytes, a final 0 among them.
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                let start = characters.baseAddress!
                let size = socklen_t(characters.count)
                switch family {
                case .ipv4:
                    var address = ipv4
                    unsafe inet_ntop(AF_INET, &address, start, size)
                case .ipv6:
                    var address = ipv6
                    unsafe inet_ntop(AF_INET6, &address, start, size)
                }
                return unsafe strlen(start)
            }
        }
        return scope == 0 ? text : "\(text)%\(scope)"
    }

    /// As in a URL: "127.0.0.1:8080", "[::1]:8080".
    package var description: String {
        switch family {
        case .ipv4: "\(host):\(port)"
        case .ipv6: "[\(host)]:\(port)"
        }
    }
}

// MARK: - The kernel's form

extension SocketAddress {
    /// Reads what the kernel or a name service wrote; nil for a family that is neither IPv4 nor
    /// IPv6.
    @unsafe
    init?(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
        let raw = unsafe UnsafeRawPointer(address)
        // SAFETY: the caller vouches for `length` readable bytes, which each case checks first.
        guard Int(length) >= MemoryLayout<sa_family_t>.size else { return nil }
        switch unsafe Int32(address.pointee.sa_family) {
        case AF_INET where Int(length) >= MemoryLayout<sockaddr_in>.size:
            let ipv4 = unsafe raw.loadUnaligned(as: sockaddr_in.self)
            self.init(ipv4.sin_addr, port: UInt16(bigEndian: ipv4.sin_port))
        case AF_INET6 where Int(length) >= MemoryLayout<sockaddr_in6>.size:
            let ipv6 = unsafe raw.loadUnaligned(as: sockaddr_in6.self)
            self.init(
                ipv6.sin6_addr, scope: ipv6.sin6_scope_id, port: UInt16(bigEndian: ipv6.sin6_port))
        default:
            return nil
        }
    }

    /// Lends the address in the kernel's form.
    func withSockaddr<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        // SAFETY: both structures begin as `sockaddr` does, and C reads as many bytes as we say.
        switch family {
        case .ipv4:
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr = ipv4
            return unsafe withUnsafeBytes(of: &address) { bytes in
                let start = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
                return unsafe body(start, socklen_t(bytes.count))
            }
        case .ipv6:
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = ipv6
            address.sin6_scope_id = scope
            return unsafe withUnsafeBytes(of: &address) { bytes in
                let start = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
                return unsafe body(start, socklen_t(bytes.count))
            }
        }
    }

    /// Lends room for the largest address, and reads what `body` put there and how long it is.
    static func reading(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) throws(Errno) ->
            Void
    ) throws(Errno) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // SAFETY: `sockaddr_storage` is large and aligned enough for every family; the kernel
        // writes at most `length` bytes and then says how many there were.
        return try unsafe withUnsafeMutablePointer(to: &storage) {
            storage throws(Errno) -> SocketAddress? in
            let start = unsafe UnsafeMutableRawPointer(storage)
                .assumingMemoryBound(to: sockaddr.self)
            try unsafe body(start, &length)
            return unsafe SocketAddress(start, length: length)
        }
    }

    private init(_ address: in_addr, port: UInt16) {
        let low = UInt64(UInt32(bigEndian: address.s_addr))
        self.init(family: .ipv4, high: 0, low: low, scope: 0, port: port)
    }

    private init(_ address: in6_addr, scope: UInt32, port: UInt16) {
        // SAFETY: an IPv6 address is 16 bytes without padding, in network order.
        let (high, low) = unsafe withUnsafeBytes(of: address) { bytes in
            unsafe (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        self.init(family: .ipv6, high: high, low: low, scope: scope, port: port)
    }

    private var ipv4: in_addr { in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian) }

    private var ipv6: in6_addr {
        var address = in6_addr()
        // SAFETY: an IPv6 address is 16 bytes without padding, in network order.
        unsafe withUnsafeMutableBytes(of: &address) { bytes in
            unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }
}
