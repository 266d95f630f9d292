internal import Foundation
internal import Synchronization

/// A program that the tests start, whose output they read, and that they end by its own id.
package final class ChildProcess: Sendable {
    /// How a program ended, and what it wrote.
    package struct Finished: Sendable {
        /// The exit code; minus the signal's number when a signal ended it.
        package let code: Int32
        package let output: String
        package let error: String
    }

    private let process = Process()
    private let output: Collector
    private let error: Collector
    private let ended = DispatchSemaphore(value: 0)

    /// Starts a program by its path.
    package init(_ program: String, _ arguments: [String] = []) throws {
        let outputPipe = Pipe()
        let errorPipe = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = outputPipe
        process.standardError = errorPipe
        process.terminationHandler = { [ended] _ in ended.signal() }
        try process.run()
        output = Collector(outputPipe)
        error = Collector(errorPipe)
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    package var id: Int32 { process.processIdentifier }

    /// Sends a signal.
    package func signal(_ number: Int32) {
        kill(process.processIdentifier, number)
    }

    /// Waits for the end; kills the program when that takes far too long.
    package func wait(seconds: Int = 20) throws -> Finished {
        guard ended.wait(timeout: .now() + .seconds(seconds)) == .success else {
            kill(process.processIdentifier, SIGKILL)
            throw ClientFailure("\(process.executableURL?.path ?? "") did not end")
        }
        ended.signal()
        let status = process.terminationStatus
        return Finished(
            code: process.terminationReason == .exit ? status : -status,
            output: try output.waitForEnd(), error: try error.waitForEnd())
    }

    /// Waits until standard output has so many lines, and returns them.
    package func outputLines(_ count: Int) throws -> [String] {
        try output.waitForLines(count)
    }

    /// Waits until standard error has so many lines, and returns them.
    package func errorLines(_ count: Int) throws -> [String] {
        try error.waitForLines(count)
    }

    /// A value of `/proc/PID/status`, such as `VmRSS` in KiB.
    package func status(_ name: String) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        for line in text.split(separator: "\n") where line.hasPrefix(name + ":") {
            if let value = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) }) {
                return value
            }
        }
        throw ClientFailure("/proc/\(id)/status has no \(name)")
    }

    /// How often its threads have given up or lost their processor (`/proc/PID/task/*/status`).
    package func contextSwitches() throws -> Int {
        let tasks = "/proc/\(id)/task"
        var sum = 0
        for task in try FileManager.default.contentsOfDirectory(atPath: tasks) {
            let text = try String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)
            for line in text.split(separator: "\n") where line.contains("ctxt_switches") {
                sum += line.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0
            }
        }
        return sum
    }

    /// Processor time so far, in clock ticks of 10 ms (`/proc/PID/stat`, fields 14 and 15).
    package func processorTicks() throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else {
            throw ClientFailure("/proc/\(id)/stat is not understood")
        }
        return user + system
    }
}

/// Reads a pipe to its end, on a thread of its own.
private final class Collector: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let news = DispatchSemaphore(value: 0)

    init(_ pipe: Pipe) {
        Thread.detachNewThread { [self] in
            while true {
                let data = pipe.fileHandleForReading.availableData
                state.withLock {
                    $0.bytes += data
                    $0.hasEnded = data.isEmpty
                }
                news.signal()
                if data.isEmpty { return }
            }
        }
    }

    func waitForEnd() throws -> String {
        try wait { $0.hasEnded ? String(decoding: $0.bytes, as: UTF8.self) : nil }
    }

    func waitForLines(_ count: Int) throws -> [String] {
        try wait { state in
            let complete = state.bytes.prefix(upTo: (state.bytes.lastIndex(of: 10) ?? -1) + 1)
            let lines = String(decoding: complete, as: UTF8.self).split(separator: "\n")
            return lines.count >= count || state.hasEnded ? lines.map(String.init) : nil
        }
    }

    private func wait<Value>(_ value: (State) -> Value?) throws -> Value {
        while true {
            if let value = state.withLock({ value($0) }) { return value }
            guard news.wait(timeout: .now() + .seconds(15)) == .success else {
                throw ClientFailure("a program has nothing to say")
            }
        }
    }
}
