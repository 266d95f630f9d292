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
        Signals.block(StopSignals.signals)
        if options.hasLogFile { Signals.block(StopSignals.reopenSignals) }
        Signals.ignore(.brokenPipe)
        raiseOpenFiles(for: options)
        var options = options
        do {
            try options.applyDiagnostics()
        } catch {
            complain(error.description)
            return ExitCode.failure
        }
        let uploads: UploadFolder?
        do {
            uploads = try options.uploadFolder.map { path throws(FileError) in
                try UploadFolder(path)
            }
        } catch {
            complain("--upload-dir: \(error)")
            return ExitCode.failure
        }
        guard let mounts = openMounts(options) else { return ExitCode.failure }
        let router: Router
        do throws(InvalidMiddleware) {
            router = try Self.router(options, uploads: uploads, mounts: mounts)
        } catch {
            complain(error.description)
            return ExitCode.failure
        }
        let accessLog: AccessLog?
        do {
            accessLog = try options.accessLog.open()
        } catch {
            complain(error.description)
            return ExitCode.failure
        }
        // What was recorded is written, however the server ends.
        defer { accessLog?.close() }
        do {
            var configuration = options.server
            configuration.accessLog = accessLog
            configuration.status = options.status
            let server = try Server(router, configuration: configuration)
            guard
                StopSignals.watch(
                    server, configuration.errorLog, reopen: reopening(configuration, options))
            else {
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
        _ options: ServeOptions, uploads: UploadFolder?, mounts: [MountedFiles]
    ) throws(InvalidMiddleware) -> Router {
        DemoRoutes.router(
            uploads: uploads, maxUploadBytes: options.maxUploadBytes, mounts: mounts,
            compression: try options.compression?.middleware(),
            decompression: options.decompressesRequests
                ? try RequestDecompression(maxExpandedBytes: options.server.maxBodyBytes) : nil)
    }

    /// Opens log files again; `nil`: there are none.
    private static func reopening(
        _ configuration: ServerConfiguration, _ options: ServeOptions
    ) -> (@Sendable () -> Void)? {
        guard options.hasLogFile else { return nil }
        let (accessLog, errorLog) = (configuration.accessLog, configuration.errorLog)
        return {
            accessLog?.reopen()
            do {
                try errorLog?.reopen()
            } catch {
                complain("the error log stays where it is: \(error)")
            }
        }
    }

    /// Opens all folders of static files; complains and returns `nil` when one cannot be.
    private static func openMounts(_ options: ServeOptions) -> [MountedFiles]? {
        var option = "--static-cache-control"
        do throws(FileError) {
            var mounts: [MountedFiles] = []
            for mount in options.staticMounts {
                option = mount.option
                mounts.append(try mount.open(options.staticFiles))
            }
            if !mounts.contains(where: { $0.prefix == StaticMount.standardPrefix }) {
                mounts.append(try .standard(options.staticFiles))
            }
            return mounts
        } catch {
            complain("\(option): \(error)")
            return nil
        }
    }

    /// Names the option that is behind the error.
    private static func explain(_ error: ServerError, _ server: ServerConfiguration) -> String {
        switch error.subject {
        case .host: "--host: \(error)"
        case .address: "--host \(server.host) --port \(server.port): \(error)"
        case .configuration, .routes, .system: error.description
        }
    }

    /// A descriptor for each connection, worker and static file that is kept open, and some for
    /// listeners, the loop and the standard streams.
    private static func raiseOpenFiles(for options: ServeOptions) {
        let maxConnections = options.server.maxConnections
        let fileCount = options.staticMounts.count * options.staticFiles.maxOpenFiles
        let wanted = UInt64(maxConnections + options.server.workers + fileCount + 128)
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

        Serves HTTP/1.1: static files at GET /static/* and wherever --static says, and
        demo routes: GET /, GET /health, POST /submit, GET /stream?chunks=N&delay=MS,
        GET /events?count=N&interval=MS (server-sent events), and with --upload-dir
        PUT /upload/{name}.
        Prints "listening on URL" when it accepts connections; logs to standard error.
        SIGTERM and SIGINT stop gracefully; a second one stops at once. SIGHUP and
        SIGUSR1 open log files again. SIGUSR2 changes the log level to debug, and back.

        \(ServeOptions.table.help)
        Exit codes: 0 clean stop, 1 could not serve, 2 usage, 3 the drain had to be
        forced, 130 or 143 after a second signal.

        Try:  sluice --port 8080 &  curl -i http://127.0.0.1:8080/

        """
    }
}
