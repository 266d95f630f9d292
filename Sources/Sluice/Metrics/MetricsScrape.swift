internal import HTTPEngine
internal import Syscalls

/// What one look at the metrics shows, apart from routes: read once, so that it fits together.
struct MetricsScrape: Sendable {
    /// Lines that the access log has written, and those that it had to drop.
    struct AccessLogCounts: Sendable {
        let written: UInt64
        let dropped: UInt64
    }

    let engineName: String
    let instanceID: String
    let startTime: Int64
    /// `running`, `draining` or `stopped`.
    let phase: String
    let drainNanoseconds: UInt64?
    let engine: EngineStatistics.Snapshot
    /// `nil` where proc(5) cannot be read.
    let process: ProcessStatistics?
    let openFileCount: Int?
    let offload: OffloadCounts
    /// `nil` without an access log.
    let accessLog: AccessLogCounts?
    let failures: [(kind: FailureKind, count: UInt64)]
    let reusedCount: UInt64

    /// Requests that have begun and are not over. The two numbers are not from one moment.
    var inFlightCount: UInt64 {
        let (begun, ended) = (engine[.begunRequests], engine[.endedRequests])
        return begun > ended ? begun - ended : 0
    }

    /// Connections that are not between two requests.
    var activeCount: Int {
        engine.openConnections - (engine.connections[.idle] ?? 0)
    }
}
