import TestSupport
import Testing

@testable import GateCore

@Suite struct SignedRankTests {
    /// Critical values of the one-sided signed-rank test as textbooks print them: the largest sum
    /// that is still significant at 5, 2.5, 1 and 0.5 %; -1 where a table has a dash.
    @Test(arguments: [
        (5, [0, -1, -1, -1]), (6, [2, 0, -1, -1]), (7, [3, 2, 0, -1]), (8, [5, 3, 1, 0]),
        (9, [8, 5, 3, 1]), (10, [10, 8, 5, 3]), (11, [13, 10, 7, 5]), (12, [17, 13, 9, 7]),
        (13, [21, 17, 12, 9]), (14, [25, 21, 15, 12]), (15, [30, 25, 19, 15]),
        (16, [35, 29, 23, 19]), (17, [41, 34, 27, 23]), (18, [47, 40, 32, 27]),
        (19, [53, 46, 37, 32]), (20, [60, 52, 43, 37]), (21, [67, 58, 49, 42]),
    ])
    func `has the critical values of the tables`(count: Int, sums: [Int]) {
        for (alpha, sum) in zip([0.05, 0.025, 0.01, 0.005], sums) {
            // The bound is the average whose rank is one more than the critical sum.
            #expect((SignedRank.rank(count: count, alpha: alpha) ?? 0) - 1 == sum, "\(alpha)")
        }
    }

    @Test(arguments: [1, 2, 6, 21, 40])
    func `the null distribution is one and symmetric`(count: Int) {
        let distribution = SignedRank.distribution(count: count)
        #expect(abs(distribution.reduce(0, +) - 1) < 1e-12)
        #expect(distribution == distribution.reversed())
        #expect(distribution[0] == 1 / Double(1 << count))
    }

    /// Hollander and Wolfe, example 3.1: depression scores of nine patients before and after a
    /// tranquiliser; estimate 0.46, and from 0.010 to 0.786 with 3.9 % outside.
    @Test func `gives the textbook's estimate and bounds`() throws {
        let before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
        let after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
        let ranks = SignedRank(zip(before, after).map(-))
        #expect(abs(ranks.estimate - 0.46) < 1e-9)
        #expect(abs(try #require(ranks.lowerBound(alpha: 0.0196)) - 0.010) < 1e-9)
        #expect(abs(try #require(ranks.upperBound(alpha: 0.0196)) - 0.786) < 1e-9)
    }

    @Test func `at six pairs the bounds are the extremes`() {
        let ranks = SignedRank([0.7, 0.4, 0.9, 0.5, 0.8, 0.6])
        #expect(ranks.lowerBound(alpha: 0.016) == 0.4)
        #expect(ranks.upperBound(alpha: 0.016) == 0.9)
        #expect(abs(ranks.estimate - 0.65) < 1e-12)
    }

    @Test func `too few pairs show nothing`() {
        let ranks = SignedRank([5, 5, 5, 5, 5])
        #expect(ranks.lowerBound(alpha: 0.016) == nil)
        #expect(ranks.upperBound(alpha: 0.016) == nil)
    }

    @Test func `without noise estimate and bounds coincide`() {
        let ranks = SignedRank(Array(repeating: 0.25, count: 6))
        #expect(ranks.estimate == 0.25)
        #expect(ranks.lowerBound(alpha: 0.016) == 0.25)
        #expect(ranks.upperBound(alpha: 0.016) == 0.25)
    }

    @Test func `a dead server's ratio is zero with certainty`() {
        let ranks = SignedRank(Array(repeating: -Double.infinity, count: 6))
        #expect(ranks.estimate == -.infinity)
        #expect(ranks.upperBound(alpha: 0.016) == -.infinity)
    }

    @Test func `infinities of both signs bound nothing`() {
        let ranks = SignedRank([-.infinity, .infinity, 1, 1, 1, 1])
        #expect(ranks.estimate == 1)
        #expect(ranks.lowerBound(alpha: 0.05) == -.infinity)
        #expect(ranks.upperBound(alpha: 0.05) == .infinity)
    }

    @Test func `bounds are wider at smaller alphas, and turn around with the values`() throws {
        var noise = Noise(seed: 7)
        for count in 6...21 {
            let values = (0..<count).map { _ in noise.normal() }
            let (ranks, turned) = (SignedRank(values), SignedRank(values.map(-)))
            var previous = -Double.infinity
            for alpha in [0.016, 0.02, 0.05, 0.1, 0.3, 0.499] {
                let lower = try #require(ranks.lowerBound(alpha: alpha))
                #expect(lower >= previous && lower <= ranks.estimate)
                #expect(turned.upperBound(alpha: alpha) == -lower)
                previous = lower
            }
        }
    }

    /// At a truth that lies exactly on the threshold, a pass is false whenever it comes. Three
    /// looks at 1.6, 1.6 and 1.8 % cannot sum to more than 5 %; they share most of their pairs, so
    /// it is about 3.7 %, and 2.4 % with two looks.
    @Test(arguments: [false, true], [[6, 11, 21], [6, 11]])
    func `the whole plan passes falsely in less than one run of twenty`(
        isHeavyTailed: Bool, pairCounts: [Int]
    ) {
        var noise = Noise(seed: 2_026)
        let runCount = 1_500
        let passCount = (0..<runCount).count { _ in
            let values = (0..<(pairCounts.last ?? 0)).map { _ in
                isHeavyTailed ? noise.heavyTailed() : noise.normal()
            }
            return zip(pairCounts, [0.016, 0.016, 0.018]).contains { count, alpha in
                (SignedRank(Array(values[..<count])).lowerBound(alpha: alpha) ?? -1) > 0
            }
        }
        let share = Double(passCount) / Double(runCount)
        #expect(share < (pairCounts.count == 3 ? 0.045 : 0.035))
        // The bounds are exact, so they must not be much safer than they say either.
        #expect(share > 0.015)
    }
}

/// Random errors with a seed.
struct Noise {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Mean 0, standard deviation 1, nearly a bell curve: twelve uniform numbers.
    mutating func normal() -> Double {
        (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
    }

    /// One in ten is five times as large.
    mutating func heavyTailed() -> Double {
        normal() * (Int.random(in: 0..<10, using: &generator) == 0 ? 5 : 1)
    }
}
