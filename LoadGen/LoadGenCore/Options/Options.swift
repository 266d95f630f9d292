/// Everything that a load run is told. Times are nanoseconds.
package struct Options: Sendable, Equatable {
    /// Where requests go.
    package var target = TargetURL.standard
    /// A Unix socket to connect to instead of the target's host and port.
    package var unixPath: String?
    /// Local addresses that connections are spread over; empty lets the kernel choose. Each adds
    /// some 28,000 client ports.
    package var sourceAddresses: [String] = []

    /// Connections that are kept open, 1 to 1,000,000.
    package var connectionCount = 100
    /// Threads, each with a loop and a share of the connections; nil leaves it to the program.
    package var threadCount: Int?
    /// Requests that may be outstanding on one connection.
    package var pipelineDepth = 1
    /// Whether a connection serves more than one request.
    package var keepsAlive = true
    /// Requests after which a connection is replaced; nil for never.
    package var reconnectEvery: Int?

    /// Length of the measured part; nil when only the number of requests ends it.
    package var duration: UInt64? = 10_000_000_000
    /// Requests after which the run ends; nil when only the duration ends it.
    package var requestLimit: Int?
    /// Load before the measured part, on the same connections and not counted.
    package var warmUp: UInt64 = 0
    /// Time over which the connections are opened; zero opens them all at once.
    package var connectRamp: UInt64 = 0
    /// When requests are due.
    package var schedule = Schedule.closedLoop
    /// Pause of a connection after an answer, in a closed loop.
    package var thinkTime = ThinkTime.none
    /// Lateness beyond which a planned request is not sent and counts as an error.
    package var deadline: UInt64?

    /// The longest wait for an answer.
    package var timeout: UInt64 = 2_000_000_000
    /// The longest wait for a connection.
    package var connectTimeout: UInt64 = 2_000_000_000

    /// What is sent: one entry, or those of `--mix`.
    package var mix = Mix([MixEntry(weight: 1, method: "GET", path: "/", body: [])])
    /// Fields of every request, besides those that the program sets.
    package var headerFields: [HeaderField] = []
    /// The body's media type, unless a header field says it.
    package var contentType: String?
    /// Whether bodies go out with chunked framing.
    package var sendsChunked = false
    /// Whether a body waits for `100 Continue`.
    package var expectsContinue = false

    /// Statuses that count as valid.
    package var expectedStatus = StatusSet.standard
    /// The exact body of a valid answer.
    package var expectedBody: [UInt8]?
    /// The exact body length of a valid answer.
    package var expectedLength: Int?

    /// Decides every random number.
    package var seed: UInt64 = 1
    /// What the result must keep.
    package var limits = ResultLimits()
    /// What is printed and written.
    package var output = OutputOptions()

    /// The options of a command line that says nothing.
    package init() {}

    /// The threads that a run uses when nothing is said: half of the cores, since the server
    /// usually shares the machine, but no more than there are connections.
    package static func automaticThreadCount(coreCount: Int, connectionCount: Int) -> Int {
        max(1, min(coreCount / 2, connectionCount))
    }
}

/// Limits of the run's own, which end the program with 3 when broken.
package struct ResultLimits: Sendable, Equatable {
    /// The largest share of requests that may fail.
    package var maximumErrorRate: Double?
    /// Bounds for latency and rate.
    package var serviceLevels: [ServiceLevel] = []
    /// No limits.
    package init() {}
}

/// Where results go. Each path may be `-` for standard output, but only one of them.
package struct OutputOptions: Sendable, Equatable {
    /// The result as one JSON object.
    package var json: String?
    /// The result as a table of two lines.
    package var csv: String?
    /// One JSON object per second.
    package var timeSeries: String?
    /// Percentiles in HdrHistogram's text form.
    package var percentiles: String?
    /// HdrHistogram's log, one line per second.
    package var histogramLog: String?
    /// A page with charts.
    package var html: String?
    /// Metrics for a Prometheus text file collector.
    package var prometheus: String?
    /// Whether the live display and the report are left out.
    package var isQuiet = false
    /// Whether colours are left out even on a terminal.
    package var isPlain = false
    /// Nothing but the report.
    package init() {}

    var standardOutputCount: Int {
        [json, csv, timeSeries, percentiles, histogramLog, html, prometheus]
            .count { $0 == "-" }
    }
}

/// What a command line asks for.
package enum Invocation: Sendable, Equatable {
    /// Load a server.
    case run(Options)
    /// Add the JSON results of several runs.
    case merge(files: [String], limits: ResultLimits, output: OutputOptions)
    /// Print the help text.
    case help
    /// Print the version.
    case version
}
