internal import Glibc
internal import LoadGenCore
internal import Presentation
internal import Syscalls

/// The `loadgen` executable: arguments, signals, the live display, files and exit codes. What a run
/// is and what came of it is LoadGenCore's business.
@main
enum LoadGenCommand {
    static func main() {
        exit(execute(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    private static func execute(_ arguments: [String]) -> ExitCode {
        let invocation: Invocation
        do {
            invocation = try OptionParser(readFile: ReportFiles.reader).parse(arguments)
        } catch {
            complain(error.description)
            return .usage
        }
        switch invocation {
        case .help:
            Output.print(HelpText.text, to: .output)
            return .done
        case .version:
            Output.print("loadgen \(LoadGen.version)\n", to: .output)
            return .done
        case .merge(let files, let limits, let output):
            return merge(files, limits, output)
        case .run(let options):
            return run(options)
        }
    }

    private static func run(_ options: Options) -> ExitCode {
        // Before any thread exists, so that every thread inherits it and only ours takes them.
        Signals.block(StopSignals.stopSignals)
        Signals.ignore(.brokenPipe)
        do {
            try ReportFiles.checkWritable(options.output)
            let run = try LoadRun(options, target: LoadTarget(options))
            guard StopSignals.watch(run) else {
                complain("no thread can be started to wait for signals")
                return .couldNotRun
            }
            var display = ProgressDisplay(options)
            let result = try run.run(showingEvery: display.interval) { display.show($0) }
            display.clear()
            return report(result, limits: options.limits, output: options.output)
        } catch {
            complain(error.description)
            return error.isUsage ? .usage : .couldNotRun
        }
    }

    private static func merge(
        _ paths: [String], _ limits: ResultLimits, _ output: OutputOptions
    ) -> ExitCode {
        do {
            try ReportFiles.checkWritable(output)
            var files: [(name: String, bytes: [UInt8])] = []
            for path in paths { files.append((path, try ReportFiles.read(path))) }
            return report(try ResultMerge.merge(files), limits: limits, output: output)
        } catch let error as ResultReadingError {
            complain(error.description)
        } catch let error as LoadError {
            complain(error.description)
        } catch {
            preconditionFailure("\(error)")
        }
        return .usage
    }

    /// Prints and writes what was asked for. The exit code is the run's, unless a file failed.
    private static func report(
        _ result: RunResult, limits: ResultLimits, output: OutputOptions
    ) -> ExitCode {
        if !output.isQuiet {
            let style = TerminalStyle.of(.output, isPlain: output.isPlain)
            let text = TerminalReport.render(result, limits: limits, style: style)
            // Standard output belongs to the machine-readable form when that was sent there.
            Output.print(text, to: output.usesStandardOutput ? .error : .output)
        }
        do {
            try ReportFiles.write(result, limits: limits, output)
        } catch {
            complain(error.description)
            return .couldNotRun
        }
        return ExitCode(result, limits: limits)
    }

    private static func complain(_ text: String) { Output.print("loadgen: \(text)\n", to: .error) }
}
