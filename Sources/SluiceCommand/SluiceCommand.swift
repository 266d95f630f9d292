internal import Arguments
internal import Glibc
internal import Sluice
internal import Syscalls

/// The `sluice` executable: arguments, demo routes, signals and exit codes. It must not know how
/// anything works.
@main
enum SluiceCommand {
    static let version = "0.1.0"

    /// What comes behind the version: figures of a debug build mean nothing.
    private static var build: String {
        #if DEBUG
            " (debug build)"
        #else
            ""
        #endif
    }

    /// What the process ends with.
    enum ExitCode {
        static let success: Int32 = 0
        static let failure: Int32 = 1
        static let usage: Int32 = 2
        static let forcedDrain: Int32 = 3
    }

    static func main() {
        exit(run(Array(CommandLine.arguments.dropFirst())))
    }

    private static func run(_ arguments: [String]) -> Int32 {
        var options = ServeOptions()
        do {
            try parse(arguments, into: &options)
        } catch {
            complain(error.description)
            return ExitCode.usage
        }
        if options.showsHelp {
            Output.print(help, to: .output)
            return ExitCode.success
        }
        if options.showsVersion {
            Output.print("sluice \(version)\(build)\n", to: .output)
            return ExitCode.success
        }
        return serve(options)
    }

    private static func parse(
        _ arguments: [String], into options: inout ServeOptions
    ) throws(UsageError) {
        var rest = arguments
        if rest.first == "serve" { rest.removeFirst() }
        let operands = try ServeOptions.table.parse(rest, into: &options)
        if let operand = operands.first {
            throw UsageError(
                "'\(operand)' is no command; the only one is serve (--help shows more)")
        }
    }

    private static func serve(_ options: ServeOptions) -> Int32 {
        // Before any thread exists, so that every thread inherits it and only ours takes them.
        Signals.block(StopSignals.stopSignals)
        Signals.ignore(.brokenPipe)
        raiseOpenFiles(for: options.server.maxConnections, workers: options.server.workers)
        let uploads: UploadFolder?
        do {
            uploads = try options.uploadFolder.map { path throws(FileError) in
                try UploadFolder(path)
            }
        } catch {
            complain("--upload-dir: \(error)")
            return ExitCode.failure
        }
        let router: Router
        do throws(InvalidMiddleware) {
            router = try Self.router(options, uploads: uploads)
        } catch {
            complain(error.description)
            return ExitCode.failure
        }
        do {
            let server = try Server(router, configuration: options.server)
            guard StopSignals.watch(server) else {
                complain("no thread can be started to wait for signals")
                return ExitCode.failure
            }
            for url in server.urls {
                Output.print("listening on \(url)\n", to: .output)
            }
            let outcome = try server.run()
            guard outcome.forcedConnections > 0 else { return ExitCode.success }
            complain(
                "the drain took longer than --drain-timeout; closed "
                    + "\(outcome.forcedConnections) open connections")
            return ExitCode.forcedDrain
        } catch {
            complain(explain(error, options.server))
            return ExitCode.failure
        }
    }

    private static func router(
        _ options: ServeOptions, uploads: UploadFolder?
    ) throws(InvalidMiddleware) -> Router {
        DemoRoutes.router(
            uploads: uploads, maxUploadBytes: options.maxUploadBytes,
            compression: try options.compression?.middleware(),
            decompression: options.decompressesRequests
                ? try RequestDecompression(maxExpandedBytes: options.server.maxBodyBytes) : nil)
    }

    /// Names the option that is behind the error.
    private static func explain(_ error: ServerError, _ server: ServerConfiguration) -> String {
        switch error.subject {
        case .host: "--host: \(error)"
        case .address: "--host \(server.host) --port \(server.port): \(error)"
        case .configuration, .routes, .system: error.description
        }
    }

    /// A descriptor for each connection and worker, and some for listeners, the loop and the
    /// standard streams.
    private static func raiseOpenFiles(for maxConnections: Int, workers: Int) {
        let wanted = UInt64(maxConnections + workers + 128)
        guard let reached = try? ProcessLimits.raiseOpenFiles(to: wanted), reached < wanted
        else { return }
        complain(
            "warning: --max-connections \(maxConnections) needs \(wanted) open files, but the hard "
                + "limit is \(reached) (ulimit -Hn); further connections will wait")
    }

    private static func complain(_ text: String) {
        Output.print("sluice: \(text)\n", to: .error)
    }

    private static var help: String {
        """
        Usage: sluice [serve] [OPTION …]

        Serves HTTP/1.1 with demo routes: GET /, GET /health, POST /submit,
        GET /stream?chunks=N&delay=MS, GET /events?count=N&interval=MS (server-sent
        events), and with --upload-dir PUT /upload/{name}.
        Prints "listening on URL" when it accepts connections; logs to standard error.
        SIGTERM and SIGINT stop gracefully; a second one stops at once.

        \(ServeOptions.table.help)
        Exit codes: 0 clean stop, 1 could not serve, 2 usage, 3 the drain had to be
        forced, 130 or 143 after a second signal.

        Try:  sluice --port 8080 &  curl -i http://127.0.0.1:8080/

        """
    }
}
