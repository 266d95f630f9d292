internal import Glibc
internal import Sluice
internal import Syscalls

/// SIGTERM and SIGINT: the first drains, the second ends the process at once. SIGUSR2 changes the
/// error log's level to debug, and back.
///
/// A thread of its own waits for them, so that the second is heard even while a handler hangs.
enum StopSignals {
    static let stopSignals: [Signal] = [.terminate, .interrupt]
    static let signals = stopSignals + [.user2]

    /// - Precondition: The signals are blocked in every thread.
    /// - Returns: Whether the thread could be started.
    static func watch(_ server: Server, _ errorLog: ErrorLog?) -> Bool {
        let thread = try? Thread(name: "signals") {
            let usualLevel = errorLog?.level ?? .notice
            _ = waitForStop(errorLog, usualLevel)
            server.drain()
            let second = waitForStop(errorLog, usualLevel)
            _exit(128 + second.rawValue)
        }
        return thread != nil
    }

    /// Waits for a signal to stop, and does what the others ask for.
    private static func waitForStop(_ errorLog: ErrorLog?, _ usualLevel: LogLevel) -> Signal {
        while true {
            let signal = Signals.wait(for: signals)
            if stopSignals.contains(signal) { return signal }
            errorLog?.toggleDebugging(from: usualLevel)
        }
    }
}
