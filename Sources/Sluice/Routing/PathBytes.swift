internal import HTTP1

/// Reading the path of a request in place: segments, and bytes after percent-decoding.
///
/// The parser has let through only a `%` with two digits behind it; one without, as a test may
/// have, stands for itself.
extension Span where Element == UInt8 {
    /// The byte at an offset after decoding; moves the offset behind what stood for it.
    func decodedByte(at offset: inout Int, end: Int) -> UInt8 {
        let byte = self[offset]
        if byte == UInt8(ascii: "%"), end - offset > 2,
            let high = PathText.hexadecimalValue(self[offset + 1]),
            let low = PathText.hexadecimalValue(self[offset + 2])
        {
            offset += 3
            return high << 4 | low
        }
        offset += 1
        return byte
    }

    /// The offset of the first slash from an offset on, or the end.
    func endOfSegment(from start: Int) -> Int {
        var offset = start
        while offset < count, self[offset] != UInt8(ascii: "/") { offset += 1 }
        return offset
    }

    /// The segment that begins at an offset, which lies behind a slash; `nil` behind the last one.
    ///
    /// - Parameter isForgiving: Empty segments do not count.
    func segment(from offset: Int, isForgiving: Bool) -> Range<Int>? {
        var start = offset
        if isForgiving {
            while start < count, self[start] == UInt8(ascii: "/") { start += 1 }
            guard start < count else { return nil }
        } else {
            // The root has no segments; `/a/` has two.
            guard start <= count, count > 1 else { return nil }
        }
        return start..<endOfSegment(from: start)
    }

    /// The segment that ends at an offset; `nil` when none begins at `floor` or behind it.
    func segment(endingAt offset: Int, from floor: Int, isForgiving: Bool) -> Range<Int>? {
        var end = offset
        if isForgiving {
            while end > floor, self[end - 1] == UInt8(ascii: "/") { end -= 1 }
            guard end > floor else { return nil }
        } else {
            guard end >= floor, count > 1 else { return nil }
        }
        var start = end
        while start > floor, self[start - 1] != UInt8(ascii: "/") { start -= 1 }
        return start..<end
    }

    /// How many bytes a range holds after decoding.
    func decodedByteCount(_ range: Range<Int>) -> Int {
        var offset = range.lowerBound
        var decodedCount = 0
        while offset < range.upperBound {
            _ = decodedByte(at: &offset, end: range.upperBound)
            decodedCount += 1
        }
        return decodedCount
    }

    /// The offset behind the first `decodedCount` bytes of a range after decoding.
    func offset(behind decodedCount: Int, in range: Range<Int>) -> Int {
        var offset = range.lowerBound
        for _ in 0..<decodedCount { _ = decodedByte(at: &offset, end: range.upperBound) }
        return offset
    }

    /// Whether a range is `text` after decoding.
    func isEqual(_ range: Range<Int>, decodedTo text: Span<UInt8>) -> Bool {
        // What stands for itself is as long as what it stands for; what is decoded gets shorter.
        if range.count == text.count {
            let raw = extracting(range)
            var index = 0
            while index < text.count, raw[index] == text[index], text[index] != UInt8(ascii: "%") {
                index += 1
            }
            if index == text.count { return true }
        }
        var offset = range.lowerBound
        for index in text.indices {
            guard offset < range.upperBound,
                decodedByte(at: &offset, end: range.upperBound) == text[index]
            else { return false }
        }
        return offset == range.upperBound
    }

    /// Whether something in it is percent-encoded.
    var hasPercentSign: Bool {
        for index in indices where self[index] == UInt8(ascii: "%") { return true }
        return false
    }

    /// Whether it has a doubled slash, or one at its end that is not all of it.
    var hasUncleanSlashes: Bool {
        count > 1 && (self[count - 1] == UInt8(ascii: "/") || hasDoubledSlash)
    }
}

/// FNV-1a, a byte at a time, where bytes are decoded on the way. Not keyed: the tables hold only what the program registered, so a
/// client cannot make them collide; a look-up of anything else ends at the first free slot.
struct PathHash {
    private var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of a whole path, which is at hand: eight bytes at a time.
    init(of path: Span<UInt8>) {
        value = path.wordHash
    }

    /// A hash that depends on where in the tree the bytes stand.
    init(at node: Int) {
        value = (value ^ UInt64(node)) &* 0x9E37_79B9_7F4A_7C15  // Wraps: it only mixes.
        value ^= value >> 32
    }

    mutating func add(_ byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x100_0000_01b3  // Wraps by definition.
    }

    /// Where a search begins. Names that end alike, such as numbers, leave FNV's low bits alike, so
    /// the high ones are folded in.
    func slot(among count: Int) -> Int {
        Int(truncatingIfNeeded: mixed) & (count - 1)
    }

    /// Bits that the slot does not say: what differs in them need not be compared.
    var tag: UInt32 {
        UInt32(truncatingIfNeeded: mixed >> 32)
    }

    private var mixed: UInt64 {
        let folded = (value ^ (value >> 32)) &* 0x9E37_79B9_7F4A_7C15  // Wraps: it only mixes.
        return folded ^ (folded >> 29)
    }
}
