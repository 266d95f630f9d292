internal import Containers

/// How bytes that strangers have sent stand in a log: a line shows all of them, and none of them can
/// end the line, a quoted text or a JSON string, nor move a terminal's cursor.
///
/// Printable ASCII and well-formed UTF-8 stand for themselves. Escaped are `"` and `\` (by `\`),
/// control characters, those of Unicode (C1) and its line ends (U+2028, U+2029) too, and bytes that
/// are no UTF-8: as `\xHH` for each byte, in JSON as `\uHHHH`, where a byte that is no UTF-8 is
/// `\u00HH`.
enum LogEscaping {
    /// Appends a text.
    static func append(_ text: Span<UInt8>, isJSON: Bool, to output: inout ByteBuffer) {
        // What is in front of `start` has been appended.
        var start = 0
        var offset = 0
        while true {
            offset = endOfPlain(text, from: offset)
            guard offset < text.count else { break }
            let byte = text[offset]
            let (scalar, length) = byte < 0x80 ? (UInt32(byte), 1) : scalar(of: text, at: offset)
            if length > 1, !isUnsafe(scalar) {
                offset += length
                continue
            }
            output.append(text.extracting(start..<offset))
            if isJSON {
                appendJSON(scalar, to: &output)
            } else {
                for index in offset..<offset + length { appendText(text[index], to: &output) }
            }
            offset += length
            start = offset
        }
        output.append(text.extracting(start..<text.count))
    }

    /// Whether a text can stand as a word behind `key=`.
    static func isWord(_ text: Span<UInt8>) -> Bool {
        for index in 0..<text.count
        where !isPlain(text[index]) || text[index] == 0x20 || text[index] == UInt8(ascii: "=") {
            return false
        }
        return !text.isEmpty
    }

    /// The first byte from an offset on that does not simply stand for itself; the end, if there is
    /// none. Eight bytes at a time, as nearly all texts have none.
    private static func endOfPlain(_ text: Span<UInt8>, from start: Int) -> Int {
        var offset = start
        while offset + 8 <= text.count, isPlain(text.value(at: offset, as: UInt64.self)) {
            offset += 8
        }
        // The last word, which overlaps what has been looked at.
        if text.count >= 8, text.count - offset < 8,
            isPlain(text.value(at: text.count - 8, as: UInt64.self))
        {
            return text.count
        }
        while offset < text.count, isPlain(text[offset]) { offset += 1 }
        return offset
    }

    /// Whether all eight bytes are plain. Subtracting borrows from a byte only where one below it is
    /// not plain, so that a word is never taken for plain that is not.
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        func hasZero(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }
        let isLow = (word &- ones &* 0x20) & ~word
        let isQuote = hasZero(word ^ ones &* UInt64(UInt8(ascii: "\"")))
        let isBackslash = hasZero(word ^ ones &* UInt64(UInt8(ascii: "\\")))
        let isDelete = hasZero(word ^ ones &* 0x7F)
        return (word | isLow | isQuote | isBackslash | isDelete) & ones &* 0x80 == 0
    }

    /// Printable ASCII but for the quotation mark and the backslash.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// Control characters of Unicode beyond ASCII, and what some readers take for the end of a line.
    private static func isUnsafe(_ scalar: UInt32) -> Bool {
        scalar < 0xA0 || scalar == 0x2028 || scalar == 0x2029
    }

    private static func appendText(_ byte: UInt8, to output: inout ByteBuffer) {
        output.append(UInt8(ascii: "\\"))
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            output.append(byte)
        } else {
            output.append(UInt8(ascii: "x"))
            appendHexadecimal(UInt32(byte), digits: 2, to: &output)
        }
    }

    private static func appendJSON(_ scalar: UInt32, to output: inout ByteBuffer) {
        output.append(UInt8(ascii: "\\"))
        if scalar == 0x22 || scalar == 0x5C {
            output.append(UInt8(scalar))
        } else {
            output.append(UInt8(ascii: "u"))
            appendHexadecimal(scalar, digits: 4, to: &output)
        }
    }

    private static func appendHexadecimal(
        _ value: UInt32, digits: Int, to output: inout ByteBuffer
    ) {
        for place in (0..<digits).reversed() {
            let digit = UInt8(value >> UInt32(4 * place) & 0xF)
            output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// The scalar that begins here and its length (RFC 3629 §4); of what is no UTF-8, its first byte
    /// and 1.
    private static func scalar(of text: Span<UInt8>, at offset: Int) -> (UInt32, Int) {
        let first = text[offset]
        let (length, lowest): (Int, UInt32) =
            switch first {
            case 0xC2...0xDF: (2, 0x80)
            case 0xE0...0xEF: (3, 0x800)
            case 0xF0...0xF4: (4, 0x10000)
            default: (1, 0)
            }
        guard length > 1, offset + length <= text.count else { return (UInt32(first), 1) }
        var scalar = UInt32(first) & (0x7F >> UInt32(length))
        for index in offset + 1..<offset + length {
            guard text[index] & 0xC0 == 0x80 else { return (UInt32(first), 1) }
            scalar = scalar << 6 | UInt32(text[index] & 0x3F)
        }
        let isScalar = scalar >= lowest && scalar <= 0x10FFFF && !(0xD800...0xDFFF).contains(scalar)
        return isScalar ? (scalar, length) : (UInt32(first), 1)
    }
}
