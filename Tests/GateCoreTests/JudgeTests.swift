import Containers
import GateCore
import Testing

@Suite struct JudgeTests {
    static let alpha = 0.016

    /// An engine whose rounds have these rates, with everything else the same.
    static func engine(
        _ name: String = "reactor", rates: [Double] = Array(repeating: 1_000, count: 6),
        change: (inout RoundSample, Int) -> Void = { _, _ in }
    ) -> EngineReport {
        let rounds = rates.enumerated().map { index, rate in
            var phase = PhaseSample()
            phase.validCount = UInt64(rate)
            phase.seconds = 1
            phase.latency = .bimodal(count: phase.validCount, microseconds: 100)
            phase.serverCPUTime = UInt64(rate) * 10_000
            phase.fairness = 1
            var round = RoundSample(closedLoop: phase)
            round.peakMemory = 10 << 20
            change(&round, index)
            return round
        }
        return EngineReport(engine: name, rounds: rounds)
    }

    static func judge(_ text: String, _ engines: EngineReport...) throws -> CheckResult {
        let checks = try Check.parse(
            text, scenarios: ["busy"], engines: engines.map(\.engine), isSelfComparison: true)
        return Judge.judge(try #require(checks.first), engines: engines, alpha: alpha)
    }

    /// Six pairs whose ratio to 1,000 is known: at six, the bounds are the extremes.
    @Test(arguments: [
        ("reactor.rps >= 1.8 * threadpool.rps", Verdict.pass, 1.9),
        ("reactor.rps >= 1.9 * threadpool.rps", .pass, 1.9),
        ("reactor.rps > 1.9 * threadpool.rps", .inconclusive, 1.9),
        ("reactor.rps >= 2 * threadpool.rps", .inconclusive, 1.9),
        ("reactor.rps >= 2.4 * threadpool.rps", .inconclusive, 1.9),
        ("reactor.rps > 2.4 * threadpool.rps", .fail, 2.4),
        ("reactor.rps >= 2.5 * threadpool.rps", .fail, 2.4),
        ("reactor.rps <= 2.5 * threadpool.rps", .pass, 2.4),
        ("reactor.rps < 2.4 * threadpool.rps", .inconclusive, 2.4),
        ("reactor.rps <= 1.8 * threadpool.rps", .fail, 1.9),
        ("reactor.rps >= 1850", .pass, 1_900),
        ("reactor.rps >= 2000", .inconclusive, 1_900),
        ("reactor.rps >= 2500", .fail, 2_400),
        ("reactor.rps < 2500", .pass, 2_400),
    ])
    func `the bound decides, not the estimate`(
        text: String, verdict: Verdict, bound: Double
    ) throws {
        let result = try Self.judge(
            text, Self.engine(rates: [1_900, 2_000, 2_100, 2_200, 2_300, 2_400]),
            Self.engine("threadpool"))
        #expect(result.verdict == verdict)
        #expect(abs(try #require(result.bound) - bound) < 1e-9 * bound)
        #expect(result.pairCount == 6)
    }

    @Test func `five pairs decide nothing`() throws {
        let rates = Array(repeating: 9_000.0, count: 5)
        let result = try Self.judge(
            "reactor.rps >= 1.8 * threadpool.rps", Self.engine(rates: rates),
            Self.engine("threadpool", rates: rates.map { $0 / 9 }))
        #expect(result.verdict == .inconclusive)
        #expect(result.bound == nil)
        #expect(abs(try #require(result.estimate) - 9) < 1e-9)
    }

    @Test func `an undecided ratio says what the run could have shown`() throws {
        let result = try Self.judge(
            "reactor.rps >= 2 * threadpool.rps",
            Self.engine(rates: [1_600, 1_900, 2_000, 2_000, 2_100, 2_500]),
            Self.engine("threadpool"))
        #expect(result.verdict == .inconclusive)
        #expect(result.notes == ["could have shown 2.50 or more"])
    }

    // MARK: The client's limit

    /// reactor ÷ threadpool is 2 in every pair.
    @Test(arguments: [
        ("reactor.rps >= 1.8 * threadpool.rps", true, false, Verdict.pass),
        ("reactor.rps >= 2.2 * threadpool.rps", true, false, .inconclusive),
        ("reactor.rps >= 1.8 * threadpool.rps", false, true, .inconclusive),
        ("reactor.rps >= 2.2 * threadpool.rps", false, true, .fail),
        ("reactor.rps >= 1.8 * threadpool.rps", true, true, .inconclusive),
        ("reactor.rps >= 2.2 * threadpool.rps", true, true, .inconclusive),
        ("reactor.rps <= 2.2 * threadpool.rps", true, false, .inconclusive),
        ("reactor.rps <= 1.8 * threadpool.rps", true, false, .fail),
        ("reactor.rps <= 2.2 * threadpool.rps", false, true, .pass),
        ("reactor.rps <= 1.8 * threadpool.rps", false, true, .inconclusive),
        ("reactor.rps >= 1900", true, false, .pass),
        ("reactor.rps >= 2100", true, false, .inconclusive),
        ("reactor.rps <= 2100", true, false, .inconclusive),
        ("reactor.p95 <= 300us", true, false, .pass),
        ("reactor.p95 <= 100us", true, false, .inconclusive),
        ("reactor.p95 >= 100us", true, false, .inconclusive),
        ("reactor.p95 >= 300us", true, false, .fail),
        ("reactor.p95 <= 1.1 * threadpool.p95", true, false, .pass),
        ("reactor.p95 <= 0.9 * threadpool.p95", true, false, .inconclusive),
        ("reactor.p95 <= 1.1 * threadpool.p95", false, true, .inconclusive),
        ("reactor.p95 <= 0.9 * threadpool.p95", false, true, .fail),
        ("reactor.cpu_us_per_req <= 0.9 * threadpool.cpu_us_per_req", true, true, .fail),
        ("reactor.cpu_us_per_req <= 11us", true, false, .pass),
        ("reactor.rss_mb <= 9", true, false, .fail),
        ("reactor.fairness >= 0.9", true, false, .pass),
    ])
    func `a client at its limit makes figures one-sided`(
        text: String, reactorIsBound: Bool, poolIsBound: Bool, verdict: Verdict
    ) throws {
        func bind(_ isBound: Bool) -> (inout RoundSample, Int) -> Void {
            { round, _ in round.closedLoop.clientCPUShare = isBound ? 0.97 : 0.6 }
        }
        let result = try Self.judge(
            text,
            Self.engine(rates: Array(repeating: 2_000, count: 6), change: bind(reactorIsBound)),
            Self.engine("threadpool", change: bind(poolIsBound)))
        #expect(result.verdict == verdict)
    }

    @Test func `a one-sided figure says so`() throws {
        let result = try Self.judge(
            "reactor.rps >= 0.5 * threadpool.rps",
            Self.engine { round, _ in round.closedLoop.clientCPUShare = 0.99 },
            Self.engine("threadpool"))
        #expect(result.verdict == .pass)
        #expect(result.notes == ["client-bound (reactor): a lower limit"])
    }

    // MARK: No samples

    @Test(arguments: [
        "reactor.open_p95 <= 1s", "reactor.open_cpu_us_per_req <= 1s",
        "reactor.open_p95 <= 2 * threadpool.open_p95",
        "threadpool.open_max >= 2 * reactor.open_max",
    ])
    func `a phase that was not run passes nothing`(text: String) throws {
        let result = try Self.judge(text, Self.engine(), Self.engine("threadpool"))
        #expect(result.verdict == .invalid)
        #expect(result.estimate == nil && result.bound == nil)
        #expect(result.notes.first?.contains("has no samples in 6 of 6 rounds") == true)
    }

    @Test func `a ratio of percentiles needs ten slower answers in every round`() throws {
        let few = Self.engine(rates: [1_000, 1_000, 1_000, 1_000, 1_000, 999])
        let result = try Self.judge(
            "reactor.p99 <= 9 * threadpool.p99", few, Self.engine("threadpool"))
        #expect(result.verdict == .inconclusive)
        #expect(
            result.notes == [
                "reactor.p99 has too few samples in 1 of 6 rounds: give a longer --duration"
            ])
    }

