internal import Syscalls

/// What a server's process has taken of the machine so far, as proc(5) tells.
struct ProcessReading: Equatable, Sendable {
    /// Why a process could not be read.
    struct Failure: Error, Equatable {
        let description: String
    }

    /// Processor time of its threads. Of a thread that runs at this moment it may be a tick short;
    /// what ended before the reading is not in it, so a server that starts a thread per transfer
    /// looks cheaper than it is.
    var processorNanoseconds: UInt64
    /// Resident memory, in bytes.
    var resident: UInt64
    /// The most that it has ever been.
    var peak: UInt64

    private static let maximumTextByteCount = 1 << 20

    init(processorNanoseconds: UInt64, resident: UInt64, peak: UInt64) {
        self.processorNanoseconds = processorNanoseconds
        self.resident = resident
        self.peak = peak
    }

    /// Reads the process with this number.
    init(of id: Int32) throws(Failure) {
        let tasks = FileAccess.names(inFolder: "/proc/\(id)/task") ?? []
        guard !tasks.isEmpty, let status = Self.text("/proc/\(id)/status") else {
            throw Failure(description: "there is no process \(id)")
        }
        // A thread may end between the listing and the reading.
        processorNanoseconds = tasks.reduce(0) { sum, task in
            sum + (Self.text("/proc/\(id)/task/\(task)/schedstat").flatMap(Self.firstNumber) ?? 0)
        }
        guard let resident = Self.byteCount("VmRSS", inStatus: status),
            let peak = Self.byteCount("VmHWM", inStatus: status)
        else { throw Failure(description: "process \(id) has no memory: it has ended") }
        self.resident = resident
        self.peak = peak
    }

    /// The first of the numbers in a line, such as that of `schedstat`: nanoseconds on a processor.
    static func firstNumber(_ text: String) -> UInt64? {
        text.split(whereSeparator: \.isWhitespace).first.flatMap { UInt64($0) }
    }

    /// A value of `/proc/PID/status` that is given in kB, in bytes: `VmHWM:     4096 kB`.
    static func byteCount(_ name: String, inStatus text: String) -> UInt64? {
        for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count == 3, words[2] == "kB", let count = UInt64(words[1]) else {
                return nil
            }
            return count * 1_024
        }
        return nil
    }

    private static func text(_ path: String) -> String? {
        guard let bytes = try? WholeFile.read(path, maximumByteCount: maximumTextByteCount) else {
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
