internal import HTTPEngine
internal import Presentation
internal import Syscalls

extension StatusPages {
    /// Connections that are shown at once, and at most: each costs a system call.
    static let usualConnectionCount = 256
    static let maxConnectionCount = 4_096

    /// `/_status/connections?limit=N`
    func connections(_ question: Question) throws -> StatusDocument {
        var limit = Self.usualConnectionCount
        if let text = question.query["limit"] {
            guard let number = Int(text), (1...Self.maxConnectionCount).contains(number) else {
                throw HTTPError(
                    .badRequest, code: "invalid_parameter",
                    message: "limit is not a number from 1 to \(Self.maxConnectionCount)",
                    field: "limit")
            }
            limit = number
        }
        let now = MonotonicClock.now()
        let connections = inside.statistics.connections(limit: limit)
        let open = inside.statistics.snapshot().openConnections
        func age(_ instant: Instant) -> Value {
            // What happened after we had read the clock has just happened.
            .seconds(Double(now.nanoseconds - min(now.nanoseconds, instant.nanoseconds)) / 1e9)
        }
        let rows = connections.sorted { $0.number < $1.number }.map { connection -> [Value] in
            [
                .count(connection.number), .text(connection.peer.description),
                .text("\(connection.state)"), age(connection.opened), age(connection.lastActive),
                .count(connection.requestCount), .bytes(connection.receivedByteCount),
                .bytes(connection.sentByteCount),
                connection.roundTripNanoseconds.map { .seconds(Double($0) / 1e9) } ?? .none,
            ]
        }
        return Document(
            "Connections",
            [
                Document.Section(
                    "connections", "Open connections",
                    [
                        .init("number", "Number"), .init("remote", "Remote"),
                        .init("state", "State"), .init("age_seconds", "Age"),
                        .init("idle_seconds", "Idle"), .init("requests", "Requests"),
                        .init("received_bytes", "Received"), .init("sent_bytes", "Sent"),
                        .init("round_trip_ms", "Round trip"),
                    ], rows: rows,
                    note: rows.count < open
                        ? "\(rows.count) of \(open); ?limit=\(Self.maxConnectionCount) shows more"
                        : "")
            ])
    }

    /// `/_status/routes`
    func routeTable() -> StatusDocument {
        let described = routes.map { route -> [Value] in
            let limits = route.limits
            return [
                .text(route.method?.rawValue ?? "ANY"), .text(route.pattern),
                limits.maxBodyBytes.map { .bytes(UInt64($0)) } ?? .none,
                limits.contentTypes.map { .text($0.joined(separator: " ")) } ?? .none,
                limits.deadline.map { .seconds($0 / .seconds(1)) } ?? .none,
                limits.maxConcurrent.map { .count(UInt64($0)) } ?? .none,
                route.endpoint.map { .text($0) } ?? .none,
            ]
        }
        return Document(
            "Routes",
            [
                Document.Section(
                    "routes", "All routes",
                    [
                        .init("method", "Method"), .init("pattern", "Pattern"),
                        .init("max_body_bytes", "Body"), .init("content_types", "Types"),
                        .init("deadline_seconds", "Deadline"),
                        .init("max_concurrent", "At once"), .init("endpoint", "Endpoint"),
                    ], rows: described),
                Document.Section(
                    "used", "What has been asked for", Self.routeColumns,
                    rows: usedRoutes(StatusReading(inside)).map(\.row)),
            ])
    }

    /// `/_status/slow`
    func slowRequests() -> StatusDocument {
        guard let slow else {
            return Document(
                "Slow requests",
                [Document.Section("slow", "", [], rows: [], note: "they are not being kept")])
        }
        let labels = inside.labels
        let rows = slow.entries.map { entry -> [Value] in
            let exchange = entry.exchange
            let route: RouteLabel? =
                labels.indices.contains(Int(exchange.label) - 1)
                ? labels[Int(exchange.label) - 1] : nil
            return [
                .text(Format.utcDate(secondsSince1970: Int(entry.endSeconds))),
                .text(route?.shownName ?? RouteLabel.pseudo(exchange.failure)),
                entry.text.map { .text("\($0.method) \($0.path)") } ?? .none,
                entry.text.map { .text($0.peer.description) } ?? .none,
                exchange.status == 0 ? .none : .text(String(exchange.status)),
                .seconds(Double(SlowRequests.wait(of: exchange)) / 1e9),
                .seconds(Double(exchange.latency) / 1e9),
                .bytes(exchange.sentByteCount), .count(exchange.connection),
            ]
        }
        let limit = Format.duration(microseconds: Double(slow.threshold) / 1_000)
        return Document(
            "Slow requests",
            [
                Document.Section(
                    "slow", "The last that were answered after \(limit) or more",
                    [
                        .init("ended", "Ended"), .init("route", "Route"),
                        .init("request", "Request"), .init("remote", "Remote"),
                        .init("status", "Status"), .init("first_byte_ms", "First byte"),
                        .init("latency_ms", "Whole"), .init("sent_bytes", "Sent"),
                        .init("connection", "Connection"),
                    ], rows: rows,
                    note: "\(slow.count) so far; the last \(SlowRequests.capacity) are kept")
            ])
    }

    /// `/_status/threads`
    func threads() -> StatusDocument {
        let threads = (try? ProcessThreads.all(limit: 1_024)) ?? []
        return Document(
            "Threads",
            [
                Document.Section(
                    "threads", "Threads of this process",
                    [
                        .init("id", "Number"), .init("name", "Name"), .init("state", "State"),
                        .init("user_seconds", "User"), .init("system_seconds", "System"),
                        .init("processor", "Processor"),
                    ],
                    rows: threads.map { thread in
                        [
                            .text(String(thread.id)), .text(thread.name), .text(thread.state),
                            .seconds(thread.userSeconds), .seconds(thread.systemSeconds),
                            .text(String(thread.processor)),
                        ]
                    },
                    note: threads.isEmpty ? "/proc is not there" : "")
            ])
    }

    /// `/_status/config`
    func settings() -> StatusDocument {
        Document(
            "Configuration",
            [
                Document.Section(
                    "settings", "Settings",
                    pairs: inside.settings.map { .init($0.name, $0.name, .text($0.value)) })
            ])
    }

    /// `/_status/version`
    func versions() -> StatusDocument {
        Document(
            "Version",
            [
                Document.Section(
                    "", "",
                    pairs: [
                        .init("version", "Version", .text(version)),
                        .init("engine", "Engine", .text(inside.engineName)),
                    ])
            ])
    }

    /// `/_status/health`: whether it takes requests, for whom a status is enough.
    func health(_ question: Question) -> Answer {
        let phase = inside.phase
        let isHealthy = phase == "running"
        let body: String =
            switch question.form {
            case .json: "{\"status\":\"\(isHealthy ? "ok" : phase)\"}\n"
            case .text, .html: isHealthy ? "OK\n" : "\(phase)\n"
            }
        return Answer(
            status: isHealthy ? .ok : .serviceUnavailable,
            form: question.form == .json ? .json : .text, body: body)
    }
}
