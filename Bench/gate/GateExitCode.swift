internal import GateCore
internal import Syscalls

/// What the process ends with: the words of a script.
enum GateExitCode {
    static let pass: Int32 = 0
    static let fail: Int32 = 1
    static let usage: Int32 = 2
    static let inconclusive: Int32 = 3
    static let invalid: Int32 = 4

    /// The exit code of a run.
    ///
    /// - Parameter signal: The signal that interrupted it, if one did: nothing is judged then.
    static func of(
        _ verdict: Verdict, signal: Signal?, inconclusive rule: GateOptions.Inconclusive
    ) -> Int32 {
        if let signal { return 128 + signal.rawValue }
        return switch (verdict, rule) {
        case (.pass, _): pass
        case (.fail, _): fail
        case (.invalid, _): invalid
        case (.inconclusive, .fail): inconclusive
        case (.inconclusive, .warn), (.inconclusive, .pass): pass
        }
    }
}
