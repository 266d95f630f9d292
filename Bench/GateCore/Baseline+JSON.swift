package import Presentation

extension Baseline {
    /// The version of the file. Another one is refused: guessing what changed would compare apples
    /// with oranges.
    package static let schemaVersion = 1

    /// The file's content.
    package var json: JSONValue {
        .object([
            .init("schema_version", .integer(Self.schemaVersion)),
            .init(
                "machine",
                .object([
                    .init("processor", .string(machine.processor)),
                    .init("cores", .integer(machine.coreCount)),
                    .init("kernel", .string(machine.kernel)),
                    .init("architecture", .string(machine.architecture)),
                ])),
            .init("scenarios", .array(scenarios.map(\.json))),
        ])
    }

    /// Reads a file that `json` gave. Throws unless it is whole.
    package init(parsing bytes: [UInt8]) throws(BaselineError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(bytes)
        } catch { throw Self.unreadable(error.description) }
        guard let version = value["schema_version"]?.integer else {
            throw Self.unreadable("schema_version is missing")
        }
        guard version == Self.schemaVersion else {
            throw Self.unreadable(
                "it has version \(version), this gate reads \(Self.schemaVersion)")
        }
        let root = RecordReader(value: value, path: "")
        let machine = try root.child("machine")
        self.init(machine: GateEnvironment.Machine(), scenarios: [])
        self.machine.processor = try machine.string("processor")
        self.machine.coreCount = try machine.integer("cores")
        self.machine.kernel = try machine.string("kernel")
        self.machine.architecture = try machine.string("architecture")
        scenarios = try root.children("scenarios").map(ScenarioRecord.init)
    }

    fileprivate static func unreadable(_ why: String) -> BaselineError {
        BaselineError("this is no baseline of the gate: \(why); save one with --save-baseline")
    }
}

extension Baseline.ScenarioRecord {
    fileprivate var json: JSONValue {
        .object([
            .init("name", .string(scenario.name)),
            .init("path", .string(scenario.path)),
            .init("concurrency", .integer(scenario.connectionCount)),
            .init("pipeline_depth", .integer(scenario.pipelineDepth)),
            .init("keepalive", .bool(scenario.keepsAlive)),
            .init("think_time_ns", .count(scenario.thinkTime)),
            .init("warm_up_ns", .count(scenario.warmUp)),
            .init("duration_ns", .count(scenario.duration)),
            .init("open_duration_ns", .count(scenario.openDuration)),
            .init("open_rate", openRate.map { .number($0) } ?? .null),
            .init("engines", .array(engines.map(\.json))),
        ])
    }

    fileprivate init(_ reader: RecordReader) throws(BaselineError) {
        scenario = Scenario(
            name: try reader.string("name"), connectionCount: try reader.integer("concurrency"))
        scenario.path = try reader.string("path")
        scenario.pipelineDepth = try reader.integer("pipeline_depth")
        scenario.keepsAlive = try reader.bool("keepalive")
        scenario.thinkTime = try reader.count("think_time_ns")
        scenario.warmUp = try reader.count("warm_up_ns")
        scenario.duration = try reader.count("duration_ns")
        scenario.openDuration = try reader.count("open_duration_ns")
        openRate = try reader.numberOrNull("open_rate")
        engines = try reader.children("engines").map(Baseline.EngineRecord.init)
    }
}

extension Baseline.EngineRecord {
    fileprivate var json: JSONValue {
        let rounds = Metric.allCases.map { metric in
            let values = values[metric, default: []].map { $0.map(JSONValue.number) ?? .null }
            return JSONValue.Member(metric.rawValue, .array(values))
        }
        return .object([
            .init("engine", .string(engine)),
            .init("command", .string(command)),
            .init("rounds", .object(rounds)),
        ])
    }

    fileprivate init(_ reader: RecordReader) throws(BaselineError) {
        engine = try reader.string("engine")
        command = try reader.string("command")
        let rounds = try reader.child("rounds")
        values = [:]
        for metric in Metric.allCases {
            values[metric] = try rounds.numbersOrNull(metric.rawValue)
        }
    }
}

/// Takes members out of an object, with errors that name the whole path.
private struct RecordReader {
    let value: JSONValue
    /// What stands before a name in an error; empty or ends with a point.
    let path: String

    func wrong(_ name: String) -> BaselineError {
        Baseline.unreadable("\(path)\(name) is wrong or missing")
    }

    func child(_ name: String) throws(BaselineError) -> RecordReader {
        guard let value = value[name], value.members != nil else { throw wrong(name) }
        return RecordReader(value: value, path: path + name + ".")
    }

    func children(_ name: String) throws(BaselineError) -> [RecordReader] {
        guard let values = value[name]?.array else { throw wrong(name) }
        return values.enumerated().map {
            RecordReader(value: $1, path: "\(path)\(name)[\($0)].")
        }
    }

    func string(_ name: String) throws(BaselineError) -> String {
        guard let text = value[name]?.string else { throw wrong(name) }
        return text
    }

    func bool(_ name: String) throws(BaselineError) -> Bool {
        guard let bool = value[name]?.bool else { throw wrong(name) }
        return bool
    }

    /// A whole number, not negative: none of ours is.
    func integer(_ name: String) throws(BaselineError) -> Int {
        guard let integer = value[name]?.integer, integer >= 0 else { throw wrong(name) }
        return integer
    }

    func count(_ name: String) throws(BaselineError) -> UInt64 {
        UInt64(try integer(name))
    }

    func numberOrNull(_ name: String) throws(BaselineError) -> Double? {
        guard let value = value[name] else { throw wrong(name) }
        if value == .null { return nil }
        guard let number = value.double else { throw wrong(name) }
        return number
    }

    /// As many as there may be rounds, none of them negative.
    func numbersOrNull(_ name: String) throws(BaselineError) -> [Double?] {
        guard let values = value[name]?.array, values.count <= Baseline.maximumRoundCount else {
            throw wrong(name)
        }
        var numbers: [Double?] = []
        for value in values {
            let number = value.double
            guard value == .null || (number ?? -1) >= 0 else { throw wrong(name) }
            numbers.append(number)
        }
        return numbers
    }
}
