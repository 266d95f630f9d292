import GateCore
import Presentation
import Testing

@testable import gate

@Suite struct ProgressTextTests {
    private static func progress(
        _ step: GateProgress.Step, engine: String = "reactor"
    ) -> GateProgress {
        GateProgress(
            step: step, engine: engine, scenario: "busy", pairLimit: 21, nextLook: 6,
            decidedCount: 2, checkCount: 9, secondsToNextLook: 80, secondsToLastLook: 300)
    }

    @Test func `a frame says what runs and what is left, and never wraps`() {
        var text = ProgressText(style: .plain)
        text.begin(Self.progress(.measuring(pair: 4)))
        let frame = text.frame(elapsed: 10, columnCount: 200)
        for part in ["pair 4 of 6 (at most 21)", "busy reactor", "70.0 s", "4 m 50 s", "2/9"] {
            #expect(frame.contains(part), "\(frame)")
        }
        #expect(frame.count { $0 == "█" } == 10)
        for columnCount in 8...200 {
            let drawn = text.frame(elapsed: 0, columnCount: columnCount)
                .dropFirst(ProgressText.erasure.count)
            #expect(drawn.count < columnCount, "\(columnCount)")
        }
    }

    @Test func `time that was not planned for is no time`() {
        var text = ProgressText(style: .plain)
        text.begin(Self.progress(.verifying))
        #expect(text.frame(elapsed: 1_000, columnCount: 200).contains("next look in 0.0 s"))
    }

    @Test func `a log has a line for each pair`() {
        var text = ProgressText(style: .plain)
        var lines: [String] = []
        let steps: [GateProgress.Step] = [
            .verifying, .verifying, .calibrating, .calibrating, .measuring(pair: 1),
            .measuring(pair: 1), .measuring(pair: 2),
        ]
        for step in steps {
            text.begin(Self.progress(step))
            if let line = text.line() { lines.append(line) }
        }
        #expect(lines.count == 4)
        #expect(lines[0].hasPrefix("gate: verifying") && lines[1].contains("warming up"))
        #expect(lines[3].contains("pair 2 of 6") && lines.allSatisfy { $0.hasSuffix("\n") })
    }
}
