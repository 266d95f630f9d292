internal import Glibc
internal import Syscalls

/// Why nothing could be measured: one line that says what to do about it.
struct MeasuringError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Runs this program under valgrind(1), which executes every instruction of user code itself and
/// so can count them: where there are no hardware counters, and whatever else the machine does.
enum Valgrind {
    /// How long one run may take. They take about a second; this bounds a workload that hangs.
    private static let timeLimit: UInt64 = 120_000_000_000

    /// The tools, and what keeps them from work that nobody asked for.
    private enum Tool {
        /// Counts instructions.
        static let cachegrind = [
            "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", "--vgdb=no",
        ]
        /// Counts allocations.
        static let memcheck = [
            "--tool=memcheck", "--leak-check=no", "--undef-value-errors=no",
            "--expensive-definedness-checks=no", "--read-inline-info=no", "--num-callers=1",
            "--keep-stacktraces=none", "--vgdb=no",
        ]
    }

    static func measure(_ workload: Workload) throws -> Measurement {
        do {
            return try measureByFourRuns(workload)
        } catch let error as Errno where error == .noSuchFile {
            throw MeasuringError(
                "valgrind is not on the PATH; .ci/setup ci installs it (Debian: apt-get install "
                    + "valgrind)")
        }
    }

    /// At once, since counts do not mind company: few and many iterations under each tool.
    private static func measureByFourRuns(_ workload: Workload) throws -> Measurement {
        let (few, many) = (workload.iterationCount, 3 * workload.iterationCount)
        var fewInstructions = try start(workload, few, Tool.cachegrind)
        var manyInstructions = try start(workload, many, Tool.cachegrind)
        var fewAllocations = try start(workload, few, Tool.memcheck)
        var manyAllocations = try start(workload, many, Tool.memcheck)
        return Measurement(
            name: workload.name,
            operationCount: (many - few) * workload.operationsPerIteration,
            instructions: (
                try count(&fewInstructions, workload, ValgrindLog.instructionCount),
                try count(&manyInstructions, workload, ValgrindLog.instructionCount)
            ),
            allocations: (
                try count(&fewAllocations, workload, ValgrindLog.allocationCount),
                try count(&manyAllocations, workload, ValgrindLog.allocationCount)
            ))
    }

    private static func start(
        _ workload: Workload, _ iterationCount: Int, _ tool: [String]
    ) throws(Errno) -> ChildProcess {
        // As seen from the child, which has another `self`.
        let program = "/proc/\(getpid())/exe"
        let order = RunOrder.arguments(workload, iterationCount: iterationCount)
        // What makes ready may use dictionaries, and they should do the same work every time.
        let environment = ["SWIFT_BACKTRACE": "enable=no", "SWIFT_DETERMINISTIC_HASHING": "1"]
        return try ChildProcess(
            "valgrind", tool + [program] + order, environment: environment, output: .discard,
            error: .pipe)
    }

    private static func count(
        _ child: inout ChildProcess, _ workload: Workload, _ find: ([String]) -> UInt64?
    ) throws -> UInt64 {
        let deadline = MonotonicClock.now() + timeLimit
        guard let ending = try child.wait(until: deadline) else {
            throw MeasuringError("\(workload.name): did not end within two minutes; it was killed")
        }
        var lines: [String] = []
        while case .line(let line) = try child.nextLine(of: .error, until: deadline) {
            lines.append(line)
        }
        guard ending.isSuccess, let count = find(lines) else {
            let said = ValgrindLog.linesOfProgram(in: lines).joined(separator: " ")
            throw MeasuringError(
                "\(workload.name): valgrind's run ended with \(ending.reason) and no count: "
                    + (said.isEmpty ? lines.suffix(3).joined(separator: " ") : said))
        }
        return count
    }
}
