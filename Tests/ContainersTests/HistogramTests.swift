import Testing

@testable import Containers

@Suite struct HistogramTests {
    @Test(arguments: [
        (1, 60_000_000, 3, 2_048, 16, 17_408),
        (1, 60_000_000, 2, 256, 19, 2_560),
        (1, 3_600_000_000, 3, 2_048, 22, 23_552),
        (1, 2_048, 3, 2_048, 2, 3_072),
        (1_000, 3_600_000_000, 3, 2_048, 13, 14_336),
        (1, 1_000, 0, 2, 10, 11),
    ])
    func `has the geometry of HdrHistogram`(
        lowest: Int, highest: Int, digits: Int, subBuckets: Int, buckets: Int, counters: Int
    ) throws {
        let layout = try #require(
            HistogramLayout(lowest: lowest, highest: highest, significantDigits: digits))
        #expect(layout.subBucketCount == subBuckets)
        #expect(layout.bucketCount == buckets)
        #expect(layout.counterCount == counters)
    }

    @Test(arguments: [(0, 100, 3), (1, 1, 3), (1, 100, 6), (1, 100, -1), (1 << 60, 1 << 62, 5)])
    func `refuses a layout that cannot exist`(lowest: Int, highest: Int, digits: Int) {
        #expect(
            HistogramLayout(lowest: lowest, highest: highest, significantDigits: digits) == nil)
    }

    @Test(arguments: [HistogramLayout.latency, .interval])
    func `counters cover every value once and in order`(layout: HistogramLayout) {
        var next = 0
        for index in 0..<layout.counterCount {
            #expect(layout.lowestValue(at: index) == next)
            #expect(layout.index(of: layout.lowestValue(at: index)) == index)
            #expect(layout.index(of: layout.highestValue(at: index)) == index)
            #expect(layout.index(of: layout.middleValue(at: index)) == index)
            next = layout.highestValue(at: index) + 1
        }
        #expect(next > layout.highestTrackableValue)
    }

    @Test func `tells percentiles of known data within a tenth of a percent`() {
        var histogram = Histogram()
        for value in 1...100_000 { histogram.record(value * 7) }
        histogram.checkInvariants()
        for percentile in [1.0, 25, 50, 75, 90, 95, 99, 99.9, 99.99] {
            let exact = percentile / 100 * 100_000 * 7
            let told = Double(histogram.value(atPercentile: percentile))
            #expect(abs(told - exact) <= exact * 0.001, "p\(percentile)")
        }
        #expect(histogram.minimum == 7)
        #expect(histogram.maximum == 700_000)
        #expect(histogram.value(atPercentile: 100) == 700_000)
        #expect(abs(histogram.mean - 350_003.5) < 350)
        #expect(abs(histogram.standardDeviation - 202_072.6) < 202)
    }

    @Test(arguments: [
        (50.0, 500), (90, 900), (99, 990), (99.9, 999), (99.99, 1_000), (0, 1), (100, 1_000),
    ])
    func `takes the nearest rank and never one too many`(percentile: Double, expected: Int) {
        var histogram = Histogram()
        for value in 1...1_000 { histogram.record(value) }
        #expect(histogram.value(atPercentile: percentile) == expected)
    }

    @Test func `merging equals recording everything in one`() {
        var state: UInt64 = 11
        var parts = [Histogram(), Histogram(), Histogram()]
        var whole = Histogram()
        for step in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Int(state >> 38) << (step % 4)
            parts[step % 3].record(value)
            whole.record(value)
        }
        var merged = Histogram()
        for part in parts {
            merged.merge(part)
            merged.checkInvariants()
        }
        #expect(merged == whole)
        #expect(whole.clampedCount > 0)
    }

    @Test func `counts values above the range at its end`() {
        var histogram = Histogram()
        histogram.record(61_000_000)
        histogram.record(-5)
        histogram.checkInvariants()
        #expect(histogram.clampedCount == 1)
        #expect(histogram.maximum == 60_000_000)
        #expect(histogram.minimum == 0)
    }

    @Test(arguments: [
        (19, 50.0, true), (20, 50, false), (199, 95, true), (200, 95, false), (9_999, 99.9, true),
        (10_000, 99.9, false), (99_999, 99.99, true), (100_000, 99.99, false),
    ])
    func `says when a percentile rests on fewer than ten values`(
        count: Int, percentile: Double, tooFew: Bool
    ) {
        var histogram = Histogram()
        for _ in 0..<count { histogram.record(1) }
        #expect(histogram.hasTooFewValues(forPercentile: percentile) == tooFew)
    }

    @Test func `an empty one has zeros and is changed by no empty one`() {
        var histogram = Histogram()
        #expect(histogram.value(atPercentile: 99) == 0)
        #expect(histogram.mean == 0 && histogram.standardDeviation == 0)
        #expect(histogram.minimum == 0 && histogram.maximum == 0)
        histogram.merge(Histogram())
        #expect(histogram == Histogram())
        histogram.record(12)
        histogram.reset()
        #expect(histogram == Histogram())
    }

    @Test func `absorbs a finer layout within the coarser one's digits`() {
        var fine = Histogram()
        for value in stride(from: 100, through: 1_000_000, by: 100) { fine.record(value) }
        var coarse = Histogram(layout: .interval)
        coarse.absorb(fine)
        coarse.checkInvariants()
        #expect(coarse.count == fine.count)
        let (a, b) = (coarse.value(atPercentile: 90), fine.value(atPercentile: 90))
        #expect(abs(a - b) <= b / 100)
    }

    @Test func `counts what is at or below a value`() {
        var histogram = Histogram()
        for value in [1, 5, 5, 9] { histogram.record(value) }
        #expect(histogram.countAtOrBelow(4) == 1)
        #expect(histogram.countAtOrBelow(5) == 3)
        #expect(histogram.countAtOrBelow(.max) == 4)
    }

    @Test func `takes back exact extremes and no others`() {
        var histogram = Histogram()
        for value in [10_001, 50_000, 60_000_001] { histogram.record(value) }
        var copy = Histogram(layout: .latency, counters: histogram.counters)
        #expect(copy != histogram)
        let answers = [
            copy.restore(minimum: 10_100, maximum: 60_000_000, clampedCount: 1),
            copy.restore(minimum: 10_001, maximum: 50_000, clampedCount: 1),
            copy.restore(minimum: 10_001, maximum: 60_000_001, clampedCount: 1),
            copy.restore(minimum: 10_001, maximum: 60_000_000, clampedCount: 4),
            copy.restore(minimum: 10_001, maximum: 60_000_000, clampedCount: 1),
        ]
        #expect(answers == [false, false, false, false, true])
        #expect(copy == histogram)
        copy.checkInvariants()
        #expect(copy.count == 3)
        copy.reset()
        let emptyTakesAny = copy.restore(minimum: 1, maximum: 1, clampedCount: 0)
        #expect(!emptyTakesAny)
    }
}
