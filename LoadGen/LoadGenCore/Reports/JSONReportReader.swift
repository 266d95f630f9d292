internal import Containers
internal import Presentation

/// Why a file is not a result that can be added.
package struct ResultReadingError: Error, Equatable, CustomStringConvertible {
    /// The line that is printed, behind the file's name.
    package var description: String
}

/// Reads back what `JSONReport` wrote.
package enum JSONReportReader {
    /// The result in `bytes`. Everything is checked: a file may come from anywhere.
    package static func read(_ bytes: [UInt8]) throws(ResultReadingError) -> RunResult {
        let json: JSONValue
        do {
            json = try JSONParser.parse(bytes)
        } catch { throw ResultReadingError(description: error.description) }
        let root = Reader(value: json, path: "")
        guard try root.string("tool") == "loadgen" else { throw root.wrong("tool") }
        let version = try root.integer("schema_version")
        guard version == JSONReport.schemaVersion else {
            throw ResultReadingError(
                description: "schema_version is \(version), this loadgen reads "
                    + "\(JSONReport.schemaVersion)")
        }
        let description = try description(root)
        var result = RunResult(
            description, threads: [], isInterrupted: try root.bool("interrupted"))
        result.machineCount = try root.child("config").integer("machines")
        result.total = try total(root, isOpenLoop: description.rate != nil)
        for share in try root.child("client").array("thread_cpu") {
            guard let share = share.double else { throw root.wrong("client.thread_cpu") }
            result.threadCPUShares.append(share)
        }
        result.total.cpuShare = result.threadCPUShares.max() ?? 0
        return result
    }

    private static func description(_ root: Reader) throws(ResultReadingError) -> RunDescription {
        let config = try root.child("config")
        var description = RunDescription()
        description.target = try config.string("target")
        description.connectionCount = try config.integer("connections")
        description.pipelineDepth = try config.integer("pipeline_depth")
        description.threadCount = try config.integer("threads")
        description.keepsAlive = try config.bool("keepalive")
        description.warmUp = try config.count("warmup_ns")
        description.timeout = try config.count("timeout_ns")
        description.startMilliseconds = try config.integer("started_ms")
        description.seed = try config.count("seed")
        if try config.string("loop") == "open" {
            let rate = try root.child("rate")
            description.rate = try rate.string("planned")
            description.plannedCount = try rate.count("planned_requests")
        }
        return description
    }

    private static func total(
        _ root: Reader, isOpenLoop: Bool
    ) throws(ResultReadingError) -> ThreadResult {
        var total = ThreadResult(isOpenLoop: isOpenLoop)
        total.validCount = try root.count("valid")
        total.sentCount = try root.count("sent")
        total.sentAgainCount = try root.count("sent_again")
        total.outstandingCount = try root.count("in_flight_at_end")
        total.unsentCount = try root.count("unsent")
        total.elapsed = try root.count("elapsed_ns")
        total.connectionCount = try root.child("connections").count("opened")
        total.reconnectCount = try root.child("connections").count("reconnects")
        total.receivedByteCount = try root.child("bytes").count("received")
        total.sentByteCount = try root.child("bytes").count("sent")
        total.responseTime = try root.child("response_time").histogram(.latency)
        total.errorTime = try root.child("error_time").histogram(.latency)
        total.connectTime = try root.child("connect_time").histogram(.latency)
        total.sendLag = try root.child("send_lag").histogram(.latency)
        if isOpenLoop {
            total.sentInTimeCount = try root.child("rate").count("sent_in_time")
            total.serviceTime = try root.child("service_time").histogram(.latency)
        }
        let statuses = try root.child("status_counts")
        for member in statuses.value.members ?? [] {
            guard let code = Int(member.name), total.statusCounts.indices.contains(code) else {
                throw statuses.wrong(member.name)
            }
            total.statusCounts[code] = try statuses.count(member.name)
        }
        total.errors = try errors(root.child("errors_by_class"))
        total.fairness = try fairness(root.child("fairness"))
        total.series = try series(root.child("series"))
        return total
    }

    private static func errors(_ reader: Reader) throws(ResultReadingError) -> ErrorTally {
        var tally = ErrorTally()
        for member in reader.value.members ?? [] {
            guard let errorClass = ErrorClass.allCases.first(where: { $0.key == member.name })
            else { throw reader.wrong(member.name) }
            let entry = try reader.child(member.name)
            tally.record(
                ErrorExample(
                    errorClass: errorClass, detail: try entry.integer("first_detail"),
                    connection: try entry.integer("first_connection"),
                    time: try entry.count("first_ns")),
                count: try entry.count("count"))
        }
        return tally
    }

    private static func fairness(_ reader: Reader) throws(ResultReadingError) -> Fairness {
        guard var histogram = reader.decoded("hdr_v2"),
            histogram.restore(
                minimum: try reader.integer("min"), maximum: try reader.integer("max"),
                clampedCount: 0),
            let fairness = Fairness(
                requestsPerConnection: histogram, idleCount: try reader.count("idle"),
                sum: try reader.double("sum"), squareSum: try reader.double("square_sum"))
        else { throw reader.wrong("hdr_v2") }
        return fairness
    }

    private static func series(_ reader: Reader) throws(ResultReadingError) -> IntervalSeries {
        var rows: [IntervalRow] = []
        for (index, value) in try reader.array("rows").enumerated() {
            let entry = Reader(value: value, path: reader.path + "rows[\(index)].")
            var row = IntervalRow()
            row.validCount = try entry.count("valid")
            row.errorCount = try entry.count("errors")
            row.receivedByteCount = try entry.count("received")
            row.responseTime = try entry.histogram(.interval)
            rows.append(row)
        }
        guard
            let series = IntervalSeries(
                intervalLength: try reader.count("interval_ns"), rows: rows,
                elapsed: try reader.count("elapsed_ns"))
        else { throw reader.wrong("interval_ns") }
        return series
    }
}

