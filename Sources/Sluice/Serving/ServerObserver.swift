internal import HTTPEngine

/// Makes for each thread of a server what records its exchanges.
final class ServerObserver: ExchangeObserver {
    private let inside: ServerInside
    private let requests: RequestMetrics?
    /// `nil`: nobody looks for slow requests.
    private let slow: SlowRequests?
    private let accessLog: AccessLog?
    /// `nil`: messages are not shown.
    private let wireLog: ServerLog?

    init(
        _ inside: ServerInside, requests: RequestMetrics?, slow: SlowRequests?,
        accessLog: AccessLog?, wireLog: ServerLog?
    ) {
        self.inside = inside
        self.requests = requests
        self.slow = slow
        self.accessLog = accessLog
        self.wireLog = wireLog
    }

    func makeRecorder(thread: Int) -> any ExchangeRecorder {
        ThreadRecorder(
            metrics: requests?.shard(thread), slow: slow,
            accessLog: accessLog?.makeProducer(threadCount: inside.statistics.threadCount) {
                [inside] in AccessLogSurroundings(inside)
            },
            wireTap: wireLog?.makeWireLog())
    }
}
