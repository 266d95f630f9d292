internal import CLinux
internal import Glibc

/// A signal (signal(7)).
package struct Signal: Hashable, Sendable {
    /// The number, as in signal(7).
    package let rawValue: Int32

    /// The signal of that number.
    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// SIGHUP: read the configuration anew.
    package static var hangUp: Signal { Signal(rawValue: SIGHUP) }
    /// SIGINT: the user pressed Ctrl-C.
    package static var interrupt: Signal { Signal(rawValue: SIGINT) }
    /// SIGTERM: somebody asks the process to end.
    package static var terminate: Signal { Signal(rawValue: SIGTERM) }
    /// SIGKILL: the end, at once; no process can catch it.
    package static var kill: Signal { Signal(rawValue: SIGKILL) }
    /// SIGUSR1.
    package static var user1: Signal { Signal(rawValue: SIGUSR1) }
    /// SIGUSR2.
    package static var user2: Signal { Signal(rawValue: SIGUSR2) }
    /// SIGPIPE: somebody wrote to a pipe or socket that nobody reads.
    package static var brokenPipe: Signal { Signal(rawValue: SIGPIPE) }
}

/// Signals as a thread waits for them. There are no handlers: what a handler may safely do is next
/// to nothing (signal-safety(7)), so a program blocks the signals that it wants before it starts
/// its threads, and one thread waits for them.
package enum Signals {
    /// Keeps these signals from the calling thread, and from the threads that it starts from now
    /// on, until they are waited for.
    package static func block(_ signals: [Signal]) {
        changeMask(SIG_BLOCK, signals)
    }

    /// Lets these signals reach the calling thread again.
    package static func unblock(_ signals: [Signal]) {
        changeMask(SIG_UNBLOCK, signals)
    }

    /// Waits until one of these signals, which must all be blocked, comes, and takes it
    /// (sigwait(3)).
    package static func wait(for signals: [Signal]) -> Signal {
        var set = signalSet(signals)
        var received: Int32 = 0
        // SAFETY: sigwait(3) reads one set and writes one number.
        let result = unsafe sigwait(&set, &received)
        precondition(result == 0, "sigwait fails only for a signal that does not exist")
        return Signal(rawValue: received)
    }

    /// Throws this signal away whenever it comes to the process. A program that writes to pipes
    /// ignores SIGPIPE and looks at the error instead.
    package static func ignore(_ signal: Signal) {
        setDisposition(of: signal, to: SIG_IGN)
    }

    /// Does to the process what the signal does when nobody cares, usually ends it: a program that
    /// has tidied up after SIGTERM ends so, and its parent sees the true reason.
    package static func raiseDefault(_ signal: Signal) {
        setDisposition(of: signal, to: SIG_DFL)
        unblock([signal])
        Glibc.raise(signal.rawValue)
    }

    /// Sends a signal to the calling thread (raise(3)).
    package static func raise(_ signal: Signal) {
        let result = Glibc.raise(signal.rawValue)
        precondition(result == 0, "no such signal")
    }

    /// Keeps SIGPIPE from the calling thread, whose calls then only fail with EPIPE.
    ///
    /// - Returns: Whether it was not blocked before: `unblockBrokenPipe` then gives back what was.
    package static func blockBrokenPipe() -> Bool {
        var (added, before) = (signalSet([.brokenPipe]), sigset_t())
        // SAFETY: pthread_sigmask(3) reads one set and writes the other.
        let result = unsafe pthread_sigmask(SIG_BLOCK, &added, &before)
        precondition(result == 0, "pthread_sigmask fails only for an unknown operation")
        return unsafe sigismember(&before, SIGPIPE) == 0
    }

    /// Lets SIGPIPE reach the calling thread again, but not one that has come meanwhile: it was
    /// about a call that has failed already.
    package static func unblockBrokenPipe() {
        var (set, noTime) = (signalSet([.brokenPipe]), timespec())
        // SAFETY: sigtimedwait(2) reads a set and a time, and pthread_sigmask(3) the set.
        _ = unsafe sigtimedwait(&set, nil, &noTime)
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    private static func setDisposition(of signal: Signal, to handler: sighandler_t?) {
        let previous = Glibc.signal(signal.rawValue, handler)
        // SIG_ERR is the address -1.
        let address = unsafe unsafeBitCast(previous, to: Int.self)
        precondition(address != -1, "no such signal, or one that cannot be changed")
    }

    private static func changeMask(_ how: Int32, _ signals: [Signal]) {
        var set = signalSet(signals)
        // SAFETY: pthread_sigmask(3) reads one set.
        let result = unsafe pthread_sigmask(how, &set, nil)
        precondition(result == 0, "pthread_sigmask fails only for an unknown operation")
    }

    private static func signalSet(_ signals: [Signal]) -> sigset_t {
        var set = sigset_t()
        // SAFETY: these write one set.
        unsafe sigemptyset(&set)
        for signal in signals {
            let result = unsafe sigaddset(&set, signal.rawValue)
            precondition(result == 0, "no such signal")
        }
        return set
    }
}
