/// What values mean on every command line of ours. Pure.
package enum Values {
    /// The longest duration that is taken: 2777 hours.
    private static let longestDuration: UInt64 = 10_000_000_000_000_000

    /// `10` or `10s` (seconds), `500ms`, `250us`, `2m`, `1h`; a fraction such as `0.5` is fine.
    /// Nanoseconds, exact: a decimal fraction never passes through a binary one.
    package static func duration(_ text: Substring) throws(ValueError) -> UInt64 {
        let cure = "give seconds such as 10 or 10s, or 500ms, 2m, 1h"
        if text.hasPrefix("-") { throw ValueError("is a negative duration", cure: cure) }
        let (number, suffix) = split(text)
        let unit: UInt64? =
            switch suffix {
            case "ns": 1
            case "us", "µs": 1_000
            case "ms": 1_000_000
            case "", "s": 1_000_000_000
            case "m": 60_000_000_000
            case "h": 3_600_000_000_000
            default: nil
            }
        guard let unit, let whole = number.split(separator: ".").first else {
            throw ValueError("is not a duration", cure: cure)
        }
        guard let nanoseconds = scaled(number, by: unit) else {
            // A number with too many digits is a long one, and no nonsense.
            let isNumber = whole.utf8.allSatisfy { (0x30...0x39).contains($0) } && whole.count > 12
            throw isNumber
                ? ValueError("is too long", cure: "give at most 2777h")
                : ValueError("is not a duration", cure: cure)
        }
        guard nanoseconds <= longestDuration else {
            throw ValueError("is too long", cure: "give at most 2777h")
        }
        return nanoseconds
    }

    /// A duration that is more than nothing.
    package static func positiveDuration(_ text: Substring) throws(ValueError) -> UInt64 {
        let nanoseconds = try duration(text)
        guard nanoseconds > 0 else {
            throw ValueError("is no time at all", cure: "give a duration above zero, such as 10s")
        }
        return nanoseconds
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

    /// A whole number in a range. Its digits may be grouped by underscores.
    package static func integer(
        _ text: Substring, in range: ClosedRange<Int>
    ) throws(ValueError) -> Int {
        let cure = "give \(range.lowerBound) to \(range.upperBound)"
        let digits =
            text.hasPrefix("_") || text.hasSuffix("_") ? text : text.filter { $0 != "_" }[...]
        let isNegative = digits.hasPrefix("-")
        guard let value = whole(isNegative ? digits.dropFirst() : digits) else {
            throw ValueError("is not a whole number", cure: cure)
        }
        // No range of ours has negative numbers.
        guard !isNegative, range.contains(value) else {
            throw ValueError("is out of range", cure: cure)
        }
        return value
    }

    /// A decimal number times `scale`, rounded down, and exact; nil unless it is digits with at most
    /// one point and 12 digits behind it, or when the product does not fit into 63 bits.
    package static func scaled(_ text: some StringProtocol, by scale: UInt64) -> UInt64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        func isNumber(_ part: some StringProtocol) -> Bool {
            !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
        guard (1...2).contains(parts.count), parts.allSatisfy({ isNumber($0) }),
            let whole = UInt64(parts[0]), parts.count == 1 || parts[1].count <= 12
        else { return nil }
        var (value, overflow) = whole.multipliedReportingOverflow(by: scale)
        if overflow { return nil }
        if parts.count == 2, let fraction = UInt64(parts[1]) {
            let divisor = (0..<parts[1].count).reduce(UInt64(1)) { power, _ in power * 10 }
            let (high, low) = fraction.multipliedFullWidth(by: scale)
            // The fraction is less than the divisor, so the quotient is less than the scale.
            let (sum, carry) = value.addingReportingOverflow(
                divisor.dividingFullWidth((high, low)).quotient)
            if carry { return nil }
            value = sum
        }
        return value <= UInt64(Int64.max) ? value : nil
    }

    /// Digits only: no sign, no blank; nil on overflow.
    private static func whole(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    private static func split(_ text: Substring) -> (number: Substring, suffix: Substring) {
        let end = text.firstIndex { !($0.isNumber || $0 == ".") } ?? text.endIndex
        return (text[..<end], text[end...])
    }
}
