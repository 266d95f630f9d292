package import Syscalls

/// Colours of a terminal (ECMA-48 §8.3.117), or none. A colour is never the only sign: a word
/// says the same.
package enum TerminalStyle: Sendable {
    /// No escape sequences.
    case plain
    /// Colours.
    case colored

    /// What a colour means.
    package enum Role: String {
        /// Green.
        case good = "32"
        /// Yellow.
        case caution = "33"
        /// Red.
        case bad = "31"
        /// Dim.
        case quiet = "2"
        /// Bold.
        case strong = "1"
    }

    /// `text` in the colour of `role`.
    package func paint(_ text: String, _ role: Role) -> String {
        switch self {
        case .plain: text
        case .colored: "\u{1B}[\(role.rawValue)m\(text)\u{1B}[0m"
        }
    }

    /// Colours where people see them and want them: on a terminal that knows them, unless
    /// `isPlain` or NO_COLOR (https://no-color.org) says otherwise.
    package static func of(_ stream: StandardStream, isPlain: Bool) -> TerminalStyle {
        let isColored =
            !isPlain && Output.isTerminal(stream) && !Terminal.isDumb && !Terminal.refusesColour
        return isColored ? .colored : .plain
    }
}
