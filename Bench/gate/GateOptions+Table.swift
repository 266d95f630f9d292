internal import Arguments
internal import GateCore
internal import LoadGenCore

extension GateOptions {
    static let table = OptionTable<GateOptions>([load, rounds, servers, verdicts, output, builds])

    private static let load = OptionGroup<GateOptions>(
        "Load",
        [
            Option(
                "--scenario", placeholder: "NAME",
                help: "busy: 200 connections that never pause, four requests deep. crowd: 2,000 "
                    + "connections that pause 50 ms between requests. Repeatable. [both]"
            ) { options, text throws(ValueError) in
                guard [Scenario.busy.name, Scenario.crowd.name].contains(String(text)) else {
                    throw ValueError("is no scenario", cure: "give busy or crowd")
                }
                options.scenarioNames.append(String(text))
            },
            Option("--path", placeholder: "PATH", help: "what is asked for. [/]") {
                options, text throws(ValueError) in
                options.path = try validPath(text)
            },
            Option(
                "--concurrency", "-c", placeholder: "N",
                help: "connections. This and the next two, without --scenario, mean busy alone."
            ) { options, text throws(ValueError) in
                options.connectionCount = try Values.integer(text, in: 1...100_000)
            },
            Option(
                "--pipeline-depth", "-p", placeholder: "N",
                help: "requests in flight on a connection, at most 1024."
            ) { options, text throws(ValueError) in
                options.pipelineDepth = try Values.integer(text, in: 1...1_024)
            },
            Option(
                "--think-time", placeholder: "TIME",
                help: "pause of a connection after an answer; 0: none."
            ) { options, text throws(ValueError) in
                options.thinkTime = try Values.duration(text)
            },
            Option("--keepalive", help: "keep connections, as is the default.") {
                $0.keepsAlive = true
            },
            Option("--no-keepalive", help: "a new connection for every request.") {
                $0.keepsAlive = false
            },
        ])

    private static let rounds = OptionGroup<GateOptions>(
        "Rounds (times: 2, 2s, 500ms)",
        [
            Option(
                "--profile", placeholder: "NAME",
                help: "default: 6, 11 or 21 pairs of 2 s. ci: 6 or 11 pairs of 1 s. nightly: 6, 11 "
                    + "or 21 pairs of 5 s. [default]"
            ) { options, text throws(ValueError) in
                guard let profile = Profile.all.first(where: { $0.name == text }) else {
                    throw ValueError("is no profile", cure: "give default, ci or nightly")
                }
                options.profile = profile
            },
            Option(
                "--duration", "-d", placeholder: "TIME",
                help: "the judged closed loop, for each engine, scenario and round."
            ) { options, text throws(ValueError) in
                options.duration = try Values.positiveDuration(text)
            },
            Option(
                "--warm-up", "--warmup", placeholder: "TIME",
                help: "load before it that does not count."
            ) {
                options, text throws(ValueError) in
                options.warmUp = try Values.duration(text)
            },
            Option(
                "--open-duration", placeholder: "TIME",
                help: "load behind it at half of the slowest engine's rate, the same for all; "
                    + "0: none."
            ) { options, text throws(ValueError) in
                options.openDuration = try Values.duration(text)
            },
            Option(
                "--seed", placeholder: "N",
                help: "decides the order of the engines in every pair. [random]"
            ) { options, text throws(ValueError) in
                options.seed = UInt64(try Values.integer(text, in: 0...Int.max))
            },
        ])

    private static let servers = OptionGroup<GateOptions>(
        "Engines",
        [
            Option(
                "--engine", placeholder: "NAME[=COMMAND]",
                help: "one more engine: floor, or any server by the command that starts it. A "
                    + "command for reactor or threadpool replaces ours. It is run without a shell, "
                    + "but may have quotes, and must print 'listening on URL'. Repeatable."
            ) { options, text throws(ValueError) in
                options.engines.append(try engine(text))
            },
            Option(
                "--ready-url", placeholder: "URL",
                help: "where the engine named just before listens, for one that does not print it."
            ) { options, text throws(ValueError) in
                guard let last = options.engines.indices.last,
                    options.engines[last].words != nil
                else {
                    throw ValueError(
                        "follows no engine with a command", cure: "put --engine NAME=COMMAND first")
                }
                do throws(LoadError) { _ = try LoadOptions.target(String(text)) } catch {
                    throw ValueError("is no URL", cure: "write it as http://127.0.0.1:8080/")
                }
                options.engines[last].readyURL = String(text)
            },
            Option("--workers", placeholder: "N", help: "threads of our thread pool. [16]") {
                options, text throws(ValueError) in
                options.workerCount = try Values.integer(text, in: 1...1_024)
            },
            Option(
                "--aa", placeholder: "ENGINE",
                help: "compare an engine with itself, to see what this machine can tell apart; "
                    + "never passes. Alone: the reactor."
            ) { options, text throws(ValueError) in
                options.selfCompared = try engineName(text)
            },
            Option(
                "--any-body", help: "let engines give different answers, each always the same."
            ) { $0.allowsAnyBody = true },
            Option(
                "--allow-debug-build", help: "run a debug build, for tests; never passes."
            ) { $0.allowsDebugBuild = true },
        ])

