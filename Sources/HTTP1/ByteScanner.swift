// Reading eight bytes at a time, the only code of this module that touches memory directly.
//
// A word is a `UInt64` whose lowest byte is the first one of the text, whatever the machine's
// byte order. Everything that looks for a byte is built on `word(at:)`, which never reads beyond
// the end of the span: the last bytes are padded with zeros, and zero belongs to no class of bytes
// that is scanned over, so each scan stops at the end by itself.
//
// The masks follow "bit twiddling hacks": a byte's top bit is set where the byte is outside the
// class. Carries and borrows only run upwards from a byte that is itself outside, so the lowest set
// bit is always exact, and only that one is used.

extension Span where Element == UInt8 {
    /// The eight bytes from `offset` on; those beyond the end are zero.
    func word(at offset: Int) -> UInt64 {
        precondition(offset >= 0)
        if offset &+ 8 <= count {  // An offset inside or near a span is far from Int.max.
            // SAFETY: 0 <= offset and offset + 8 <= count, checked above, so all eight bytes belong
            // to the span, which is alive for the whole call. No alignment is assumed.
            return unsafe UInt64(
                littleEndian: bytes.unsafeLoadUnaligned(
                    fromUncheckedByteOffset: offset, as: UInt64.self))
        }
        return tailWord(at: offset)
    }

    /// `word(at:)` where fewer than eight bytes are left.
    private func tailWord(at offset: Int) -> UInt64 {
        let rest = count - offset
        precondition(rest >= 0)
        if count >= 8 {
            return word(at: count &- 8) >> UInt64(8 &* (8 &- rest))
        }
        var word: UInt64 = 0
        for index in 0..<rest {
            word |= UInt64(self[offset + index]) << UInt64(8 * index)
        }
        return word
    }

    /// The first offset from `start` on whose byte is not a letter or a hyphen, or `count`.
    func endOfLettersAndHyphens(from start: Int) -> Int {
        var offset = start
        while true {
            let outside = Word.outsideLettersAndHyphens(word(at: offset))
            if outside != 0 {
                // The padding stops the scan at the end at the latest.
                return offset &+ Word.firstByte(outside)
            }
            offset &+= 8
        }
    }

    /// The first offset from `start` on whose byte is not a `tchar` (RFC 9110 §5.6.2), or `count`.
    func endOfToken(from start: Int) -> Int {
        var offset = start
        while true {
            offset = endOfLettersAndHyphens(from: offset)
            guard offset < count, ByteSet.token.contains(self[offset]) else { return offset }
            offset &+= 1
        }
    }

    /// The first offset from `start` on whose byte is not allowed in a field value (RFC 9110 §5.5:
    /// visible ASCII, SP, HTAB, obs-text), or `count`.
    func endOfFieldValue(from start: Int) -> Int {
        var offset = start
        while true {
            let outside = Word.controls(word(at: offset))
            if outside != 0 {
                offset &+= Word.firstByte(outside)
                // HTAB is a control byte to the mask, and legal.
                guard offset < count, self[offset] == .horizontalTab else { return offset }
                offset &+= 1
            } else {
                offset &+= 8
            }
        }
    }

    /// The first offset from `start` on whose byte is not one of those of which nearly every
    /// target consists (letters and `&` to `;`, which holds digits, `/`, `-` and `.`), or `count`.
    func endOfCommonTargetBytes(from start: Int) -> Int {
        var offset = start
        while true {
            let outside = Word.outsideCommonTargetBytes(word(at: offset))
            if outside != 0 {
                return offset &+ Word.firstByte(outside)
            }
            offset &+= 8
        }
    }
}

extension StaticString {
    /// The text as bytes. Precondition: it was written as a literal of more than one character,
    /// or of one that needs no scalar representation.
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

/// Arithmetic on eight bytes at once.
enum Word {
    private static var ones: UInt64 { 0x0101_0101_0101_0101 }
    private static var topBits: UInt64 { 0x8080_8080_8080_8080 }

    /// `byte` in all eight places.
    private static func all(_ byte: UInt8) -> UInt64 { ones &* UInt64(byte) }

    /// The place (0 to 7) of the first byte that `mask` marks. Precondition: it marks one.
    static func firstByte(_ mask: UInt64) -> Int { mask.trailingZeroBitCount &>> 3 }

    /// Up to eight bytes of `text`, the first lowest. The optimiser folds it into a constant.
    static func of(_ text: StaticString) -> UInt64 {
        var word: UInt64 = 0
        let bytes = text.span
        precondition(bytes.count <= 8)
        for index in 0..<bytes.count {
            word |= UInt64(bytes[index]) << UInt64(8 * index)
        }
        return word
    }

    /// Letters in lower case. Other bytes change too: compare only with words of letters, `-` and
    /// digits, and only what has been found to be a token. There the answer is exact, since no
    /// other `tchar` becomes one of those by gaining this bit.
    static func lowercasedToken(_ word: UInt64) -> UInt64 { word | all(0x20) }

    /// Letters in lower case; all other bytes, those above 127 too, stay as they are.
    static func lowercased(_ word: UInt64) -> UInt64 {
        let low = word & ~topBits
        // Bit 7 of each byte: at least "A", and not above "Z". Bytes of seven bits carry nowhere.
        let upper = (low &+ all(0x80 - 0x41)) & ~(low &+ all(0x80 - 0x5B)) & ~word & topBits
        return word | (upper &>> 2)
    }

    /// Marks bytes below SP and DEL.
    static func controls(_ word: UInt64) -> UInt64 {
        let belowSpace = word &- all(0x20)
        let delete = (word ^ all(0x7F)) &- ones
        return (belowSpace | delete) & ~word & topBits
    }

    /// Marks what is neither a letter nor a hyphen.
    static func outsideLettersAndHyphens(_ word: UInt64) -> UInt64 {
        let letters = lettersByTopBit(word)
        let notHyphen = (word ^ all(0x2D)) &+ all(0x7F)
        return (~letters & notHyphen | word) & topBits
    }

    /// Marks what is neither a letter nor one of `&'()*+,-./0123456789:;`.
    static func outsideCommonTargetBytes(_ word: UInt64) -> UInt64 {
        let letters = lettersByTopBit(word)
        let punctuationAndDigits = (word &+ all(0x80 - 0x26)) ^ (word &+ all(0x80 - 0x3C))
        return (~(letters | punctuationAndDigits) | word) & topBits
    }

    /// Has bit 7 of a seven-bit byte set where that is a letter; what follows a byte above 127 is
    /// undefined, and so are the other bits.
    private static func lettersByTopBit(_ word: UInt64) -> UInt64 {
        let lower = word | all(0x20)
        return (lower &+ all(0x80 - 0x61)) ^ (lower &+ all(0x80 - 0x7B))
    }
}
