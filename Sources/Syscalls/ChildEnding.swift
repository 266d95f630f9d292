internal import CLinux
internal import Glibc

/// How a child process ended.
package struct ChildEnding: Equatable, Sendable {
    /// Why a process is no more.
    package enum Reason: Equatable, Sendable {
        /// It ended by itself, with this code.
        case exited(code: Int32)
        /// A signal ended it.
        case signalled(Signal)
    }

    package let reason: Reason
    package let usage: ResourceUsage

    /// It ended by itself and says that all went well.
    package var isSuccess: Bool { reason == .exited(code: 0) }

    /// Takes apart what wait4(2) wrote. A process that has ended has either been ended by the signal
    /// in the low seven bits, or has exited with the code in the next byte (wait(2), WIFEXITED).
    init(status: Int32, usage: rusage) {
        let signal = status & 0x7F
        reason =
            signal == 0
            ? .exited(code: (status >> 8) & 0xFF) : .signalled(Signal(rawValue: signal))
        self.usage = ResourceUsage(usage)
    }
}

/// What a process and the children that it waited for took of the machine (getrusage(2)).
package struct ResourceUsage: Equatable, Sendable {
    /// Processor time in the program, in nanoseconds.
    package let userNanoseconds: UInt64
    /// Processor time in the kernel on its behalf, in nanoseconds.
    package let systemNanoseconds: UInt64
    /// The most memory that it had at a time, in bytes.
    package let maximumResidentByteCount: UInt64
    /// How often it waited, and gave up its core for that.
    package let voluntarySwitchCount: UInt64
    /// How often its core was taken away.
    package let involuntarySwitchCount: UInt64

    fileprivate init(_ usage: rusage) {
        userNanoseconds = Self.nanoseconds(usage.ru_utime)
        systemNanoseconds = Self.nanoseconds(usage.ru_stime)
        maximumResidentByteCount = UInt64(usage.ru_maxrss) * 1_024
        voluntarySwitchCount = UInt64(usage.ru_nvcsw)
        involuntarySwitchCount = UInt64(usage.ru_nivcsw)
    }

    private static func nanoseconds(_ time: timeval) -> UInt64 {
        UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_usec) * 1_000
    }
}
