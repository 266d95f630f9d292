internal import CLinux
internal import Glibc

// Socket options: socket(7), tcp(7), ipv6(7).

extension Socket {
    /// Lets a restarted server bind while old connections linger (SO_REUSEADDR).
    package static func setReuseAddress(
        _ descriptor: borrowing FileDescriptor, _ isOn: Bool
    ) throws(Errno) {
        try setOption(descriptor, level: SOL_SOCKET, name: SO_REUSEADDR, isOn)
    }

    /// Lets several listeners of one user share an address; the kernel spreads the connections
    /// (SO_REUSEPORT). One per reactor.
    package static func setReusePort(
        _ descriptor: borrowing FileDescriptor, _ isOn: Bool
    ) throws(Errno) {
        try setOption(descriptor, level: SOL_SOCKET, name: SO_REUSEPORT, isOn)
    }

    /// Lets bind(2) fix only the address and leaves the port to connect(2), which can then share a
    /// port between different peers (IP_BIND_ADDRESS_NO_PORT, ip(7); IPv6 sockets take it too).
    package static func setBindAddressNoPort(
        _ descriptor: borrowing FileDescriptor, _ isOn: Bool
    ) throws(Errno) {
        try setOption(
            descriptor, level: Int32(IPPROTO_IP), name: IP_BIND_ADDRESS_NO_PORT, isOn)
    }

    /// Sends small segments at once instead of waiting for the peer's ACK (TCP_NODELAY).
    package static func setNoDelay(
        _ descriptor: borrowing FileDescriptor, _ isOn: Bool
    ) throws(Errno) {
        try setOption(descriptor, level: Int32(IPPROTO_TCP), name: TCP_NODELAY, isOn)
    }

    /// Asks the peer for a sign of life when nothing was exchanged for long (SO_KEEPALIVE).
    package static func setKeepAlive(
        _ descriptor: borrowing FileDescriptor, _ isOn: Bool
    ) throws(Errno) {
        try setOption(descriptor, level: SOL_SOCKET, name: SO_KEEPALIVE, isOn)
    }

    /// What close does with unsent bytes (SO_LINGER): nil, the default, sends them in the
    /// background; 0 throws them away and resets the connection; more waits so long.
    package static func setLinger(
        _ descriptor: borrowing FileDescriptor, seconds: Int32?
    ) throws(Errno) {
        let value = linger(l_onoff: seconds == nil ? 0 : 1, l_linger: seconds ?? 0)
        try setOption(descriptor, level: SOL_SOCKET, name: SO_LINGER, value: value)
    }

    /// Keeps IPv4 peers away from an IPv6 socket (IPV6_V6ONLY).
    package static func setIPv6Only(
        _ descriptor: borrowing FileDescriptor, _ isOn: Bool
    ) throws(Errno) {
        try setOption(descriptor, level: Int32(IPPROTO_IPV6), name: IPV6_V6ONLY, isOn)
    }

    /// Bounds each blocking receive; one that takes longer is `.wouldBlock` (SO_RCVTIMEO).
    /// 0 means without bound; else rounded up to a microsecond.
    package static func setReceiveTimeout(
        _ descriptor: borrowing FileDescriptor, nanoseconds: UInt64
    ) throws(Errno) {
        try setOption(
            descriptor, level: SOL_SOCKET, name: SO_RCVTIMEO,
            value: timeval(roundingUp: nanoseconds))
    }

    /// Bounds each blocking send; as `setReceiveTimeout` (SO_SNDTIMEO).
    package static func setSendTimeout(
        _ descriptor: borrowing FileDescriptor, nanoseconds: UInt64
    ) throws(Errno) {
        try setOption(
            descriptor, level: SOL_SOCKET, name: SO_SNDTIMEO,
            value: timeval(roundingUp: nanoseconds))
    }

    /// How much may wait in the kernel to be read (SO_RCVBUF). The kernel doubles the number and
    /// no longer tunes it by itself.
    package static func setReceiveBufferSize(
        _ descriptor: borrowing FileDescriptor, byteCount: Int32
    ) throws(Errno) {
        try setOption(descriptor, level: SOL_SOCKET, name: SO_RCVBUF, value: byteCount)
    }

    /// How much may wait in the kernel to be sent; as `setReceiveBufferSize` (SO_SNDBUF).
    package static func setSendBufferSize(
        _ descriptor: borrowing FileDescriptor, byteCount: Int32
    ) throws(Errno) {
        try setOption(descriptor, level: SOL_SOCKET, name: SO_SNDBUF, value: byteCount)
    }
}

// MARK: - setsockopt(2), getsockopt(2)

extension Socket {
    private static func setOption(
        _ descriptor: borrowing FileDescriptor, level: Int32, name: Int32, _ isOn: Bool
    ) throws(Errno) {
        try setOption(descriptor, level: level, name: name, value: Int32(isOn ? 1 : 0))
    }

    private static func setOption<Value: BitwiseCopyable>(
        _ descriptor: borrowing FileDescriptor, level: Int32, name: Int32, value: Value
    ) throws(Errno) {
        let rawValue = descriptor.rawValue
        let size = socklen_t(MemoryLayout<Value>.size)
        var value = value
        _ = try SystemCall.other.perform {
            // SAFETY: the kernel reads `size` bytes of a plain value.
            unsafe setsockopt(rawValue, level, name, &value, size)
        }
    }

    /// The smoothed round-trip time of a TCP connection in nanoseconds (`TCP_INFO`, tcp(7)); `nil`
    /// where there is none, and where the number is no such socket.
    ///
    /// - Parameter rawValue: A descriptor's number. Its owner may close it at any time, so the
    ///   answer can be another socket's.
    package static func roundTripTime(ofDescriptor rawValue: Int32) -> UInt64? {
        var info = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        // SAFETY: the kernel writes at most `size` bytes, a tcp_info's.
        let result = unsafe getsockopt(rawValue, Int32(IPPROTO_TCP), TCP_INFO, &info, &size)
        guard result == 0, info.tcpi_rtt > 0 else { return nil }
        return UInt64(info.tcpi_rtt) * 1_000
    }

    static func getOption(
        _ descriptor: borrowing FileDescriptor, level: Int32, name: Int32
    ) throws(Errno) -> Int32 {
        let rawValue = descriptor.rawValue
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        _ = try SystemCall.other.perform {
            // SAFETY: the kernel writes at most `size` bytes, an int's.
            unsafe getsockopt(rawValue, level, name, &value, &size)
        }
        return value
    }
}

extension timeval {
    /// The kernel takes 0 for "no bound", so a short time must not be rounded down to it.
    fileprivate init(roundingUp nanoseconds: UInt64) {
        let microseconds = nanoseconds / 1000 + (nanoseconds % 1000 == 0 ? 0 : 1)
        self.init(tv_sec: Int(microseconds / 1_000_000), tv_usec: Int(microseconds % 1_000_000))
    }
}
