/// Readers of numbers with units, as the command line has them. All are exact: decimal fractions
/// never pass through binary ones.
enum Quantity {
    /// The longest duration that is taken: 30 days.
    static let maximumNanoseconds: UInt64 = 30 * 86_400 * 1_000_000_000

    /// A whole number from `range`. Digits may be grouped by underscores.
    static func count(
        _ text: String, in range: ClosedRange<Int>
    ) throws(ValueError) -> Int {
        let digits = text.filter { $0 != "_" }
        guard let value = Int(digits), isNumber(digits) || digits.hasPrefix("-") else {
            throw ValueError(
                problem: "is not a whole number", cure: "give a number from \(describe(range))")
        }
        guard range.contains(value) else {
            throw ValueError(
                problem: "is out of range", cure: "give a number from \(describe(range))")
        }
        return value
    }

    /// A duration in nanoseconds: `10`, `10s`, `500ms`, `250us`, `2m`, `1.5h`.
    static func duration(_ text: String, allowsZero: Bool) throws(ValueError) -> UInt64 {
        let cure = "write 10, 10s, 500ms, 2m or 1h"
        let units: [(String, UInt64)] = [
            ("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
            ("m", 60_000_000_000), ("h", 3_600_000_000_000), ("", 1_000_000_000),
        ]
        let (unit, scale) = units.first { text.hasSuffix($0.0) }!
        if text.hasPrefix("-") {
            throw ValueError(problem: "a duration cannot be negative", cure: cure)
        }
        guard let value = scaled(text.dropLast(unit.count), by: scale) else {
            throw ValueError(problem: "is not a duration", cure: cure)
        }
        guard value <= maximumNanoseconds else {
            throw ValueError(problem: "is too long", cure: "give at most 30 days (720h)")
        }
        guard value > 0 || allowsZero else {
            throw ValueError(problem: "a duration must be more than zero", cure: cure)
        }
        return value
    }

    /// Requests per second: `20000`, `20k`, `0.5`.
    static func rate(_ text: some StringProtocol) throws(ValueError) -> RequestRate {
        let cure = "give requests per second, for example 20000 or 20k"
        let isThousands = text.hasSuffix("k") || text.hasSuffix("K")
        guard
            let value = scaled(
                text.dropLast(isThousands ? 1 : 0), by: isThousands ? 1_000_000 : 1_000)
        else { throw ValueError(problem: "is not a rate", cure: cure) }
        guard value > 0 else { throw ValueError(problem: "a rate must be above zero", cure: cure) }
        guard let rate = RequestRate(perThousandSeconds: value) else {
            throw ValueError(problem: "is more than a request per nanosecond", cure: cure)
        }
        return rate
    }

    /// A number of bytes: `512`, `64k`, `10M`, `1G`, with or without `iB`; 1k is 1,024.
    static func byteCount(_ text: String) throws(ValueError) -> Int {
        var number = Substring(text)
        for ending in ["iB", "B"] where number.hasSuffix(ending) {
            number = number.dropLast(ending.count)
            break
        }
        let shifts: [Character: UInt64] = ["k": 10, "K": 10, "M": 20, "G": 30]
        let shift = number.last.flatMap { shifts[$0] }
        if shift != nil { number = number.dropLast() }
        guard let value = scaled(number, by: 1 << (shift ?? 0)), value <= UInt64(Int.max) else {
            throw ValueError(
                problem: "is not a number of bytes", cure: "write 512, 64k, 10M or 1G")
        }
        return Int(value)
    }

    /// A share of one: `0.01` or `1%`.
    static func share(_ text: String) throws(ValueError) -> Double {
        let isPercent = text.hasSuffix("%")
        // Millionths of the number, so that 0.001 % is still exact.
        guard let millionths = scaled(text.dropLast(isPercent ? 1 : 0), by: 1_000_000) else {
            throw ValueError(problem: "is not a share", cure: "write 1% or 0.01")
        }
        let share = Double(millionths) / (isPercent ? 1e8 : 1e6)
        guard share <= 1 else {
            throw ValueError(problem: "is more than everything", cure: "write 1% or 0.01")
        }
        return share
    }

    /// A decimal number times `scale`, rounded down; nil unless it is digits with at most one
    /// point, or when the product does not fit into 63 bits.
    static func scaled(_ text: some StringProtocol, by scale: UInt64) -> UInt64? {
        let parts = String(text).split(separator: ".", omittingEmptySubsequences: false)
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

    private static func isNumber(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= $0 }
    }

    private static func describe(_ range: ClosedRange<Int>) -> String {
        "\(range.lowerBound) to \(Format.grouped(range.upperBound))"
    }
}
