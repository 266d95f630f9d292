/// `uri-host [ ":" port ]` (RFC 9110 §4.1, RFC 3986 §3.2.2): what `Host` holds, and the authority
/// of a target. User information is refused, as RFC 9110 §4.2.4 asks.
package enum Authority {
    /// Whether the bytes at `range` can be the value of `Host`.
    static func isValidHost(_ bytes: Span<UInt8>, at range: ByteRange) -> Bool {
        // Most hosts are a run of plain bytes, alone or before a port. It is looked for in all of
        // the bytes, since a scan is slow near the end of a span.
        let start = range.startOffset
        let end = bytes.end(of: CommonNameBytes.self, from: start)
        if end == range.endOffset { return true }
        if end > start && end < range.endOffset && bytes[end] == .ascii(":") {
            let portCount = range.endOffset &- end &- 1
            // Digits are looked at together. Five of them are compared with the limit as text.
            let digits = bytes.word(at: end &+ 1)
            return portCount <= 5 && Word.beginsWithDigits(digits, count: portCount)
                && (portCount < 5
                    || digits.byteSwapped &>> 24 <= Word.of("65535").byteSwapped &>> 24)
        }
        return isValidHost(bytes.extracting(range))
    }

    /// Whether `text` can be the value of `Host`: empty, or a host with or without a port.
    package static func isValidHost(_ text: Span<UInt8>) -> Bool {
        // An empty Host is what a client must send whose target has no authority (RFC 9110 §7.2).
        if text.isEmpty { return true }
        guard let hostEnd = endOfHost(text), hostEnd > 0 else { return false }
        guard hostEnd < text.count else { return true }
        let port = text.extracting(hostEnd &+ 1..<text.count)
        return port.isEmpty || isPort(port)
    }

    /// Whether `text` is a host and a port that can be connected to, as CONNECT needs them
    /// (RFC 9110 §9.3.6).
    static func isValidTunnelTarget(_ text: Span<UInt8>) -> Bool {
        guard let hostEnd = endOfHost(text), hostEnd > 0, hostEnd < text.count else { return false }
        let port = text.extracting(hostEnd &+ 1..<text.count)
        return isPort(port) && port.decimalValue != 0
    }

    /// One to five digits, up to 65535.
    private static func isPort(_ text: Span<UInt8>) -> Bool {
        guard (1...5).contains(text.count) else { return false }
        var number = 0
        for index in 0..<text.count {
            guard text[index].isDigit else { return false }
            number = 10 &* number &+ Int(text[index] &- .ascii("0"))
        }
        return number <= 65_535
    }

    /// The end of the host: the offset of the colon before the port, or the end of the text. Nil
    /// when the host is invalid or is followed by something else.
    private static func endOfHost(_ text: Span<UInt8>) -> Int? {
        if !text.isEmpty && text[0] == .ascii("[") {
            var end = 1
            while end < text.count, text[end] != .ascii("]") { end &+= 1 }
            guard end < text.count, isLiteralAddress(text.extracting(1..<end)) else { return nil }
            let next = end &+ 1
            return next == text.count || text[next] == .ascii(":") ? next : nil
        }
        return endOfRegisteredName(text)
    }

    /// An IPv4 address has the same bytes as a registered name, and needs no rule of its own.
    private static func endOfRegisteredName(_ text: Span<UInt8>) -> Int? {
        var offset = 0
        while true {
            offset = text.end(of: CommonNameBytes.self, from: offset)
            guard offset < text.count, text[offset] != .ascii(":") else { return offset }
            if text[offset] == .ascii("%") {
                guard text.isPercentEncoded(at: offset) else { return nil }
                offset &+= 3
            } else {
                guard ByteSet.registeredName.contains(text[offset]) else { return nil }
                offset &+= 1
            }
        }
    }

    /// What stands between the brackets: `IPv6address` or `IPvFuture`. No zone (RFC 9110 has none).
    private static func isLiteralAddress(_ text: Span<UInt8>) -> Bool {
        guard !text.isEmpty else { return false }
        return text[0] | 0x20 == .ascii("v") ? isFutureAddress(text) : isIPv6Address(text)
    }

    /// `"v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )`
    private static func isFutureAddress(_ text: Span<UInt8>) -> Bool {
        var offset = 1
        while offset < text.count, text[offset].hexadecimalValue != nil { offset &+= 1 }
        guard offset > 1, offset &+ 1 < text.count, text[offset] == .ascii(".") else {
            return false
        }
        for index in offset &+ 1..<text.count {
            guard ByteSet.futureAddress.contains(text[index]) else { return false }
        }
        return true
    }

    /// Eight groups of one to four digits, of which one run may be left out as `::`; the last two
    /// may be an IPv4 address.
    private static func isIPv6Address(_ text: Span<UInt8>) -> Bool {
        var groups = 0
        var isShortened = false
        var offset = 0
        if text.hasPair(of: .ascii(":"), at: 0) {
            isShortened = true
            offset = 2
        }
        while offset < text.count {
            let start = offset
            while offset < text.count, text[offset].hexadecimalValue != nil { offset &+= 1 }
            if offset < text.count, text[offset] == .ascii(".") {
                guard isIPv4Address(text.extracting(start..<text.count)) else { return false }
                groups += 2
                break
            }
            guard (1...4).contains(offset - start) else { return false }
            groups += 1
            guard offset < text.count else { break }
            guard text[offset] == .ascii(":") else { return false }
            if text.hasPair(of: .ascii(":"), at: offset) {
                guard !isShortened else { return false }
                isShortened = true
                offset &+= 2
            } else {
                offset &+= 1
                guard offset < text.count else { return false }
            }
        }
        return isShortened ? groups <= 7 : groups == 8
    }

    /// Four numbers up to 255 without leading zeros.
    private static func isIPv4Address(_ text: Span<UInt8>) -> Bool {
        var numbers = 0
        var offset = 0
        while true {
            let start = offset
            while offset < text.count, text[offset].isDigit { offset &+= 1 }
            let number = text.extracting(start..<offset)
            guard let value = number.decimalValue, value <= 255,
                number.count == 1 || number[0] != .ascii("0")
            else { return false }
            numbers += 1
            guard offset < text.count else { return numbers == 4 }
            guard text[offset] == .ascii("."), numbers < 4 else { return false }
            offset &+= 1
        }
    }
}

extension Span where Element == UInt8 {
    /// Whether `%` and two hexadecimal digits stand at `offset`.
    func isPercentEncoded(at offset: Int) -> Bool {
        offset &+ 2 < count && self[offset] == .ascii("%")
            && self[offset &+ 1].hexadecimalValue != nil
            && self[offset &+ 2].hexadecimalValue != nil
    }

    /// Whether `byte` stands at `offset` and again behind it.
    fileprivate func hasPair(of byte: UInt8, at offset: Int) -> Bool {
        offset &+ 1 < count && self[offset] == byte && self[offset &+ 1] == byte
    }
}
