internal import HTTPEngine

/// Makes for each thread of a server what records its exchanges.
final class ServerObserver: ExchangeObserver {
    private let requests: RequestMetrics?
    /// `nil`: messages are not shown.
    private let wireLog: ServerLog?

    init(requests: RequestMetrics?, wireLog: ServerLog?) {
        self.requests = requests
        self.wireLog = wireLog
    }

    func makeRecorder(thread: Int) -> any ExchangeRecorder {
        ThreadRecorder(metrics: requests?.shard(thread), wireTap: wireLog?.makeWireLog())
    }
}
