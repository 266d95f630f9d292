internal import CLinux
internal import Glibc

/// What this process has taken of the machine so far (getrusage(2), proc(5)). Reading it costs some
/// tens of microseconds, whatever it has open.
package struct ProcessStatistics: Sendable {
    /// Processor time of all threads, in nanoseconds: their own, and the kernel's for them.
    package let userNanoseconds: UInt64
    package let systemNanoseconds: UInt64
    /// Bytes that are in memory, and bytes that have addresses.
    package let residentByteCount: UInt64
    package let virtualByteCount: UInt64
    package let threadCount: Int
    /// `nil` where the kernel does not say it at once, before Linux 6.2: `countOpenFiles` does.
    package let openFileCount: Int?
    /// How many descriptors may be open.
    package let maxOpenFileCount: UInt64

    /// Reads all of it.
    package static func now() throws(Errno) -> ProcessStatistics {
        let usage = try resourceUsage()
        let status = try ProcessStatusLine.own()
        return ProcessStatistics(
            userNanoseconds: nanoseconds(in: usage.ru_utime),
            systemNanoseconds: nanoseconds(in: usage.ru_stime),
            residentByteCount: status.residentPageCount * UInt64(sysconf(Int32(_SC_PAGESIZE))),
            virtualByteCount: status.virtualByteCount, threadCount: status.threadCount,
            openFileCount: try openFileCountOfFolder(),
            maxOpenFileCount: try ProcessLimits.openFiles().soft)
    }

    /// Counts the open descriptors one by one: about a microsecond each.
    package static func countOpenFiles() -> Int {
        // The listing's own is among them.
        max(0, (FileAccess.names(inFolder: openFileFolder)?.count ?? 1) - 1)
    }

    /// When the process began, in seconds since 1970; `nil` where proc(5) is not mounted. It is
    /// counted in hundredths from the start of the machine, so it is as exact as that.
    package static let startSeconds: Double? = {
        do throws(Errno) {
            let status = try ProcessStatusLine.own()
            let wall = WallClock.now()
            let sinceBoot = Double(BootClock.now()) / 1e9
            let start = Double(status.startTicks) / Double(sysconf(Int32(_SC_CLK_TCK)))
            return Double(wall.seconds) + Double(wall.nanoseconds) / 1e9 - sinceBoot + start
        } catch {
            return nil
        }
    }()

    private static let openFileFolder = "/proc/self/fd"

    /// Since Linux 6.2 the size of the folder is how many descriptors there are (proc_pid_fd(5)).
    private static func openFileCountOfFolder() throws(Errno) -> Int? {
        var status = stat()
        _ = try SystemCall.other.perform {
            // SAFETY: stat(2) reads a 0-terminated copy of the path and writes one structure.
            unsafe stat(openFileFolder, &status)
        }
        return status.st_size > 0 ? Int(status.st_size) : nil
    }

    private static func resourceUsage() throws(Errno) -> rusage {
        var usage = rusage()
        _ = try SystemCall.other.perform {
            // SAFETY: getrusage(2) writes one structure.
            unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        }
        return usage
    }

    private static func nanoseconds(in time: timeval) -> UInt64 {
        // Neither part is negative, and 2⁶⁴ ns are 584 years.
        UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_usec) &* 1_000
    }
}

/// What we need of the line that proc_pid_stat(5) describes.
struct ProcessStatusLine: Equatable {
    let threadCount: Int
    /// Since the machine has started, in hundredths of a second.
    let startTicks: UInt64
    let virtualByteCount: UInt64
    let residentPageCount: UInt64

    /// More than the line ever is: 52 numbers and a name of 15 bytes.
    private static let maximumByteCount = 4_096

    /// That of this process.
    static func own() throws(Errno) -> ProcessStatusLine {
        let bytes = try WholeFile.read("/proc/self/stat", maximumByteCount: maximumByteCount)
        guard let line = ProcessStatusLine(bytes) else { throw Errno(rawValue: EPROTO) }
        return line
    }

    /// `nil`: these bytes are no such line.
    init?(_ bytes: [UInt8]) {
        // The name stands in parentheses and may hold blanks and parentheses of its own.
        guard let name = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let words = bytes[(name + 1)...].split { $0 == UInt8(ascii: " ") || $0 == 0x0A }
        func number(_ field: Int) -> UInt64? {
            // Fields count from 1, and the first behind the name is the third.
            guard words.count > field - 3 else { return nil }
            return UInt64(String(decoding: words[field - 3], as: UTF8.self))
        }
        guard let threads = number(20), let start = number(22), let size = number(23),
            let resident = number(24)
        else { return nil }
        threadCount = Int(clamping: threads)
        startTicks = start
        virtualByteCount = size
        residentPageCount = resident
    }
}
