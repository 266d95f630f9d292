/// Colours of a terminal (ECMA-48 §8.3.117), or none. A colour is never the only sign: a word
/// says the same.
package enum TerminalStyle: Sendable {
    /// No escape sequences.
    case plain
    /// Colours.
    case colored

    /// What a colour means.
    enum Role: String {
        case good = "32"
        case caution = "33"
        case bad = "31"
        case quiet = "2"
        case strong = "1"
    }

    /// `text` in the colour of `role`.
    func paint(_ text: String, _ role: Role) -> String {
        switch self {
        case .plain: text
        case .colored: "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m"
        }
    }
}

/// Bars made of characters.
enum Sparkline {
    private static let blocks = Array(" ▁▂▃▄▅▆▇█")

    /// One character per value, as high as its share of the largest. What is above nothing
    /// never looks like nothing.
    static func render(_ values: [Double]) -> String {
        let largest = values.max() ?? 0
        guard largest > 0 else { return String(repeating: " ", count: values.count) }
        return String(
            values.map { value in
                guard value > 0 else { return blocks[0] }
                return blocks[max(1, Int((value / largest * 8).rounded()))]
            })
    }
}