    /// Rounds of 50 answers, a tenth of which take 200 µs: in 300, p95 lies surely there.
    @Test(arguments: [
        ("reactor.p95 <= 300us", Verdict.pass), ("reactor.p95 < 200us", .fail),
        ("reactor.p95 <= 150us", .fail), ("reactor.p95 <= 50us", .fail),
        ("reactor.p95 >= 150us", .pass), ("reactor.p95 >= 300us", .fail),
        ("reactor.p50 <= 150us", .pass), ("reactor.p50 <= 50us", .fail),
    ])
    func `rounds too short for a percentile are judged together`(
        text: String, verdict: Verdict
    ) throws {
        let result = try Self.judge(text, Self.engine(rates: Array(repeating: 50, count: 6)))
        #expect(result.verdict == verdict)
    }

    @Test func `together they need ten slower answers too`() throws {
        let few = Self.engine(rates: Array(repeating: 100, count: 6))
        let result = try Self.judge("reactor.p99 <= 1s", few)
        #expect(result.verdict == .inconclusive)
        #expect(result.estimate == nil)
        #expect(result.notes.first?.contains("too few samples in 6 of 6 rounds") == true)
        let more = Self.engine(rates: Array(repeating: 100, count: 11))
        #expect(try Self.judge("reactor.p99 <= 1s", more).verdict == .pass)
        #expect(try Self.judge("reactor.p99 <= 50us", few).verdict == .fail)
    }

    @Test func `together they do not hide a bad round`() throws {
        // 21 rounds of 150: in one of them, a fifth is too slow.
        let engine = Self.engine(rates: Array(repeating: 150, count: 21)) { round, index in
            guard index == 4 else { return }
            var slow = Histogram(layout: .interval)
            for answer in 0..<150 { slow.record(answer < 30 ? 900_000 : 100) }
            round.closedLoop.latency = slow
        }
        let result = try Self.judge("reactor.p95 <= 500ms", engine)
        #expect(result.verdict == .inconclusive)
        #expect(result.notes == ["more than three times as many slow answers in one round"])
    }

