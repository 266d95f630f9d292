import Testing

@testable import GateCore

@Suite struct ClopperPearsonTests {
    /// Quantiles of the beta distribution, from another implementation.
    @Test(arguments: [
        (0, 300, 0.05, 0.0, 0.009936081944457708),
        (1, 20, 0.05, 0.0025613787765302806, 0.2161061642068473),
        (4, 10, 0.025, 0.12155225811982719, 0.7376219233930549),
        (10, 100, 0.025, 0.04900468922148595, 0.17622259774002266),
        (3, 1_000, 0.016, 0.0005210121766018712, 0.009367075455422449),
        (50, 50, 0.05, 0.9418449208830277, 1.0),
        (0, 100_000_000, 0.05, 0, 2.995732228681931e-08),
        (1, 100_000_000, 0.05, 5.129329437439552e-10, 4.7438644247114806e-08),
        (1_000_000, 100_000_000, 0.016, 0.009978675040595806, 0.010021358280142079),
        (50_000_000, 100_000_000, 0.05, 0.49991775231941443, 0.5000822476805855),
    ])
    func `has the known bounds`(
        events: UInt64, attempts: UInt64, alpha: Double, lower: Double, upper: Double
    ) {
        let bounds = (
            ClopperPearson.lowerBound(events: events, of: attempts, alpha: alpha),
            ClopperPearson.upperBound(events: events, of: attempts, alpha: alpha)
        )
        #expect(abs(bounds.0 - lower) <= 1e-5 * lower)
        #expect(abs(bounds.1 - upper) <= 1e-5 * upper)
    }

    @Test func `no attempts bound nothing`() {
        #expect(ClopperPearson.upperBound(events: 0, of: 0, alpha: 0.05) == 1)
        #expect(ClopperPearson.lowerBound(events: 0, of: 0, alpha: 0.05) == 0)
    }

    @Test func `bounds of events and of their absence mirror each other`() {
        for events in 0...40 as ClosedRange<UInt64> {
            let upper = ClopperPearson.upperBound(events: events, of: 40, alpha: 0.02)
            let lower = ClopperPearson.lowerBound(events: 40 - events, of: 40, alpha: 0.02)
            #expect(abs(upper - (1 - lower)) < 1e-12)
            #expect(upper >= Double(events) / 40)
        }
    }

    @Test func `the incomplete beta function has its known values`() {
        // I_x(1, b) = 1 - (1 - x)^b, I_x(a, 1) = x^a, I_1/2(a, a) = 1/2.
        #expect(abs(ClopperPearson.regularizedBeta(0.3, 1, 3) - (1 - 0.343)) < 1e-14)
        #expect(abs(ClopperPearson.regularizedBeta(0.3, 4, 1) - 0.0081) < 1e-14)
        #expect(abs(ClopperPearson.regularizedBeta(0.5, 17, 17) - 0.5) < 1e-12)
        #expect(ClopperPearson.regularizedBeta(0, 2, 3) == 0)
        #expect(ClopperPearson.regularizedBeta(1, 2, 3) == 1)
    }
}
