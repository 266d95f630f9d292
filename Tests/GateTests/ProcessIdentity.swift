import Glibc

/// Processes by their numbers.
enum ProcessIdentity {
    static var own: Int32 { getpid() }
}
