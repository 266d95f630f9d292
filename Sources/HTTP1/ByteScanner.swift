// Reading many bytes at a time: the only code of this module that touches memory directly.
//
// A word is eight bytes as a `UInt64` whose lowest byte is the first one of the text, whatever the
// machine's byte order. Nothing is read beyond the end of a span; where a word reaches over it, it
// is padded with zeros.
//
// A class of bytes is tested without branches, on all bytes of a word at once: `outside` sets bit 7
// of each byte that does not belong to the class. Inside each byte the arithmetic is done on seven
// bits, so nothing is carried from one byte to the next, and every mark is exact.

extension Span where Element == UInt8 {
    /// The eight bytes from `offset` on; those beyond the end are zero.
    @inline(always)
    func word(at offset: Int) -> UInt64 {
        guard offset <= count &- 8 else { return paddedWord(at: offset) }
        precondition(offset >= 0)
        // SAFETY: 0 <= offset and offset + 8 <= count were just checked.
        return unsafe uncheckedWord(at: offset)
    }

    /// The four bytes from `offset` on; those beyond the end are zero.
    @inline(always)
    func halfWord(at offset: Int) -> UInt32 {
        guard offset <= count &- 4 else {
            return UInt32(truncatingIfNeeded: paddedWord(at: offset))
        }
        precondition(offset >= 0)
        // SAFETY: 0 <= offset and offset + 4 <= count were just checked. No alignment is assumed.
        return unsafe UInt32(
            littleEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt32.self))
    }

    /// Whether the bytes are the same as those of `other`. Linear; sixteen bytes per round, the last
    /// of which may overlap the round before.
    package func isSame(as other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        guard count >= 16 else {
            return word(at: 0) == other.word(at: 0)
                && (count <= 8 || word(at: 8) == other.word(at: 8))
        }
        var offset = 0
        while true {
            // SAFETY: 0 <= offset <= count - 16, in both spans.
            let words = unsafe uncheckedWords(at: offset)
            let others = unsafe other.uncheckedWords(at: offset)
            if (words[0] ^ others[0]) | (words[1] ^ others[1]) != 0 { return false }
            if offset == count &- 16 { return true }
            offset = min(offset &+ 16, count &- 16)
        }
    }

    /// Whether a slash stands behind another. Linear, eight bytes at a time.
    package var hasDoubledSlash: Bool {
        var offset = 0
        // Bit 7 of byte 0: the byte before this word was a slash.
        var before: UInt64 = 0
        while offset < count {
            let slashes = Word.slashes(word(at: offset))
            if slashes & (slashes &<< 8 | before) != 0 { return true }
            before = slashes &>> 56
            offset &+= 8
        }
        return false
    }

    /// A number that depends on all bytes and their order, eight of them at a time. Not keyed: for
    /// tables whose contents no client chooses. Linear.
    package var wordHash: UInt64 {
        // Wraps: it only mixes. The constants are those of FNV-1a and of Fibonacci hashing.
        var value = 0xcbf2_9ce4_8422_2325 ^ UInt64(truncatingIfNeeded: count)
        var offset = 0
        while offset <= count &- 8 {
            // SAFETY: 0 <= offset <= count - 8.
            value = unsafe (value ^ uncheckedWord(at: offset)) &* 0x9E37_79B9_7F4A_7C15
            value ^= value &>> 32
            offset &+= 8
        }
        guard offset < count else { return value }
        var rest: UInt64 = 0
        while offset < count {
            rest = rest &<< 8 | UInt64(self[offset])
            offset &+= 1
        }
        value = (value ^ rest) &* 0x9E37_79B9_7F4A_7C15
        return value ^ value &>> 32
    }

    /// The first offset from `start` on whose byte does not belong to `Class`, or `count`.
    ///
    /// Sixteen bytes per round. What remains at the end is left to another function, so that this
    /// one saves no registers: it is called twice per field line.
    @inline(always)
    func end<Class: ByteClass>(of _: Class.Type, from start: Int) -> Int {
        precondition(start >= 0)
        var offset = start
        while offset <= count &- 16 {
            // SAFETY: 0 <= start <= offset and offset + 16 <= count.
            let outside = unsafe Class.outside(uncheckedWords(at: offset))
            if outside[0] | outside[1] != 0 {
                return outside[0] != 0
                    ? offset &+ Word.firstByte(outside[0])
                    : offset &+ 8 &+ Word.firstByte(outside[1])
            }
            offset &+= 16
        }
        return endNearEnd(of: Class.self, from: offset)
    }

    /// `end(of:from:)` where fewer than sixteen bytes are left: tests the last sixteen bytes and
    /// drops the marks of those that stand before `start`.
    @inline(never)
    private func endNearEnd<Class: ByteClass>(of _: Class.Type, from start: Int) -> Int {
        let rest = count &- start
        precondition(start >= 0 && rest >= 0 && rest < 16)
        guard count >= 16 else { return endInFewBytes(of: Class.self, from: start) }
        // SAFETY: there are sixteen bytes before the end.
        let outside = unsafe Class.outside(uncheckedWords(at: count &- 16))
        if rest > 8 {
            let first = outside[0] &>> UInt64(8 &* (16 &- rest))
            if first != 0 { return start &+ Word.firstByte(first) }
            return count &- 8 &+ Word.firstByte(outside[1])
        }
        if rest == 0 { return count }
        let last = outside[1] &>> UInt64(8 &* (8 &- rest))
        return last == 0 ? count : start &+ Word.firstByte(last)
    }

    /// `end(of:from:)` in a span of fewer than sixteen bytes.
    @inline(never)
    private func endInFewBytes<Class: ByteClass>(of _: Class.Type, from start: Int) -> Int {
        // The padding stops the scan at the end, since zero belongs to no class.
        let second = start &+ 8 <= count ? word(at: start &+ 8) : 0
        let outside = Class.outside(WordPair(word(at: start), second))
        return outside[0] != 0
            ? start &+ Word.firstByte(outside[0]) : start &+ 8 &+ Word.firstByte(outside[1])
    }

    /// `word(at:)` where fewer than eight bytes are left.
    @inline(never)
    private func paddedWord(at offset: Int) -> UInt64 {
        let rest = count &- offset
        precondition(offset >= 0 && rest >= 0 && rest < 8)
        if rest == 0 { return 0 }
        if count >= 8 {
            // SAFETY: there are eight bytes before the end.
            return unsafe uncheckedWord(at: count &- 8) &>> UInt64(8 &* (8 &- rest))
        }
        var word: UInt64 = 0
        for index in 0..<rest {
            word |= UInt64(self[offset + index]) << UInt64(8 * index)
        }
        return word
    }

    /// The eight bytes from `offset` on. The caller must know that 0 <= offset <= count - 8.
    @unsafe @inline(always)
    private func uncheckedWord(at offset: Int) -> UInt64 {
        // SAFETY: the caller's promise; the span is alive for the whole call. No alignment is
        // assumed.
        unsafe UInt64(
            littleEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// The sixteen bytes from `offset` on. The caller must know that 0 <= offset <= count - 16.
    @unsafe @inline(always)
    private func uncheckedWords(at offset: Int) -> WordPair {
        // SAFETY: the caller's promise covers both words.
        unsafe WordPair(uncheckedWord(at: offset), uncheckedWord(at: offset &+ 8))
    }

    /// The first offset from `start` on whose byte is not a `tchar` (RFC 9110 §5.6.2), or `count`.
    func endOfToken(from start: Int) -> Int {
        var offset = start
        while true {
            offset = end(of: CommonNameBytes.self, from: offset)
            guard offset < count, ByteSet.token.contains(self[offset]) else { return offset }
            offset &+= 1
        }
    }

    /// The first offset from `start` on whose byte is not allowed in a field value (RFC 9110 §5.5:
    /// visible ASCII, SP, HTAB, obs-text), or `count`.
    func endOfFieldValue(from start: Int) -> Int {
        var offset = start
        while true {
            offset = end(of: TextWithoutTabs.self, from: offset)
            guard offset < count, self[offset] == .horizontalTab else { return offset }
            offset &+= 1
        }
    }
}

extension StaticString {
    /// The text as bytes. Precondition: it was written as a string literal, not as a character's.
    package var span: Span<UInt8> {
        @_lifetime(immortal)
        get {
            precondition(hasPointerRepresentation)
            // SAFETY: a static string's bytes are part of the program's read-only data: they never
            // move, change or end.
            let bytes = unsafe Span(_unsafeStart: utf8Start, count: utf8CodeUnitCount)
            return unsafe _overrideLifetime(bytes, borrowing: ())
        }
    }
}

/// Arithmetic on the eight bytes of a word.
enum Word {
    /// `byte` in all eight places.
    fileprivate static func all(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

    /// Whether the first `count` bytes, 0 to 8, are digits.
    @inline(always)
    static func beginsWithDigits(_ word: UInt64, count: Int) -> Bool {
        let looked = count == 0 ? 0 : UInt64.max &>> UInt64(64 &- 8 &* count)
        let digits = word & looked | all(0x30) & ~looked
        // A digit's upper half is 3, also when 6 is added; and no sum carries over if the first holds.
        return digits & all(0xF0) == all(0x30) && (digits &+ all(0x06)) & all(0xF0) == all(0x30)
    }

    /// Sets bit 7 of each byte that is a slash, and no other bit.
    @inline(always)
    static func slashes(_ word: UInt64) -> UInt64 {
        let others = word ^ all(0x2F)
        // Bit 7 of a sum: one of the lower seven bits is set.
        return ~((others & all(0x7F)) &+ all(0x7F) | others) & all(0x80)
    }

    /// The place (0 to 7) of the first byte that `mask` marks. Precondition: it marks one.
    static func firstByte(_ mask: UInt64) -> Int { mask.trailingZeroBitCount &>> 3 }

    /// Up to eight bytes of `text`, the first lowest. Inline, so that it becomes a constant.
    @inline(always)
    static func of(_ text: StaticString) -> UInt64 {
        var word: UInt64 = 0
        let bytes = text.span
        precondition(bytes.count <= 8)
        for index in 0..<bytes.count {
            word |= UInt64(bytes[index]) << UInt64(8 * index)
        }
        return word
    }

    /// Letters in lower case. Other bytes change too: compare only with words of letters and `-`,
    /// and only what has been found to be a token or a field value. There the answer is exact,
    /// since no other byte of those becomes one of these by gaining this bit.
    static func lowercasedToken(_ word: UInt64) -> UInt64 { word | all(0x20) }

    /// Letters in lower case; all other bytes, those above 127 too, stay as they are.
    static func lowercased(_ word: UInt64) -> UInt64 {
        let low = word & all(0x7F)
        let upper = (low &+ all(0x80 - 0x41)) & ~(low &+ all(0x80 - 0x5B)) & ~word & all(0x80)
        return word | (upper &>> 2)
    }
}

/// Sixteen bytes, as two words. The element-wise operators compile to vector instructions.
typealias WordPair = SIMD2<UInt64>

extension WordPair {
    /// `byte` in all places.
    @inline(always)
    fileprivate static func all(_ byte: UInt8) -> WordPair { WordPair(repeating: Word.all(byte)) }

    /// Sets bit 7 of each byte from `lower` to `upper`; bytes are below 128, other bits undefined.
    @inline(always)
    fileprivate func bytes(from lower: UInt8, to upper: UInt8) -> WordPair {
        (self &+ .all(0x80 - lower)) ^ (self &+ .all(0x7F - upper))
    }

    /// Sets bit 7 of each byte that is a letter; bytes are below 128, other bits undefined.
    @inline(always)
    fileprivate var letters: WordPair {
        (self | .all(0x20)).bytes(from: 0x61, to: 0x7A)
    }

    /// Marks the bytes for which `members` has not set bit 7, and those above 127.
    @inline(always)
    fileprivate func outside(_ members: WordPair) -> WordPair {
        (~members | self) & .all(0x80)
    }
}

/// A class of bytes that are looked for sixteen at a time. Zero must not belong to it.
protocol ByteClass {
    /// Sets bit 7 of each byte that does not belong to the class, and no other bit.
    static func outside(_ words: WordPair) -> WordPair
}

/// Letters and `-`: a run of what field names are made of.
enum LettersAndHyphens: ByteClass {
    @inline(always)
    static func outside(_ words: WordPair) -> WordPair {
        let low = words & .all(0x7F)
        return words.outside(low.letters | low.bytes(from: 0x2D, to: 0x2D))
    }
}

/// Letters, digits, `-` and `.`: a run of what host names are made of.
enum CommonNameBytes: ByteClass {
    @inline(always)
    static func outside(_ words: WordPair) -> WordPair {
        let low = words & .all(0x7F)
        let digits = low.bytes(from: 0x30, to: 0x39)
        return words.outside(low.letters | digits | low.bytes(from: 0x2D, to: 0x2E))
    }
}

/// Letters and `&` to `;`, which are digits, `/`, `-`, `.` and others that every part of a target
/// may hold: a run of what targets are made of.
enum CommonTargetBytes: ByteClass {
    @inline(always)
    static func outside(_ words: WordPair) -> WordPair {
        let low = words & .all(0x7F)
        return words.outside(low.letters | low.bytes(from: 0x26, to: 0x3B))
    }
}

/// All but control bytes: a run of what field values are made of, obs-text included.
enum TextWithoutTabs: ByteClass {
    @inline(always)
    static func outside(_ words: WordPair) -> WordPair {
        let low = words & .all(0x7F)
        // Bit 7: at least SP, and not DEL.
        let text = (low &+ .all(0x80 - 0x20)) & ~(low &+ .all(0x01))
        return ~(text | words) & .all(0x80)
    }
}
