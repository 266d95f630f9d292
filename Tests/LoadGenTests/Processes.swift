import Foundation
import TestSupport

/// The built `loadgen`, beside the tests in the same build folder.
enum LoadGenProcess {
    static var path: String {
        URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("loadgen").path
    }

    /// Runs it to its end.
    static func run(_ arguments: String...) throws -> ChildProcess.Finished {
        try ChildProcess(path, arguments).wait()
    }
}

/// nginx, when it is installed.
final class NginxServer: Sendable {
    static let path = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    let socketPath: String
    private let directory: URL
    private let process: ChildProcess

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
        process = try ChildProcess(
            NginxServer.path ?? "", ["-p", directory.path, "-c", file.path, "-e", "stderr"])
    }

    deinit {
        // A program inherits the signals that test threads block, and nginx does not unblock them.
        process.signal(SIGKILL)
        _ = try? process.wait()
        try? FileManager.default.removeItem(at: directory)
    }
}
