internal import Arguments

/// The status codes that count as valid answers: `2xx,304`, `200-299`, `503`.
package struct StatusSet: Sendable, Equatable, CustomStringConvertible {
    /// The set as it was written.
    package let description: String
    /// One bit per status code below 640.
    private let words: [10 of UInt64]

    /// What counts when nothing is said: 200 to 399.
    package static let standard = try! StatusSet("2xx,3xx")

    /// Reads a list of codes, classes and ranges, separated by commas.
    init(_ text: some StringProtocol) throws(ValueError) {
        let cure = "write codes, classes or ranges, for example 2xx,304 or 200-204"
        var words: [10 of UInt64] = .init(repeating: 0)
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let codes = Self.codes(part) else {
                throw ValueError("'\(part)' is not a status", cure: cure)
            }
            for code in codes { words[code >> 6] |= 1 << UInt64(code & 63) }
        }
        self.words = words
        description = String(text)
    }

    /// Whether `code` counts as valid. A few instructions; false for what is no status at all.
    package func contains(_ code: Int) -> Bool {
        guard (0..<640).contains(code) else { return false }
        return words[code >> 6] >> UInt64(code & 63) & 1 == 1
    }

    package static func == (left: StatusSet, right: StatusSet) -> Bool {
        (0..<10).allSatisfy { left.words[$0] == right.words[$0] }
    }

    private static func codes(_ text: some StringProtocol) -> ClosedRange<Int>? {
        func code(_ text: some StringProtocol) -> Int? {
            guard text.utf8.count == 3, let value = Int(text), (100...599).contains(value) else {
                return nil
            }
            return value
        }
        if text.lowercased().hasSuffix("xx"), text.utf8.count == 3 {
            guard let hundreds = text.first?.wholeNumberValue, (1...5).contains(hundreds) else {
                return nil
            }
            return hundreds * 100...hundreds * 100 + 99
        }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = ends.first.flatMap({ code($0) }), ends.count <= 2,
            let last = ends.count == 2 ? code(ends[1]) : first, first <= last
        else { return nil }
        return first...last
    }
}
