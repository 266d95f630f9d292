/// What valgrind's tools say at the end of a run, in lines that begin with `==PID==`.
enum ValgrindLog {
    /// The instructions that were executed, from cachegrind's `I refs:      7,122,523`.
    static func instructionCount(in lines: [String]) -> UInt64? {
        number(after: ["I", "refs:"], in: lines)
    }

    /// The allocations of a run, from memcheck's `total heap usage: 600 allocs, 549 frees, …`.
    static func allocationCount(in lines: [String]) -> UInt64? {
        number(after: ["total", "heap", "usage:"], in: lines)
    }

    /// The lines that the program itself wrote to the same stream.
    static func linesOfProgram(in lines: [String]) -> [String] {
        lines.filter { !$0.hasPrefix("==") }
    }

    private static func number(after words: [Substring], in lines: [String]) -> UInt64? {
        for line in lines where line.hasPrefix("==") {
            let parts = line.split(separator: " ").dropFirst()
            guard parts.starts(with: words), let number = parts.dropFirst(words.count).first else {
                continue
            }
            return UInt64(number.filter { $0 != "," })
        }
        return nil
    }
}
