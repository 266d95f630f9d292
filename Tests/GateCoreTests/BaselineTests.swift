import GateCore
import Presentation
import Testing

@Suite struct BaselineTests {
    static func report(
        noise: Double = 0.02, seed: UInt64 = 1, engines: [String] = ["reactor", "threadpool"],
        change: (inout [String: ScriptedRunner.Behaviour]) -> Void = { _ in }
    ) throws -> GateReport {
        var behaviours = GateSessionTests.healthy()
        behaviours["floor"] = behaviours["reactor"]
        change(&behaviours)
        var runner = ScriptedRunner(behaviours, noise: noise, seed: seed)
        var environment = GateEnvironment()
        environment.machine.processor = "Some CPU \"9\""
        environment.machine.coreCount = 4
        environment.machine.kernel = "6.1"
        environment.machine.architecture = "x86_64"
        environment.engines = engines.map {
            .init(engine: $0, command: "/one/checkout/\($0) --port 0", fingerprint: nil)
        }
        let plan = try GateSessionTests.plan(
            scenarios: [.busy], engines: engines, checks: ["reactor.rps >= 1"], seed: seed)
        return GateSession.run(plan, environment: environment, with: &runner)
    }

    static func verdicts(_ results: [BaselineResult]) -> [String: Verdict] {
        Dictionary(uniqueKeysWithValues: results.map { ($0.subject, $0.verdict) })
    }

    @Test func `what is written reads back equal`() throws {
        let baseline = try Baseline(Self.report())
        let text = baseline.json.text
        #expect(try Baseline(parsing: Array(text.utf8)) == baseline)
        #expect(baseline.scenarios[0].engines[0].command == "reactor --port 0")
        #expect(baseline.scenarios[0].engines[0].values[.rps]?.count == 6)
    }

    @Test func `missing values stay missing`() throws {
        var report = try Self.report()
        report.scenarios[0].engines[0].rounds[2].openLoop = nil
        let baseline = try Baseline(report)
        let again = try Baseline(parsing: Array(baseline.json.compactText.utf8))
        #expect(again == baseline)
        #expect(again.scenarios[0].engines[0].values[.openP95]?[2] == .some(nil))
    }

