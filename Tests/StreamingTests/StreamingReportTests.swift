import Testing

@testable import streaming

@Suite struct StreamingReportTests {
    /// A report about a GiB, from the seconds of each transfer, its server's and its client's.
    private func report(
        _ sides: [[(wall: Double, server: Double?, client: Double)]]
    ) throws -> StreamingReport {
        let arguments = ["download", "http://a:1/", "--against", "http://b:2/"]
        let order = try #require(
            try StreamingOptions.parse(Array(arguments.prefix(2 * sides.count))))
        var report = StreamingReport(order)
        for (index, samples) in sides.enumerated() {
            report.sides[index].samples = samples.map {
                .init(
                    time: TransferTime(
                        nanoseconds: UInt64($0.wall * 1e9),
                        clientNanoseconds: UInt64($0.client * 1e9)),
                    serverNanoseconds: $0.server.map { UInt64($0 * 1e9) })
            }
        }
        return report
    }

    @Test func `the ratio is that of the medians, and its range that within rounds`() throws {
        let report = try report([
            [(0.5, 0.2, 0.1), (1, 0.4, 0.1), (0.25, 0.3, 0.1)],
            [(0.5, 0.2, 0.1), (0.5, 0.1, 0.1), (0.5, 0.2, 0.1)],
        ])
        #expect(report.rates(report.sides[0]) == [2_048, 1_024, 4_096])
        #expect(report.rateRatio == .init(median: 1, range: 0.5...2))
        let cost = try #require(report.costRatio)
        #expect(abs(cost.median - 1.5) < 1e-9)
        #expect(abs(cost.range.lowerBound - 1) < 1e-9 && abs(cost.range.upperBound - 4) < 1e-9)
    }

    @Test(
        arguments: [([], nil), ([3], 3), ([4, 1], 2.5), ([9, 1, 2], 2)] as [([Double], Double?)])
    func `the median is in the middle`(values: [Double], median: Double?) {
        #expect(StreamingReport.median(values) == median)
    }

    @Test func `the report has a line for each server, and aligned columns`() throws {
        var report = try report([
            [(0.5, 0.25, 0.1), (1, 0.5, 0.1)], [(0.05, 0.025, 0.01), (0.05, 0.025, 0.01)],
        ])
        report.sides[0].before = ProcessReading(
            processorNanoseconds: 0, resident: 8 << 20, peak: 9 << 20)
        report.sides[0].after = ProcessReading(
            processorNanoseconds: 0, resident: 9 << 20, peak: 10 << 20)
        #expect(
            report.text == """
                 download of 1.00 GiB, 5 rounds

                               MiB/s          range  server s/GiB        range  client
                 http://a:1/   1,536    1,024–2,048         0.375  0.250–0.500     15%
                 http://b:2/  20,480  20,480–20,480         0.025  0.025–0.025     20%

                 ratio   rate 0.075 of http://b:2/ (0.05–0.10 within a round)
                 ratio   cost 15.000 of http://b:2/ (10.00–20.00 within a round)
                 memory  http://a:1/: resident 8.00 MiB → 9.00 MiB, peak 9.00 MiB → 10.0 MiB

                """)
    }

    @Test func `without processes and another server there is one line`() throws {
        let text = try report([[(0.5, nil, 0.49)]]).text
        #expect(!text.contains("ratio") && !text.contains("memory"))
        #expect(text.contains(" http://a:1/  2,048  2,048–2,048             -      -     98%\n"))
        #expect(text.hasSuffix(": the client's core was full, so the rate is a lower limit\n"))
    }
}
