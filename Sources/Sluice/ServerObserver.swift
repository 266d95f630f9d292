internal import HTTPEngine

/// Makes for each thread of a server what records its exchanges.
final class ServerObserver: ExchangeObserver {
    private let requests: RequestMetrics?

    init(requests: RequestMetrics?) {
        self.requests = requests
    }

    func makeRecorder(thread: Int) -> any ExchangeRecorder {
        ThreadRecorder(metrics: requests?.shard(thread))
    }
}
