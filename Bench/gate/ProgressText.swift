internal import GateCore
internal import Presentation

/// What a run looks like while it lasts. Pure: the same steps and times give the same text.
struct ProgressText {
    private let style: TerminalStyle
    private var step: GateProgress?
    /// The pair of the last line for a log; 0 for what comes before the first.
    private var loggedPair: Int?
    private static let maximumBarWidth = 20

    init(style: TerminalStyle) { self.style = style }

    /// A step begins.
    mutating func begin(_ progress: GateProgress) { step = progress }

    /// A line for a terminal, drawn over the one before: what runs, and what is left to wait.
    ///
    /// - Parameter elapsed: Seconds since the step began.
    func frame(elapsed: Double, columnCount: Int) -> String {
        guard let step else { return "" }
        let width = max(0, columnCount - 1)
        let barWidth = min(Self.maximumBarWidth, width / 4)
        var parts = [
            Self.what(step), "\(step.scenario) \(step.engine)",
            "next look in " + Self.span(step.secondsToNextLook - elapsed),
            "at most " + Self.span(step.secondsToLastLook - elapsed),
            "\(step.decidedCount)/\(step.checkCount) checks decided",
        ]
        if step.voidedCount > 0 { parts.append("\(step.voidedCount) voided") }
        // What matters least falls off the right when the terminal is narrow.
        while parts.count > 1, barWidth + 3 + parts.joined(separator: "  ").count > width {
            parts.removeLast()
        }
        let text = String(parts.joined(separator: "  ").prefix(max(0, width - barWidth - 3)))
        return "\r\u{1B}[K " + style.paint(bar(step, width: barWidth), .good) + "  " + text
    }

    /// A line for a log, one for each pair; nil when there is nothing new.
    mutating func line() -> String? {
        guard let step else { return nil }
        let pair = Self.pair(step)
        guard pair != loggedPair else { return nil }
        loggedPair = pair
        let voided = step.voidedCount > 0 ? ", \(step.voidedCount) voided" : ""
        return "gate: \(Self.what(step)), next look in \(Self.span(step.secondsToNextLook)), "
            + "at most \(Self.span(step.secondsToLastLook)), "
            + "\(step.decidedCount) of \(step.checkCount) checks decided\(voided)\n"
    }

    /// Takes the line away.
    static let erasure = "\r\u{1B}[K"

    private static func pair(_ step: GateProgress) -> Int {
        switch step.step {
        case .verifying: -1
        case .calibrating: 0
        case .measuring(let pair): pair
        }
    }

    private static func what(_ step: GateProgress) -> String {
        switch step.step {
        case .verifying: "verifying"
        case .calibrating: "warming up"
        case .measuring(let pair): "pair \(pair) of \(step.nextLook) (at most \(step.pairLimit))"
        }
    }

    private static func span(_ seconds: Double) -> String {
        Format.span(nanoseconds: UInt64(max(0, seconds.rounded())) * 1_000_000_000)
    }

    /// The share of the pairs to the next look that are done.
    private func bar(_ step: GateProgress, width: Int) -> String {
        let done = Double(max(0, Self.pair(step) - 1)) / Double(max(1, step.nextLook))
        let full = Int(min(1, done) * Double(width))
        return String(repeating: "█", count: full)
            + String(repeating: "░", count: width - full)
    }
}
