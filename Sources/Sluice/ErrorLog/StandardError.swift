internal import Syscalls

/// Lines on standard error, each in one `write(2)`, so that those of several threads stay whole.
enum StandardError {
    static func write(line: String) {
        Output.print(line + "\n", to: .error)
    }
}
