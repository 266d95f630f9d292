/// `name=value` pairs divided by `&`: the text of queries and of forms
/// (application/x-www-form-urlencoded, WHATWG URL §5.1). A view of bytes; nothing is decoded until
/// it is asked for, and a name is compared without being copied.
struct FormText: ~Escapable {
    let bytes: Span<UInt8>

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    /// One pair, still encoded. Without `=` it is a flag: its value is empty.
    struct Pair {
        let name: Range<Int>
        let value: Range<Int>
        /// Where to look for the next pair.
        let end: Int
    }

    /// The pair at or behind an offset. Empty segments, as in `a&&b`, are passed over.
    func pair(from start: Int) -> Pair? {
        var start = start
        while start < bytes.count {
            let end = index(of: UInt8(ascii: "&"), from: start, to: bytes.count)
            if end > start {
                let equals = index(of: UInt8(ascii: "="), from: start, to: end)
                return Pair(
                    name: start..<equals, value: min(equals + 1, end)..<end, end: end + 1)
            }
            start = end + 1
        }
        return nil
    }

    /// The pair with this name at or behind an offset. O(n).
    func pair(named name: Span<UInt8>, from start: Int) -> Pair? {
        var offset = start
        while let pair = pair(from: offset) {
            if isDecoded(pair.name, equalTo: name) { return pair }
            offset = pair.end
        }
        return nil
    }

    /// How many pairs there are, counted up to a limit. O(n).
    func count(upTo limit: Int) -> Int {
        var count = 0
        var offset = 0
        while count < limit, let pair = pair(from: offset) {
            count += 1
            offset = pair.end
        }
        return count
    }

    /// The first value of a name, decoded.
    func firstValue(of name: String) -> String? {
        pair(named: name.utf8.span, from: 0).map { text(of: $0.value) }
    }

    /// All values of a name, decoded, in their order.
    func values(of name: String) -> [String] {
        let name = name.utf8.span
        var values: [String] = []
        var offset = 0
        while let pair = pair(named: name, from: offset) {
            values.append(text(of: pair.value))
            offset = pair.end
        }
        return values
    }

    /// The first value of a name as another type, or `nil` without one.
    ///
    /// - Throws: `HTTPError` 400 `invalid_parameter`.
    func typedValue<Value: LosslessStringConvertible>(
        of name: String, as type: Value.Type
    ) throws(HTTPError) -> Value? {
        guard let text = firstValue(of: name) else { return nil }
        guard let value = Value(text) else {
            throw HTTPError(
                .badRequest, code: "invalid_parameter",
                message: "'\(name)' is no \(ValueKind.name(of: type))",
                field: name)
        }
        return value
    }

    /// A decoded piece as text; what is not valid UTF-8 is replaced by U+FFFD.
    func text(of range: Range<Int>) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var offset = range.lowerBound
        while offset < range.upperBound {
            result.append(decodedByte(at: &offset, end: range.upperBound))
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func isDecoded(_ range: Range<Int>, equalTo name: Span<UInt8>) -> Bool {
        var offset = range.lowerBound
        var index = 0
        while offset < range.upperBound {
            guard index < name.count,
                decodedByte(at: &offset, end: range.upperBound) == name[index]
            else { return false }
            index += 1
        }
        return index == name.count
    }

    /// `%` and two hexadecimal digits are a byte, `+` is a blank; a `%` before anything else stands
    /// for itself, as browsers read it.
    private func decodedByte(at offset: inout Int, end: Int) -> UInt8 {
        let byte = bytes[offset]
        offset += 1
        if byte == UInt8(ascii: "+") { return UInt8(ascii: " ") }
        guard byte == UInt8(ascii: "%"), end - offset >= 2,
            let high = bytes[offset].hexadecimalDigitValue,
            let low = bytes[offset + 1].hexadecimalDigitValue
        else { return byte }
        offset += 2
        return high << 4 | low
    }

    /// The end when there is none.
    private func index(of byte: UInt8, from start: Int, to end: Int) -> Int {
        var index = start
        while index < end, bytes[index] != byte { index += 1 }
        return index
    }
}

extension UInt8 {
    fileprivate var hexadecimalDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
