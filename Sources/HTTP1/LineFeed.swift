extension Span where Element == UInt8 {
    /// The first offset from `start` on whose byte is LF, or nil. Eight bytes at a time.
    package func firstLineFeed(from start: Int) -> Int? {
        var offset = start
        while offset < count {
            // A byte becomes zero where it was LF; the padding behind the end becomes LF's code.
            let difference = word(at: offset) ^ 0x0A0A_0A0A_0A0A_0A0A
            // Wraps where a byte is zero, which is the point (see ByteScanner on exactness).
            let zeroes = (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
            if zeroes != 0 { return offset &+ zeroes.trailingZeroBitCount / 8 }
            offset &+= 8  // Stays below `count` + 8.
        }
        return nil
    }
}
