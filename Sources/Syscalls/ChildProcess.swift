internal import Glibc

/// A program that this one starts, watches and ends.
///
/// It begins with no signal blocked or ignored, whatever the caller's threads do about theirs, with
/// standard input at its end, and on the cores that the starting thread may use
/// (sched_setaffinity(2)). Who lets go of it before its end kills it: nothing that a program starts
/// outlives it by accident. Only a parent that is killed itself leaves children behind.
package struct ChildProcess: ~Copyable, Sendable {
    /// Its number. Nobody else has it before this value is gone, or `wait` has told of the end.
    package let id: Int32
    /// Readable once the process has ended (pidfd_open(2)).
    private let endDescriptor: FileDescriptor
    private var output: LineReader?
    private var error: LineReader?
    private var ending: ChildEnding?

    /// Starts a program (posix_spawnp(3)). ENOENT when there is none of that name.
    ///
    /// - Parameters:
    ///   - program: A path, or a name without `/` that is looked for along `PATH`.
    ///   - arguments: What comes behind the program's name.
    ///   - environment: Variables that are added to this process's own, or replace them.
    ///   - output: Where its standard output goes.
    ///   - error: Where its standard error goes.
    package init(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
        output: ChildStream = .inherit, error: ChildStream = .inherit
    ) throws(Errno) {
        let output = try SpawnStream(output)
        let error = try SpawnStream(error)
        let id = try Spawn.start(
            program, arguments, environment: environment, output: output, error: error)
        do {
            endDescriptor = try Spawn.endDescriptor(of: id)
        } catch {
            Self.killAndReap(id)
            throw error
        }
        self.id = id
        self.output = output.takeReader()
        self.error = error.takeReader()
    }

    deinit {
        if ending == nil { Self.killAndReap(id) }
    }

    /// Sends a signal (kill(2)). Nothing happens after the end.
    package func signal(_ signal: Signal) throws(Errno) {
        guard ending == nil else { return }
        // Until it is waited for, the number is its own, even when it has ended.
        _ = try SystemCall.other.perform { kill(id, signal.rawValue) }
    }

    /// The processor time that its threads have taken so far, in nanoseconds; see `ProcessCPUClock`.
    /// ESRCH after the end: the `usage` of its ending has the total.
    package func processorNanoseconds() throws(Errno) -> UInt64 {
        guard ending == nil else { throw Errno(rawValue: ESRCH) }
        return try ProcessCPUClock.now(ofProcess: id)
    }

    /// The next line that it writes to a stream that is a pipe, without its line feed.
    package mutating func nextLine(
        of stream: StandardStream = .output, until deadline: Instant
    ) throws(Errno) -> ChildLine {
        switch stream {
        case .output: try output!.next(until: deadline)
        case .error: try error!.next(until: deadline)
        }
    }

    /// Waits for its end. The program must end by itself, as this has no time limit.
    ///
    /// What it writes to pipes is kept meanwhile for `nextLine`, so it never waits for a reader.
    package mutating func wait() throws(Errno) -> ChildEnding {
        while true {
            let farAway = MonotonicClock.now() + 3_600_000_000_000
            if let ending = try wait(until: farAway) { return ending }
        }
    }

    /// Waits for its end; nil when the deadline comes first. As often as one likes.
    ///
    /// What it writes to pipes is kept meanwhile for `nextLine`, so it never waits for a reader.
    package mutating func wait(until deadline: Instant) throws(Errno) -> ChildEnding? {
        while ending == nil {
            var requests = [
                pollfd(fd: endDescriptor.rawValue, events: Int16(POLLIN), revents: 0),
                output?.pollRequest ?? .none,
                error?.pollRequest ?? .none,
            ]
            guard try Poll.wait(for: &requests, until: deadline) else { return nil }
            if requests[1].revents != 0 { try output!.fill() }
            if requests[2].revents != 0 { try error!.fill() }
            if requests[0].revents != 0 { ending = try Self.reap(id) }
        }
        return ending
    }

    /// Asks it to end (SIGTERM) and waits; kills it when the deadline comes first.
    package mutating func stop(killingAt deadline: Instant) throws(Errno) -> ChildEnding {
        try signal(.terminate)
        if let ending = try wait(until: deadline) { return ending }
        try signal(.kill)
        return try wait()
    }

    private static func killAndReap(_ id: Int32) {
        kill(id, SIGKILL)
        // It fails when the parent ignores SIGCHLD: then the kernel has reaped it (wait(2)).
        _ = try? reap(id)
    }

    /// Waits for the end, and gives the number back (wait4(2)).
    private static func reap(_ id: Int32) throws(Errno) -> ChildEnding {
        var status: Int32 = 0
        var usage = rusage()
        _ = try SystemCall.other.perform {
            // SAFETY: the kernel writes one number and one structure.
            unsafe wait4(id, &status, 0, &usage)
        }
        return ChildEnding(status: status, usage: usage)
    }
}

/// Where a stream of a child process goes.
package enum ChildStream: Sendable {
    /// Where the parent's goes.
    case inherit
    /// Nowhere.
    case discard
    /// To the parent, which reads it line by line.
    case pipe
}

/// What there was to read from a child process.
package enum ChildLine: Equatable, Sendable {
    /// A line, without its line feed; or the last bytes, though no line feed ends them. What is no
    /// UTF-8 is repaired.
    case line(String)
    /// The deadline came first.
    case timedOut
    /// The stream is closed, and everything in it was read.
    case endOfStream
}
