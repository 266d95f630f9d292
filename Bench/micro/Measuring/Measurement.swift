/// What one operation of a workload costs.
struct Measurement: Equatable, Sendable {
    let name: String
    /// To the nearest whole one.
    let instructions: Int
    /// Calls of malloc(3) and its kin, to the nearest hundredth: what grows now and then costs a
    /// part of one.
    let allocations: Hundredths

    init(name: String, instructions: Int, allocations: Hundredths) {
        self.name = name
        self.instructions = instructions
        self.allocations = allocations
    }

    /// The cost of an operation from two runs: whatever both did once, such as starting and making
    /// ready, drops out of the difference.
    init(
        name: String, operationCount: Int, instructions: (few: UInt64, many: UInt64),
        allocations: (few: UInt64, many: UInt64)
    ) {
        self.name = name
        self.instructions = Int(
            (Self.perOperation(instructions, operationCount)).rounded())
        self.allocations = Hundredths(Self.perOperation(allocations, operationCount))
    }

    private static func perOperation(
        _ counts: (few: UInt64, many: UInt64), _ operationCount: Int
    ) -> Double {
        (Double(counts.many) - Double(counts.few)) / Double(operationCount)
    }
}

/// A number with two digits after the point, exact.
struct Hundredths: Hashable, Comparable, Sendable {
    let count: Int

    init(count: Int) {
        self.count = count
    }

    init(_ value: Double) {
        count = Int((value * 100).rounded())
    }

    /// `2`, `0.5`, `1.25`; nil for anything else.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = Self.digits(parts[0]), whole < 1 << 40
        else { return nil }
        var fraction = 0
        if parts.count == 2 {
            guard parts[1].count <= 2, let digits = Self.digits(parts[1]) else { return nil }
            fraction = parts[1].count == 1 ? digits * 10 : digits
        }
        count = whole * 100 + fraction
    }

    static func < (first: Hundredths, second: Hundredths) -> Bool { first.count < second.count }

    var value: Double { Double(count) / 100 }

    private static func digits(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}

extension Hundredths: CustomStringConvertible {
    /// Without zeros at its end.
    var description: String {
        let sign = count < 0 ? "-" : ""
        let (whole, rest) = count.magnitude.quotientAndRemainder(dividingBy: 100)
        if rest == 0 { return "\(sign)\(whole)" }
        return rest % 10 == 0
            ? "\(sign)\(whole).\(rest / 10)" : sign + "\(whole)." + twoDigits(rest)
    }

    private func twoDigits(_ value: UInt) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }
}