    @Test(arguments: [
        ("", "not JSON"), ("[]", "schema_version is missing"), ("{}", "schema_version is missing"),
        (#"{"schema_version": 2}"#, "it has version 2, this gate reads 1"),
        (#"{"schema_version": 1}"#, "machine is wrong or missing"),
        (
            #"{"schema_version":1,"machine":{"processor":"","cores":4,"kernel":"","#
                + #""architecture":""},"scenarios":[{"name":"busy"}]}"#,
            "scenarios[0].concurrency is wrong or missing"
        ),
    ])
    func `an unreadable file is refused with the cure`(text: String, problem: String) throws {
        let error = try #require(throws: BaselineError.self) {
            try Baseline(parsing: Array(text.utf8))
        }
        #expect(error.description.contains(problem), "\(error)")
        #expect(error.description.hasSuffix("save one with --save-baseline"))
    }

    @Test func `no truncation and no change of a file crashes the reader`() throws {
        let bytes = Array(try Baseline(Self.report()).json.compactText.utf8)
        for length in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: BaselineError.self) { try Baseline(parsing: Array(bytes[..<length])) }
        }
        for replaced in ["1.5", "-1", "null", "\"x\"", "[]"] {
            for name in ["cores", "concurrency", "duration_ns", "rps", "keepalive"] {
                let text = String(decoding: bytes, as: UTF8.self)
                let mark = "\"\(name)\":"
                let start = try #require(text.ranges(of: mark).first).upperBound
                let changed =
                    text[..<start] + replaced + "," + "\"rest_of_\(name)\":" + text[start...]
                if replaced == "[]", name == "rps" { continue }
                #expect(throws: BaselineError.self) { try Baseline(parsing: Array(changed.utf8)) }
            }
        }
    }

    // MARK: One machine

    @Test func `the same again passes`() throws {
        let baseline = try Baseline(Self.report(seed: 1))
        let results = try baseline.compare(Self.report(seed: 2))
        #expect(
            results.map(\.subject) == [
                "reactor.rps", "reactor.p95", "reactor.open_p95", "reactor.cpu_us_per_req",
                "threadpool.rps", "threadpool.p95", "threadpool.open_p95",
                "threadpool.cpu_us_per_req",
            ])
        #expect(results.allSatisfy { $0.verdict == .pass && $0.note == nil && $0.isCompared })
    }

    @Test func `what is surely worse fails`() throws {
        let baseline = try Baseline(Self.report(seed: 1))
        let results = try baseline.compare(
            Self.report(seed: 2) {
                $0["reactor"]?.rate *= 0.8
                $0["reactor"]?.processorTime *= 1.12
            })
        let verdicts = Self.verdicts(results)
        #expect(verdicts["reactor.rps"] == .fail)
        #expect(verdicts["reactor.cpu_us_per_req"] == .fail)
        #expect(verdicts["reactor.p95"] == .pass)
        #expect(verdicts["threadpool.rps"] == .pass)
        let rate = try #require(results.first)
        #expect(try #require(rate.probability) < 0.01)
        #expect(rate.note?.hasPrefix("worse by ") == true)
    }

    @Test func `what is surely but only a little worse passes`() throws {
        let baseline = try Baseline(Self.report(noise: 0.001, seed: 1))
        let results = try baseline.compare(
            Self.report(noise: 0.001, seed: 2) { $0["reactor"]?.rate *= 0.95 })
        #expect(results[0].verdict == .pass)
        #expect(try #require(results[0].probability) < 0.01)
    }

    @Test func `what only seems worse is undecided`() throws {
        let baseline = try Baseline(Self.report(noise: 0))
        var current = try Self.report(noise: 0)
        for (round, count) in [70_000, 70_000, 70_000, 70_000, 130_000, 130_000].enumerated() {
            current.scenarios[0].engines[0].rounds[round].closedLoop.validCount = UInt64(count)
        }
        let result = try #require(try baseline.compare(current).first)
        #expect(result.verdict == .inconclusive)
        #expect(result.note?.hasSuffix("which may be chance") == true)
    }

    @Test func `what is better asks for a new baseline`() throws {
        let baseline = try Baseline(Self.report(seed: 1))
        let results = try baseline.compare(Self.report(seed: 2) { $0["reactor"]?.rate *= 1.5 })
        #expect(results[0].verdict == .pass)
        #expect(results[0].note?.hasPrefix("better by ") == true)
        #expect(results[0].note?.hasSuffix("%: refresh the baseline") == true)
    }

    @Test func `three rounds decide nothing`() throws {
        let baseline = try Baseline(Self.report(seed: 1))
        var current = try Self.report(seed: 2) { $0["reactor"]?.rate *= 0.2 }
        current.scenarios[0].engines[0].rounds.removeLast(3)
        let result = try #require(try baseline.compare(current).first)
        #expect(result.verdict == .inconclusive)
        #expect(result.note == "fewer than 4 rounds")
    }

    @Test func `open-loop latencies at other rates are not compared`() throws {
        let baseline = try Baseline(Self.report(seed: 1))
        let results = try baseline.compare(
            Self.report(seed: 2) { $0["threadpool"]?.rate *= 1.6 })
        let open = results.filter { $0.subject.hasSuffix("open_p95") }
        #expect(
            open.map(\.note)
                == Array(
                    repeating: "another open-loop rate: not compared", count: 2))
        #expect(open.allSatisfy { !$0.isCompared })
    }

    // MARK: Other machines, other loads

    @Test func `another machine compares ratios alone`() throws {
        let baseline = try Baseline(Self.report(seed: 1))
        var current = try Self.report(seed: 2) {
            // Twice as fast a machine, and a reactor that has lost a fifth.
            for engine in ["reactor", "threadpool"] { $0[engine]?.rate *= 2 }
            $0["reactor"]?.rate *= 0.8
        }
        current.environment.machine.processor = "Another"
        let results = try baseline.compare(current)
        let compared = results.filter(\.isCompared)
        #expect(
            compared.map(\.subject) == [
                "reactor.rps / threadpool.rps",
                "reactor.cpu_us_per_req / threadpool.cpu_us_per_req",
            ])
        #expect(compared.map(\.verdict) == [.fail, .pass])
        #expect(results.count == 2 + 8)
        #expect(results.last?.note == "another machine: not compared")
    }

    @Test func `ratios are to the floor where it runs`() throws {
        let engines = ["reactor", "threadpool", "floor"]
        let baseline = try Baseline(Self.report(engines: engines))
        var current = try Self.report(seed: 2, engines: engines)
        current.environment.machine.kernel = "7.0"
        let subjects = try baseline.compare(current).filter(\.isCompared).map(\.subject)
        #expect(
            subjects == [
                "reactor.rps / floor.rps", "reactor.cpu_us_per_req / floor.cpu_us_per_req",
                "threadpool.rps / floor.rps", "threadpool.cpu_us_per_req / floor.cpu_us_per_req",
            ])
    }

    @Test func `another load is refused with what differs`() throws {
        let baseline = try Baseline(Self.report())
        var current = try Self.report()
        current.scenarios[0].scenario.connectionCount = 100
        current.scenarios[0].scenario.duration = 1_000_000_000
        current.environment.engines[0].command = "/two/reactor --port 0 --quiet"
        let error = try #require(throws: BaselineError.self) { try baseline.compare(current) }
        #expect(
            error.description
                == "the baseline was measured differently: busy: concurrency 200 then, 100 now; "
                + "busy: duration 2000.0 ms then, 1000.0 ms now; busy: command of reactor "
                + "'reactor --port 0' then, 'reactor --port 0 --quiet' now; give the same options, "
                + "or save a new one with --save-baseline")
    }

    @Test func `other engines or scenarios are refused`() throws {
        let baseline = try Baseline(Self.report())
        #expect(throws: BaselineError.self) {
            try baseline.compare(Self.report(engines: ["reactor", "floor"]))
        }
        var current = try Self.report()
        current.scenarios[0].scenario.name = "crowd"
        let error = try #require(throws: BaselineError.self) { try baseline.compare(current) }
        #expect(error.description.contains("scenarios busy then, crowd now"))
    }

    @Test func `another folder is the same command`() throws {
        let baseline = try Baseline(Self.report())
        var current = try Self.report(seed: 3)
        current.environment.engines[0].command = "/another/checkout/reactor --port 0"
        #expect(try baseline.compare(current).count == 8)
    }

    // MARK: What may be saved, and what it does to a verdict

    @Test func `a run that proves nothing is not saved`() throws {
        for spoil: (inout GateReport) -> Void in [
            { $0.isInterrupted = true }, { $0.verdict = .invalid },
            { $0.plan.isDebugBuild = true }, { $0.plan.isSelfComparison = true },
            { $0.scenarios[0].engines[1].rounds.removeLast(3) }, { $0.scenarios = [] },
        ] {
            var report = try Self.report()
            spoil(&report)
            #expect(throws: BaselineError.self) { try Baseline(report) }
        }
    }

    @Test func `a worse figure fails the whole run, and a better one does not pass it`() throws {
        func result(_ verdict: Verdict, compared: Bool = true) -> BaselineResult {
            BaselineResult(
                scenario: "busy", subject: "reactor.rps", verdict: verdict, before: 1, now: 1,
                probability: compared ? 0.5 : nil)
        }
        func verdict(_ own: Verdict, _ results: [BaselineResult]) throws -> Verdict {
            var report = try Self.report()
            report.verdict = own
            report.add(baseline: results)
            return report.verdict
        }
        #expect(try verdict(.pass, [result(.pass), result(.fail)]) == .fail)
        #expect(try verdict(.pass, [result(.pass), result(.inconclusive)]) == .inconclusive)
        #expect(
            try verdict(.pass, [result(.pass), result(.inconclusive, compared: false)]) == .pass)
        #expect(try verdict(.pass, [result(.inconclusive, compared: false)]) == .inconclusive)
        #expect(try verdict(.fail, [result(.pass)]) == .fail)
        #expect(try verdict(.inconclusive, [result(.pass)]) == .inconclusive)
        #expect(try verdict(.invalid, [result(.fail)]) == .invalid)
    }

    @Test func `a fail against the baseline says so`() throws {
        var report = try Self.report()
        (report.verdict, report.reason) = (.pass, "1 check passed")
        report.add(
            baseline: [
                BaselineResult(
                    scenario: "busy", subject: "reactor.rps", verdict: .fail, before: 2, now: 1,
                    probability: 0.001)
            ])
        #expect(report.reason == "1 of 1 check failed: busy: reactor.rps against the baseline")
    }
}
