internal import Arguments
internal import Sluice

/// What `sluice serve` can be told on its command line.
struct ServeOptions: Sendable {
    var server = ServerConfiguration()
    /// Where `PUT /upload/{name}` writes; `nil`: there is no such route.
    var uploadFolder: String?
    var maxUploadBytes = 1 << 30
    /// Folders of static files by their prefixes, in the order in which they were given.
    var staticMounts: [StaticMount] = []
    var staticFiles = StaticFiles.Options()
    /// How answers are compressed; `nil`: they are not.
    var compression: CompressionOptions?
    /// Bodies of `POST /submit` may come compressed.
    var decompressesRequests = false
    /// Status pages and dashboard, and who may see them; `nil`: there are none.
    var status: StatusOptions? = StatusOptions(version: "sluice \(SluiceCommand.version)")
    /// What it says about itself, and how requests are called.
    var diagnostics = DiagnosticOptions()
    var accessLog = AccessLogOptions()
    var showsHelp = false
    var showsVersion = false

    static let table = OptionTable<ServeOptions>([
        listening, proxies, timing, limits, files, uploads, compressing, accessLogging,
        identifying, diagnosing, watching, other,
    ])

    private static let listening = OptionGroup<ServeOptions>(
        "Listening",
        [
            Option(
                "--host", placeholder: "HOST",
                help: "IPv4 or IPv6 address, or name; all addresses of a name are bound. "
                    + "[127.0.0.1]"
            ) { options, text throws(ValueError) in
                guard !text.isEmpty else {
                    throw ValueError("is empty", cure: "give an address or a name")
                }
                options.server.host = String(text)
            },
            Option("--port", placeholder: "N", help: "TCP port; 0: the kernel chooses. [8080]") {
                options, text throws(ValueError) in
                options.server.port = try Values.integer(text, in: 0...65_535)
            },
            Option(
                "--engine", placeholder: "NAME",
                help: "reactor (also called selectors): one non-blocking thread on epoll; "
                    + "threadpool: blocking threads. [reactor]"
            ) { options, text throws(ValueError) in
                let name = text == "selectors" ? "reactor" : String(text)
                guard let engine = ServerConfiguration.Engine(rawValue: name) else {
                    throw ValueError("is no engine", cure: "give reactor or threadpool")
                }
                options.server.engine = engine
            },
            Option(
                "--workers", placeholder: "N",
                help: "threads of the threadpool engine, one connection each at a time. [16]"
            ) { options, text throws(ValueError) in
                options.server.workers = try Values.integer(text, in: 1...4_096)
            },
            Option(
                "--queue-size", placeholder: "N",
                help: "connections that may wait for a worker; the next new one gets 503. [1024]"
            ) { options, text throws(ValueError) in
                options.server.queueSize = try Values.integer(text, in: 1...1_000_000)
            },
            Option(
                "--backlog", placeholder: "N",
                help: "connections that the kernel holds until they are accepted. [4096]"
            ) { options, text throws(ValueError) in
                options.server.backlog = try Values.integer(text, in: 1...65_535)
            },
            Option(
                "--max-connections", placeholder: "N",
                help: "connections served at the same time; the next ones get 503. [10000]"
            ) { options, text throws(ValueError) in
                options.server.maxConnections = try Values.integer(text, in: 1...1_000_000)
            },
        ])

    private static let proxies = OptionGroup<ServeOptions>(
        "Behind proxies",
        [
            Option(
                "--trusted-proxies", placeholder: "CIDR,…",
                help: "who is believed in Forwarded, X-Forwarded-* and the PROXY protocol, such as "
                    + "10.0.0.0/8,::1; at most 1024. [nobody]"
            ) { options, text throws(ValueError) in
                options.server.trustedProxies = try ranges(text)
            },
            Option(
                "--proxy-protocol",
                help: "connections begin with a PROXY protocol header, version 1 or 2, of "
                    + "--trusted-proxies only if there are any; others are closed."
            ) { $0.server.readsProxyProtocol = true },
        ])

