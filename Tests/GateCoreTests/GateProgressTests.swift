import GateCore
import Testing

@Suite struct GateProgressTests {
    @Test func `counts down to the next look and to the last`() throws {
        let plan = try GateSessionTests.plan(lookCount: 2)
        var runner = ScriptedRunner(GateSessionTests.healthy())
        var seen: [GateProgress] = []
        _ = GateSession.run(plan, environment: GateEnvironment(), with: &runner) {
            seen.append($0)
        }
        #expect(seen.count == 4 + 4 + 6 * 4)
        #expect(seen[0].step == .verifying)
        #expect(seen[0].engine == "reactor" && seen[0].scenario == "busy")
        #expect(seen[4].step == .calibrating)
        #expect(seen[8].step == .measuring(pair: 1))
        #expect(seen.allSatisfy { $0.nextLook == 6 && $0.pairLimit == 11 && $0.checkCount == 9 })
        for (earlier, later) in zip(seen, seen.dropFirst()) {
            #expect(later.secondsToNextLook < earlier.secondsToNextLook)
            #expect(later.secondsToLastLook < earlier.secondsToLastLook)
        }
        #expect(abs(try #require(seen.last).secondsToNextLook - 4.4) < 1e-9)
    }

    @Test func `the timetable adds up the plan's own durations`() throws {
        // 1 s of warm-up, 2 s, 1 s of open loop, 0.4 s around them, two engines, two scenarios.
        let table = Timetable(try GateSessionTests.plan())
        let (verification, calibration) = (4 * 0.4, 4 * 3.4)
        #expect(
            abs(table.seconds(fromStep: 0, toPair: 6) - (verification + calibration + 6 * 4 * 4.4))
                < 1e-9)
        let third = table.step(pass: 2 + 2, scenario: 0, place: 0)
        #expect(abs(table.seconds(fromStep: third, toPair: 6) - 4 * 4 * 4.4) < 1e-9)
        #expect(abs(table.seconds(fromStep: third + 1, toPair: 3) - 3 * 4.4) < 1e-9)
        #expect(table.seconds(fromStep: third, toPair: 2) == 0)
    }
}
