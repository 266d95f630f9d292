import Foundation

/// A built executable, started as a user starts it.
final class Executable: Sendable {
    /// How a program ended.
    struct Ending: Sendable {
        let code: Int32
        let output: String
        let error: String
    }

    private let process = Process()
    private let output = Pipe()
    private let error = Pipe()
    private let ended = DispatchSemaphore(value: 0)

    /// Where executables lie: beside the tests, in the same build folder.
    static func built(_ name: String) -> String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent(name).path
    }

    /// Starts it.
    init(_ path: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = error
        process.terminationHandler = { [ended] _ in ended.signal() }
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// Sends it a signal.
    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// The text that it has written when a line is complete; ends with the program at the latest.
    func firstLine() -> String { Self.firstLine(of: output) }

    /// The same of what it says to people.
    func firstErrorLine() -> String { Self.firstLine(of: error) }

    private static func firstLine(of pipe: Pipe) -> String {
        var text = Data()
        while !text.contains(10) {
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { break }
            text += more
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Waits for its end, at most 30 seconds. What it writes must fit into the pipes (64 KiB).
    func wait() -> Ending? {
        guard ended.wait(timeout: .now() + .seconds(30)) == .success else {
            signal(SIGKILL)
            return nil
        }
        return Ending(
            code: process.terminationReason == .exit
                ? process.terminationStatus : -process.terminationStatus,
            output: String(
                decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self),
            error: String(
                decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
    }

    /// Runs `loadgen` to its end.
    static func loadgen(_ arguments: String...) throws -> Ending? {
        try Executable(built("loadgen"), arguments).wait()
    }
}

/// The real server, on a port that the kernel chooses.
final class SluiceServer: Sendable {
    let port: UInt16
    private let process: Executable

    struct DoesNotListen: Error {}

    init(_ arguments: [String] = []) throws {
        process = try Executable(Executable.built("sluice"), ["--port", "0"] + arguments)
        let line = process.firstLine()
        guard let text = line.split(separator: "\n").first?.split(separator: ":").last,
            let port = UInt16(text)
        else { throw DoesNotListen() }
        self.port = port
    }

    deinit {
        process.signal(SIGTERM)
        _ = process.wait()
    }
}

/// nginx, when it is installed.
final class NginxServer: Sendable {
    static let path = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    let socketPath: String
    private let directory: URL
    private let process: Executable

    /// Serves `return 200` on a Unix socket: no port can be taken by another.
    init(keepAliveRequests: Int) throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("loadgen-nginx-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        socketPath = directory.appendingPathComponent("s").path
        let configuration = """
            daemon off; master_process off; worker_processes 1;
            pid \(directory.path)/pid; error_log stderr warn;
            events { worker_connections 512; }
            http {
                access_log off; keepalive_requests \(keepAliveRequests);
                client_body_temp_path \(directory.path)/b; proxy_temp_path \(directory.path)/p;
                fastcgi_temp_path \(directory.path)/f; uwsgi_temp_path \(directory.path)/u;
                scgi_temp_path \(directory.path)/c;
                server {
                    listen unix:\(socketPath);
                    location / { default_type text/plain; return 200 "hello"; }
                }
            }
            """
        let file = directory.appendingPathComponent("nginx.conf")
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        process = try Executable(
            NginxServer.path ?? "", ["-p", directory.path, "-c", file.path, "-e", "stderr"])
    }

    deinit {
        // A program inherits the signals that test threads block, and nginx does not unblock them.
        process.signal(SIGKILL)
        _ = process.wait()
        try? FileManager.default.removeItem(at: directory)
    }
}
