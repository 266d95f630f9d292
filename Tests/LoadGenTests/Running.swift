import Glibc
import Syscalls
import Testing

@testable import LoadGenCore

/// The options of a command line.
func options(_ arguments: [String]) throws -> Options {
    let parser = OptionParser(
        readFile: FileReader { _ throws(FileReader.FileError) in
            throw FileReader.FileError(reason: "not in tests")
        })
    guard case .run(let options) = try parser.parse(arguments) else {
        throw OptionError(option: "arguments", problem: "run nothing", cure: "fix the test")
    }
    return options
}

/// Runs load on this process's threads, at most for the duration that the arguments give.
func load(_ arguments: String..., port: UInt16) throws -> RunResult {
    let options = try options(["http://127.0.0.1:\(port)/", "-t", "1"] + arguments)
    return try LoadRun(options, target: LoadTarget(options)).run()
}

extension RunResult {
    /// The classes that occurred with their counts: `reset 5`, sorted by class.
    var errorCounts: [String] {
        ErrorClass.allCases.filter { total.errors[$0] > 0 }
            .map { "\($0.key) \(total.errors[$0])" }
    }
}

/// A port on which nobody listens: bound, and never listened on, as long as this lives.
struct ClosedPort: ~Copyable {
    let port: UInt16
    private let socket: FileDescriptor

    init() throws {
        let socket = try Socket.stream(family: .ipv4, nonBlocking: true)
        try Socket.bind(socket, to: .loopback(port: 0))
        port = try Socket.localAddress(of: socket)?.port ?? 0
        self.socket = socket
    }
}

let second: UInt64 = 1_000_000_000

/// Takes a file away that a test made.
func unlinkFile(_ path: String) {
    // SAFETY: the path is a 0-terminated copy during the call.
    _ = unsafe unlink(path)
}
