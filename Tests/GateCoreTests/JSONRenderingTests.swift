import Presentation
import Testing

@testable import GateCore

private func parsed(_ report: GateReport) throws -> JSONValue {
    try JSONParser.parse(Array(JSONRendering.value(report).text.utf8))
}

@Suite struct JSONRenderingTests {
    @Test(arguments: SampleReport.all())
    func `can be read back, whatever the names`(report: GateReport) throws {
        let value = try parsed(report)
        #expect(value == JSONRendering.value(report))
        #expect(
            value.members?.map(\.name) == [
                "schema_version", "tool", "verdict", "reason", "interrupted", "results",
                "open_rates", "gates", "markdown_table", "plan", "environment", "voided",
                "warnings",
            ])
    }

    @Test func `has the Python project's keys for every engine`() throws {
        let results = try #require(try parsed(SampleReport.passing())["results"])
        #expect(results.members?.map(\.name) == ["busy", "crowd"])
        for scenario in ["busy", "crowd"] {
            for engine in ["reactor", "threadpool"] {
                let values = try #require(results[scenario]?[engine])
                #expect(
                    values.members?.prefix(6).map(\.name) == [
                        "requests", "errors", "error_rate", "rps", "p50_ms", "p95_ms",
                    ])
                #expect(values["rounds"]?.array?.count == 6)
            }
        }
        let reactor = try #require(results["busy"]?["reactor"])
        #expect(reactor["requests"] == .integer(305_006))
        #expect(reactor["rps"]?.double == 23_150)
        #expect(reactor["p95_ms"]?.double == 1.949)
        #expect(reactor["cpu_us_per_req"]?.double == 6.1)
        #expect(reactor["rounds"]?.array?[1]["rps"]?.double == 21_900)
        #expect(results["crowd"]?["threadpool"]?["connections_served"] == .integer(16))
    }

    @Test func `has an entry per check, with all digits of what was compared`() throws {
        let gates = try #require(try parsed(SampleReport.mixed())["gates"])
        let checks = try #require(gates["checks"]?.array)
        #expect(
            checks.map { $0["verdict"]?.string } == ["pass", "invalid", "fail", "inconclusive"])
        #expect(checks[2]["scenario"] == .string("crowd"))
        #expect(checks[2]["expression"] == .string("reactor.rps >= 1.8 * threadpool.rps"))
        #expect(checks[2]["bound"]?.double == 1.7962)
        #expect(checks[2]["limit"]?.double == 1.8)
        #expect(checks[2]["unit"] == .string("ratio"))
        #expect(checks[1]["estimate"] == .null)
        #expect(checks[1]["unit"] == .string("us"))
        #expect(checks[3]["notes"]?.array == [.string("client-bound: a lower limit")])
        #expect(gates["all_passed"] == .bool(false))
        #expect(gates["reactor_vs_threadpool_rps_ratio"]?["busy"]?.double == 2.2926)
        #expect(gates["baseline"]?.array?.count == 3)
        #expect(try parsed(SampleReport.passing())["gates"]?["all_passed"] == .bool(true))
    }

    @Test func `writes null where nothing was measured`() throws {
        let value = try parsed(SampleReport.single())
        let reactor = try #require(value["results"]?["busy"]?["reactor"])
        #expect(reactor["open_p95_ms"] == .null)
        #expect(reactor["open_cpu_us_per_req"] == .null)
        #expect(value["gates"]?["reactor_vs_threadpool_rps_ratio"]?["busy"] == .null)
        #expect(value["open_rates"]?["busy"] == .null)

        var report = SampleReport.passing()
        report.scenarios[0].engines[0].rounds = []
        let empty = try #require(try parsed(report)["results"]?["busy"]?["reactor"])
        for key in ["requests", "errors", "error_rate", "rps", "p50_ms", "connections_served"] {
            #expect(empty[key] == .null)
        }
    }

    @Test func `has no verdict when it was interrupted`() throws {
        var report = SampleReport.interrupted()
        report.checks = SampleReport.mixed().checks
        let value = try parsed(report)
        #expect(value["interrupted"] == .bool(true))
        #expect(value["verdict"] == .null)
        #expect(value["gates"]?["checks"] == .array([]))
        #expect(value["gates"]?["all_passed"] == .bool(false))
    }

    @Test func `has the plan as it was`() throws {
        var report = SampleReport.mixed()
        report.plan.seed = .max
        let value = try parsed(report)
        #expect(value["plan"]?["seed"] == .string("18446744073709551615"))
        #expect(value["plan"]?["looks"]?.array?.map { $0["pairs"]?.integer } == [6, 11])
        #expect(
            value["plan"]?["scenarios"]?.array?[1]["think_time_ns"] == .integer(50_000_000))
        #expect(value["voided"]?.array?.first?["reason"] == .string("steal 12 %"))
        #expect(value["environment"]?["client_core"] == .integer(1))
        let table = try #require(value["markdown_table"]?.string)
        #expect(table.contains("### busy\n\n| Engine | Requests | Errors | Error Rate | RPS |"))
        #expect(table.contains("### crowd\n"))
    }
}
