internal import Containers
internal import HTTPEngine

/// Counts requests, and makes the page about them, without a server around: for what measures these
/// alone.
package struct MetricsMeasuring: Sendable {
    private let requests: RequestMetrics
    private let source: MetricsSource

    /// For routes 1 ... `routeCount`.
    package init(routeCount: Int) {
        let labels = (1...routeCount).map { RouteLabel(method: "GET", pattern: "/routes/\($0)") }
        let requests = RequestMetrics(labels: labels, threadCount: 1)
        self.requests = requests
        // Nothing that differs from run to run, such as the process's memory.
        let scrape = MetricsScrape(
            engineName: "reactor", instanceID: "", startTime: 0, phase: "running",
            drainNanoseconds: nil,
            engine: EngineStatistics(threadCount: 1, connectionCount: 1).snapshot(), process: nil,
            openFileCount: nil,
            offload: OffloadCounts(threads: 0, busy: 0, queued: 0, accepted: 0, refused: 0),
            accessLog: nil, failures: requests.failures, reusedCount: requests.reusedCount)
        source = MetricsSource(registry: MetricsRegistry(), version: "0") {
            requests
        } scrape: {
            scrape
        }
    }

    /// What the one thread counts with; ask once.
    package var shard: RequestMetricsShard { requests.shard(0) }

    /// What has been counted.
    package var requestCount: UInt64 { requests.all().requestCount }

    /// Makes the page in Prometheus's format.
    ///
    /// - Parameter tellSlice: Told the bytes of each slice, when it is made.
    package func makePage(_ tellSlice: (Int) -> Void) {
        var page = MetricsPage.body(.text, of: source)
        while true {
            var output = ByteBuffer(minimumCapacity: SlicedPage.sliceByteCount)
            let progress = page.write(into: &output)
            tellSlice(output.count)
            if progress == .finished { return }
        }
    }
}
