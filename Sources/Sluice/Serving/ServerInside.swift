internal import HTTPEngine
internal import Synchronization
internal import Syscalls

/// What a server knows about itself: what metrics and status pages show. Any thread.
final class ServerInside: Sendable {
    /// `reactor` or `threadpool`.
    let engineName: String
    /// What this process is called in logs and metrics; empty: nothing.
    let instanceID: String
    /// When the server was made, in seconds since 1970.
    let startTime: Int64
    let statistics: EngineStatistics
    /// The settings, by name, secrets masked.
    let settings: [(name: String, value: String)]

    private struct Late {
        var control: EngineControl?
        var requests: RequestMetrics?
        var labels: [RouteLabel] = []
    }

    /// What is made after the routes that show it.
    private let late = Mutex(Late())

    init(
        engineName: String, instanceID: String, statistics: EngineStatistics,
        settings: [(name: String, value: String)]
    ) {
        self.engineName = engineName
        self.instanceID = instanceID
        self.statistics = statistics
        self.settings = settings
        startTime = WallClock.now().seconds
    }

    /// Requests by route; `nil` before the server is complete, or where nothing is counted.
    var requests: RequestMetrics? { late.withLock { $0.requests } }

    /// The routes, in the order of their labels: label n is at n − 1.
    var labels: [RouteLabel] { late.withLock { $0.labels } }

    /// `running`, `draining` or `stopped`.
    var phase: String {
        switch late.withLock({ $0.control })?.state {
        case .running, nil: "running"
        case .draining: "draining"
        case .stopped: "stopped"
        }
    }

    /// Nanoseconds since the drain began; `nil` before.
    var drainElapsed: UInt64? {
        late.withLock({ $0.control })?.drainStart.map {
            MonotonicClock.now().nanoseconds - $0.nanoseconds
        }
    }

    /// When the drain began; `nil` before.
    var drainStart: Instant? { late.withLock({ $0.control })?.drainStart }

    /// Completes it, before the server runs.
    func complete(control: EngineControl, requests: RequestMetrics?, labels: [RouteLabel]) {
        late.withLock { $0 = Late(control: control, requests: requests, labels: labels) }
    }
}
