internal import Arguments
internal import GateCore
internal import Glibc
internal import Presentation
internal import Syscalls

/// The `gate` executable: options, processes, load, signals, files and exit codes. What a run proves
/// is GateCore's business.
@main
enum GateCommand {
    static let version = "1.0.0"

    static func main() {
        exit(execute(Array(CommandLine.arguments.dropFirst())))
    }

    private static func execute(_ arguments: [String]) -> Int32 {
        // Before any thread exists, so that every thread inherits it and only ours takes them.
        Signals.block(Interruption.stopSignals)
        Signals.ignore(.brokenPipe)
        do throws(UsageError) {
            let options = try GateOptions.parse(arguments)
            if options.showsHelp {
                Output.print(help, to: .output)
                return GateExitCode.pass
            }
            if options.showsVersion {
                Output.print("gate \(version)\n", to: .output)
                return GateExitCode.pass
            }
            return try run(options)
        } catch {
            complain(error.description)
            return GateExitCode.usage
        }
    }

    // MARK: - A run

    private static func run(_ options: GateOptions) throws(UsageError) -> Int32 {
        guard let folder = ExecutableFile.ownFolder() else {
            complain("/proc/self/exe cannot be read, so the programs beside it are not found")
            return GateExitCode.invalid
        }
        var setup = try GateSetup(
            options, folder: folder, seed: UInt64.random(in: 0...999_999_999))
        setup.plan.isDebugBuild = try hasDebugBuild(setup, options)
        var baseline: Baseline?
        if let path = options.baseline {
            baseline = try ReportFiles.readBaseline(path)
            // It is refused before the run rather than after it: without rounds there is nothing
            // to compare yet but the configurations.
            _ = try compare(emptyReport(setup), with: baseline, options)
        }
        try ReportFiles.checkWritable(options)
        let interruption = Interruption()
        guard interruption.watch() else {
            complain("no thread can be started to wait for signals")
            return GateExitCode.invalid
        }
        var report = measure(setup, options, interruption)
        if !report.isInterrupted {
            let results = try compare(report, with: baseline, options)
            if baseline != nil { report.add(baseline: results) }
        }
        let code = GateExitCode.of(
            report.verdict, signal: report.isInterrupted ? interruption.signal : nil,
            inconclusive: options.inconclusive)
        do throws(UsageError) { try present(report, options) } catch {
            // What the run found out is not lost for a file.
            complain(error.description)
            return code == GateExitCode.pass ? GateExitCode.usage : code
        }
        return code
    }

    private static func measure(
        _ setup: GateSetup, _ options: GateOptions, _ interruption: Interruption
    ) -> GateReport {
        let cores = Preflight.cores()
        let environment = Preflight.environment(setup.engines, cores: cores)
        guard let cores else {
            return GateReport(
                verdict: .inconclusive,
                reason: "needs two cores: one for the servers and one for the client, or each "
                    + "takes the other's time",
                plan: setup.plan, environment: environment)
        }
        raiseOpenFiles(setup.plan)
        // The load's thread inherits it, and every thread of ours.
        try? CPUAffinity.pin(toCore: cores.client)
        let display = ProgressDisplay(isQuiet: options.isQuiet, isPlain: options.isPlain)
        var runner = ProcessRunner(
            engines: setup.engines, cores: cores, seed: setup.plan.seed,
            allowsAnyBody: options.allowsAnyBody, interruption: interruption, display: display)
        let report = GateSession.run(
            setup.plan, environment: environment, workerCounts: setup.workerCounts, with: &runner
        ) { display.begin($0) }
        display.clear()
        return report
    }

    /// A descriptor for each connection, and some for what else there is. Servers inherit it, for not
    /// every one raises its own; what is still missing then, the load says.
    private static func raiseOpenFiles(_ plan: GatePlan) {
        let connectionCount = plan.scenarios.map(\.connectionCount).max() ?? 0
        _ = try? ProcessLimits.raiseOpenFiles(to: UInt64(2 * connectionCount + 256))
    }

    private static func hasDebugBuild(
        _ setup: GateSetup, _ options: GateOptions
    ) throws(UsageError) -> Bool {
        let names = (Preflight.isDebugBuild ? ["gate"] : []) + Preflight.debugBuilds(setup.engines)
        guard let name = names.first else { return false }
        guard options.allowsDebugBuild else {
            throw UsageError(
                "\(name) is a debug build, whose speed means nothing; build with "
                    + "swift build -c release, or swift run -c release gate")
        }
        return true
    }

    // MARK: - Baselines

    private static func compare(
        _ report: GateReport, with baseline: Baseline?, _ options: GateOptions
    ) throws(UsageError) -> [BaselineResult] {
        do throws(BaselineError) { return try baseline?.compare(report) ?? [] } catch {
            throw UsageError("--baseline '\(options.baseline ?? "")': \(error)")
        }
    }

    /// What a run would report that measures nothing.
    private static func emptyReport(_ setup: GateSetup) -> GateReport {
        var report = GateReport(
            verdict: .inconclusive, reason: "", plan: setup.plan,
            environment: Preflight.environment(setup.engines, cores: nil))
        report.scenarios = setup.plan.scenarios.map { scenario in
            ScenarioReport(
                scenario: scenario, openRate: nil,
                engines: setup.plan.engines.map { EngineReport(engine: $0, rounds: []) })
        }
        return report
    }

    // MARK: - Output

    private static func present(
        _ report: GateReport, _ options: GateOptions
    ) throws(UsageError) {
        // Standard output belongs to the report for programs when that was sent there.
        let stream: StandardStream = options.usesStandardOutput ? .error : .output
        let style = TerminalStyle.of(stream, isPlain: options.isPlain)
        Output.print(TerminalRendering.render(report, style: style), to: stream)
        if EnvironmentVariable.value(of: "GITHUB_ACTIONS") == "true" {
            Output.print(GitHubRendering.annotations(report), to: stream)
        }
        ReportFiles.writeStepSummary(report)
        try ReportFiles.write(report, options)
        if let path = options.savedBaseline, !report.isInterrupted {
            try ReportFiles.save(report, path)
        }
        if report.verdict == .inconclusive, options.inconclusive == .warn, !report.isInterrupted {
            complain("warning: inconclusive: \(report.reason)")
        }
    }

    private static func complain(_ text: String) { Output.print("gate: \(text)\n", to: .error) }

    private static var help: String {
        """
        Usage: gate [OPTION …]
               gate compare --a PROGRAM --b PROGRAM [OPTION …]

        Compares the reactor of sluice with its thread pool, in paired rounds of the same
        load, and says whether checks hold: pass, fail, inconclusive or invalid. Each
        server runs on one core, the client on another. Takes one to two minutes with
        --profile ci, and two to seven without.

        \(GateOptions.table.help)
        Exit codes: 0 pass, 1 fail, 2 usage or an unusable baseline, 3 inconclusive (see
        --inconclusive), 4 invalid, 130 or 143 interrupted: nothing is judged.

        Try:  gate --scenario busy --profile ci --engine floor

        """
    }
}
