internal import Glibc

/// The process's environment (environ(7)).
package enum EnvironmentVariable {
    /// The value of a variable; nil when it is not set. Not while another thread sets one.
    package static func value(of name: String) -> String? {
        // SAFETY: getenv(3) gives a 0-terminated string that lives until the environment changes,
        // which nothing here does; it is copied at once.
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }
}
