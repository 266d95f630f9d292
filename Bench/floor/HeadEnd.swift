/// Finds the empty line that ends a head, however the bytes are split.
struct HeadEnd {
    /// How much of the four bytes has come.
    private var matched = 0

    /// Whether some of the four bytes have come and the rest has not.
    var isPartial: Bool { matched > 0 }

    /// Takes the next byte; true if it is the last of a head.
    mutating func advance(_ byte: UInt8) -> Bool {
        let isExpected = byte == (matched % 2 == 0 ? UInt8(ascii: "\r") : UInt8(ascii: "\n"))
        matched = isExpected ? matched + 1 : byte == UInt8(ascii: "\r") ? 1 : 0
        guard matched == 4 else { return false }
        matched = 0
        return true
    }
}
