// Both modules have `timespec`, and the compiler takes the one that it meets first.
internal import CLinux
internal import Glibc

/// Time that only goes forward, for deadlines and measurements (CLOCK_MONOTONIC). About 20 ns, no
/// system call (vdso(7)).
package enum MonotonicClock {
    /// This moment.
    package static func now() -> Instant { Instant(nanoseconds: nanoseconds(of: CLOCK_MONOTONIC)) }
}

/// The time of day (CLOCK_REALTIME). It can jump; measure nothing with it.
package enum WallClock {
    /// Seconds and nanoseconds since 1970-01-01 00:00:00 UTC.
    package static func now() -> (seconds: Int64, nanoseconds: Int64) {
        let time = read(CLOCK_REALTIME)
        return (Int64(time.tv_sec), Int64(time.tv_nsec))
    }
}

/// Time since the machine has started, sleep included (CLOCK_BOOTTIME).
enum BootClock {
    /// Nanoseconds since then.
    static func now() -> UInt64 { nanoseconds(of: CLOCK_BOOTTIME) }
}

/// The processor time of the calling thread (CLOCK_THREAD_CPUTIME_ID). A system call.
package enum ThreadCPUClock {
    /// Nanoseconds since the thread began.
    package static func now() -> UInt64 { nanoseconds(of: CLOCK_THREAD_CPUTIME_ID) }
}

/// The processor time of all threads of the process (CLOCK_PROCESS_CPUTIME_ID). A system call.
package enum ProcessCPUClock {
    /// Nanoseconds since the process began.
    package static func now() -> UInt64 { nanoseconds(of: CLOCK_PROCESS_CPUTIME_ID) }

    /// The same of another process (clock_getcpuclockid(3)), which must not have ended: ESRCH.
    /// Exact for threads that wait; one that runs at this moment is counted up to the kernel's last
    /// tick.
    package static func now(ofProcess id: Int32) throws(Errno) -> UInt64 {
        var clock = clockid_t()
        // SAFETY: the C library writes one clock's number.
        let code = unsafe clock_getcpuclockid(id, &clock)
        guard code == 0 else { throw Errno(rawValue: code) }
        var time = timespec()
        _ = try SystemCall.other.perform {
            // SAFETY: the kernel writes one timespec.
            unsafe clock_gettime(clock, &time)
        }
        return nanoseconds(in: time)
    }
}

private func nanoseconds(of clock: clockid_t) -> UInt64 {
    nanoseconds(in: read(clock))
}

private func nanoseconds(in time: timespec) -> UInt64 {
    // Neither part is negative, and 2⁶⁴ ns are 584 years.
    return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000
        &+ UInt64(bitPattern: Int64(time.tv_nsec))
}

private func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    // SAFETY: clock_gettime(2) writes one timespec.
    let result = unsafe clock_gettime(clock, &time)
    precondition(result == 0, "a clock that every Linux has")
    return time
}
