internal import Glibc
internal import LoadGenCore
internal import Syscalls

/// SIGINT and SIGTERM: the first ends the run with the report of what there is, the second ends the
/// process at once.
enum StopSignals {
    static let stopSignals: [Signal] = [.interrupt, .terminate]

    /// - Precondition: The two signals are blocked in every thread.
    /// - Returns: Whether the thread that waits for them could be started.
    static func watch(_ run: LoadRun) -> Bool {
        let thread = try? Thread(name: "signals") {
            _ = Signals.wait(for: stopSignals)
            run.interrupt()
            let second = Signals.wait(for: stopSignals)
            _exit(128 + second.rawValue)
        }
        return thread != nil
    }
}
