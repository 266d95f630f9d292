internal import GateCore
internal import Presentation
internal import Syscalls

/// The live display on standard error: a line that is drawn over and over on a terminal, else a line
/// for each pair. The session tells it of steps, the load of the time that passes; both on one
/// thread.
final class ProgressDisplay {
    private let isTerminal: Bool
    private let isQuiet: Bool
    private var text: ProgressText
    private var drawn = ""
    private var stepStart = MonotonicClock.now().nanoseconds

    init(isQuiet: Bool, isPlain: Bool) {
        self.isQuiet = isQuiet
        isTerminal = Terminal.canRedraw(.error)
        text = ProgressText(style: TerminalStyle.of(.error, isPlain: isPlain))
    }

    /// A step begins.
    func begin(_ progress: GateProgress) {
        guard !isQuiet else { return }
        stepStart = MonotonicClock.now().nanoseconds
        text.begin(progress)
        if isTerminal {
            draw()
        } else if let line = text.line() {
            Output.print(line, to: .error)
        }
    }

    /// Time has passed.
    func draw() {
        guard isTerminal, !isQuiet else { return }
        let elapsed = MonotonicClock.now().nanoseconds - stepStart
        let frame = text.frame(
            elapsed: Double(elapsed) / 1e9, columnCount: Terminal.columnCount(.error))
        guard frame != drawn else { return }
        drawn = frame
        Output.print(frame, to: .error)
    }

    /// Takes the line away, before the report is printed.
    func clear() {
        if isTerminal, !isQuiet { Output.print(ProgressText.erasure, to: .error) }
    }
}
