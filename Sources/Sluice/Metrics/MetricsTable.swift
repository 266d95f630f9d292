internal import Containers
internal import HTTPEngine
internal import Presentation
internal import Synchronization

/// The body of `/_metrics`: one JSON object, keys in order.
///
/// The numbers of all routes are read first, in slices, and remembered; so totals, the table of
/// statuses and what is said of each route fit together.
struct MetricsTable {
    /// What is said of one route.
    private struct Line: Sendable {
        let name: String
        let requestCount: UInt64
        let statuses: [RouteCounts.StatusCount]
        /// p50, p95 and p99, in milliseconds.
        let percentiles: [Double]
    }

    private struct Reading: Sendable {
        var all = RouteCounts()
        /// In the order of their names.
        var lines: [Line] = []
        /// 500s of handlers.
        var dispatchErrorCount: UInt64 = 0
    }

    /// Filled by the first part of the page.
    private final class Book: Sendable {
        let reading = Mutex(Reading())

        var value: Reading { reading.withLock { $0 } }
    }

    private let scrape: MetricsScrape
    private let requests: RequestMetrics?
    private let book = Book()
    private var sections: [SlicedPage.Section] = []

    /// The body, made in slices.
    static func body(of source: MetricsSource) -> SlicedPage {
        var page = MetricsTable(scrape: source.scrape(), requests: source.requests())
        page.addAll()
        return SlicedPage(page.sections)
    }

    private init(scrape: MetricsScrape, requests: RequestMetrics?) {
        self.scrape = scrape
        self.requests = requests
    }

    private mutating func addAll() {
        addReading()
        let (scrape, requests) = (scrape, requests)
        sections.append(SlicedPage.Section { $0.append("{") })
        add("active_connections", .integer(scrape.activeCount), isFirst: true)
        add("bytes_sent_total", .count(scrape.engine[.sentBytes]))
        add("drain_elapsed_ms", Self.milliseconds(scrape.drainNanoseconds ?? 0))
        add(
            "drain_inflight_remaining",
            .count(scrape.phase == "running" ? 0 : scrape.inFlightCount))
        add("drain_state", .string(scrape.phase))
        add("engine", .string(scrape.engineName))
        add("error_counts_by_class") { Self.errorClasses(scrape, $0) }
        add("inflight_requests", .count(scrape.inFlightCount))
        add("latency_buckets_ms") { Self.latencyBuckets($0.all) }
        addByRoute("latency_by_route_ms") { line in
            let names = ["p50", "p95", "p99"]
            return .object(zip(names, line.percentiles).map { .init($0, .rounded($1, 3)) })
        }
        add("latency_p99_ms") { .rounded($0.all.percentileMilliseconds(0.99) ?? 0, 3) }
        add("open_connections", .integer(scrape.engine.openConnections))
        add("read_errors_by_type", Self.counts(scrape.engine.readErrors))
        add("request_trace_id", requests?.lastTraceID.map(JSONValue.string) ?? .null)
        addByRoute("requests_by_route") { .count($0.requestCount) }
        add("requests_reused_connection", .count(scrape.reusedCount))
        addByRoute("status_by_route") { Self.statuses($0.statuses) }
        add("status_counts") { Self.statuses($0.all.statuses) }
        add("total_requests") { .count($0.all.requestCount) }
        add("write_errors_by_type", Self.counts(scrape.engine.writeErrors))
        sections.append(SlicedPage.Section { $0.append("\n}\n") })
    }

    /// Reads all routes in the order of their names.
    private mutating func addReading() {
        guard let requests else { return }
        let book = book
        sections.append(
            SlicedPage.Section {
                requests.routeCount
            } write: { item, _ in
                let row = requests.sortedRows[item]
                guard let route = requests.route(row) else { return false }
                let line = Line(
                    name: requests.names[row], requestCount: route.requestCount,
                    statuses: route.statuses,
                    percentiles: [0.5, 0.95, 0.99].map { route.percentileMilliseconds($0) ?? 0 })
                book.reading.withLock { reading in
                    reading.all.add(route)
                    reading.lines.append(line)
                    if !RequestMetrics.pseudoRoutes.indices.contains(row) {
                        reading.dispatchErrorCount += route.count(of: 500...500)
                    }
                }
                return true
            })
    }

