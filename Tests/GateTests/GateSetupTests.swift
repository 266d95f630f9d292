import Arguments
import GateCore
import Testing

@testable import gate

@Suite struct GateSetupTests {
    private static func setup(_ arguments: String...) throws -> GateSetup {
        try GateSetup(GateOptions.parse(arguments), folder: "/build", seed: 7)
    }

    @Test func `our engines lie beside the gate, and the pool's queue holds the crowd`() throws {
        let setup = try Self.setup()
        #expect(
            setup.engines.map(\.commandLine) == [
                "/build/sluice --engine reactor --port 0",
                "/build/sluice --engine threadpool --port 0 --workers 16 --queue-size 4000",
            ])
        #expect(setup.plan.engines == ["reactor", "threadpool"] && setup.plan.seed == 7)
        #expect(setup.workerCounts == ["reactor": 1, "threadpool": 16])
    }

    @Test func `many connections are allowed for`() throws {
        let setup = try Self.setup("-c", "9000", "--workers", "4")
        #expect(setup.engines[0].commandLine.hasSuffix("--max-connections 18000"))
        #expect(setup.engines[1].commandLine.hasSuffix("--workers 4 --queue-size 18000"))
    }

    @Test func `the default checks are those of the scenarios`() throws {
        let checks = try Self.setup().plan.checks
        let expressions = checks.map { "\($0.scenario): \($0.expression)" }
        #expect(
            expressions == [
                "busy: reactor.error_rate <= 1%", "busy: reactor.p95 <= 200ms",
                "busy: reactor.open_p95 <= 200ms",
                "busy: threadpool.cpu_us_per_req >= 1.3 * reactor.cpu_us_per_req",
                "crowd: reactor.error_rate <= 1%", "crowd: reactor.p95 <= 200ms",
                "crowd: reactor.open_p95 <= 200ms",
                "crowd: reactor.rps >= 1.8 * threadpool.rps",
                "crowd: threadpool.cpu_us_per_req >= 1.8 * reactor.cpu_us_per_req",
            ])
    }

    @Test func `checks add to the defaults, or take their place`() throws {
        let check = "busy: reactor.rps >= 1.8 * threadpool.rps"
        #expect(try Self.setup("--check", check).plan.checks.count == 10)
        let setup = try Self.setup("--scenario", "busy", "--check", check, "--no-default-checks")
        #expect(setup.plan.checks.map(\.expression) == ["reactor.rps >= 1.8 * threadpool.rps"])
    }

    @Test func `a check that names the floor adds it`() throws {
        let setup = try Self.setup("--check", "reactor.rps >= 0.5 * floor.rps")
        #expect(setup.plan.engines == ["reactor", "threadpool", "floor"])
        #expect(setup.engines.last?.words == ["/build/floor", "--port", "0"])
        #expect(try Self.setup("--engine", "floor").plan.engines == setup.plan.engines)
    }

    @Test func `a command replaces an engine of ours, which is then a stranger`() throws {
        let setup = try Self.setup("--engine", "reactor=/x/faulty --port 0")
        #expect(setup.plan.engines == ["reactor", "threadpool"])
        #expect(setup.engines[0].words == ["/x/faulty", "--port", "0"])
        #expect(setup.engines[0].kind == .foreign && setup.engines[0].readiness == .line)
    }

    @Test func `an engine is compared with itself under one name, and cannot pass`() throws {
        let setup = try Self.setup("--aa", "floor")
        #expect(setup.plan.engines == ["floor", "floor"] && setup.plan.isSelfComparison)
        #expect(setup.engines.map(\.name) == ["floor"])
        #expect(setup.plan.checks.contains { $0.expression == "floor.rps >= 0.9 * floor.rps" })
    }

    @Test func `two builds are a and b`() throws {
        let setup = try Self.setup(
            "compare", "--a", "/old/sluice", "--b", "/new/sluice", "--server-args", "--backlog 64")
        #expect(
            setup.engines.map(\.commandLine) == [
                "/old/sluice --engine reactor --port 0 --backlog 64",
                "/new/sluice --engine reactor --port 0 --backlog 64",
            ])
        #expect(setup.plan.engines == ["a", "b"])
        #expect(setup.plan.checks.contains { $0.expression == "b.rps >= 0.9 * a.rps" })
    }

    static let errors: [(arguments: [String], part: String)] = [
        (["--check", "busy: reactor.p96 <= 1ms"], "--check 'busy: reactor.p96 <= 1ms', column 7"),
        (["--check", "nginx.rps >= 1"], "nginx"),
        (["--no-default-checks"], "no check applies to scenario busy"),
        (["--no-default-checks", "--check", "busy: reactor.rps >= 1"], "scenario crowd"),
        (["--aa", "nginx"], "--engine 'nginx=COMMAND'"),
        (["--engine", "x=a", "--engine", "x=b"], "'x' is given twice"),
        (["--engine", "reactor=a", "--engine", "reactor=b"], "'reactor' is given twice"),
    ]

    @Test(arguments: errors)
    func `what does not fit together is refused`(arguments: [String], part: String) {
        let error = #expect(throws: UsageError.self) {
            try GateSetup(GateOptions.parse(arguments), folder: "/build", seed: 1)
        }
        #expect(error?.description.contains(part) == true, "\(error!)")
    }
}
