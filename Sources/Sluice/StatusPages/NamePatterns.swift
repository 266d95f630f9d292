/// Patterns of names, as `/_status/vars/` takes them: divided by `,` or `;`, in which `*` stands for
/// any text and `$` or `?` for one character.
struct NamePatterns {
    /// Patterns that are looked at.
    static let maxCount = 64

    private let patterns: [[Character]]

    /// Empty: everything.
    init(_ text: String) {
        patterns = text.split { $0 == "," || $0 == ";" }.prefix(Self.maxCount).map(Array.init)
    }

    func matches(_ name: String) -> Bool {
        let name = Array(name)
        return patterns.isEmpty || patterns.contains { Self.matches(name, $0) }
    }

    /// Whether there is a pattern that is no plain name.
    var hasWildcards: Bool { patterns.contains { $0.contains { "*$?".contains($0) } } }

    /// Goes back to the last star only, so it takes name times pattern at the most.
    private static func matches(_ name: [Character], _ pattern: [Character]) -> Bool {
        var (index, place) = (0, 0)
        var star: (index: Int, place: Int)?
        while index < name.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (index, place)
                place += 1
            } else if place < pattern.count,
                pattern[place] == name[index] || pattern[place] == "$" || pattern[place] == "?"
            {
                index += 1
                place += 1
            } else if let last = star {
                star = (last.index + 1, last.place)
                (index, place) = (last.index + 1, last.place + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
