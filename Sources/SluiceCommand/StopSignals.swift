internal import Glibc
internal import Sluice
internal import Syscalls

/// SIGTERM and SIGINT: the first drains, the second ends the process at once. SIGHUP and SIGUSR1,
/// where there is a log file: it is opened again, for programs that rotate logs.
///
/// A thread of its own waits for them, so that the second is heard even while a handler hangs.
enum StopSignals {
    static let stopSignals: [Signal] = [.terminate, .interrupt]
    static let reopenSignals: [Signal] = [.hangUp, .user1]

    /// - Parameter reopen: Opens log files again; `nil`: there are none, and their signals do what
    ///   they usually do.
    /// - Precondition: The signals are blocked in every thread, those for `reopen` if that is there.
    /// - Returns: Whether the thread could be started.
    static func watch(_ server: Server, reopen: (@Sendable () -> Void)? = nil) -> Bool {
        let signals = reopen == nil ? stopSignals : stopSignals + reopenSignals
        let thread = try? Thread(name: "signals") {
            var isDraining = false
            while true {
                let signal = Signals.wait(for: signals)
                if reopenSignals.contains(signal) {
                    reopen?()
                } else if isDraining {
                    _exit(128 + signal.rawValue)
                } else {
                    server.drain()
                    isDraining = true
                }
            }
        }
        return thread != nil
    }
}
