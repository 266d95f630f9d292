/// The text of paths: which bytes stand for themselves, and what the others look like
/// (RFC 3986 §2.1, §3.3).
enum PathText {
    /// The bytes that a literal of a pattern means.
    ///
    /// - Throws: When it holds a byte that no path holds, a `*` or a brace in a place that gives it
    ///   no meaning, or a `%` without two digits.
    static func decoded(_ literal: Substring) throws(PatternFault) -> [UInt8] {
        let bytes = Array(literal.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "*"):
                throw PatternFault(
                    "a star stands at the start or right behind a slash; "
                        + "one that means itself is written %2A")
            case UInt8(ascii: "{"), UInt8(ascii: "}"):
                throw PatternFault(
                    "'\(literal)' is neither text nor a parameter; a parameter is a whole segment, "
                        + "and a brace that means itself is written %7B or %7D")
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.count, let high = hexadecimalValue(bytes[index + 1]),
                    let low = hexadecimalValue(bytes[index + 2])
                else { throw PatternFault("'%' in '\(literal)' has no two digits behind it") }
                result.append(high << 4 | low)
                index += 2
            default:
                guard byte >= 0x80 || isPathByte(byte) else {
                    throw PatternFault(
                        "'\(literal)' holds a character that a path cannot hold; "
                            + "write it as %\(hexadecimal(byte))")
                }
                result.append(byte)
            }
            index += 1
        }
        return result
    }

    /// A segment as a pattern shows it: readable where it can be, `%XX` elsewhere.
    static func encoded(_ segment: [UInt8]) -> String {
        let isText = String(validating: segment, as: UTF8.self) != nil
        var result: [UInt8] = []
        for byte in segment {
            let isPlain = byte < 0x80 ? isPathByte(byte) && byte != UInt8(ascii: "*") : isText
            if isPlain {
                result.append(byte)
            } else {
                result += "%\(hexadecimal(byte))".utf8
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Whether a decoded segment names something in its folder, and nothing else anywhere.
    static func isSafe(_ segment: [UInt8]) -> Bool {
        let dot = UInt8(ascii: ".")
        guard segment != [dot], segment != [dot, dot] else { return false }
        return segment.allSatisfy { byte in
            byte >= 0x20 && byte != 0x7F && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "\\")
        }
    }

    /// A target as `Location` carries it: what a browser might take for a slash, and what is not
    /// visible ASCII, is written `%XX`.
    static func encodedForLocation(_ target: [UInt8]) -> [UInt8] {
        target.flatMap { byte in
            let isPlain = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "\\")
            return isPlain ? [byte] : Array("%\(hexadecimal(byte))".utf8)
        }
    }

    /// `pchar` without `%` (RFC 3986 §3.3).
    static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: punctuation.contains(byte)
        }
    }

    private static let punctuation = Array("-._~!$&'()*+,;=:@".utf8)

    /// Whether a parameter's name may hold it.
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"):
            true
        default: isDigit(byte)
        }
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Two digits, in upper case (RFC 3986 §2.1).
    static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }

    /// The value of one digit; `nil` for any other byte.
    static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
