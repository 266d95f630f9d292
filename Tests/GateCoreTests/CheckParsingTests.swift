import GateCore
import Testing

@Suite struct CheckParsingTests {
    static let scenarios = ["busy", "crowd"]
    static let engines = ["reactor", "threadpool", "floor", "nginx-1.27"]

    static func parse(_ text: String) throws(CheckError) -> [Check] {
        try Check.parse(text, scenarios: scenarios, engines: engines)
    }

    @Test(arguments: [
        ("busy: reactor.p95 <= 200ms", Metric.p95, 200_000.0, "reactor.p95 <= 200ms"),
        ("busy:reactor.p99<20ms", .p99, 20_000, "reactor.p99 < 20ms"),
        ("busy: reactor.open_p95 <= 900us", .openP95, 900, "reactor.open_p95 <= 900us"),
        ("busy: reactor.max <= 1.5s", .max, 1_500_000, "reactor.max <= 1.5s"),
        ("busy: reactor.p50 <= 80\u{B5}s", .p50, 80, "reactor.p50 <= 80\u{B5}s"),
        ("busy: reactor.p50 <= 80\u{3BC}s", .p50, 80, "reactor.p50 <= 80\u{3BC}s"),
        ("busy: reactor.error_rate <= 1%", .errorRate, 0.01, "reactor.error_rate <= 1%"),
        ("busy: reactor.error_rate <= 0.02", .errorRate, 0.02, "reactor.error_rate <= 0.02"),
        ("busy: reactor.rps >= 20000", .rps, 20_000, "reactor.rps >= 20000"),
        ("busy: reactor.rss_mb <= 64MB", .memory, 64, "reactor.rss_mb <= 64mb"),
        ("busy: reactor.rss_mb <= 64", .memory, 64, "reactor.rss_mb <= 64"),
        ("busy: reactor.cpu_us_per_req <= 25", .cpuPerRequest, 25, "reactor.cpu_us_per_req <= 25"),
        (
            "busy: reactor.cpu_us_per_req<=25us", .cpuPerRequest, 25,
            "reactor.cpu_us_per_req <= 25us"
        ),
        ("  busy :  reactor.fairness  >  0.9 ", .fairness, 0.9, "reactor.fairness > 0.9"),
    ])
    func `reads a limit in the metric's own unit`(
        text: String, metric: Metric, value: Double, expression: String
    ) throws {
        let check = try #require(try Self.parse(text).first)
        #expect(check.scenario == "busy")
        #expect(check.metric == MetricReference("reactor", metric))
        #expect(check.limit == .constant(value))
        #expect(check.expression == expression)
    }

    @Test(arguments: [
        ("reactor.rps >= 1.8 * threadpool.rps", 1.8, MetricReference("threadpool", .rps)),
        ("reactor.rps>=1.8*threadpool.rps", 1.8, MetricReference("threadpool", .rps)),
        ("reactor.p95 <= nginx-1.27.p99", 1, MetricReference("nginx-1.27", .p99)),
        ("reactor.open_p95 <= 3 * reactor.p95", 3, MetricReference("reactor", .p95)),
        ("reactor.rss_mb < 0.5 * floor.rss_mb", 0.5, MetricReference("floor", .memory)),
    ])
    func `reads a multiple of another metric`(
        text: String, factor: Double, other: MetricReference
    ) throws {
        #expect(try Self.parse("crowd: " + text).map(\.limit) == [.multiple(factor, other)])
    }

    @Test func `without a scenario it is asked of all`() throws {
        let checks = try Self.parse("reactor.p95 <= 200ms")
        #expect(checks.map(\.scenario) == ["busy", "crowd"])
        #expect(Set(checks.map(\.expression)) == ["reactor.p95 <= 200ms"])
    }

    @Test func `its normal form reads back as itself`() throws {
        for check in try Self.parse("reactor.rps>=1.8  *threadpool.rps") {
            let again = try Self.parse("\(check.scenario): \(check.expression)")
            #expect(again == [check])
        }
    }