    private static let verdicts = OptionGroup<GateOptions>(
        "Verdict",
        [
            Option(
                "--check", placeholder: "EXPR",
                help: "one more check: 'crowd: reactor.p99 <= 20ms', or 'reactor.rps >= 1.8 * "
                    + "threadpool.rps' in every scenario. Metrics: rps error_rate p50 p95 p99 max "
                    + "open_p50 open_p95 open_p99 open_max cpu_us_per_req open_cpu_us_per_req "
                    + "rss_mb fairness. Repeatable."
            ) { $0.checks.append(String($1)) },
            Option("--no-default-checks", help: "only the checks of --check.") {
                $0.usesDefaultChecks = false
            },
            Option("--baseline", placeholder: "FILE", help: "also compare with a saved run.") {
                options, text throws(ValueError) in
                options.baseline = try file(text)
            },
            Option("--save-baseline", placeholder: "FILE", help: "save this run.") {
                options, text throws(ValueError) in
                options.savedBaseline = try file(text)
            },
            Option(
                "--inconclusive", placeholder: "fail|warn|pass",
                help: "what it is worth when the measurements allow no verdict: exit code 3, or 0 "
                    + "with or without a word. [fail]"
            ) { options, text throws(ValueError) in
                guard let value = Inconclusive(rawValue: String(text)) else {
                    throw ValueError("is no choice", cure: "give fail, warn or pass")
                }
                options.inconclusive = value
            },
        ])

    private static let output = OptionGroup<GateOptions>(
        "Output (FILE may be - for standard output)",
        [
            Option("--json", placeholder: "FILE", help: "everything, as one JSON object.") {
                options, text throws(ValueError) in
                options.json = try file(text)
            },
            Option("--markdown", placeholder: "FILE", help: "a summary with tables.") {
                options, text throws(ValueError) in
                options.markdown = try file(text)
            },
            Option("--junit", placeholder: "FILE", help: "a test case for each check.") {
                options, text throws(ValueError) in
                options.junit = try file(text)
            },
            Option("--quiet", "-q", help: "no progress, only the report.") { $0.isQuiet = true },
            Option("--no-color", help: "no colours, even on a terminal.") { $0.isPlain = true },
            Option("--version", help: "print the version and exit.") { $0.showsVersion = true },
            Option("--help", "-h", help: "print this and exit.") { $0.showsHelp = true },
        ])

    private static let builds = OptionGroup<GateOptions>(
        "gate compare: two builds of the server",
        [
            Option("--a", placeholder: "PROGRAM", help: "the build before, called a in checks.") {
                options, text throws(ValueError) in
                options.programA = try file(text)
            },
            Option("--b", placeholder: "PROGRAM", help: "the build after, called b in checks.") {
                options, text throws(ValueError) in
                options.programB = try file(text)
            },
            Option(
                "--server-args", placeholder: "TEXT",
                help: "what both are told besides --engine reactor --port 0."
            ) { options, text throws(ValueError) in
                options.serverArguments = try ShellWords.split(text)
            },
        ])

    // MARK: - Values

    private static func file(_ text: Substring) throws(ValueError) -> String {
        guard !text.isEmpty else { throw ValueError("is empty", cure: "give a file's name") }
        return String(text)
    }

    /// A path that means the same to verification and to load, which would fill in placeholders.
    private static func validPath(_ text: Substring) throws(ValueError) -> String {
        guard text.hasPrefix("/") else {
            throw ValueError("is no path", cure: "begin it with /")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !text.contains(where: { "{}#".contains($0) })
        else {
            throw ValueError(
                "holds a character that a path cannot have", cure: "percent-encode it, as in %20")
        }
        return String(text)
    }

    private static func engine(_ text: Substring) throws(ValueError) -> Engine {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = try engineName(parts[0])
        guard parts.count == 2 else {
            guard ["reactor", "threadpool", "floor"].contains(name) else {
                throw ValueError(
                    "is none of ours (reactor, threadpool, floor)",
                    cure: "give the command that starts it: --engine '\(name)=COMMAND'")
            }
            return Engine(name: name)
        }
        let words = try ShellWords.split(parts[1])
        guard let program = words.first, !program.isEmpty else {
            throw ValueError("has an empty command", cure: "give one: --engine '\(name)=COMMAND'")
        }
        return Engine(name: name, words: words)
    }

    private static func engineName(_ text: Substring) throws(ValueError) -> String {
        guard MetricReference.canName(String(text)) else {
            throw ValueError(
                "is no name for an engine",
                cure: "begin with a letter, then letters, digits, '-', '_' and '.'")
        }
        return String(text)
    }
}