    static func ranges(_ text: Substring) throws(ValueError) -> [NetworkRange] {
        var ranges: [NetworkRange] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let range = NetworkRange(String(part)) else {
                throw ValueError(
                    "is no list of address ranges",
                    cure: "give addresses with or without a prefix length, such as 10.0.0.0/8,::1; "
                        + "the bits behind the prefix are 0")
            }
            ranges.append(range)
        }
        guard ranges.count <= 1_024 else {
            throw ValueError("has too many ranges", cure: "give at most 1024")
        }
        return ranges
    }

    private static let timing = OptionGroup<ServeOptions>(
        "Time limits (10, 10s, 500ms, 2m; 0 turns one off)",
        [
            time(
                "--keepalive-timeout", \.keepAliveTimeout,
                "between two requests of a connection, then it is closed. [10s]"),
            Option(
                "--max-keepalive-requests", placeholder: "N",
                help: "requests on one connection; 0: no limit. [10000]"
            ) { options, text throws(ValueError) in
                options.server.maxKeepAliveRequests = try Values.integer(text, in: 0...Int.max)
            },
            time(
                "--header-timeout", \.headerTimeout,
                "from the first byte of a request head to its last, then 408. [10s]"),
            time(
                "--body-timeout", \.bodyTimeout,
                "for a request body, plus a second for each --min-transfer-rate bytes that have "
                    + "come, then 408. [30s]"),
            time(
                "--write-timeout", \.writeTimeout,
                "for the client to take an answer, plus a second for each --min-transfer-rate "
                    + "bytes that it has taken, then a reset. [30s]"),
            Option(
                "--min-transfer-rate", placeholder: "SIZE",
                help: "bytes per second that extend body and write timeout; 0: the two run from "
                    + "the last progress. [1024]"
            ) { options, text throws(ValueError) in
                options.server.minTransferRate = try Values.size(text, in: 0...(1 << 40))
            },
            time(
                "--drain-timeout", \.drainTimeout,
                "for a graceful stop, then what is left is closed. [5s]"),
        ])

    private static let limits = OptionGroup<ServeOptions>(
        "Limits (bytes, or 64k, 1m)",
        [
            Option(
                "--max-header-bytes", placeholder: "SIZE",
                help: "request line and field lines together, else 431; at most 65535. [16384]"
            ) { options, text throws(ValueError) in
                options.server.maxHeaderBytes = try Values.size(text, in: 64...65_535)
            },
            Option(
                "--max-body-bytes", placeholder: "SIZE",
                help: "a request body, else 413; at most 1g. [1048576]"
            ) { options, text throws(ValueError) in
                options.server.maxBodyBytes = try Values.size(text, in: 0...(1 << 30))
            },
            Option(
                "--max-target-length", placeholder: "SIZE",
                help: "a request target, else 414. [8192]"
            ) { options, text throws(ValueError) in
                options.server.maxTargetLength = try Values.size(text, in: 1...65_535)
            },
            Option(
                "--max-pipelined-requests", placeholder: "N",
                help: "requests of one connection in flight together; beyond, it is not read. [64]"
            ) { options, text throws(ValueError) in
                options.server.maxPipelinedRequests = try Values.integer(text, in: 1...65_536)
            },
        ])

    private static let files = OptionGroup<ServeOptions>(
        "Static files",
        [
            Option(
                "--static-dir", placeholder: "DIR",
                help: "GET /static/* serves what is in this folder. [files of the program's own]"
            ) { options, text throws(ValueError) in
                let option = "--static-dir"
                let mount = try StaticMount(StaticMount.standardPrefix, text, option: option)
                options.staticMounts.removeAll { $0.option == option }
                options.staticMounts.append(mount)
            },
            Option(
                "--static", placeholder: "PREFIX=DIR",
                help: "the same under another path, such as /docs=/srv/docs; as often as you like. "
                    + "[none]"
            ) { options, text throws(ValueError) in
                options.staticMounts.append(try StaticMount(text))
            },
            Option(
                "--static-cache-control", placeholder: "TEXT",
                help: "the value of Cache-Control of all files, such as max-age=3600. [no field]"
            ) { options, text throws(ValueError) in
                guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                    throw ValueError(
                        "is no value of a field", cure: "give plain text such as max-age=3600")
                }
                options.staticFiles.cacheControl = String(text)
            },
            Option(
                "--static-listing",
                help: "a folder without index.html is listed, as HTML or JSON; else it is 403."
            ) { $0.staticFiles.listsFolders = true },
            Option(
                "--static-hidden",
                help: "names that begin with a dot are served and listed; else they are 403."
            ) { $0.staticFiles.servesHidden = true },
        ])

    private static let uploads = OptionGroup<ServeOptions>(
        "Uploads",
        [
            Option(
                "--upload-dir", placeholder: "DIR",
                help: "PUT /upload/{name} writes files here, which anybody may who can reach the "
                    + "port; a file that is there stays. [no such route]"
            ) { options, text throws(ValueError) in
                guard !text.isEmpty else {
                    throw ValueError("is empty", cure: "give a folder that is there")
                }
                options.uploadFolder = String(text)
            },
            Option(
                "--upload-max-size", placeholder: "SIZE",
                help: "such a file, else 413; --max-body-bytes does not count there. [1g]"
            ) { options, text throws(ValueError) in
                options.maxUploadBytes = try Values.size(text, in: 0...(1 << 50))
            },
        ])

    private static let other = OptionGroup<ServeOptions>(
        "Other",
        [
            Option(
                "--server-name", placeholder: "TEXT",
                help: "the value of the Server field; empty: none. [Sluice]"
            ) { options, text throws(ValueError) in
                guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                    throw ValueError("holds a control character", cure: "give plain text")
                }
                options.server.serverName = String(text)
            },
            Option("--version", help: "print the version and exit.") { $0.showsVersion = true },
            Option("--help", "-h", help: "print this and exit.") { $0.showsHelp = true },
        ])

    private static func time(
        _ name: String, _ setting: any WritableKeyPath<ServerConfiguration, Duration> & Sendable,
        _ help: String
    ) -> Option<ServeOptions> {
        Option(name, placeholder: "TIME", help: help) { options, text throws(ValueError) in
            options.server[keyPath: setting] = .nanoseconds(Int64(try Values.duration(text)))
        }
    }
}
