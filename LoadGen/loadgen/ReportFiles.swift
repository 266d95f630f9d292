internal import LoadGenCore
internal import Syscalls

/// The files that a run reads and writes.
enum ReportFiles {
    /// The longest file that is read: bodies and results, not more.
    private static let maximumByteCount = 1 << 30

    /// How options read the files that they name.
    static let reader = FileReader { path throws(FileReader.FileError) in
        do throws(Errno) {
            return try WholeFile.read(path, maximumByteCount: maximumByteCount)
        } catch {
            throw FileReader.FileError(reason: error.description)
        }
    }

    static func read(_ path: String) throws(LoadError) -> [UInt8] {
        do throws(Errno) {
            return try WholeFile.read(path, maximumByteCount: maximumByteCount)
        } catch {
            throw LoadError("merge '\(path)': cannot be read: \(error)", isUsage: true)
        }
    }

    /// Makes every file that will be written, so that a wrong path is told before the run.
    static func checkWritable(_ output: OutputOptions) throws(LoadError) {
        for (option, path) in output.files where path != "-" {
            try write([], option, path)
        }
    }

    /// Writes every result that was asked for.
    static func write(
        _ result: RunResult, limits: ResultLimits, _ output: OutputOptions
    ) throws(LoadError) {
        for (option, path) in output.files {
            let text = output.render(option, result, limits: limits)
            if path == "-" {
                Output.print(text, to: .output)
            } else {
                try write(Array(text.utf8), option, path)
            }
        }
    }

    private static func write(
        _ bytes: [UInt8], _ option: String, _ path: String
    ) throws(LoadError) {
        do throws(Errno) {
            try WholeFile.write(bytes.span, path)
        } catch {
            throw LoadError(
                "\(option) '\(path)': cannot be written: \(error); check the directory",
                isUsage: true)
        }
    }
}
