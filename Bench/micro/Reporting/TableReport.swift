internal import Presentation

/// The table at the end, of 80 columns.
struct TableReport {
    let comparisons: [Comparison]
    let style: TerminalStyle

    /// A threshold is broken or missing.
    var isBroken: Bool { comparisons.contains { $0.verdict.isFailure } }

    /// The table, and what to do about it.
    var text: String { table + notes }

    /// A row for each workload.
    var table: String {
        let width = max(8, comparisons.map(\.measurement.name.count).max() ?? 0) + 1
        let header =
            "workload".rightPadded(to: width) + "instr/op".leftPadded(to: 9)
            + "threshold".leftPadded(to: 11) + "change".leftPadded(to: 9)
            + "allocs/op".leftPadded(to: 11) + "  verdict"
        var text = style.paint(header, .strong) + "\n"
        for comparison in comparisons { text += row(comparison, width) + "\n" }
        return text
    }

    private func row(_ comparison: Comparison, _ width: Int) -> String {
        let measurement = comparison.measurement
        let threshold = comparison.threshold.map { Format.grouped($0.instructions) } ?? "-"
        return measurement.name.rightPadded(to: width)
            + Format.grouped(measurement.instructions).leftPadded(to: 9)
            + threshold.leftPadded(to: 11)
            + change(comparison).leftPadded(to: 9)
            + "\(measurement.allocations)".leftPadded(to: 11) + "  "
            + style.paint(comparison.verdict.word, role(comparison.verdict))
    }

    private func change(_ comparison: Comparison) -> String {
        guard let percent = comparison.changePercent else { return "-" }
        let text = Format.fixed(percent, 1) + " %"
        return percent > 0 ? "+" + text : text
    }

    private func role(_ verdict: Comparison.Verdict) -> TerminalStyle.Role {
        switch verdict {
        case .fine: .good
        case .loose: .caution
        case .broken, .missing: .bad
        }
    }

    /// What to do about each verdict that is there.
    private var notes: String {
        var lines: [String] = []
        for comparison in comparisons where comparison.verdict == .broken {
            lines.append(Self.explanation(of: comparison))
        }
        let verdicts = comparisons.map(\.verdict)
        if verdicts.contains(.missing) {
            lines.append("A workload without a threshold fails; --update writes one.")
        }
        if verdicts.contains(.loose) {
            lines.append("What is loose has become cheaper; --update tightens its threshold.")
        }
        return lines.isEmpty ? "" : "\n" + lines.joined(separator: "\n") + "\n"
    }

    private static func explanation(of comparison: Comparison) -> String {
        let measurement = comparison.measurement
        guard let threshold = comparison.threshold else { return "" }
        var parts: [String] = []
        if measurement.instructions > threshold.instructions {
            parts.append(
                "\(Format.grouped(measurement.instructions)) instructions, allowed are "
                    + Format.grouped(threshold.instructions))
        }
        if measurement.allocations > threshold.allocations {
            parts.append(
                "\(measurement.allocations) allocations, allowed are \(threshold.allocations)")
        }
        return "\(measurement.name): " + parts.joined(separator: "; ")
    }
}
