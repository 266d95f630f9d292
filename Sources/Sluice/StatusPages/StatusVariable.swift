internal import HTTPEngine
internal import Syscalls

/// A number with a name, as `/_status/vars` lists it and its series shows it.
struct StatusVariable: Sendable {
    typealias Value = StatusDocument.Value

    let name: String
    /// What it is now, and in the last second.
    private let value: @Sendable (StatusReading, StatusFrame?) -> Value

    private init(
        _ name: String, _ value: @escaping @Sendable (StatusReading, StatusFrame?) -> Value
    ) {
        self.name = name
        self.value = value
    }

    /// - Parameter frame: The last second; `nil`: there has been none.
    func value(_ reading: StatusReading, _ frame: StatusFrame?) -> Value { value(reading, frame) }

    /// The same for a series; not a number where there is none.
    func number(_ reading: StatusReading, _ frame: StatusFrame) -> Double {
        switch value(reading, frame) {
        case .count(let count), .bytes(let count): Double(count)
        case .seconds(let number), .rate(let number), .byteRate(let number), .share(let number),
            .number(let number):
            number
        case .none, .text, .link, .numbers: .nan
        }
    }

    /// All of them, by name.
    static let all: [StatusVariable] = {
        var all = ofRequests + ofConnections + ofTheLoop + ofTheProcess
        for state in EngineStatistics.ConnectionState.allCases {
            all.append(
                StatusVariable("connections_\(state)") { reading, _ in
                    .count(UInt64(reading.engine.connections[state] ?? 0))
                })
        }
        return all.sorted { $0.name < $1.name }
    }()

    private static func counter(
        _ name: String, _ counter: EngineStatistics.Counter
    ) -> StatusVariable {
        StatusVariable(name) { reading, _ in .count(reading.engine[counter]) }
    }

    private static func rate(
        _ name: String, _ rate: @escaping @Sendable (StatusFrame) -> Double
    ) -> StatusVariable {
        StatusVariable(name) { _, frame in frame.map { .rate(rate($0)) } ?? .none }
    }

    private static func percentile(_ name: String, _ share: Double) -> StatusVariable {
        StatusVariable(name) { _, frame in
            frame?.requests.percentile(share).map { .seconds($0) } ?? .none
        }
    }

    private static let ofRequests = [
        StatusVariable("requests_total") { reading, _ in .count(reading.total.requestCount) },
        StatusVariable("requests_in_flight") { reading, _ in .count(reading.inFlightCount) },
        StatusVariable("requests_reused_connection") { reading, _ in .count(reading.reusedCount) },
        StatusVariable("requests_client_errors") { reading, _ in
            .count(reading.total.clientErrorCount)
        },
        StatusVariable("requests_server_errors") { reading, _ in
            .count(reading.total.serverErrorCount)
        },
        StatusVariable("requests_broken_off") { reading, _ in .count(reading.brokenCount) },
        rate("requests_second") { $0.requests.requestRate },
        rate("requests_client_errors_second") { $0.requests.clientErrorRate },
        rate("requests_server_errors_second") { $0.requests.serverErrorRate },
        rate("requests_broken_off_second") { $0.brokenRate },
        percentile("latency_50", 0.5),
        percentile("latency_90", 0.9),
        percentile("latency_95", 0.95),
        percentile("latency_99", 0.99),
        percentile("latency_999", 0.999),
        StatusVariable("latency_max_ever") { reading, _ in
            .seconds(Double(reading.total.longestNanoseconds) / 1e9)
        },
    ]

    private static let ofConnections = [
        counter("connections_accepted", .acceptedConnections),
        counter("connections_over_limit", .overflowConnections),
        counter("connections_closed", .closedConnections),
        counter("accept_pauses", .acceptPauses),
        StatusVariable("connections_open") { reading, _ in
            .count(UInt64(reading.engine.openConnections))
        },
        StatusVariable("bytes_received") { reading, _ in .bytes(reading.engine[.receivedBytes]) },
        StatusVariable("bytes_sent") { reading, _ in .bytes(reading.engine[.sentBytes]) },
        StatusVariable("bytes_received_second") { _, frame in
            frame.map { .byteRate($0.receivedByteRate) } ?? .none
        },
        StatusVariable("bytes_sent_second") { _, frame in
            frame.map { .byteRate($0.sentByteRate) } ?? .none
        },
    ]

    private static let ofTheLoop = [
        counter("loop_turns", .turns),
        counter("loop_timers", .timers),
        counter("loop_tasks", .tasks),
        StatusVariable("loop_turn_mean") { _, frame in
            frame?.turnSeconds.map { .seconds($0) } ?? .none
        },
        StatusVariable("loop_turn_longest") { reading, _ in
            .seconds(Double(reading.engine[.longestTurnNanoseconds]) / 1e9)
        },
        StatusVariable("offload_busy") { _, _ in .count(UInt64(OffloadPool.shared.busyCount)) },
        StatusVariable("offload_queued") { _, _ in .count(UInt64(OffloadPool.shared.queuedCount)) },
    ]

    private static let ofTheProcess = [
        StatusVariable("process_cpu_seconds") { reading, _ in
            .number(Double(reading.processorNanoseconds) / 1e9)
        },
        StatusVariable("process_cpu_share") { _, frame in
            frame.map { .share($0.processorShare) } ?? .none
        },
        StatusVariable("process_resident_bytes") { reading, _ in
            reading.process.map { .bytes($0.residentByteCount) } ?? .none
        },
        StatusVariable("process_virtual_bytes") { reading, _ in
            reading.process.map { .bytes($0.virtualByteCount) } ?? .none
        },
        StatusVariable("process_open_files") { reading, _ in
            reading.process?.openFileCount.map { .count(UInt64($0)) } ?? .none
        },
        StatusVariable("process_threads") { reading, _ in
            reading.process.map { .count(UInt64($0.threadCount)) } ?? .none
        },
    ]
}
