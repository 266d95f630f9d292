import Glibc

/// Processes by their numbers.
enum ProcessIdentity {
    static var own: Int32 { getpid() }

    /// Ends a process that a test has started.
    static func kill(_ id: Int32) { _ = Glibc.kill(id, SIGKILL) }
}
