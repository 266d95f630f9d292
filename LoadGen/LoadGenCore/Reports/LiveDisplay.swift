internal import Containers
package import Presentation

/// What the live display shows: figures since the start of the measured part.
package struct ProgressSnapshot: Sendable {
    /// What the run is doing.
    package enum Phase: String, Sendable {
        /// Connections are being opened.
        case connecting
        /// Load that is not counted.
        case warmUp = "warm-up"
        /// The measured part.
        case measuring
        /// Waiting for what is outstanding.
        case draining
    }

    /// What the run is doing.
    package var phase: Phase
    /// Nanoseconds since this phase began.
    package var elapsed: UInt64
    /// How long the phase takes; nil when a number of requests ends it.
    package var length: UInt64?
    /// The number of requests that ends the run, if one does.
    package var requestLimit: UInt64?
    /// Valid answers so far.
    package var validCount: UInt64
    /// Errors so far.
    package var errorCount: UInt64
    /// Latencies of the last interval in microseconds; nil when it had too few answers.
    package var p50: Int?
    /// Latencies of the last interval in microseconds; nil when it had too few answers.
    package var p99: Int?

    /// A snapshot.
    package init(
        phase: Phase, elapsed: UInt64, length: UInt64?, requestLimit: UInt64? = nil,
        _ recorded: RecorderSnapshot
    ) {
        self.phase = phase
        self.elapsed = elapsed
        self.length = length
        self.requestLimit = requestLimit
        validCount = recorded.validCount
        errorCount = recorded.errorCount
        p50 = Self.percentile(recorded, 50)
        p99 = Self.percentile(recorded, 99)
    }

    private static func percentile(_ recorded: RecorderSnapshot, _ percentile: Double) -> Int? {
        recorded.interval.hasTooFewValues(forPercentile: percentile)
            ? nil : recorded.interval.value(atPercentile: percentile)
    }

    /// How much of the phase is done, 0 to 1; nil when nobody knows.
    var share: Double? {
        let byTime = length.map { Double(elapsed) / Double(max(1, $0)) }
        let byCount = requestLimit.map { Double(validCount + errorCount) / Double(max(1, $0)) }
        guard let share = [byTime, byCount].compactMap(\.self).max() else { return nil }
        return min(1, share)
    }
}

/// The live display: a frame for a terminal, or a line for a log. Feeding it the same snapshots
/// gives the same text; it knows no clock and no descriptor.
package struct LiveDisplay: Sendable {
    private let style: TerminalStyle
    private let target: String
    private var previous: ProgressSnapshot?
    private var rates: [Double] = []
    private var drawnLineCount = 0

    /// Intervals that the sparkline keeps.
    private static let historyCount = 60

    /// A display for a run against `target`.
    package init(target: String, style: TerminalStyle) {
        self.target = target
        self.style = style
    }

    /// Two lines of at most `columnCount` characters, with the sequences that put them over the
    /// frame before.
    package mutating func frame(_ snapshot: ProgressSnapshot, columnCount: Int) -> String {
        note(snapshot)
        let width = max(20, columnCount)
        var text = erasure
        let lines = [statusLine(snapshot, width), sparkLine(width)]
        text += lines.joined(separator: "\n")
        drawnLineCount = lines.count
        return text
    }

    /// The sequences that take the last frame away, before the report is printed.
    package mutating func clear() -> String {
        defer { drawnLineCount = 0 }
        return erasure
    }

    /// One line for a log: what happened since the line before.
    package mutating func line(_ snapshot: ProgressSnapshot) -> String {
        note(snapshot)
        return "\(Format.span(nanoseconds: snapshot.elapsed)) \(snapshot.phase.rawValue)  "
            + figures(snapshot).joined(separator: "  ") + "\n"
    }

    /// Back to the frame's first column, then everything below is erased (ECMA-48 §8.3.39).
    private var erasure: String {
        guard drawnLineCount > 0 else { return "" }
        let up = drawnLineCount > 1 ? "\u{1B}[\(drawnLineCount - 1)A" : ""
        return "\r" + up + "\u{1B}[J"
    }

    private mutating func note(_ snapshot: ProgressSnapshot) {
        let isSamePhase = previous?.phase == snapshot.phase
        let before = isSamePhase ? previous : nil
        let time = snapshot.elapsed - min(snapshot.elapsed, before?.elapsed ?? 0)
        let count = snapshot.validCount - min(snapshot.validCount, before?.validCount ?? 0)
        // The drain goes on counting where the measured part ended, at a time that is not known.
        let isFirstOfDrain = snapshot.phase == .draining && !isSamePhase
        if time > 0, !isFirstOfDrain { rates.append(Double(count) / (Double(time) / 1e9)) }
        if rates.count > Self.historyCount { rates.removeFirst() }
        previous = snapshot
    }

    private func figures(_ snapshot: ProgressSnapshot) -> [String] {
        func latency(_ microseconds: Int?) -> String {
            (microseconds.map { Format.duration(microseconds: $0) } ?? "-").leftPadded(to: 6)
        }
        return [
            Format.compact(rates.last ?? 0).leftPadded(to: 5) + " req/s",
            "errors " + Format.compact(Double(snapshot.errorCount)),
            "p50 " + latency(snapshot.p50), "p99 " + latency(snapshot.p99),
        ]
    }

    private func statusLine(_ snapshot: ProgressSnapshot, _ width: Int) -> String {
        let time = Format.span(nanoseconds: snapshot.elapsed)
        let length = snapshot.length.map { " / " + Format.span(nanoseconds: $0) } ?? ""
        let phase = snapshot.phase == .measuring ? "" : " " + snapshot.phase.rawValue
        let right = "  " + time + length + phase + "  "
        // Figures fall off the right when the terminal is narrow, the least important first.
        var figures = figures(snapshot)
        let barWidth = min(24, max(8, width / 5))
        while figures.count > 1,
            1 + barWidth + right.count + figures.joined(separator: "  ").count > width
        { figures.removeLast() }
        let text = (right + figures.joined(separator: "  ")).prefix(max(0, width - 1 - barWidth))
        let isFailing = snapshot.errorCount > 0
        return " " + style.paint(bar(snapshot.share, barWidth), isFailing ? .caution : .good) + text
    }

    private func bar(_ share: Double?, _ width: Int) -> String {
        guard let share else { return String(repeating: "·", count: width) }
        let full = Int(share * Double(width))
        return String(repeating: "█", count: full)
            + String(repeating: "░", count: width - full)
    }

    private func sparkLine(_ width: Int) -> String {
        let spark = Sparkline.render(Array(rates.suffix(max(1, min(Self.historyCount, width / 2)))))
        let room = max(0, width - spark.count - 4)
        return " " + spark + "  " + style.paint(String(target.prefix(room)), .quiet)
    }
}
