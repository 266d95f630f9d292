internal import HTTP1

/// The ways in which 128 bits are written as a name. Pure.
enum IDText {
    /// A UUID (RFC 9562 §4, RFC 4122 before it): 36 characters.
    static func uuid(_ bits: UInt128) -> String {
        var text = [36 of UInt8](repeating: UInt8(ascii: "-"))
        var rest = bits
        for index in (0..<36).reversed() where ![8, 13, 18, 23].contains(index) {
            text[index] = digit(Int(truncatingIfNeeded: rest & 15), of: hexadecimalDigits)
            rest >>= 4
        }
        return String(copying: text.span)
    }

    /// Base 32 (RFC 4648 §6) without its padding: 26 characters.
    static func base32(_ bits: UInt128) -> String {
        // 130 bits, of which the last two are left over.
        digits(
            bits >> 3, last: Int(truncatingIfNeeded: bits << 2 & 31), count: 26, width: 5,
            of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    }

    /// Base 64 for URLs and file names (RFC 4648 §5) without its padding: 22 characters.
    static func base64(_ bits: UInt128) -> String {
        // 132 bits, of which the last four are left over.
        digits(
            bits >> 2, last: Int(truncatingIfNeeded: bits << 4 & 63), count: 22, width: 6,
            of: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    }

    /// Crockford's base 32, as ULIDs have it: 26 characters, of which the first is at most `7`.
    static func crockford(_ bits: UInt128) -> String {
        digits(
            bits >> 5, last: Int(truncatingIfNeeded: bits & 31), count: 26, width: 5,
            of: "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    }

    /// 32 hexadecimal digits.
    static func hexadecimal(_ bits: UInt128) -> String {
        digits(
            bits >> 4, last: Int(truncatingIfNeeded: bits & 15), count: 32, width: 4,
            of: hexadecimalDigits)
    }

    /// 16 hexadecimal digits.
    static func hexadecimal(_ bits: UInt64) -> String {
        digits(
            UInt128(bits >> 4), last: Int(bits & 15), count: 16, width: 4, of: hexadecimalDigits)
    }

    private static var hexadecimalDigits: StaticString { "0123456789abcdef" }

    /// The last digit, and the others before it, of which each is `width` bits.
    private static func digits(
        _ bits: UInt128, last: Int, count: Int, width: Int, of alphabet: StaticString
    ) -> String {
        var text = [36 of UInt8](repeating: 0)
        text[count - 1] = digit(last, of: alphabet)
        var rest = bits
        for index in (0..<(count - 1)).reversed() {
            text[index] = digit(Int(truncatingIfNeeded: rest) & (1 << width - 1), of: alphabet)
            rest >>= UInt128(width)
        }
        return String(copying: text.span.extracting(0..<count))
    }

    private static func digit(_ value: Int, of alphabet: StaticString) -> UInt8 {
        alphabet.span[value]
    }
}