    @Test func `only a self comparison compares an engine with itself`() throws {
        let text = "reactor.rps >= 1.8 * reactor.rps"
        #expect(throws: CheckError.self) { try Self.parse(text) }
        let checks = try Check.parse(
            text, scenarios: ["busy"], engines: ["reactor"], isSelfComparison: true)
        #expect(checks.count == 1)
    }

    /// What is wrong, where it begins, and a word of the cure.
    @Test(arguments: [
        ("", 1, "a metric is missing", "ENGINE.METRIC"),
        ("   ", 4, "a metric is missing", "ENGINE.METRIC"),
        (":", 1, "a scenario stands before", "busy, crowd"),
        ("quiet: reactor.p95 <= 1ms", 1, "'quiet' is not run", "busy, crowd"),
        ("busy crowd: reactor.p95 <= 1ms", 1, "a scenario stands before", "busy, crowd"),
        ("reactor", 1, "'reactor' names no metric", "reactor.p95"),
        (".p95 <= 1ms", 1, "'.p95' names no metric", "reactor.p95"),
        ("reactor. <= 1ms", 1, "'' is no metric", "rps, error_rate"),
        ("reactor.p96 <= 1ms", 1, "'p96' is no metric", "p50, p95, p99"),
        ("reactor.P95 <= 1ms", 1, "'P95' is no metric", "p95"),
        ("apache.p95 <= 1ms", 1, "'apache' is not run", "reactor, threadpool, floor"),
        ("reactor.p95", 12, "a comparison is missing", "<="),
        ("reactor.p95 200ms", 13, "a comparison is missing", "<="),
        ("reactor.p95 = 200ms", 13, "'=' compares nothing", "<="),
        ("reactor.p95 == 200ms", 13, "'==' compares nothing", "<="),
        ("reactor.p95 => 200ms", 13, "'=>' compares nothing", ">="),
        ("reactor.p95 <=", 15, "the limit is missing", "200ms"),
        ("reactor.p95 <= 200", 16, "'200' has no unit", "200ms"),
        ("reactor.p95 <= 200 ms", 20, "'ms' is too much", "one word"),
        ("reactor.p95 <= 200%", 19, "'%' is no unit of p95", "200ms"),
        ("reactor.p95 <= 200mb", 19, "'mb' is no unit of p95", "200ms"),
        ("reactor.p95 <= -5ms", 16, "names no metric", "ENGINE.METRIC"),
        ("reactor.p95 <= 1e3ms", 17, "'e3ms' is no unit", "200ms"),
        ("reactor.p95 <= 1.2.3ms", 16, "is no number", "200ms"),
        ("reactor.p95 <= 5.ms", 16, "is no number", "200ms"),
        ("reactor.p95 <= 0ms", 16, "limit of zero", "200ms"),
        ("reactor.p95 <= 9999999999999999s", 16, "is no number", "200ms"),
        ("reactor.p95 <= ٣ms", 16, "is no number", "200ms"),
        ("reactor.rps >= 20k", 18, "'k' is no unit of rps", "20000"),
        ("reactor.rps >= 5ms", 17, "'ms' is no unit of rps", "20000"),
        ("reactor.error_rate <= 101%", 23, "more than everything", "1%"),
        ("reactor.error_rate <= 1.5", 23, "more than everything", "1%"),
        ("reactor.fairness >= 2", 21, "more than everything", "0.9"),
        ("reactor.error_rate <= 2 * threadpool.error_rate", 27, "ratio of error", "1%"),
        ("reactor.rps >= 2 * threadpool.p95", 20, "rps is a rate", "with rps"),
        ("reactor.rps >= 2 * threadpool", 20, "names no metric", "ENGINE.METRIC"),
        ("reactor.rps >= x * threadpool.rps", 16, "'x' is no factor", "1.8"),
        ("reactor.rps >= 0 * threadpool.rps", 16, "'0' is no factor", "1.8"),
        ("reactor.rps >= 2 *", 19, "a metric is missing", "ENGINE.METRIC"),
        ("reactor.rps >= * threadpool.rps", 16, "the limit is missing", "20000"),
        ("reactor.rps >= 2 threadpool.rps", 18, "is too much", "--check"),
        ("reactor.rps >= 2 * threadpool.rps * 2", 35, "is too much", "--check"),
        ("reactor.rps >= 1, reactor.p95 <= 1ms", 19, "is too much", "one check per --check"),
        ("reactor.rps >= 1.8 * reactor.rps", 22, "compared with itself", "--aa"),
        ("reactor.rps >= reactor.rps", 16, "compared with itself", "--aa"),
        ("busy: crowd: reactor.rps >= 1", 7, "names no metric", "ENGINE.METRIC"),
    ])
    func `says what is wrong, where, and what to write`(
        text: String, column: Int, problem: String, cure: String
    ) throws {
        let error = try #require(throws: CheckError.self) { try Self.parse(text) }
        #expect(error.text == text)
        #expect(error.column == column)
        #expect(error.problem.contains(problem), "\(error)")
        #expect(error.cure.contains(cure), "\(error)")
        #expect(error.description.hasPrefix("check '\(text)', column \(column): "))
    }

