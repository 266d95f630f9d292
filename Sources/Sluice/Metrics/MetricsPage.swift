internal import Containers
internal import HTTPEngine
internal import Syscalls

/// The body of `/metrics`: all families, in Prometheus's text format, as OpenMetrics or as JSON. One
/// block for each family, so that a parser never meets one twice.
struct MetricsPage {
    private let format: MetricsFormat
    private let source: MetricsSource
    private let scrape: MetricsScrape
    private var sections: [SlicedPage.Section] = []

    /// The body, made in slices.
    static func body(_ format: MetricsFormat, of source: MetricsSource) -> SlicedPage {
        var page = MetricsPage(format: format, source: source, scrape: source.scrape())
        page.addAll()
        return SlicedPage(page.sections)
    }

    private init(format: MetricsFormat, source: MetricsSource, scrape: MetricsScrape) {
        self.format = format
        self.source = source
        self.scrape = scrape
    }

    private mutating func addAll() {
        addServer()
        if let requests = source.requests() { addRequests(requests) }
        addExchanges()
        addConnections()
        addLoop()
        addThreads()
        addProcess()
        for family in source.registry.families { add(family) }
        add { $0.endPage() }
    }

    // MARK: - Requests

    /// Three families for each route that has been used: how many and how they ended, how long they
    /// took, how many bytes.
    private mutating func addRequests(_ requests: RequestMetrics) {
        let requestCounts = MetricHeader(
            "sluice_http_requests", .counter,
            "Requests that are over, by route, status and its class; 499: the client had gone.",
            unit: "requests")
        addByRoute(requestCounts, requests) { route, labels, writer in
            for entry in route.statuses {
                let code = MetricLabels(["code": entry.code, "class": entry.statusClass])
                writer.sample(requestCounts, "_total", labels, .count(entry.count), and: code)
            }
        }
        let durations = MetricHeader(
            "sluice_http_request_duration_seconds", .histogram,
            "From the read that completed a request to the flush of its answer.")
        addByRoute(durations, requests) { route, labels, writer in
            writer.histogram(
                durations, labels, bounds: Self.latencyBounds,
                counts: Self.exportedBuckets(of: route), sum: Double(route.nanoseconds) / 1e9)
        }
        let received = MetricHeader(
            "sluice_http_request_bytes", .counter, "Bytes of requests, heads and bodies.")
        addByRoute(received, requests) { route, labels, writer in
            writer.sample(received, "_total", labels, .count(route.receivedByteCount))
        }
        let sent = MetricHeader(
            "sluice_http_response_bytes", .counter, "Bytes of answers, heads and bodies.")
        addByRoute(sent, requests) { route, labels, writer in
            writer.sample(sent, "_total", labels, .count(route.sentByteCount))
        }
    }

    private static let latencyBounds = MetricLabels.bounds(
        LatencyBuckets.exported.map { Double($0) / 1e9 })

    /// The latencies of a route by the bounds that are told; not cumulative.
    private static func exportedBuckets(of route: RouteCounts) -> [UInt64] {
        let sums = LatencyBuckets.cumulated(route.latencies, to: LatencyBuckets.exported)
        let all = sums + [route.requestCount]
        return all.indices.map { $0 == 0 ? all[0] : all[$0] - all[$0 - 1] }
    }

    // MARK: - What the engine counts

    private mutating func addServer() {
        let build = MetricHeader(
            "sluice_build", .info, "The server's version, its engine and what it is called.")
        let labels = MetricLabels([
            "version": source.version, "engine": scrape.engineName,
            "instance_id": scrape.instanceID,
        ])
        add(isFirst: true) { writer in
            writer.beginPage()
            writer.begin(build)
            writer.sample(build, "_info", labels, .count(1))
        }
        addGauge(
            "sluice_start_time_seconds", "When the server was made, since 1970.",
            .count(UInt64(max(0, scrape.startTime))))
        let (phase, current) = (
            MetricHeader(
                "sluice_phase", .gauge, "1 for the state that the server is in: its life."),
            scrape.phase
        )
        add(phase) { writer in
            for name in ["running", "draining", "stopped"] {
                writer.sample(
                    phase, "", MetricLabels(["phase": name]), .count(name == current ? 1 : 0))
            }
        }
        addGauge(
            "sluice_drain_elapsed_seconds", "How long the server has been draining; 0 before.",
            .seconds(nanoseconds: scrape.drainNanoseconds ?? 0))
    }

