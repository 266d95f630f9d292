import GateCore
import Testing

@Suite struct PairOrderTests {
    @Test(arguments: [2, 3, 5])
    func `every two engines precede each other equally often`(engineCount: Int) {
        let order = PairOrder(seed: 42, stream: 0, engineCount: engineCount)
        var leads = Array(
            repeating: Array(repeating: 0, count: engineCount), count: engineCount)
        for pair in 0..<20 {
            let engines = order.engines(ofPair: pair)
            #expect(engines.sorted() == Array(0..<engineCount))
            for (position, engine) in engines.enumerated() {
                for later in engines[(position + 1)...] { leads[engine][later] += 1 }
            }
        }
        for engine in 0..<engineCount {
            for other in 0..<engineCount where other != engine {
                #expect(leads[engine][other] == 10)
            }
        }
    }

    @Test func `the seed decides, and scenarios differ`() {
        func orders(_ seed: UInt64, _ stream: Int) -> [[Int]] {
            let order = PairOrder(seed: seed, stream: stream, engineCount: 2)
            return (0..<64).map(order.engines(ofPair:))
        }
        #expect(orders(1, 0) == orders(1, 0))
        #expect(orders(1, 0) != orders(2, 0))
        #expect(orders(1, 0) != orders(1, 1))
    }

    @Test func `neither engine leads most of the first pairs of most seeds`() {
        let firstLeads = (0..<200 as Range<UInt64>).count { seed in
            PairOrder(seed: seed, stream: 0, engineCount: 2).engines(ofPair: 0) == [0, 1]
        }
        #expect((70...130).contains(firstLeads))
    }
}
