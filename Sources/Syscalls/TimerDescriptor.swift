internal import CLinux
internal import Glibc

/// A timer of the monotonic clock that epoll can watch (timerfd_create(2)): readable once its moment
/// has come, until it is set anew.
///
/// A loop whose deadlines rarely move sets this once and waits without a time limit. A wait with a
/// limit makes the kernel start and cancel a timer of its own each time that it blocks.
package struct TimerDescriptor: ~Copyable, Sendable {
    /// What to register with epoll.
    package let descriptor: FileDescriptor

    /// A new timer that is not set.
    package init() throws(Errno) {
        let flags = Int32(TFD_NONBLOCK | TFD_CLOEXEC)
        let rawValue = try SystemCall.other.perform { timerfd_create(CLOCK_MONOTONIC, flags) }
        descriptor = FileDescriptor(owning: rawValue)
    }

    /// Sets it to a moment, in place of an earlier one; a moment in the past is due at once. `nil`
    /// stops it. One system call.
    package func set(to moment: Instant?) throws(Errno) {
        var value = itimerspec()
        if let moment {
            // A value of 0 would stop the timer instead.
            let nanoseconds = max(moment.nanoseconds, 1)
            value.it_value.tv_sec = Int(nanoseconds / 1_000_000_000)
            value.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
        }
        let rawValue = descriptor.rawValue
        _ = try SystemCall.other.perform {
            // SAFETY: the kernel reads one structure.
            unsafe timerfd_settime(rawValue, Int32(TFD_TIMER_ABSTIME), &value, nil)
        }
    }
}
