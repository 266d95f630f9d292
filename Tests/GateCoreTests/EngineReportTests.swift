import Containers
import GateCore
import Testing

@Suite struct EngineReportTests {
    /// A phase of `seconds` with as many answers, all of which took `latency` microseconds.
    static func phase(
        _ count: UInt64, errors: UInt64 = 0, seconds: Double = 2, latency: Int = 100
    ) -> PhaseSample {
        var phase = PhaseSample()
        phase.validCount = count
        phase.errorCount = errors
        phase.seconds = seconds
        for _ in 0..<count { phase.latency.record(latency) }
        phase.serverCPUTime = count * 7_000
        phase.fairness = 0.5
        phase.servedConnections = count / 10
        return phase
    }

    static func report(_ rounds: [(PhaseSample, PhaseSample?)]) -> EngineReport {
        EngineReport(
            engine: "reactor", rounds: rounds.map { RoundSample(closedLoop: $0, openLoop: $1) })
    }

    @Test func `rounds have values of their own and the report their middle`() {
        let report = Self.report([
            (Self.phase(400), nil), (Self.phase(1_000), nil), (Self.phase(600), nil),
        ])
        #expect(report.values(.rps) == [200, 500, 300])
        #expect(report.value(.rps) == 300)
        #expect(report.values(.cpuPerRequest) == [7, 7, 7])
        #expect(report.value(.fairness) == 0.5)
        #expect(report.validCount == 2_000)
        #expect(report.servedConnections == 40)
    }

    @Test func `percentiles are those of all rounds together`() {
        let report = Self.report([
            (Self.phase(900, latency: 100), nil), (Self.phase(200, latency: 1_000), nil),
        ])
        #expect(report.values(.p95) == [100, 1_000])
        #expect(report.value(.p50) == 100)
        #expect(report.value(.p95) == 1_000)
        #expect(report.value(.max) == 1_000)
    }

    @Test func `error rates count both phases of all rounds`() {
        let report = Self.report([
            (Self.phase(90, errors: 10), Self.phase(100)), (Self.phase(200), nil),
        ])
        #expect(report.values(.errorRate) == [0.05, 0])
        #expect(report.value(.errorRate) == 0.025)
        #expect(report.errorCount == 10)
    }

    @Test func `the open loop has metrics of its own`() {
        let report = Self.report([(Self.phase(1_000), Self.phase(1_000, latency: 50))])
        #expect(report.value(.openP95) == 50)
        #expect(report.value(.openMax) == 50)
        #expect(report.value(.openCPUPerRequest) == 7)
        #expect(report.value(.p95) == 100)
    }

    @Test func `memory is the most of any round, and 0 is not measured`() {
        var report = Self.report([(Self.phase(1), nil), (Self.phase(1), nil)])
        #expect(report.value(.memory) == nil)
        report.rounds[0].peakMemory = 20 << 20
        report.rounds[1].peakMemory = 8 << 20
        #expect(report.values(.memory) == [20, 8])
        #expect(report.value(.memory) == 20)
    }

    @Test(arguments: [(Metric.p50, 20 as UInt64), (.p95, 200), (.p99, 1_000), (.max, 1)])
    func `a percentile needs ten values beyond it`(metric: Metric, count: UInt64) {
        #expect(Self.report([(Self.phase(count), nil)]).value(metric) == 100)
        #expect(Self.report([(Self.phase(count - 1), nil)]).value(metric) == nil)
    }

    @Test(arguments: Metric.allCases)
    func `without rounds or samples there is no value`(metric: Metric) {
        #expect(Self.report([]).value(metric) == nil)
        #expect(Self.report([(PhaseSample(), nil)]).values(metric) == [nil])
    }

    @Test func `the client limits when it does so in the median round`() {
        func isBound(_ shares: [Double]) -> Bool {
            var report = Self.report(shares.map { _ in (Self.phase(1), nil) })
            for (index, share) in shares.enumerated() {
                report.rounds[index].closedLoop.clientCPUShare = share
            }
            return report.isClientBound
        }
        #expect(isBound([0.96, 0.5, 0.95]))
        #expect(!isBound([0.96, 0.5, 0.94]))
        #expect(!isBound([]))
    }

    @Test(arguments: [
        ([3.0, 1, 2], 2.0), ([4, 1, 2, 3], 2.5), ([5], 5), ([.infinity, .infinity], .infinity),
    ])
    func `the median is the middle`(values: [Double], median: Double) {
        #expect(values.median == median)
    }
}
