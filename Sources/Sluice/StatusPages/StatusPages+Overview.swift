internal import HTTPEngine
internal import Syscalls

extension StatusPages {
    typealias Document = StatusDocument
    typealias Value = StatusDocument.Value

    /// Routes that the overview shows, the busiest first; `/_status/routes` shows all.
    static let maxOverviewRouteCount = 50

    /// `/_status`
    func overview() -> StatusDocument {
        let reading = StatusReading(inside)
        let frame = history.latest
        var document = Document(
            "Status", [identity(reading), requests(reading, frame), connectionStates(reading)])
        let rows = usedRoutes(reading)
        document.sections.append(
            Document.Section(
                "routes", "Requests by route", Self.routeColumns,
                rows: rows.prefix(Self.maxOverviewRouteCount).map { $0.row },
                note: rows.count > Self.maxOverviewRouteCount
                    ? "the busiest \(Self.maxOverviewRouteCount) of \(rows.count); all of them are "
                        + "at /_status/routes" : ""))
        document.sections.append(
            Document.Section(
                "pages", "Pages", [.init("path", "Path"), .init("title", "Title")],
                rows: (Self.all.map { ($0.path, $0.title) } + [(Dashboard.path, "Dashboard")]).map {
                    [.link($0, to: $0), .text($1)]
                }))
        return document
    }

    private func identity(_ reading: StatusReading) -> Document.Section {
        let uptime = reading.time.nanoseconds - inside.statistics.start.nanoseconds
        var pairs: [Document.Pair] = [
            .init("version", "Version", .text(version)),
            .init("engine", "Engine", .text(inside.engineName)),
            .init("state", "State", .text(reading.phase)),
            .init("uptime_seconds", "Uptime", .seconds(Double(uptime) / 1e9)),
            .init("threads", "Serving threads", .count(UInt64(inside.statistics.threadCount))),
            .init(
                "cpu_share", "Processor, last second",
                history.latest.map {
                    .share($0.processorShare)
                } ?? .none),
            .init(
                "resident_bytes", "Memory",
                reading.process.map {
                    .bytes($0.residentByteCount)
                } ?? .none),
        ]
        if !inside.instanceID.isEmpty {
            pairs.insert(.init("instance", "Instance", .text(inside.instanceID)), at: 0)
        }
        if let elapsed = inside.drainElapsed {
            pairs.append(
                .init("drain_elapsed_seconds", "Draining for", .seconds(Double(elapsed) / 1e9)))
        }
        return Document.Section("", "Server", pairs: pairs)
    }

    private func requests(_ reading: StatusReading, _ frame: StatusFrame?) -> Document.Section {
        let window = frame?.requests
        func percentile(_ share: Double) -> Value {
            window?.percentile(share).map { .seconds($0) } ?? .none
        }
        return Document.Section(
            "requests", "Requests",
            pairs: [
                .init("total", "Total", .count(reading.total.requestCount)),
                .init("in_flight", "In flight", .count(reading.inFlightCount)),
                .init("rate", "Rate, last second", window.map { .rate($0.requestRate) } ?? .none),
                .init(
                    "client_errors", "Client errors (4xx)", .count(reading.total.clientErrorCount)),
                .init(
                    "server_errors", "Server errors (5xx)", .count(reading.total.serverErrorCount)),
                .init("broken_off", "Broken off", .count(reading.brokenCount)),
                .init("latency_p50_ms", "Median latency, last second", percentile(0.5)),
                .init("latency_p95_ms", "95 % are within", percentile(0.95)),
                .init("latency_p99_ms", "99 % are within", percentile(0.99)),
                .init("received_bytes", "Received", .bytes(reading.engine[.receivedBytes])),
                .init("sent_bytes", "Sent", .bytes(reading.engine[.sentBytes])),
                .init("slow", "Slow", slow.map { .count($0.count) } ?? .none),
            ])
    }

    private func connectionStates(_ reading: StatusReading) -> Document.Section {
        let states = EngineStatistics.ConnectionState.allCases.map { state in
            let name = "\(state)"
            return Document.Pair(
                name, name.prefix(1).uppercased() + name.dropFirst(),
                .count(UInt64(reading.engine.connections[state] ?? 0)))
        }
        return Document.Section(
            "connections", "Connections",
            pairs: [
                .init("open", "Open", .count(UInt64(reading.engine.openConnections)))
            ] + states + [
                .init("accepted", "Accepted", .count(reading.engine[.acceptedConnections])),
                .init("over_limit", "Over the limit", .count(reading.engine[.overflowConnections])),
            ])
    }

    // MARK: Routes

    static let routeColumns: [Document.Column] = [
        .init("route", "Route"), .init("count", "Requests"), .init("rate", "Rate"),
        .init("client_errors", "4xx"), .init("server_errors", "5xx"),
        .init("latency_mean_ms", "Mean"), .init("latency_p50_ms", "p50"),
        .init("latency_p95_ms", "p95"), .init("latency_p99_ms", "p99"),
        .init("latency_max_ms", "Max"), .init("sent_bytes", "Sent"),
    ]

    /// The routes that have been used, the busiest first.
    func usedRoutes(_ reading: StatusReading) -> [(name: String, count: UInt64, row: [Value])] {
        let base = history.base
        let seconds = base.map { Double(reading.time.nanoseconds - $0.time.nanoseconds) / 1e9 }
        return reading.labels.indices.compactMap { index in
            guard let route = reading.routes[index] else { return nil }
            let before = base.flatMap { $0.routes.count > index ? $0.routes[index] : nil }
            let rate: Value =
                seconds.map {
                    .rate(StatusWindow(from: before, to: route, seconds: $0).requestRate)
                } ?? .none
            let name = reading.labels[index].shownName
            return (name, route.requestCount, Self.row(name, route, rate))
        }.sorted { ($0.count, $1.name) > ($1.count, $0.name) }
    }

    private static func row(_ name: String, _ route: RouteCounts, _ rate: Value) -> [Value] {
        let count = route.requestCount
        func percentile(_ share: Double) -> Value {
            route.percentileMilliseconds(share).map { .seconds($0 / 1_000) } ?? .none
        }
        return [
            .text(name), .count(count), rate, .count(route.clientErrorCount),
            .count(route.serverErrorCount),
            count > 0 ? .seconds(Double(route.nanoseconds) / Double(count) / 1e9) : .none,
            percentile(0.5), percentile(0.95), percentile(0.99),
            .seconds(Double(route.longestNanoseconds) / 1e9), .bytes(route.sentByteCount),
        ]
    }
}

extension RouteLabel {
    /// The pattern alone where there is no method to say.
    var shownName: String { method == "-" ? pattern : description }
}
