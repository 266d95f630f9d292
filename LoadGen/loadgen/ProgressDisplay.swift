internal import LoadGenCore
internal import Presentation
internal import Syscalls

/// What a run looks like while it lasts, on standard error: a frame that is drawn over and over on
/// a terminal, else a line per second.
struct ProgressDisplay {
    /// Nanoseconds between two pictures; nil for none.
    let interval: UInt64?
    private let isTerminal: Bool
    private var display: LiveDisplay

    init(_ options: Options) {
        isTerminal = Terminal.canRedraw(.error)
        interval = options.output.isQuiet ? nil : isTerminal ? 250_000_000 : 1_000_000_000
        display = LiveDisplay(
            target: options.target.description,
            style: TerminalStyle.of(.error, isPlain: options.output.isPlain))
    }

    mutating func show(_ snapshot: ProgressSnapshot) {
        let text =
            isTerminal
            ? display.frame(snapshot, columnCount: Terminal.columnCount(.error))
            : display.line(snapshot)
        Output.print(text, to: .error)
    }

    /// Takes the last frame away.
    mutating func clear() {
        if isTerminal { Output.print(display.clear(), to: .error) }
    }
}
