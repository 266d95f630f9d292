internal import Arguments

/// One option: how it is written, what the help says, and what it changes. The parser and the
/// help text both read this table, so neither can forget an option.
struct OptionSpecification: Sendable {
    /// The parts of the help text, in order.
    enum Group: String, CaseIterable, Sendable {
        case target = "Where"
        case load = "How much"
        case request = "What is sent"
        case verdict = "What counts as valid, and limits"
        case output = "Results"
    }

    /// The spellings, the letter first.
    let names: [String]
    /// What stands for the value in the help; nil for a switch.
    let placeholder: String?
    let group: Group
    /// Lines of at most 50 columns.
    let help: [String]
    /// Takes the value, which is empty for a switch.
    let apply: @Sendable (inout OptionDraft, String) throws(ValueError) -> Void

    /// Whether `loadgen merge` takes it too.
    var worksForMerge: Bool {
        group == .output || names.contains("--slo") || names.contains("--max-error-rate")
    }

    init(
        _ names: String, _ placeholder: String? = nil, _ group: Group, _ help: String,
        apply: @escaping @Sendable (inout OptionDraft, String) throws(ValueError) -> Void
    ) {
        self.names = names.split(separator: " ").map(String.init)
        self.placeholder = placeholder
        self.group = group
        self.help = help.split(separator: "\n").map(String.init)
        self.apply = apply
    }

    /// Every option.
    static let all: [OptionSpecification] = target + load + request + verdict + output

    private static let target: [OptionSpecification] = [
        .init("--host", "HOST", .target, "server, instead of a URL (127.0.0.1)") {
            (draft, value) throws(ValueError) in
            draft.host = try TargetURL.validHost(value)
        },
        .init("--port", "N", .target, "port (8080; with a URL, that of the URL)") {
            (draft, value) throws(ValueError) in
            draft.port = try Values.integer(value[...], in: 1...65_535)
        },
        .init("--path", "PATH", .target, "path and query (/)") {
            (draft, value) throws(ValueError) in
            draft.path = try TargetURL.validPath(value)
        },
        .init("--unix", "PATH", .target, "connect to this Unix socket") {
            (draft, value) throws(ValueError) in
            // The limit is sockaddr_un's, less the byte that ends it (unix(7)).
            guard (1...107).contains(value.utf8.count) else {
                throw ValueError(
                    "a socket's path has 1 to 107 bytes", cure: "use a shorter path")
            }
            draft.options.unixPath = value
        },
        .init(
            "--source", "ADDR,…", .target,
            "local addresses to connect from, in turn;\neach adds some 28,000 client ports"
        ) { (draft, value) throws(ValueError) in
            for part in value.split(separator: ",", omittingEmptySubsequences: false) {
                draft.options.sourceAddresses.append(try TargetURL.validHost(String(part)))
            }
        },
    ]

    private static let load: [OptionSpecification] = [
        .init("-c --concurrency --connections", "N", .load, "open connections (100)") {
            (draft, value) throws(ValueError) in
            draft.options.connectionCount = try Values.integer(value[...], in: 1...1_000_000)
        },
        .init("-d --duration", "TIME", .load, "length of the measured part (10s)") {
            (draft, value) throws(ValueError) in
            draft.duration = try Values.positiveDuration(value[...])
        },
        .init(
            "-n --requests", "N", .load,
            "end after N requests; with -d, whichever ends\nfirst; without, no limit of time"
        ) { (draft, value) throws(ValueError) in
            draft.options.requestLimit = try Values.integer(value[...], in: 1...1_000_000_000_000)
        },
        .init("-p --pipeline-depth", "N", .load, "requests outstanding on one connection (1)") {
            (draft, value) throws(ValueError) in
            draft.options.pipelineDepth = try Values.integer(value[...], in: 1...1_024)
        },
        .init("-t --threads", "N", .load, "threads (half of the cores)") {
            (draft, value) throws(ValueError) in
            draft.options.threadCount = try Values.integer(value[...], in: 1...1_024)
        },
        .init(
            "-R --rate", "N|A:B", .load,
            "open loop: N requests per second in all, each\ndue at its time; A:B goes from A to B"
        ) { (draft, value) throws(ValueError) in
            let ends = value.split(separator: ":", omittingEmptySubsequences: false)
            guard (1...2).contains(ends.count) else {
                throw ValueError("is not a rate", cure: "write 20000, or 100:20000")
            }
            draft.rates = (try Quantity.rate(ends[0]), try Quantity.rate(ends[ends.count - 1]))
        },
        .init(
            "--think-time", "TIME|exp:TIME", .load,
            "closed loop: pause after an answer, the same or\nexponentially distributed (0)"
        ) { (draft, value) throws(ValueError) in
            let isExponential = value.hasPrefix("exp:")
            let text = value.dropFirst(isExponential ? 4 : 0)
            let pause =
                isExponential ? try Values.positiveDuration(text) : try Values.duration(text)
            draft.options.thinkTime =
                isExponential
                ? .exponential(meanNanoseconds: pause)
                : pause == 0 ? .none : .constant(nanoseconds: pause)
        },
        .init("--deadline", "TIME", .load, "open loop: do not send a request later than this") {
            (draft, value) throws(ValueError) in
            draft.options.deadline = try Values.positiveDuration(value[...])
        },
        .init("--warmup", "TIME", .load, "load before the measured part, not counted (0)") {
            (draft, value) throws(ValueError) in
            draft.options.warmUp = try Values.duration(value[...])
        },
        .init("--connect-ramp", "TIME", .load, "open the connections over this time (0)") {
            (draft, value) throws(ValueError) in
            draft.options.connectRamp = try Values.duration(value[...])
        },
        .init("--timeout", "TIME", .load, "longest wait for an answer (2s)") {
            (draft, value) throws(ValueError) in
            draft.options.timeout = try Values.positiveDuration(value[...])
        },
        .init("--connect-timeout", "TIME", .load, "longest wait for a connection (--timeout)") {
            (draft, value) throws(ValueError) in
            draft.connectTimeout = try Values.positiveDuration(value[...])
        },
        .init("--keepalive", nil, .load, "use a connection again (the default)") { draft, _ in
            draft.options.keepsAlive = true
        },
        .init("--no-keepalive", nil, .load, "a new connection for every request") { draft, _ in
            draft.options.keepsAlive = false
        },
        .init("--reconnect-every", "N", .load, "replace a connection after N requests (never)") {
            (draft, value) throws(ValueError) in
            draft.options.reconnectEvery = try Values.integer(value[...], in: 1...1_000_000_000)
        },
        .init("--seed", "N", .load, "decides every random number (1)") {
            (draft, value) throws(ValueError) in
            draft.options.seed = UInt64(try Values.integer(value[...], in: 0...Int.max))
        },
    ]

