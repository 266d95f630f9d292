// LoadGenCore knows how to load any HTTP/1.1 server and how to tell honestly what came of it:
// options, schedules, recorders, results and reports. It must not know the server of this package
// beyond what both share (system calls, containers, the HTTP/1 codec), and its reports are pure
// functions of a result.

/// Constants of the program as a whole.
package enum LoadGen {
    /// The version that `--version` prints and every JSON report carries.
    package static let version = "1.0.0"
}