    @Test func `no text is too strange to be refused politely`() {
        let pieces = [
            "reactor", ".", "p95", "rps", "<=", ">", "*", "1.8", "200ms", ":", "busy", " ", "%",
            "\u{0}", "é", "🙂", "-", "threadpool.rps",
        ]
        var state: UInt64 = 1
        for _ in 0..<2_000 {
            var text = ""
            for _ in 0..<7 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += pieces[Int(state >> 33) % pieces.count]
            }
            do throws(CheckError) {
                for check in try Self.parse(text) {
                    #expect(Self.engines.contains(check.metric.engine))
                }
            } catch {
                #expect(error.column >= 1 && error.column <= text.count + 1)
            }
        }
    }

    @Test(arguments: [
        ("nginx", true), ("nginx-1.27", true), ("a", true), ("", false), ("1a", false),
        ("a b", false), ("a*b", false), ("a:b", false), ("ü", false),
    ])
    func `knows which names a check can hold`(name: String, can: Bool) {
        #expect(MetricReference.canName(name) == can)
    }
}

@Suite struct DefaultCheckTests {
    @Test func `asks of each scenario what it can show`() {
        let checks = Check.defaults(
            scenarios: [.busy, .crowd], engines: ["reactor", "threadpool"])
        #expect(
            checks.map { "\($0.scenario): \($0.expression)" } == [
                "busy: reactor.error_rate <= 1%", "busy: reactor.p95 <= 200ms",
                "busy: reactor.open_p95 <= 200ms",
                "busy: threadpool.cpu_us_per_req >= 1.3 * reactor.cpu_us_per_req",
                "crowd: reactor.error_rate <= 1%", "crowd: reactor.p95 <= 200ms",
                "crowd: reactor.open_p95 <= 200ms", "crowd: reactor.rps >= 1.8 * threadpool.rps",
                "crowd: threadpool.cpu_us_per_req >= 1.8 * reactor.cpu_us_per_req",
            ])
    }

    @Test func `asks nothing that is not measured`() {
        var scenario = Scenario.crowd
        scenario.openDuration = 0
        let checks = Check.defaults(scenarios: [scenario], engines: ["reactor", "floor"])
        #expect(
            checks.map(\.expression) == ["reactor.error_rate <= 1%", "reactor.p95 <= 200ms"])
        #expect(Check.defaults(scenarios: [.busy], engines: ["floor"]).isEmpty)
    }

    @Test func `two builds are compared with margins`() {
        let checks = Check.comparison(scenarios: [.busy], before: "a", after: "b")
        #expect(
            checks.map(\.expression) == [
                "b.error_rate <= 1%", "b.rps >= 0.9 * a.rps",
                "b.cpu_us_per_req <= 1.05 * a.cpu_us_per_req", "b.p95 <= 1.15 * a.p95",
            ])
    }

    @Test func `a scenario without a check is told`() {
        let plan = GatePlan(
            profile: "ci", scenarios: [.busy, .crowd], engines: ["a", "b"],
            checks: Check.comparison(scenarios: [.crowd], before: "a", after: "b"), looks: [],
            seed: 1)
        #expect(plan.scenariosWithoutCheck == ["busy"])
    }
}
