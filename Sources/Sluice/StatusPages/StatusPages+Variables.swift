internal import HTTPEngine
internal import Syscalls

extension StatusPages {
    /// `/_status/vars`, `/_status/vars/NAME,PATTERN…`, `?series`
    func variables(_ question: Question) throws -> StatusDocument {
        let patterns = NamePatterns(question.rest)
        if question.query["series"] != nil { return try series(patterns) }
        let reading = StatusReading(inside)
        let frame = history.latest
        var pairs = StatusVariable.all.map { variable in
            Document.Pair(variable.name, variable.name, variable.value(reading, frame))
        }
        pairs += otherVariables(reading)
        let shown = pairs.filter { patterns.matches($0.key) }.sorted { $0.key < $1.key }
        guard !shown.isEmpty || patterns.hasWildcards else { throw Self.unknownVariable }
        return Document("Variables", [Document.Section("", "", pairs: shown)])
    }

    /// What has no series: texts, and what has names only once it has occurred.
    private func otherVariables(_ reading: StatusReading) -> [Document.Pair] {
        func pair(_ name: String, _ value: Value) -> Document.Pair { .init(name, name, value) }
        let uptime = reading.time.nanoseconds - inside.statistics.start.nanoseconds
        var pairs = [
            pair("server_version", .text(version)), pair("server_engine", .text(inside.engineName)),
            pair("server_instance", .text(inside.instanceID)),
            pair("server_state", .text(reading.phase)),
            pair("server_uptime", .seconds(Double(uptime) / 1e9)),
        ]
        for entry in reading.total.statuses {
            pairs.append(pair("status_\(entry.code)", .count(entry.count)))
        }
        for failure in reading.failures {
            pairs.append(pair("failure_\(failure.kind.name)", .count(failure.count)))
        }
        for error in reading.engine.readErrors {
            pairs.append(pair("read_error_\(error.name)", .count(error.count)))
        }
        for error in reading.engine.writeErrors {
            pairs.append(pair("write_error_\(error.name)", .count(error.count)))
        }
        if let slow { pairs.append(pair("requests_slow", .count(slow.count))) }
        return pairs
    }

    /// The last 60 seconds and the last 60 minutes of each, the oldest first.
    private func series(_ patterns: NamePatterns) throws -> StatusDocument {
        let found = StatusVariable.all.indices.filter {
            patterns.matches(StatusVariable.all[$0].name)
        }
        guard !found.isEmpty || patterns.hasWildcards else { throw Self.unknownVariable }
        let sections = found.map { index in
            let (name, series) = (StatusVariable.all[index].name, history.series(index))
            return Document.Section(
                name, name,
                pairs: [
                    .init("seconds", "Last 60 seconds", .numbers(series.seconds)),
                    .init("minutes", "Last 60 minutes", .numbers(series.minutes)),
                ])
        }
        return Document("Series", sections)
    }

    private static let unknownVariable = HTTPError(
        .notFound, code: "no_such_variable",
        message: "there is no variable of this name; /_status/vars lists all")
}
