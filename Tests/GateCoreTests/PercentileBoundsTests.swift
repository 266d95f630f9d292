import Containers
import TestSupport
import Testing

@testable import GateCore

@Suite struct PercentileBoundsTests {
    /// The values 1 … `count`.
    static func ranks(_ count: Int) -> Histogram {
        var histogram = Histogram()
        for value in 1...count { histogram.record(value) }
        return histogram
    }

    /// Ranks of the bounds of the median that tables of the sign test give for one side at 2.5 %
    /// (n = 20: the 6th from either end), and of p95: 59 samples are the fewest whose largest is an
    /// upper bound at 5 %, which is the well-known tolerance limit.
    @Test(arguments: [
        (50.0, 20, 0.025, 6.0, 15.0), (50, 10, 0.025, 2, 9), (50, 5, 0.025, 0, .infinity),
        (95, 58, 0.05, 52, .infinity), (95, 59, 0.05, 53, 59),
    ])
    func `has the ranks of the tables`(
        percentile: Double, count: Int, alpha: Double, lower: Double, upper: Double
    ) {
        let samples = Self.ranks(count)
        #expect(PercentileBounds.lower(percentile, of: samples, alpha: alpha) == lower)
        #expect(PercentileBounds.upper(percentile, of: samples, alpha: alpha) == upper)
    }

    @Test func `bounds miss the truth as rarely as they say`() {
        var generator = SeededGenerator(seed: 3)
        let (runCount, truth) = (400, 950.0)
        var (above, below) = (0, 0)
        for _ in 0..<runCount {
            var samples = Histogram(layout: .interval)
            for _ in 0..<300 { samples.record(Int.random(in: 1...1_000, using: &generator)) }
            // The layout keeps two digits.
            if PercentileBounds.upper(95, of: samples, alpha: 0.05) < truth * 0.99 { above += 1 }
            if PercentileBounds.lower(95, of: samples, alpha: 0.05) > truth * 1.01 { below += 1 }
        }
        #expect(above <= runCount / 20 + 10)
        #expect(below <= runCount / 20 + 10)
    }

    @Test func `nothing bounds nothing`() {
        #expect(PercentileBounds.upper(95, of: Histogram(), alpha: 0.05) == .infinity)
        #expect(PercentileBounds.lower(95, of: Histogram(), alpha: 0.05) == 0)
    }
}