    /// Requests by latency, each in one bucket only.
    private static func latencyBuckets(_ all: RouteCounts) -> JSONValue {
        let bounds = LatencyBuckets.tableMilliseconds
        let sums = LatencyBuckets.cumulated(all.latencies, to: bounds.map { $0 * 1_000_000 })
        var members: [JSONValue.Member] = []
        var last: UInt64 = 0
        for (bound, sum) in zip(bounds, sums) {
            members.append(.init("<= \(bound)ms", .count(sum - last)))
            last = sum
        }
        members.append(.init("> \(bounds[bounds.count - 1])ms", .count(all.requestCount - last)))
        return sorted(members)
    }

    /// `read` and `write`: errors of the sockets. `parse`: what the engine has refused as it was no
    /// request, or too large a one. `dispatch`: handlers that failed, and answers that broke.
    private static func errorClasses(_ scrape: MetricsScrape, _ reading: Reading) -> JSONValue {
        func sum(_ counts: [(name: String, count: UInt64)]) -> UInt64 {
            counts.reduce(0) { $0 + $1.count }
        }
        var (parse, dispatch) = (UInt64(0), reading.dispatchErrorCount)
        for (kind, count) in scrape.failures {
            switch kind {
            case .malformed, .targetTooLong, .headTooLarge, .bodyTooLarge, .unsupported:
                parse += count
            case .brokenAnswer: dispatch += count
            case .none, .timedOut, .overloaded, .draining, .deadline, .clientGone: break
            }
        }
        return .object([
            .init("dispatch", .count(dispatch)), .init("parse", .count(parse)),
            .init("read", .count(sum(scrape.engine.readErrors))),
            .init("tls_handshake", .integer(0)),
            .init("write", .count(sum(scrape.engine.writeErrors))),
        ])
    }

    private static func statuses(_ statuses: [RouteCounts.StatusCount]) -> JSONValue {
        sorted(statuses.map { .init($0.code, .count($0.count)) })
    }

    private static func counts(_ counts: [(name: String, count: UInt64)]) -> JSONValue {
        sorted(counts.map { .init($0.name, .count($0.count)) })
    }

    private static func sorted(_ members: [JSONValue.Member]) -> JSONValue {
        .object(members.sorted { $0.name < $1.name })
    }

    private static func milliseconds(_ nanoseconds: UInt64) -> JSONValue {
        .rounded(Double(nanoseconds) / 1e6, 3)
    }
}

// MARK: - Writing

extension MetricsTable {
    private mutating func add(_ key: String, _ value: JSONValue, isFirst: Bool = false) {
        sections.append(
            SlicedPage.Section { output in
                output.append("\(isFirst ? "" : ",")\n  \"\(key)\": \(value.compactText)")
            })
    }

    /// Adds a key whose value is worked out from what has been read of the routes.
    private mutating func add(
        _ key: String, _ value: @escaping @Sendable (Reading) -> JSONValue
    ) {
        let book = book
        sections.append(
            SlicedPage.Section { output in
                output.append(",\n  \"\(key)\": \(value(book.value).compactText)")
            })
    }

    /// Adds a key whose value has a member for each route.
    private mutating func addByRoute(
        _ key: String, _ value: @escaping @Sendable (Line) -> JSONValue
    ) {
        let book = book
        sections.append(SlicedPage.Section { $0.append(",\n  \"\(key)\": {") })
        sections.append(
            SlicedPage.Section {
                book.value.lines.count
            } write: { index, output in
                let line = book.value.lines[index]
                output.append(
                    "\(index == 0 ? "" : ",")\n    \(JSONText.quoted(line.name)): "
                        + value(line).compactText)
                return true
            })
        sections.append(SlicedPage.Section { $0.append("\n  }") })
    }
}
