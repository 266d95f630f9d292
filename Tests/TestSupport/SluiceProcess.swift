internal import Foundation
internal import Sluice

/// The built executable, as an operator runs it.
package final class SluiceProcess: Sendable {
    package let process: ChildProcess
    /// The URLs of its `listening on` lines.
    package let urls: [String]
    package let port: Int

    /// Where the executable lies.
    package static var path: String { path(of: "sluice") }

    /// Where a program of ours lies: beside the tests, in the same build folder.
    package static func path(of program: String) -> String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent(program).path
    }

    /// Starts it on a port that the kernel chooses and waits until it accepts connections.
    ///
    /// - Parameters:
    ///   - shell: Commands of sh(1) that come before, such as `ulimit -n 200`.
    ///   - addressCount: How many addresses it is expected to listen on.
    package init(
        _ arguments: [String] = [], shell: String? = nil, addressCount: Int = 1
    ) throws {
        let all = ["--port", "0", "--engine", EngineUnderTest.current.rawValue] + arguments
        if let shell {
            process = try ChildProcess(
                "/bin/sh", ["-c", "\(shell); exec \"$0\" \"$@\"", Self.path] + all)
        } else {
            process = try ChildProcess(Self.path, all)
        }
        let prefix = "listening on "
        let lines = try process.outputLines(addressCount)
        urls = lines.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        guard urls.count == addressCount, let port = urls.first.flatMap(portNumber) else {
            process.signal(SIGKILL)
            let finished = try process.wait()
            throw ClientFailure("it does not listen: \(finished)")
        }
        self.port = port
    }

    /// Runs it to its end.
    package static func run(_ arguments: [String]) throws -> ChildProcess.Finished {
        try ChildProcess(path, arguments).wait()
    }

    /// A new client.
    package func client(receiveBufferSize: Int? = nil) throws -> RawClient {
        try RawClient(port: port, receiveBufferSize: receiveBufferSize)
    }

    /// Asks for a graceful stop and waits until whatever is sent from then on comes too late.
    ///
    /// The drain begins with a last read of every connection. The reactor answers what was sent
    /// after it began when all those reads are done; in the thread pool they are done when all
    /// threads sleep again.
    package func drain(_ signal: Int32 = SIGTERM) throws {
        let marker = try client()
        try marker.send("POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")
        process.signal(signal)
        try waitUntilRefused()
        try waitUntilAsleep()
        try marker.send("x")
        guard try marker.response().status == 200, try marker.end() == .finished else {
            throw ClientFailure("an upload under way was not answered")
        }
    }

    /// Waits until no thread of it has anything to do (proc(5), the state in `stat`).
    private func waitUntilAsleep() throws {
        let tasks = "/proc/\(process.id)/task"
        let deadline = Date() + 15
        while Date() < deadline {
            let states = try FileManager.default.contentsOfDirectory(atPath: tasks).map { task in
                let text = try String(contentsOfFile: "\(tasks)/\(task)/stat", encoding: .utf8)
                return text[(text.lastIndex(of: ")") ?? text.startIndex)...].dropFirst(2).first
            }
            guard states.contains(where: { $0 != "S" }) else { return }
            sched_yield()
        }
        throw ClientFailure("the server does not come to rest")
    }

    /// Waits until new connections are refused.
    package func waitUntilRefused() throws {
        let deadline = Date() + 15
        while Date() < deadline {
            guard (try? RawClient(port: port)) != nil else { return }
            sched_yield()
        }
        throw ClientFailure("new connections are still accepted")
    }

    /// Drains it and waits for its end.
    package func stop() throws -> ChildProcess.Finished {
        process.signal(SIGTERM)
        return try process.wait()
    }
}

/// Runs the executable while `body` runs, then drains it; the drain has to be a clean one, because
/// all clients of `body` are gone by then.
package func withSluice(
    _ arguments: [String] = [], shell: String? = nil, _ body: (SluiceProcess) throws -> Void
) throws {
    let sluice = try SluiceProcess(arguments, shell: shell)
    try body(sluice)
    let finished = try sluice.stop()
    guard finished.code == 0 else { throw ClientFailure("no clean end: \(finished)") }
}
