import Testing

@testable import GateCore

@Suite struct MannWhitneyTests {
    /// The least chance there is, when every number of one side is above every one of the other:
    /// one way out of all to choose.
    @Test(arguments: [(3, 20.0), (4, 70), (5, 252), (6, 924), (7, 3_432), (11, 705_432)])
    func `complete separation is one way of all`(count: Int, ways: Double) {
        let low = (0..<count).map(Double.init)
        let high = low.map { $0 + 100 }
        #expect(MannWhitney.probability(that: high, exceeds: low) == 1 / ways)
        #expect(MannWhitney.probability(that: low, exceeds: high) == 1)
    }

    /// Critical values of U as tables print them for one side and 1 %: the largest U of the lower
    /// sample that is significant.
    @Test(arguments: [(5, 5, 1), (6, 6, 3), (7, 7, 6), (8, 8, 9), (5, 8, 4), (10, 10, 19)])
    func `has the critical values of the tables`(first: Int, second: Int, critical: Int) {
        #expect(chance(first, second, statistic: critical) <= 0.01)
        #expect(chance(first, second, statistic: critical + 1) > 0.01)
    }

    /// The chance of a sample of `first` numbers that loses only `statistic` of all comparisons
    /// with `second` others.
    private func chance(_ first: Int, _ second: Int, statistic: Int) -> Double {
        // The last numbers of `first` win all comparisons, one of them loses a part of its own.
        let other = (0..<second).map { Double($0) * 10 }
        let (full, rest) = statistic.quotientAndRemainder(dividingBy: second)
        let sample = (0..<first).map { index in
            let losses = index < full ? second : index == full ? rest : 0
            return Double(second - losses) * 10 - 5 + Double(index) / 100
        }
        return MannWhitney.probability(that: sample, exceeds: other)
    }

    @Test func `ties share their ranks and are counted exactly`() {
        #expect(MannWhitney.doubledRanks(of: [3, 1, 3, 2]) == [7, 2, 7, 4])
        // Ranks 1, 2.5, 2.5, 4: sums of two are 3.5, 3.5, 5, 5, 6.5, 6.5.
        #expect(MannWhitney.probability(that: [2, 3], exceeds: [1, 2]) == 2.0 / 6)
        #expect(MannWhitney.probability(that: [1, 3], exceeds: [2, 2]) == 4.0 / 6)
    }

    @Test func `equal numbers say nothing`() {
        let same = Array(repeating: 4.0, count: 6)
        #expect(MannWhitney.probability(that: same, exceeds: same) == 1)
    }

    @Test func `infinite numbers are just the largest`() {
        #expect(
            MannWhitney.probability(that: [.infinity, 5, 6, 7], exceeds: [1, 2, 3, 4]) == 1.0 / 70)
    }
}