    private mutating func addExchanges() {
        addGauge(
            "sluice_http_requests_in_flight", "Requests that have begun and are not over.",
            .count(scrape.inFlightCount), unit: "requests")
        addCounter(
            "sluice_http_requests_on_reused_connections",
            "Requests on connections that had an earlier one.", scrape.reusedCount,
            unit: "requests")
        let (rejected, interrupted) = (
            scrape.failures.filter(\.kind.isRejection),
            scrape.failures.filter { !$0.kind.isRejection }
        )
        addCounters(
            "sluice_http_rejected_requests", "Requests that the server has refused by itself.",
            "reason", rejected.map { ($0.kind.name, $0.count) }, unit: "requests")
        addCounters(
            "sluice_http_interrupted_requests",
            "Requests whose handler's time was up, whose client has gone, or whose answer broke.",
            "reason", interrupted.map { ($0.kind.name, $0.count) }, unit: "requests")
    }

    private mutating func addConnections() {
        let engine = scrape.engine
        addGauges(
            "sluice_connections", "Open connections, by what they do.", "state",
            EngineStatistics.ConnectionState.allCases.map { state in
                (state.name, UInt64(engine.connections[state] ?? 0))
            }, unit: "connections")
        addCounter(
            "sluice_connections_accepted", "Connections taken from the kernel.",
            engine[.acceptedConnections], unit: "connections")
        addCounter(
            "sluice_connections_closed", "Connections that are closed again.",
            engine[.closedConnections], unit: "connections")
        addCounters(
            "sluice_connections_rejected", "Connections that only heard 503.", "reason",
            [("overload", engine[.overflowConnections])], unit: "connections")
        addCounter(
            "sluice_accept_pauses", "Times that accepting paused for want of a descriptor.",
            engine[.acceptPauses])
        addCounter(
            "sluice_received_bytes", "Bytes received on all connections.", engine[.receivedBytes])
        addCounter("sluice_sent_bytes", "Bytes sent on all connections.", engine[.sentBytes])
        addCounters(
            "sluice_read_errors", "Errors of receiving, by the name of the error.", "error",
            engine.readErrors, unit: "errors")
        addCounters(
            "sluice_write_errors", "Errors of sending, by the name of the error.", "error",
            engine.writeErrors, unit: "errors")
    }

    private mutating func addLoop() {
        let engine = scrape.engine
        addHistogram(
            "sluice_pipeline_depth", "Requests that one connection has begun in a turn.",
            bounds: EngineStatistics.pipelineDepthBounds.map { Double($0) }, engine.pipelineDepths,
            sum: Double(engine[.begunRequests]), unit: "requests")
        addHistogram(
            "sluice_turn_duration_seconds", "How long the loop's turns took until their flush.",
            bounds: EngineStatistics.turnTimeBounds.map { Double($0) / 1e9 }, engine.turnTimes,
            sum: Double(engine[.turnNanoseconds]) / 1e9)
        addGauge(
            "sluice_turn_duration_longest_seconds", "The longest turn so far.",
            .seconds(nanoseconds: engine[.longestTurnNanoseconds]))
        addGauge(
            "sluice_timers", "Connections whose deadline the timer wheel holds.",
            .count(engine[.timers]))
        addGauge("sluice_tasks", "Answers of tasks that are under way.", .count(engine[.tasks]))
    }

    // MARK: - Other threads, and the process

    private mutating func addThreads() {
        let offload = scrape.offload
        addGauge(
            "sluice_offload_threads", "Threads of the pool for work that blocks.",
            .count(UInt64(offload.threads)), unit: "threads")
        addGauges(
            "sluice_offload_jobs_pending", "Work of that pool that is done now, or waits.",
            "state", [("running", UInt64(offload.busy)), ("queued", UInt64(offload.queued))],
            unit: "jobs")
        addCounter(
            "sluice_offload_jobs", "Work that the pool has taken in.", offload.accepted,
            unit: "jobs")
        addCounter(
            "sluice_offload_jobs_refused", "Work that the pool has refused, as its queue was full.",
            offload.refused, unit: "jobs")
        guard let log = scrape.accessLog else { return }
        addCounter(
            "sluice_access_log_lines", "Lines that the access log has written.", log.written,
            unit: "lines")
        addCounter(
            "sluice_access_log_dropped_lines", "Lines that it had to drop.", log.dropped,
            unit: "lines")
    }

