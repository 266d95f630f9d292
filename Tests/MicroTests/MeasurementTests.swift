import Testing

@testable import micro

@Suite struct MeasurementTests {
    @Test func `what both runs did once drops out`() {
        let measurement = Measurement(
            name: "a", operationCount: 2_000, instructions: (few: 7_000_000, many: 8_390_900),
            allocations: (few: 100, many: 2_600))
        #expect(measurement.instructions == 695)
        #expect(measurement.allocations == Hundredths(count: 125))
    }

    @Test func `a difference of a few instructions is none`() {
        let measurement = Measurement(
            name: "a", operationCount: 2_000, instructions: (few: 7_000_006, many: 7_000_000),
            allocations: (few: 100, many: 100))
        #expect(measurement.instructions == 0)
        #expect(measurement.allocations == Hundredths(count: 0))
    }

    @Test(arguments: [
        ("0", 0), ("2", 200), ("0.5", 50), ("0.05", 5), ("1.25", 125), ("12.3", 1_230),
    ])
    func `hundredths are read and written`(text: String, count: Int) {
        #expect(Hundredths(text)?.count == count)
        #expect(Hundredths(count: count).description == text)
    }

    @Test func `hundredths are rounded to the nearest`() {
        #expect(Hundredths(0.004).count == 0)
        #expect(Hundredths(0.006).count == 1)
        #expect(Hundredths(-0.5).description == "-0.5")
    }

    /// As valgrind 3.19 writes them.
    private static let cachegrind = [
        "==4711== Cachegrind, a cache and branch-prediction profiler",
        "==4711== Copyright (C) 2002-2017, and GNU GPL'd, by Nicholas Nethercote et al.",
        "==4711== Command: /proc/1/exe --run parse/minimal --iterations 100",
        "==4711== ",
        "I refs: 3 is what the program says",
        "==4711== ",
        "==4711== I   refs:      700,123,641",
    ]
    private static let memcheck = [
        "==4712== HEAP SUMMARY:",
        "==4712==     in use at exit: 6,076 bytes in 27 blocks",
        "==4712==   total heap usage: 1,147 allocs, 1,120 frees, 150,442 bytes allocated",
    ]

    @Test func `counts are found in valgrind's summary`() {
        #expect(ValgrindLog.instructionCount(in: Self.cachegrind) == 700_123_641)
        #expect(ValgrindLog.allocationCount(in: Self.memcheck) == 1_147)
    }

    @Test func `a summary without the count is none`() {
        #expect(ValgrindLog.instructionCount(in: Self.memcheck) == nil)
        #expect(ValgrindLog.allocationCount(in: Self.cachegrind) == nil)
        #expect(ValgrindLog.allocationCount(in: []) == nil)
        #expect(ValgrindLog.instructionCount(in: ["==1== I refs:"]) == nil)
        #expect(ValgrindLog.instructionCount(in: ["==1== I refs: many"]) == nil)
    }

    @Test func `what the program wrote is told apart`() {
        let lines = ValgrindLog.linesOfProgram(in: Self.cachegrind)
        #expect(lines == ["I refs: 3 is what the program says"])
    }
}
