internal import HTTPEngine
internal import Presentation
internal import Syscalls

/// One second of a server, as the dashboard draws it.
struct StatusFrame: Sendable {
    /// Rises by one.
    let sequence: Int
    /// Its end, since 1970.
    let wallMilliseconds: Int64
    let phase: String
    let requests: StatusWindow
    /// Exchanges without a whole answer, in a second.
    let brokenRate: Double
    let receivedByteRate: Double
    let sentByteRate: Double
    let connections: [EngineStatistics.ConnectionState: Int]
    let inFlightCount: UInt64
    /// Of one processor: 1.5 is one and a half of them.
    let processorShare: Double
    let residentByteCount: UInt64
    /// The mean of the loop's turns, in seconds; `nil` without any.
    let turnSeconds: Double?
    /// All of it as the members of a JSON object, made once for all who look.
    private(set) var members = ""

    init(_ sequence: Int, from earlier: StatusReading, to later: StatusReading) {
        let nanoseconds = later.time.nanoseconds - earlier.time.nanoseconds
        let seconds = max(Double(nanoseconds) / 1e9, 0.001)
        func growth(_ counter: EngineStatistics.Counter) -> Double {
            let (before, after) = (earlier.engine[counter], later.engine[counter])
            return Double(after &- min(after, before))
        }
        self.sequence = sequence
        wallMilliseconds = later.wallMilliseconds
        phase = later.phase
        requests = StatusWindow(from: earlier.total, to: later.total, seconds: seconds)
        brokenRate =
            Double(later.brokenCount &- min(later.brokenCount, earlier.brokenCount)) / seconds
        receivedByteRate = growth(.receivedBytes) / seconds
        sentByteRate = growth(.sentBytes) / seconds
        connections = later.engine.connections
        inFlightCount = later.inFlightCount
        processorShare =
            Double(later.processorNanoseconds &- earlier.processorNanoseconds) / 1e9 / seconds
        residentByteCount = later.process?.residentByteCount ?? 0
        let turns = growth(.turns)
        turnSeconds = turns > 0 ? growth(.turnNanoseconds) / turns / 1e9 : nil
        let text = json.compactText
        members = String(text.dropFirst().dropLast())
    }

    private var json: JSONValue {
        let states = EngineStatistics.ConnectionState.allCases.map { state in
            JSONValue.Member("\(state)", .integer(connections[state] ?? 0))
        }
        return .object(
            [.init("t", .integer(Int(wallMilliseconds)))] + requests.members + [
                .init("broken", .rounded(brokenRate, 2)),
                .init("in", .rounded(receivedByteRate, 0)),
                .init("out", .rounded(sentByteRate, 0)),
                .init("cpu", .rounded(processorShare, 4)),
                .init("memory", .count(residentByteCount)),
                .init("turn_ms", turnSeconds.map { .rounded($0 * 1_000, 4) } ?? .null),
                .init("connections", .object(states)),
            ])
    }
}
