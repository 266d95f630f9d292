internal import LoadGenCore
internal import Presentation
internal import Syscalls

/// Why a server cannot be measured.
enum ServerFailure: Error {
    /// There is nothing to start, or nowhere to reach it: nobody's measurement can go on.
    case unusable(String)
    /// It ended, or hung.
    case crashed(String)
    /// A signal came meanwhile.
    case interrupted
}

/// A server under test: a child process on its core, with what it starts. Whoever lets go of it kills
/// it; only a gate that is killed itself leaves it behind, since posix_spawn(3) cannot ask the kernel
/// for more (prctl(2), PR_SET_PDEATHSIG is the child's to call).
struct ServerProcess: ~Copyable {
    /// The longest wait until it accepts connections.
    private static let startTime: UInt64 = 10_000_000_000
    /// The longest wait until ours has ended after SIGTERM. It drains for 5 s at most, but a loop
    /// that is slow in every request sees the signal only when it has worked off what it has read.
    private static let drainTime: UInt64 = 30_000_000_000
    /// The same for anybody else's, which owes us no clean end and is killed then.
    private static let courtesyTime: UInt64 = 5_000_000_000

    /// Where it listens; the path is the caller's.
    let target: TargetURL
    private let engine: EngineCommand
    private let interruption: Interruption
    private var child: ChildProcess
    private var errors = TextTail()
    /// What it had started when it was ready.
    private let descendants: [ProcessTree.Member]

    /// Starts it, and waits until it accepts connections.
    ///
    /// - Parameters:
    ///   - serverCore: The core that it is held to.
    ///   - ownCore: The core that the calling thread goes back to.
    init(
        _ engine: EngineCommand, onCore serverCore: Int, ownCore: Int,
        _ interruption: Interruption
    ) throws(ServerFailure) {
        if interruption.isInterrupted { throw .interrupted }
        if case .url(let url) = engine.readiness, HTTPClient.canConnect(to: url) {
            throw .unusable(
                "\(url) answers before \(engine.name) is started; end what listens there")
        }
        var child = try Self.spawn(engine, onCore: serverCore, ownCore: ownCore)
        var errors = TextTail()
        let deadline = MonotonicClock.now() + Self.startTime
        do throws(ServerFailure) {
            switch engine.readiness {
            case .line:
                target = try Self.waitForLine(&child, &errors, engine, deadline, interruption)
            case .url(let url):
                try Self.waitForAnswer(&child, &errors, engine, url, deadline, interruption)
                target = url
            }
        } catch {
            let descendants = ProcessTree.descendants(of: child.id)
            try? child.signal(.kill)
            ProcessTree.kill(descendants)
            throw error
        }
        descendants = ProcessTree.descendants(of: child.id)
        self.child = child
        self.errors = errors
        self.engine = engine
        self.interruption = interruption
    }

    /// Its number, for readings of what it takes of the machine.
    var id: Int32 { child.id }

    /// Takes in what it writes, so that it never waits for a reader. Lines to standard output are
    /// dropped, of standard error the end is kept.
    mutating func takeOutput() { Self.takeOutput(&child, &errors) }

    /// Asks it to end, and waits for that; kills it when it takes too long or nobody wants to wait.
    ///
    /// - Returns: What was wrong with its end; nil if nothing was.
    consuming func stop() -> String? {
        let descendants = descendants + ProcessTree.descendants(of: child.id)
        defer { ProcessTree.kill(descendants) }
        do throws(Errno) {
            if let ending = try child.wait(until: MonotonicClock.now()) {
                takeOutput()
                return "\(engine.name) ended under load: "
                    + Self.text(of: ending) + errors.clause
            }
            try child.signal(.terminate)
            let isOurs = engine.kind == .sluice
            let patience = isOurs ? Self.drainTime : Self.courtesyTime
            let deadline = MonotonicClock.now() + patience
            while !interruption.isUrgent, MonotonicClock.now() < deadline {
                let soon = MonotonicClock.now() + Interruption.reactionTime
                guard let ending = try child.wait(until: soon) else { continue }
                takeOutput()
                return complaint(about: ending)
            }
            try child.signal(.kill)
            _ = try child.wait()
            takeOutput()
            guard isOurs else { return nil }
            return "\(engine.name) did not end within \(patience / 1_000_000_000) s of SIGTERM"
                + errors.clause
        } catch {
            return "\(engine.name) cannot be waited for: \(error)"
        }
    }

    /// Ours end with 0 after a drain; of others any end will do, since they were asked to.
    private func complaint(about ending: ChildEnding) -> String? {
        guard engine.kind == .sluice, !ending.isSuccess else { return nil }
        return "\(engine.name) did not drain cleanly: " + Self.text(of: ending) + errors.clause
    }

