internal import Glibc
internal import Sluice
internal import Syscalls

/// SIGTERM and SIGINT: the first drains, the second ends the process at once.
///
/// A thread of its own waits for them, so that the second is heard even while a handler hangs.
enum StopSignals {
    static let stopSignals: [Signal] = [.terminate, .interrupt]

    /// - Precondition: The two signals are blocked in every thread.
    /// - Returns: Whether the thread could be started.
    static func watch(_ server: Server) -> Bool {
        let thread = try? Thread(name: "signals") {
            _ = Signals.wait(for: stopSignals)
            server.drain()
            let second = Signals.wait(for: stopSignals)
            _exit(128 + second.rawValue)
        }
        return thread != nil
    }
}
