internal import LoadGenCore
internal import Syscalls

/// What a run looks like while it lasts, on standard error: a frame that is drawn over and over on
/// a terminal, else a line per second.
struct ProgressDisplay {
    /// Nanoseconds between two pictures; nil for none.
    let interval: UInt64?
    private let isTerminal: Bool
    private var display: LiveDisplay

    init(_ options: Options) {
        isTerminal = Output.isTerminal(.error) && !Environment.terminalIsDumb
        interval = options.output.isQuiet ? nil : isTerminal ? 250_000_000 : 1_000_000_000
        display = LiveDisplay(
            target: options.target.description,
            style: TerminalStyle.of(.error, isPlain: options.output.isPlain))
    }

    mutating func show(_ snapshot: ProgressSnapshot) {
        let text =
            isTerminal
            ? display.frame(snapshot, columnCount: Environment.columnCount)
            : display.line(snapshot)
        Output.print(text, to: .error)
    }

    /// Takes the last frame away.
    mutating func clear() {
        if isTerminal { Output.print(display.clear(), to: .error) }
    }
}

/// What the terminal and the environment say about how to write.
enum Environment {
    /// A terminal that knows no escape sequences.
    static var terminalIsDumb: Bool { EnvironmentVariable.value(of: "TERM") == "dumb" }

    /// https://no-color.org: set and not empty means no colours.
    static var refusesColour: Bool { !(EnvironmentVariable.value(of: "NO_COLOR") ?? "").isEmpty }

    /// The width of the terminal behind standard error; 80 when it does not tell.
    static var columnCount: Int { TerminalSize.columns(.error) ?? 80 }
}

extension TerminalStyle {
    /// Colours where people see them and want them.
    static func of(_ stream: StandardStream, isPlain: Bool) -> TerminalStyle {
        let isColored =
            !isPlain && Output.isTerminal(stream) && !Environment.terminalIsDumb
            && !Environment.refusesColour
        return isColored ? .colored : .plain
    }
}