    @Test(arguments: Metric.allCases)
    func `no metric passes without a round`(metric: Metric) throws {
        let check = Check(
            scenario: "busy", metric: MetricReference("reactor", metric), comparison: .lessOrEqual,
            limit: .constant(1e9), expression: "\(metric)")
        let none = EngineReport(engine: "reactor", rounds: [])
        #expect(Judge.judge(check, engines: [none], alpha: 0.016).verdict == .invalid)
        #expect(Judge.judge(check, engines: [], alpha: 0.016).verdict == .invalid)
    }

    // MARK: Dead engines

    @Test(arguments: [
        ("reactor.rps >= 1.8 * threadpool.rps", Verdict.fail),
        ("reactor.rps >= 1", .fail),
        ("reactor.error_rate <= 1%", .fail),
        ("reactor.p95 <= 200ms", .fail),
        ("reactor.p95 <= 2 * threadpool.p95", .fail),
        ("reactor.open_p95 <= 200ms", .fail),
        ("threadpool.cpu_us_per_req >= 1.3 * reactor.cpu_us_per_req", .fail),
        ("threadpool.rps >= 1.8 * reactor.rps", .inconclusive),
        ("reactor.cpu_us_per_req >= 2 * threadpool.cpu_us_per_req", .inconclusive),
    ])
    func `an engine that answers nothing fails, and nobody wins against it`(
        text: String, verdict: Verdict
    ) throws {
        let dead = Self.engine(rates: Array(repeating: 0, count: 6)) { round, _ in
            round.closedLoop.errorCount = 400
            round.openLoop = PhaseSample()
        }
        #expect(try Self.judge(text, dead, Self.engine("threadpool")).verdict == verdict)
    }

    @Test(arguments: ["reactor.rps >= 0.5 * threadpool.rps", "reactor.p95 <= 2 * threadpool.p95"])
    func `two dead engines cannot be compared`(text: String) throws {
        func dead(_ name: String) -> EngineReport {
            Self.engine(name, rates: Array(repeating: 0, count: 6)) { round, _ in
                round.closedLoop.errorCount = 400
            }
        }
        #expect(try Self.judge(text, dead("reactor"), dead("threadpool")).verdict == .invalid)
    }

    // MARK: Error rates and percentiles

    /// Six rounds of 1,000 attempts.
    @Test(arguments: [
        ([UInt64](repeating: 0, count: 6), Verdict.pass),
        ([2, 3, 2, 3, 2, 3], .pass),
        ([9, 9, 9, 9, 9, 9], .inconclusive),
        ([20, 20, 20, 20, 20, 20], .fail),
        ([0, 0, 0, 31, 0, 0], .inconclusive),
        ([0, 0, 0, 29, 0, 0], .pass),
    ])
    func `an error rate passes on its bound and its worst round`(
        errors: [UInt64], verdict: Verdict
    ) throws {
        let engine = Self.engine { round, index in
            round.closedLoop.errorCount = errors[index]
            round.closedLoop.validCount = 1_000 - errors[index]
        }
        let result = try Self.judge("reactor.error_rate <= 1%", engine)
        #expect(result.verdict == verdict)
        #expect(result.estimate == Double(errors.reduce(0, +)) / 6_000)
    }

    @Test func `few attempts cannot show a small error rate`() throws {
        let engine = Self.engine(rates: Array(repeating: 40, count: 6))
        #expect(try Self.judge("reactor.error_rate <= 1%", engine).verdict == .inconclusive)
    }

    @Test func `errors of the open loop count too`() throws {
        let engine = Self.engine { round, _ in
            var open = PhaseSample()
            open.errorCount = 100
            round.openLoop = open
        }
        #expect(try Self.judge("reactor.error_rate <= 1%", engine).verdict == .fail)
    }

    @Test func `the percentile of all rounds has to agree with their bound`() throws {
        // Five fast rounds of 100 answers, and a slow one of 100,000: all in all it is slow.
        let engine = Self.engine(rates: Array(repeating: 1_000, count: 21)) { round, index in
            guard index == 20 else { return }
            round.closedLoop.latency = .bimodal(count: 1_000_000, microseconds: 900_000)
        }
        let result = try Self.judge("reactor.p95 <= 200ms", engine)
        #expect(result.verdict == .inconclusive)
        #expect(result.notes == ["the rounds and their sum disagree"])
    }

    @Test(arguments: [
        "reactor.rps >= 0.5 * threadpool.rps",
        "threadpool.cpu_us_per_req >= 0.5 * reactor.cpu_us_per_req",
    ])
    func `an engine's errors are told beside a ratio`(text: String) throws {
        let failing = Self.engine("threadpool") { round, _ in round.closedLoop.errorCount = 200 }
        let result = try Self.judge(text, Self.engine(), failing)
        #expect(result.verdict == .pass)
        #expect(result.notes.first?.hasPrefix("threadpool's error rate is 16.67%") == true)
    }
}
