/// The query of a request target: `name=value` pairs, decoded when they are asked for.
public struct Query: ~Escapable {
    private let bytes: Span<UInt8>

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) {
        self.bytes = bytes
    }

    /// The query as it came, without the question mark.
    public var rawValue: String { String(copying: bytes) }

    /// The first value of a name, decoded (`%20` and `+` are blanks); the empty string for a name
    /// without a value; `nil` when the name does not occur. O(n).
    public subscript(name: String) -> String? {
        var start = 0
        while start < bytes.count {
            let end = index(of: UInt8(ascii: "&"), from: start, to: bytes.count) ?? bytes.count
            let equals = index(of: UInt8(ascii: "="), from: start, to: end)
            if end > start, decoded(start..<(equals ?? end)) == name {
                return decoded((equals.map { $0 + 1 } ?? end)..<end)
            }
            start = end + 1
        }
        return nil
    }

    private func index(of byte: UInt8, from start: Int, to end: Int) -> Int? {
        var index = start
        while index < end {
            if bytes[index] == byte { return index }
            index += 1
        }
        return nil
    }

    private func decoded(_ range: Range<Int>) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"), range.upperBound - index > 2,
                let high = hexadecimalValue(bytes[index + 1]),
                let low = hexadecimalValue(bytes[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
