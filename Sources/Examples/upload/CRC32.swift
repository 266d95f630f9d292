/// The checksum of zip, gzip and PNG (ISO 3309): it finds accidents, and no forgeries.
struct CRC32: CustomStringConvertible {
    private var state = UInt32.max

    private static let table: [UInt32] = (0..<256).map { (byte: UInt32) in
        (0..<8).reduce(byte) { value, _ in
            value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1
        }
    }

    mutating func update(_ bytes: [UInt8]) {
        let table = Self.table
        var state = state
        for byte in bytes {
            state = state >> 8 ^ table[Int(UInt8(truncatingIfNeeded: state) ^ byte)]
        }
        self.state = state
    }

    /// Eight hexadecimal digits.
    var description: String {
        let digits = String(~state, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