    // MARK: - Start

    /// The child inherits the cores of the thread that starts it (sched_setaffinity(2)).
    private static func spawn(
        _ engine: EngineCommand, onCore serverCore: Int, ownCore: Int
    ) throws(ServerFailure) -> ChildProcess {
        do throws(Errno) {
            try CPUAffinity.pin(toCore: serverCore)
            defer { try? CPUAffinity.pin(toCore: ownCore) }
            return try ChildProcess(
                engine.words[0], Array(engine.words.dropFirst()), output: .pipe, error: .pipe)
        } catch {
            throw .unusable("'\(engine.words[0])' (engine \(engine.name)) cannot run: \(error)")
        }
    }

    private static func waitForLine(
        _ child: inout ChildProcess, _ errors: inout TextTail, _ engine: EngineCommand,
        _ deadline: Instant, _ interruption: Interruption
    ) throws(ServerFailure) -> TargetURL {
        let announcement = "listening on "
        while MonotonicClock.now() < deadline {
            if interruption.isInterrupted { throw .interrupted }
            let soon = min(MonotonicClock.now() + Interruption.reactionTime, deadline)
            switch (try? child.nextLine(until: soon)) ?? .endOfStream {
            case .line(let line):
                guard line.hasPrefix(announcement) else { continue }
                let text = line.dropFirst(announcement.count).prefix { $0 != " " }
                do throws(LoadError) {
                    return try LoadOptions.target(String(text))
                } catch {
                    throw .unusable("\(engine.name) listens on '\(text)': \(error)")
                }
            case .timedOut: takeOutput(&child, &errors)
            case .endOfStream:
                throw ended(&child, &errors, engine, deadline)
            }
        }
        takeOutput(&child, &errors)
        throw .crashed(
            "\(engine.name) printed no '\(announcement)URL' within "
                + "\(Self.startTime / 1_000_000_000) s (--ready-url waits for an answer instead)"
                + errors.clause)
    }

    private static func waitForAnswer(
        _ child: inout ChildProcess, _ errors: inout TextTail, _ engine: EngineCommand,
        _ url: TargetURL, _ deadline: Instant, _ interruption: Interruption
    ) throws(ServerFailure) {
        while MonotonicClock.now() < deadline {
            if interruption.isInterrupted { throw .interrupted }
            let soon = MonotonicClock.now() + Interruption.reactionTime
            if let ending = (try? child.wait(until: soon)) ?? nil {
                takeOutput(&child, &errors)
                throw .crashed(
                    "\(engine.name) ended before it answered: \(text(of: ending))\(errors.clause)")
            }
            takeOutput(&child, &errors)
            if HTTPClient.answers(at: url) { return }
        }
        throw .crashed(
            "\(engine.name) did not answer at \(url) within "
                + "\(Self.startTime / 1_000_000_000) s" + errors.clause)
    }

    /// Its output has ended before it said where it listens.
    private static func ended(
        _ child: inout ChildProcess, _ errors: inout TextTail, _ engine: EngineCommand,
        _ deadline: Instant
    ) -> ServerFailure {
        let ending = (try? child.wait(until: deadline)) ?? nil
        takeOutput(&child, &errors)
        return .crashed(
            "\(engine.name) ended before it listened: "
                + (ending.map(text) ?? "it closed its output") + errors.clause)
    }

    private static func takeOutput(_ child: inout ChildProcess, _ errors: inout TextTail) {
        let now = MonotonicClock.now()
        while case .line = (try? child.nextLine(until: now)) ?? .endOfStream {}
        while case .line(let line) = (try? child.nextLine(of: .error, until: now)) ?? .endOfStream {
            errors.append(line)
        }
    }

    private static func text(of ending: ChildEnding) -> String {
        switch ending.reason {
        case .exited(let code): "exit code \(code)"
        case .signalled(let signal): "signal \(signal.rawValue)"
        }
    }
}

/// The end of what a program wrote to standard error: enough for its last words.
struct TextTail: Sendable, Equatable {
    /// The bytes that are kept.
    static let maximumByteCount = 4_096
    private(set) var text = ""

    /// Adds a line.
    mutating func append(_ line: String) {
        text += (text.isEmpty ? "" : "\n") + line
        guard text.utf8.count > Self.maximumByteCount else { return }
        text = String(decoding: text.utf8.suffix(Self.maximumByteCount), as: UTF8.self)
    }

    /// The last line, as the end of a sentence; empty when there is none.
    var clause: String {
        let lines = text.split(separator: "\n")
        // A Swift program that traps says why first, and its trace follows.
        let telling = lines.first { $0.contains("Fatal error") } ?? lines.last
        guard let telling else { return "" }
        return ": " + telling.prefix(300)
    }
}
