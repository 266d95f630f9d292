internal import Arguments
internal import GateCore
internal import Presentation
internal import Syscalls

/// The files that a run reads and writes.
enum ReportFiles {
    /// A baseline has a few numbers for each round: far less.
    private static let maximumBaselineByteCount = 1 << 26
    /// What GitHub takes for the summary of a step.
    private static let maximumSummaryByteCount = 1 << 20

    /// Makes every file that will be written, so that a wrong path is told before the run.
    static func checkWritable(_ options: GateOptions) throws(UsageError) {
        for (option, path) in files(options) where path != "-" { try write("", option, path) }
        // What it will say is not known yet, and an empty file would be no baseline.
        if let path = options.savedBaseline, !FileAccess.exists(path) {
            try write("", "--save-baseline", path)
        }
    }

    /// Writes every report that was asked for.
    static func write(_ report: GateReport, _ options: GateOptions) throws(UsageError) {
        for (option, path) in files(options) {
            let text = render(option, report, options)
            if path == "-" {
                Output.print(text, to: .output)
            } else {
                try write(text, option, path)
            }
        }
    }

    /// Appends the summary to the page of a GitHub run, when there is one
    /// (https://docs.github.com/actions, "Adding a job summary").
    static func writeStepSummary(_ report: GateReport) {
        guard let path = EnvironmentVariable.value(of: "GITHUB_STEP_SUMMARY"), !path.isEmpty else {
            return
        }
        let before = (try? WholeFile.read(path, maximumByteCount: maximumSummaryByteCount)) ?? []
        let room = max(0, maximumSummaryByteCount - before.count)
        let summary = MarkdownRendering.summary(report, maximumByteCount: room)
        try? WholeFile.write((before + Array(summary.utf8)).span, path)
    }

    // MARK: - Baselines

    /// The baseline that `--baseline` names.
    static func readBaseline(_ path: String) throws(UsageError) -> Baseline {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try WholeFile.read(path, maximumByteCount: maximumBaselineByteCount)
        } catch {
            throw UsageError(
                "--baseline '\(path)': cannot be read: \(error); make one with --save-baseline")
        }
        do throws(BaselineError) { return try Baseline(parsing: bytes) } catch {
            throw UsageError("--baseline '\(path)': \(error)")
        }
    }

    /// Saves a run as `--save-baseline` asks.
    static func save(_ report: GateReport, _ path: String) throws(UsageError) {
        let baseline: Baseline
        do throws(BaselineError) { baseline = try Baseline(report) } catch {
            throw UsageError("--save-baseline '\(path)': \(error)")
        }
        try write(baseline.json.text + "\n", "--save-baseline", path)
    }

    // MARK: - Parts

    private static func files(_ options: GateOptions) -> [(option: String, path: String)] {
        [("--json", options.json), ("--markdown", options.markdown), ("--junit", options.junit)]
            .compactMap { option, path in path.map { (option, $0) } }
    }

    private static func render(
        _ option: String, _ report: GateReport, _ options: GateOptions
    ) -> String {
        switch option {
        case "--json": JSONRendering.value(report).text + "\n"
        case "--markdown": MarkdownRendering.summary(report)
        default:
            JUnitRendering.render(report, inconclusiveFails: options.inconclusive == .fail)
        }
    }

    private static func write(
        _ text: String, _ option: String, _ path: String
    ) throws(UsageError) {
        do throws(Errno) { try WholeFile.write(Array(text.utf8).span, path) } catch {
            throw UsageError("\(option) '\(path)': cannot be written: \(error); check the folder")
        }
    }
}
