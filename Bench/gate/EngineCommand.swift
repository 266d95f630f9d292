internal import Arguments
internal import LoadGenCore
internal import Presentation

/// How an engine is started, and what is expected of it.
struct EngineCommand: Sendable, Equatable {
    /// Whose program it is, which decides what it owes.
    enum Kind: Sendable, Equatable {
        /// Ours: `/` says `Hello, World!`, and SIGTERM drains it, to end with 0.
        case sluice
        /// The raw-epoll limit: the same answer, to whatever is asked, and it never closes.
        case floor
        /// Anybody's: it has to answer the same thing every time.
        case foreign
    }

    /// How it is known that it accepts connections.
    enum Readiness: Sendable, Equatable {
        /// It prints `listening on URL`.
        case line
        /// It answers there.
        case url(TargetURL)
    }

    var name: String
    var kind: Kind
    /// The program and its arguments.
    var words: [String]
    var readiness = Readiness.line
    /// Threads that serve, where it is known.
    var workerCount: Int?

    /// The line that starts it.
    var commandLine: String { ShellWords.join(words) }
}

extension EngineCommand {
    /// What the pool's queue holds at least, and connections that the server allows anyhow.
    private static let (standardQueue, standardConnections) = (1_024, 10_000)

    /// An engine of `sluice`.
    ///
    /// - Parameters:
    ///   - program: The path of the executable.
    ///   - engine: The value of `--engine`.
    ///   - connectionCount: The most connections that any scenario opens.
    static func sluice(
        _ name: String, program: String, engine: String, workerCount: Int = 1,
        connectionCount: Int, arguments: [String] = []
    ) -> EngineCommand {
        var words = [program, "--engine", engine, "--port", "0"]
        // Twice as many, since connections of the phase before may not have been let go of yet.
        if 2 * connectionCount > standardConnections {
            words += ["--max-connections", String(2 * connectionCount)]
        }
        if engine == "threadpool" {
            words += ["--workers", String(workerCount)]
            words += ["--queue-size", String(max(standardQueue, 2 * connectionCount))]
        }
        return EngineCommand(
            name: name, kind: .sluice, words: words + arguments, workerCount: workerCount)
    }

    /// The floor.
    static func floor(program: String) -> EngineCommand {
        EngineCommand(
            name: "floor", kind: .floor, words: [program, "--port", "0"], workerCount: 1)
    }
}
