import Presentation
import Testing

@testable import micro

@Suite struct ReportTests {
    private static func comparison(
        _ name: String, _ measured: (Int, Int), _ allowed: (Int, Int)?
    ) -> Comparison {
        Comparison(
            Measurement(
                name: name, instructions: measured.0, allocations: Hundredths(count: measured.1)),
            allowed.map {
                Threshold(
                    name: name, instructions: $0.0, allocations: Hundredths(count: $0.1))
            })
    }

    @Test(
        arguments: [
            ((1_000, 0), (1_020, 0), Comparison.Verdict.fine),
            ((1_020, 0), (1_020, 0), .fine),
            ((1_021, 0), (1_020, 0), .broken),
            ((970, 0), (1_020, 0), .fine),
            ((968, 0), (1_020, 0), .loose),
            ((1_000, 1), (1_020, 0), .broken),
            ((1_000, 100), (1_020, 200), .loose),
            ((500, 100), (1_020, 0), .broken),
            // Two per cent of little are a whole instruction, which is nothing to tighten.
            ((9, 0), (11, 0), .fine),
            ((8, 0), (11, 0), .loose),
            ((0, 0), (0, 0), .fine),
        ] as [((Int, Int), (Int, Int), Comparison.Verdict)])
    func `a count is judged by its threshold`(
        measured: (Int, Int), allowed: (Int, Int), verdict: Comparison.Verdict
    ) {
        #expect(Self.comparison("a", measured, allowed).verdict == verdict)
    }

    @Test func `a workload without a threshold fails`() {
        let comparison = Self.comparison("a", (1, 0), nil)
        #expect(comparison.verdict == .missing)
        #expect(comparison.verdict.isFailure)
        #expect(comparison.changePercent == nil)
    }

    private static let comparisons = [
        comparison("parse/minimal", (695, 0), (709, 0)),
        comparison("connection/depth-16", (12_350, 125), (10_000, 0)),
        comparison("timer/postpone", (37, 0), nil),
        comparison("chunked/encode", (50, 0), (75, 0)),
    ]

    @Test func `the table says what was found and what to do`() {
        let report = TableReport(comparisons: Self.comparisons, style: .plain)
        #expect(report.isBroken)
        #expect(
            report.text == """
                workload             instr/op  threshold   change  allocs/op  verdict
                parse/minimal             695        709   -2.0 %          0  ok
                connection/depth-16    12,350     10,000  +23.5 %       1.25  BROKEN
                timer/postpone             37          -        -          0  NO THRESHOLD
                chunked/encode             50         75  -33.3 %          0  loose

                connection/depth-16: 12,350 instructions, allowed are 10,000; 1.25 allocations, \
                allowed are 0
                A workload without a threshold fails; --update writes one.
                What is loose has become cheaper; --update tightens its threshold.

                """)
    }

    @Test func `a table without faults has no notes`() {
        let report = TableReport(comparisons: [Self.comparisons[0]], style: .plain)
        #expect(!report.isBroken)
        #expect(report.text == report.table)
        #expect(report.text.split(separator: "\n").count == 2)
    }

    @Test func `colours change no word`() {
        let plain = TableReport(comparisons: Self.comparisons, style: .plain).text
        let colored = TableReport(comparisons: Self.comparisons, style: .colored).text
        #expect(colored != plain)
        #expect(colored.replacing(/\u{1B}\[\d+m/, with: "") == plain)
    }

    @Test func `the JSON holds every figure`() throws {
        let measurements = Self.comparisons.map(\.measurement)
        let thresholds = Thresholds(build: nil, entries: Self.comparisons.compactMap(\.threshold))
        let text = JSONReport.text(measurements, thresholds, build: .current)
        let value = try JSONParser.parse(Array(text.utf8))
        #expect(value["compiler"]?.string == BuildDescription.current.compiler)
        let workloads = try #require(value["workloads"]?.array)
        #expect(workloads.map { $0["name"]?.string } == measurements.map(\.name))
        let broken = workloads[1]
        #expect(broken["instructions"]?.integer == 12_350)
        #expect(broken["allocations"]?.double == 1.25)
        #expect(broken["thresholdInstructions"]?.integer == 10_000)
        #expect(broken["thresholdAllocations"]?.double == 0)
        #expect(broken["verdict"]?.string == "broken")
        #expect(workloads[2]["thresholdInstructions"] == .null)
    }
}
