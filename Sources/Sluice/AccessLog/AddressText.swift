internal import Containers
internal import Syscalls

/// Writes addresses, without their ports.
struct AddressText {
    /// The last one of IPv6, whose text costs a call of the C library.
    private var last: (address: SocketAddress, text: [UInt8])?

    mutating func append(_ address: SocketAddress, to output: inout ByteBuffer) {
        if address.family == .ipv4, let bits = address.ipv4Bits {
            for shift in [UInt32(24), 16, 8, 0] {
                output.append(decimal: Int(bits >> shift & 0xFF))
                if shift > 0 { output.append(UInt8(ascii: ".")) }
            }
            return
        }
        let address = address.withPort(0)
        if last?.address != address { last = (address, Array(address.host.utf8)) }
        if let last { output.append(last.text.span) }
    }
}
