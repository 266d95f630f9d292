package import Syscalls

/// What the terminal and the environment say about how to write.
package enum Terminal {
    /// A terminal that knows no escape sequences.
    package static var isDumb: Bool { EnvironmentVariable.value(of: "TERM") == "dumb" }

    /// https://no-color.org: set and not empty means no colours.
    package static var refusesColour: Bool {
        !(EnvironmentVariable.value(of: "NO_COLOR") ?? "").isEmpty
    }

    /// Whether a picture on `stream` can be drawn over and over.
    package static func canRedraw(_ stream: StandardStream) -> Bool {
        Output.isTerminal(stream) && !isDumb
    }

    /// The width of the terminal behind `stream`; 80 when it does not tell.
    package static func columnCount(_ stream: StandardStream) -> Int {
        TerminalSize.columns(stream) ?? 80
    }
}