    private static let request: [OptionSpecification] = [
        .init("-m --method", "NAME", .request, "method (GET; POST when there is a body)") {
            (draft, value) throws(ValueError) in
            draft.method = try HeaderField.validMethod(value)
        },
        .init("-H --header", "'NAME: VALUE'", .request, "a header field; may be repeated") {
            (draft, value) throws(ValueError) in
            draft.options.headerFields.append(try HeaderField.parse(value))
            guard draft.options.headerFields.count <= HeaderField.maximumCount else {
                throw ValueError(
                    "there are too many fields",
                    cure: "give at most \(HeaderField.maximumCount)")
            }
        },
        .init("--data", "TEXT", .request, "body") { draft, value in
            draft.dataText = value
        },
        .init("--data-file", "FILE", .request, "body, read from a file") { draft, value in
            draft.dataFile = value
        },
        .init("--content-type", "TYPE", .request, "Content-Type of the body") {
            (draft, value) throws(ValueError) in
            draft.options.contentType =
                try HeaderField.parse("Content-Type: \(value)").value
        },
        .init("--chunked", nil, .request, "send the body in chunks") { draft, _ in
            draft.options.sendsChunked = true
        },
        .init("--expect-100", nil, .request, "wait for 100 Continue before the body") { draft, _ in
            draft.options.expectsContinue = true
        },
        .init(
            "--mix", "FILE", .request,
            "several requests with shares; lines of\nweight method path [body] [expect]"
        ) { draft, value in
            draft.mixFile = value
        },
    ]

    private static let verdict: [OptionSpecification] = [
        .init("--expect-status", "LIST", .verdict, "valid statuses: 2xx,304,500-599 (2xx,3xx)") {
            (draft, value) throws(ValueError) in
            draft.options.expectedStatus = try StatusSet(value)
        },
        .init("--expect-body", "TEXT", .verdict, "exact body of a valid answer") { draft, value in
            draft.options.expectedBody = Array(value.utf8)
        },
        .init("--expect-length", "SIZE", .verdict, "exact body length of a valid answer") {
            (draft, value) throws(ValueError) in
            draft.options.expectedLength = try Values.size(value[...], in: 0...Int.max)
        },
        .init("--max-error-rate", "SHARE", .verdict, "exit with 3 above this: 1% or 0.01") {
            (draft, value) throws(ValueError) in
            draft.options.limits.maximumErrorRate = try Quantity.share(value)
        },
        .init(
            "--slo", "LIMIT,…", .verdict,
            "exit with 3 unless kept: p99=20ms, rps>=1000;\np50 p75 p90 p95 p99 p99.9 p99.99 max mean rps"
        ) { (draft, value) throws(ValueError) in
            for part in value.split(separator: ",", omittingEmptySubsequences: false) {
                draft.options.limits.serviceLevels.append(try ServiceLevel.parse(part))
            }
        },
    ]

    private static let output: [OptionSpecification] = [
        .init("--json", "FILE", .output, "one JSON object; - is standard output") { draft, value in
            draft.options.output.json = value
        },
        .init("--csv", "FILE", .output, "a line of names and a line of values") { draft, value in
            draft.options.output.csv = value
        },
        .init("--timeseries", "FILE", .output, "one JSON object per second") { draft, value in
            draft.options.output.timeSeries = value
        },
        .init("--html", "FILE", .output, "a page with charts, complete in itself") { draft, value in
            draft.options.output.html = value
        },
        .init("--hgrm", "FILE", .output, "percentiles for HdrHistogram's plotter") { draft, value in
            draft.options.output.percentiles = value
        },
        .init("--hdr-log", "FILE", .output, "HdrHistogram's log, V2, one line per second") {
            draft, value in
            draft.options.output.histogramLog = value
        },
        .init("--prom", "FILE", .output, "metrics in Prometheus' text format") { draft, value in
            draft.options.output.prometheus = value
        },
        .init("-q --quiet", nil, .output, "no live display and no report") { draft, _ in
            draft.options.output.isQuiet = true
        },
        .init("--no-color", nil, .output, "no colours, even on a terminal") { draft, _ in
            draft.options.output.isPlain = true
        },
    ]
}

/// What has been read of a command line, before its parts are put together.
struct OptionDraft {
    var options = Options()
    var url: TargetURL?
    var host: String?
    var port: Int?
    var path: String?
    var method: String?
    var dataText: String?
    var dataFile: String?
    var mixFile: String?
    var duration: UInt64?
    var connectTimeout: UInt64?
    var rates: (first: RequestRate, last: RequestRate)?
}