/// Takes members out of an object, with errors that name the whole path.
private struct Reader {
    let value: JSONValue
    /// What stands before a name in an error; ends with a point.
    let path: String

    /// What a number may be, so that adding thousands of files never overflows. A nanosecond
    /// count reaches it after 52 days.
    private static let plausible = -(1 << 52)...(1 << 52)

    func wrong(_ name: String) -> ResultReadingError {
        ResultReadingError(
            description: "not a result of loadgen: \(path)\(name) is wrong or missing")
    }

    func child(_ name: String) throws(ResultReadingError) -> Reader {
        guard let value = value[name], value.members != nil else { throw wrong(name) }
        return Reader(value: value, path: path + name + ".")
    }

    func integer(_ name: String) throws(ResultReadingError) -> Int {
        guard let integer = value[name]?.integer, Self.plausible.contains(integer) else {
            throw wrong(name)
        }
        return integer
    }

    func count(_ name: String) throws(ResultReadingError) -> UInt64 {
        guard let count = UInt64(exactly: try integer(name)) else { throw wrong(name) }
        return count
    }

    func double(_ name: String) throws(ResultReadingError) -> Double {
        guard let double = value[name]?.double else { throw wrong(name) }
        return double
    }

    func bool(_ name: String) throws(ResultReadingError) -> Bool {
        guard let bool = value[name]?.bool else { throw wrong(name) }
        return bool
    }

    func string(_ name: String) throws(ResultReadingError) -> String {
        guard let string = value[name]?.string else { throw wrong(name) }
        return string
    }

    func array(_ name: String) throws(ResultReadingError) -> [JSONValue] {
        guard let array = value[name]?.array else { throw wrong(name) }
        return array
    }

    func decoded(_ name: String) -> Histogram? {
        guard let text = value[name]?.string else { return nil }
        return try? HistogramCodec.decodeCompressedText(text)
    }

    func histogram(_ layout: HistogramLayout) throws(ResultReadingError) -> Histogram {
        guard var histogram = decoded("hdr_v2"), histogram.layout == layout,
            histogram.count < UInt64(Self.plausible.upperBound),
            histogram.restore(
                minimum: try integer("min_us"), maximum: try integer("max_us"),
                clampedCount: try count("above_range"))
        else { throw wrong("hdr_v2") }
        return histogram
    }
}

/// `loadgen merge`: the sum of several results.
package enum ResultMerge {
    /// Adds the results in `files`, each with its name for errors.
    package static func merge(
        _ files: [(name: String, bytes: [UInt8])]
    ) throws(ResultReadingError) -> RunResult {
        precondition(!files.isEmpty)
        var sum: RunResult?
        for (name, bytes) in files {
            do throws(ResultReadingError) {
                let result = try JSONReportReader.read(bytes)
                sum = try add(result, to: sum)
            } catch {
                throw ResultReadingError(description: "\(name): \(error.description)")
            }
        }
        return sum!
    }

    private static func add(
        _ result: RunResult, to sum: RunResult?
    ) throws(ResultReadingError) -> RunResult {
        guard var sum else { return result }
        do {
            try sum.merge(result)
        } catch { throw ResultReadingError(description: error.description) }
        return sum
    }
}