    /// By the names that all of Prometheus's own libraries use.
    private mutating func addProcess() {
        guard let process = scrape.process else { return }
        let modes = MetricHeader(
            "sluice_process_cpu_mode_seconds", .counter, "Processor time, by whose it was.")
        add(modes) { writer in
            let times = [
                ("system", process.systemNanoseconds), ("user", process.userNanoseconds),
            ]
            for (mode, time) in times {
                writer.sample(
                    modes, "_total", MetricLabels(["mode": mode]), .seconds(nanoseconds: time))
            }
        }
        let time = MetricHeader(
            "process_cpu_seconds", .counter,
            "Processor time of the process and of the kernel for it.")
        let sum = process.userNanoseconds + process.systemNanoseconds
        add(time) { $0.sample(time, "_total", .none, .seconds(nanoseconds: sum)) }
        addGauge(
            "process_resident_memory_bytes", "Memory that is there.",
            .count(process.residentByteCount))
        addGauge(
            "process_virtual_memory_bytes", "Memory that has addresses.",
            .count(process.virtualByteCount))
        if let count = scrape.openFileCount {
            addGauge("process_open_fds", "Open descriptors.", .count(UInt64(count)))
        }
        addGauge(
            "process_max_fds", "Descriptors that may be open.", .count(process.maxOpenFileCount))
        addGauge(
            "process_threads", "Threads of the process.", .count(UInt64(process.threadCount)))
        if let start = ProcessStatistics.startSeconds {
            addGauge(
                "process_start_time_seconds", "When the process began, since 1970.", .number(start))
        }
    }
}

// MARK: - Writing

extension MetricsPage {
    /// Adds a part without items.
    private mutating func add(
        isFirst: Bool = false,
        _ write: @escaping @Sendable (inout SampleWriter) -> Void
    ) {
        let format = format
        sections.append(
            SlicedPage.Section { output in
                SampleWriter.append(format, to: &output, isFirstSample: isFirst, write)
            })
    }

    private mutating func add(
        _ header: MetricHeader, _ write: @escaping @Sendable (inout SampleWriter) -> Void
    ) {
        add { writer in
            writer.begin(header)
            write(&writer)
        }
    }

    private mutating func addGauge(
        _ name: String, _ help: String, _ value: SampleValue, unit: String? = nil
    ) {
        let header = MetricHeader(name, .gauge, help, unit: unit)
        add(header) { $0.sample(header, "", .none, value) }
    }

    private mutating func addGauges(
        _ name: String, _ help: String, _ label: String, _ values: [(String, UInt64)],
        unit: String? = nil
    ) {
        let header = MetricHeader(name, .gauge, help, unit: unit)
        add(header) { writer in
            for (value, count) in values {
                writer.sample(header, "", MetricLabels([label: value]), .count(count))
            }
        }
    }

    private mutating func addCounter(
        _ name: String, _ help: String, _ value: UInt64, unit: String? = nil
    ) {
        let header = MetricHeader(name, .counter, help, unit: unit)
        add(header) { $0.sample(header, "_total", .none, .count(value)) }
    }

    private mutating func addCounters(
        _ name: String, _ help: String, _ label: String, _ values: [(String, UInt64)],
        unit: String? = nil
    ) {
        let header = MetricHeader(name, .counter, help, unit: unit)
        add(header) { writer in
            for (value, count) in values {
                writer.sample(header, "_total", MetricLabels([label: value]), .count(count))
            }
        }
    }

    private mutating func addHistogram(
        _ name: String, _ help: String, bounds: [Double], _ counts: [UInt64], sum: Double,
        unit: String? = nil
    ) {
        let header = MetricHeader(name, .histogram, help, unit: unit)
        add(header) { writer in
            writer.histogram(
                header, .none, bounds: MetricLabels.bounds(bounds), counts: counts, sum: sum)
        }
    }

    /// Adds a family with samples for each route that has been used.
    private mutating func addByRoute(
        _ header: MetricHeader, _ requests: RequestMetrics,
        _ write: @escaping @Sendable (RouteCounts, MetricLabels, inout SampleWriter) -> Void
    ) {
        add(header) { _ in }
        let format = format
        sections.append(
            SlicedPage.Section {
                requests.routeCount
            } write: { row, output in
                guard let route = requests.route(row) else { return false }
                SampleWriter.append(format, to: &output) { writer in
                    write(route, requests.metricLabels[row], &writer)
                }
                return true
            })
    }

    /// Adds a family of the program's own.
    private mutating func add(_ family: MetricsRegistry.Family) {
        let header = family.header
        add(header) { _ in }
        let format = format
        let series = family.series()
        sections.append(
            SlicedPage.Section {
                series.count
            } write: { index, output in
                SampleWriter.append(format, to: &output) { writer in
                    series[index].series.write(header, series[index].labels, to: &writer)
                }
                return true
            })
    }
}

extension FailureKind {
    /// The server has answered by itself, as the request could not be served; else the exchange was
    /// broken off.
    var isRejection: Bool {
        switch self {
        case .malformed, .targetTooLong, .headTooLarge, .bodyTooLarge, .timedOut, .unsupported,
            .overloaded, .draining:
            true
        case .none, .deadline, .clientGone, .brokenAnswer: false
        }
    }
}

extension EngineStatistics.ConnectionState {
    /// What it is called in metrics.
    var name: String {
        switch self {
        case .idle: "idle"
        case .reading: "reading"
        case .answering: "answering"
        case .writing: "writing"
        case .closing: "closing"
        case .refused: "refused"
        }
    }
}
