/// A set of ASCII characters as 128 bits; bytes above 127 are in none.
///
/// The constants are computed properties of literals, so a test compiles to a shift of an immediate
/// value: there is no table to initialise or to load.
struct ByteSet {
    /// Bit n stands for byte n.
    private let low: UInt64
    /// Bit n stands for byte 64 + n.
    private let high: UInt64

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    func contains(_ byte: UInt8) -> Bool {
        let bits = byte & 0x40 == 0 ? low : high
        return byte < 0x80 && (bits &>> UInt64(byte & 0x3F)) & 1 != 0
    }

    /// `tchar`: letters, digits and ``!#$%&'*+-.^_`|~`` (RFC 9110 §5.6.2).
    static var token: ByteSet {
        ByteSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    }

    /// `pchar` without `%`, and `/` (RFC 3986 §3.3). Nothing else is accepted in a path, although
    /// browsers send a few more raw: authorisation and routing hang on it, so there is one spelling.
    static var path: ByteSet {
        ByteSet(low: 0x2FFF_FFD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFF)
    }

    /// What a target that does not begin with `/` may hold before its query: `path` and the
    /// brackets of an IPv6 address. `Authority` and `RequestTarget` look closer.
    static var absoluteTarget: ByteSet {
        ByteSet(low: 0x2FFF_FFD2_0000_0000, high: 0x47FF_FFFE_AFFF_FFFF)
    }

    /// `pchar` without `%`, `/` and `?` (RFC 3986 §3.4), and ``[\]^`{|}``: those that are not
    /// in the query percent-encode set of the WHATWG URL standard, so that browsers send them raw.
    /// `"`, `<`, `>` and `#` are encoded by browsers, and refused.
    static var query: ByteSet {
        ByteSet(low: 0xAFFF_FFD2_0000_0000, high: 0x7FFF_FFFF_FFFF_FFFF)
    }

    /// `unreserved` and `sub-delims`: a registered name without `%` (RFC 3986 §3.2.2).
    static var registeredName: ByteSet {
        ByteSet(low: 0x2BFF_7FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    }

    /// `bchars`, the characters of a boundary (RFC 2046 §5.1.1).
    static var boundary: ByteSet {
        ByteSet(low: 0xA7FF_FB81_0000_0000, high: 0x07FF_FFFE_87FF_FFFE)
    }

    /// `registeredName` and `:`: the address of an `IPvFuture` (RFC 3986 §3.2.2).
    static var futureAddress: ByteSet {
        ByteSet(low: 0x2FFF_7FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    }
}

extension UInt8 {
    static var horizontalTab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }

    /// The byte of an ASCII character.
    static func ascii(_ character: Unicode.Scalar) -> UInt8 { UInt8(ascii: character) }

    /// OWS of RFC 9110 §5.6.3.
    var isOptionalWhitespace: Bool { self == .space || self == .horizontalTab }

    var isDigit: Bool { self &- 0x30 < 10 }

    /// 0 to 15, or nil for what is no hexadecimal digit.
    var hexadecimalValue: UInt8? {
        if isDigit { return self &- 0x30 }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }
}
