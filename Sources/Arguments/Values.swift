/// What values mean on every command line of ours. Pure.
package enum Values {
    /// `10` or `10s` (seconds), `500ms`, `2m`, `1h`; a fraction such as `0.5` is fine. Nanoseconds.
    package static func duration(_ text: Substring) throws(ValueError) -> UInt64 {
        let error = ValueError(
            "is not a duration", cure: "give seconds such as 10 or 10s, or 500ms, 2m, 1h")
        let (number, suffix) = split(text)
        let unit: Double
        switch suffix {
        case "", "s": unit = 1e9
        case "us": unit = 1e3
        case "ms": unit = 1e6
        case "m": unit = 60e9
        case "h": unit = 3600e9
        default: throw error
        }
        guard let value = decimal(number) else { throw error }
        let nanoseconds = value * unit
        guard nanoseconds <= 1e16 else {
            throw ValueError("is too long", cure: "give at most 2777h")
        }
        return UInt64(nanoseconds)
    }

    /// `4096`, `64k`, `1m`, `2g`: bytes, in powers of 1,024.
    package static func size(
        _ text: Substring, in range: ClosedRange<Int>
    ) throws(ValueError) -> Int {
        let (number, suffix) = split(text)
        let shift: Int
        switch suffix.lowercased() {
        case "", "b": shift = 0
        case "k", "kb", "kib": shift = 10
        case "m", "mb", "mib": shift = 20
        case "g", "gb", "gib": shift = 30
        default: throw ValueError("is not a size", cure: "give bytes such as 65536, or 64k, 1m, 2g")
        }
        guard let value = whole(number), value <= Int.max >> shift else {
            throw ValueError("is not a size", cure: "give bytes such as 65536, or 64k, 1m, 2g")
        }
        let bytes = value << shift
        guard range.contains(bytes) else {
            throw ValueError(
                "is out of range", cure: "give \(range.lowerBound) to \(range.upperBound) bytes")
        }
        return bytes
    }

    /// A whole number in a range.
    package static func integer(
        _ text: Substring, in range: ClosedRange<Int>
    ) throws(ValueError) -> Int {
        guard let value = whole(text) else {
            throw ValueError(
                "is not a whole number", cure: "give \(range.lowerBound) to \(range.upperBound)")
        }
        guard range.contains(value) else {
            throw ValueError(
                "is out of range", cure: "give \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// Digits only: no sign, no blank; nil on overflow.
    private static func whole(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    private static func decimal(_ text: Substring) -> Double? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }) else { return nil }
        return Double(text)
    }

    private static func split(_ text: Substring) -> (number: Substring, suffix: Substring) {
        let end = text.firstIndex { !($0.isNumber || $0 == ".") } ?? text.endIndex
        return (text[..<end], text[end...])
    }
}
