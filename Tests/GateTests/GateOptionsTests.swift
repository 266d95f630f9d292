import Arguments
import GateCore
import Testing

@testable import gate

@Suite struct GateOptionsTests {
    @Test func `nothing said means both scenarios with the times of the default profile`() throws {
        let options = try GateOptions.parse([])
        #expect(options.scenarios == [.busy, .crowd])
        #expect(options.inconclusive == .fail && options.workerCount == 16)
    }

    @Test(arguments: [
        (["--concurrency", "50"], ["busy"]), (["-p", "2"], ["busy"]),
        (["--think-time", "1ms"], ["busy"]), (["--scenario", "crowd", "-c", "50"], ["crowd"]),
        (["--scenario", "crowd", "--scenario", "busy"], ["busy", "crowd"]),
        (["--duration", "1"], ["busy", "crowd"]),
    ])
    func `a shape without a scenario means busy alone`(
        arguments: [String], names: [String]
    ) throws {
        #expect(try GateOptions.parse(arguments).scenarios.map(\.name) == names)
    }

    @Test func `the command line of the Python project is understood`() throws {
        let options = try GateOptions.parse([
            "--scenario", "busy", "--path", "/health", "--concurrency", "20", "--duration", "10",
            "--keepalive", "--pipeline-depth", "4",
        ])
        let scenario = try #require(options.scenarios.first)
        #expect(scenario.path == "/health" && scenario.connectionCount == 20)
        #expect(scenario.duration == 10_000_000_000 && scenario.pipelineDepth == 4)
        #expect(scenario.keepsAlive && scenario.thinkTime == 0)
    }

    @Test func `a profile sets times and looks, and an option comes before it`() throws {
        let options = try GateOptions.parse(["--warm-up", "0", "--profile", "ci"])
        let scenario = try #require(options.scenarios.first)
        #expect(scenario.duration == 1_000_000_000 && scenario.openDuration == 500_000_000)
        #expect(scenario.warmUp == 0)
        #expect(options.profile.looks.map(\.pairCount) == [6, 11])
        #expect(Profile.standard.looks.map(\.alpha) == [0.016, 0.016, 0.018])
    }

    @Test func `without keep-alive there is one request at a time`() throws {
        let options = try GateOptions.parse(["--no-keepalive"])
        #expect(options.scenarios.allSatisfy { !$0.keepsAlive && $0.pipelineDepth == 1 })
    }

    @Test(arguments: [
        (["--aa"], "reactor"), (["--aa", "--quiet"], "reactor"), (["--aa", "floor"], "floor"),
        (["--aa=threadpool"], "threadpool"),
    ])
    func `an engine is compared with itself, the reactor unless another is named`(
        arguments: [String], name: String
    ) throws {
        #expect(try GateOptions.parse(arguments).selfCompared == name)
    }

    @Test func `a ready URL belongs to the engine before it`() throws {
        let options = try GateOptions.parse([
            "--engine", "floor", "--engine", "nginx=nginx -g \"daemon off;\"",
            "--ready-url", "http://127.0.0.1:81/x",
        ])
        #expect(
            options.engines == [
                .init(name: "floor"),
                .init(
                    name: "nginx", words: ["nginx", "-g", "daemon off;"],
                    readyURL: "http://127.0.0.1:81/x"),
            ])
    }

    static let errors: [(arguments: [String], parts: [String])] = [
        (["--scenario", "quiet"], ["--scenario: 'quiet'", "busy or crowd"]),
        (["--profile", "fast"], ["--profile: 'fast'", "nightly"]),
        (["--path", "x"], ["--path: 'x'", "begin it with /"]),
        (["--path", "/{seq}"], ["--path: '/{seq}'", "percent-encode"]),
        (["--duration", "0"], ["--duration: '0'", "above zero"]),
        (["--concurrency", "0"], ["--concurrency: '0'", "1 to 100000"]),
        (["--workers", "x"], ["--workers: 'x'"]),
        (["--engine", "nginx"], ["--engine: 'nginx'", "nginx=COMMAND"]),
        (["--engine", "nginx="], ["--engine: 'nginx='", "empty command"]),
        (["--engine", "a b=c"], ["--engine: 'a b=c'", "letter"]),
        (["--engine", "a='b"], ["--engine: 'a='b'", "quote"]),
        (["--ready-url", "http://a/"], ["--ready-url", "--engine NAME=COMMAND first"]),
        (["--engine", "a=b", "--ready-url", "ftp://a/"], ["--ready-url: 'ftp://a/'"]),
        (["--engine", "floor", "--ready-url", "http://a/"], ["--ready-url"]),
        (["--inconclusive", "maybe"], ["--inconclusive: 'maybe'", "fail, warn or pass"]),
        (["--json", "-", "--junit", "-"], ["only one"]),
        (["--no-keepalive", "--pipeline-depth", "4"], ["--pipeline-depth 4", "--no-keepalive"]),
        (["compare", "--a", "x"], ["--b PROGRAM"]),
        (["compare", "--a", "x", "--b", "y", "--aa"], ["--aa"]),
        (["--a", "x"], ["--a", "compare"]),
        (["--server-args", "x"], ["--server-args", "compare"]),
        (["run"], ["'run'", "compare"]), (["--chek", "x"], ["--chek", "--check"]),
    ]

    @Test(arguments: errors)
    func `an error names option, value and cure`(arguments: [String], parts: [String]) {
        let error = #expect(throws: UsageError.self) { try GateOptions.parse(arguments) }
        for part in parts { #expect(error?.description.contains(part) == true, "\(error!)") }
    }

    @Test func `help fits into 80 columns`() {
        let lines = GateOptions.table.help.split(separator: "\n")
        #expect(lines.count > 60 && lines.allSatisfy { $0.count <= 80 })
    }
}
