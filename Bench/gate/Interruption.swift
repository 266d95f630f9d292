internal import Glibc
internal import LoadGenCore
internal import Synchronization
internal import Syscalls

/// SIGINT and SIGTERM. The first ends the load that runs, and the server under test drains; the
/// second kills that server; the third ends the process, whatever it waits for.
///
/// The server is ended by the thread that owns it, which looks here between short waits. So its
/// number cannot have passed to another process when a signal is sent to it.
final class Interruption: Sendable {
    static let stopSignals: [Signal] = [.interrupt, .terminate]
    /// The longest that a wait may go on without a look here, in nanoseconds.
    static let reactionTime: UInt64 = 50_000_000

    private struct State {
        var signalCount = 0
        var first: Signal?
        var run: LoadRun?
    }

    private let state = Mutex(State())

    /// The signal that ended the run; nil while there was none.
    var signal: Signal? { state.withLock { $0.first } }
    /// Whether a signal has come.
    var isInterrupted: Bool { signal != nil }
    /// Whether a second one has come, so that nobody wants to wait for a drain.
    var isUrgent: Bool { state.withLock { $0.signalCount > 1 } }

    /// Takes note of a signal, and ends the load that runs.
    func received(_ signal: Signal) {
        let run = state.withLock { state in
            state.signalCount += 1
            state.first = state.first ?? signal
            return state.run
        }
        run?.interrupt()
    }

    /// Runs `body`, during which a signal ends `run`.
    func during<Result, Failure: Error>(
        _ run: LoadRun, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let isLate = state.withLock { state in
            state.run = run
            return state.first != nil
        }
        defer { state.withLock { $0.run = nil } }
        if isLate { run.interrupt() }
        return try body()
    }

    /// Starts the thread that waits for the signals.
    ///
    /// - Precondition: The two signals are blocked in every thread.
    /// - Returns: Whether it could be started.
    func watch() -> Bool {
        let thread = try? Thread(name: "signals") { [self] in
            for _ in 0..<2 { received(Signals.wait(for: Self.stopSignals)) }
            let third = Signals.wait(for: Self.stopSignals)
            _exit(128 + third.rawValue)
        }
        return thread != nil
    }
}
