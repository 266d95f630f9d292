// micro: how many instructions and allocations one operation of layers 1 to 3 costs.
//
// Knows: the package's own interfaces, as its tests use them, and valgrind, which counts. Must not
// know: time. A count comes out the same on every run and on every busy machine, so it can be held
// against a committed threshold where a time could not (docs/BENCHMARKING.md).

internal import Arguments
internal import Glibc
internal import Presentation
internal import Syscalls

@main
enum Micro {
    /// What the process ends with.
    enum ExitCode {
        static let success: Int32 = 0
        /// A count is above its threshold, or has none.
        static let broken: Int32 = 1
        /// Nothing could be measured.
        static let usage: Int32 = 2
    }

    static func main() {
        Signals.ignore(.brokenPipe)
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            if let order = try RunOrder(arguments) {
                try order.run()
            } else {
                exit(try run(arguments))
            }
        } catch {
            Output.print("micro: \(error)\n", to: .error)
            exit(ExitCode.usage)
        }
    }

    private static func run(_ arguments: [String]) throws -> Int32 {
        var options = MicroOptions()
        if let operand = try MicroOptions.table.parse(arguments, into: &options).first {
            throw UsageError("'\(operand)': takes no operands; --only \(operand) selects workloads")
        }
        if options.showsHelp {
            Output.print(MicroOptions.help, to: .output)
            return ExitCode.success
        }
        let workloads = try options.selectedWorkloads()
        if options.listsWorkloads {
            for workload in workloads { Output.print(workload.listing + "\n", to: .output) }
            return ExitCode.success
        }
        try refuseDebugBuild()
        return try measure(workloads, options)
    }

    private static func measure(_ workloads: [Workload], _ options: MicroOptions) throws -> Int32 {
        let file = ThresholdFile(path: options.thresholdPath)
        let thresholds = try file.read(mayBeMissing: options.updates)
        if let warning = thresholds.warning(for: .current) {
            Output.print("micro: warning: \(warning)\n", to: .error)
        }
        let measurements = try measure(workloads)
        if let path = options.jsonPath {
            let text = JSONReport.text(measurements, thresholds, build: .current)
            try ThresholdFile(path: path).write(text)
        }
        let report = TableReport(
            comparisons: measurements.map { Comparison($0, thresholds[$0.name]) },
            style: .of(.output, isPlain: false))
        guard options.updates else {
            Output.print(report.text, to: .output)
            return report.isBroken ? ExitCode.broken : ExitCode.success
        }
        let updated = thresholds.updated(
            with: measurements, knownNames: Workload.all.map(\.name), build: .current)
        try file.write(updated.text)
        Output.print(report.table + "\n" + updated.changes(since: thresholds), to: .output)
        return ExitCode.success
    }

    /// One after the other, with a word about each.
    private static func measure(_ workloads: [Workload]) throws -> [Measurement] {
        var progress = Progress(workloadCount: workloads.count)
        defer { progress.clear() }
        var measurements: [Measurement] = []
        for workload in workloads {
            progress.begin(workload.name)
            let measurement = try Valgrind.measure(workload)
            progress.finish(measurement)
            measurements.append(measurement)
        }
        return measurements
    }

    private static func refuseDebugBuild() throws(UsageError) {
        #if DEBUG
            throw UsageError(
                "this is a debug build, whose counts mean nothing; swift run -c release micro")
        #endif
    }
}

/// The hidden form in which the program runs itself under valgrind:
/// `--run WORKLOAD --iterations N`.
struct RunOrder {
    let workload: Workload
    let iterationCount: Int

    /// nil when the arguments are somebody else's.
    init?(_ arguments: [String]) throws(UsageError) {
        guard arguments.first == "--run" else { return nil }
        guard arguments.count == 4, arguments[2] == "--iterations",
            let count = Int(arguments[3]), count >= 0
        else { throw UsageError("--run: give --run WORKLOAD --iterations N") }
        guard let workload = Workload.all.first(where: { $0.name == arguments[1] }) else {
            throw UsageError("--run: '\(arguments[1])' is no workload; --list shows them")
        }
        self.workload = workload
        iterationCount = count
    }

    /// The arguments that this comes from.
    static func arguments(_ workload: Workload, iterationCount: Int) -> [String] {
        ["--run", workload.name, "--iterations", "\(iterationCount)"]
    }

    func run() throws {
        try workload.body(iterationCount)
    }
}
