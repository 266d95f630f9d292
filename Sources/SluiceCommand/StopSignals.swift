internal import Glibc
internal import Sluice
internal import Syscalls

/// SIGTERM and SIGINT: the first drains, the second ends the process at once. SIGHUP and SIGUSR1,
/// where there are log files: they are opened again, for programs that rotate logs. SIGUSR2 changes
/// the error log's level to debug, and back.
///
/// A thread of its own waits for them, so that the second is heard even while a handler hangs.
enum StopSignals {
    static let stopSignals: [Signal] = [.terminate, .interrupt]
    static let reopenSignals: [Signal] = [.hangUp, .user1]
    /// Those that are always taken.
    static let signals = stopSignals + [.user2]

    /// - Parameter reopen: Opens log files again; `nil`: there are none, and their signals do what
    ///   they usually do.
    /// - Precondition: The signals are blocked in every thread, those for `reopen` if that is there.
    /// - Returns: Whether the thread could be started.
    static func watch(
        _ server: Server, _ errorLog: ErrorLog?, reopen: (@Sendable () -> Void)? = nil
    ) -> Bool {
        let signals = reopen == nil ? signals : signals + reopenSignals
        let thread = try? Thread(name: "signals") {
            let usualLevel = errorLog?.level ?? .notice
            var isDraining = false
            while true {
                let signal = Signals.wait(for: signals)
                if reopenSignals.contains(signal) {
                    reopen?()
                } else if !stopSignals.contains(signal) {
                    errorLog?.toggleDebugging(from: usualLevel)
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
