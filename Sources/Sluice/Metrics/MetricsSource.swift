internal import HTTPEngine
internal import Syscalls

/// Where the pages about metrics have their numbers from. Any thread.
struct MetricsSource: Sendable {
    /// The numbers apart from routes, as they are now.
    let scrape: @Sendable () -> MetricsScrape
    /// The numbers by route; `nil` where nothing is counted.
    let requests: @Sendable () -> RequestMetrics?
    /// Those of the program's own.
    let registry: MetricsRegistry
    /// The program's version.
    let version: String

    init(
        registry: MetricsRegistry, version: String,
        requests: @escaping @Sendable () -> RequestMetrics?,
        scrape: @escaping @Sendable () -> MetricsScrape
    ) {
        self.registry = registry
        self.version = version
        self.requests = requests
        self.scrape = scrape
    }

    /// A server's.
    init(
        _ inside: ServerInside, registry: MetricsRegistry, version: String,
        accessLog: @escaping @Sendable () -> MetricsScrape.AccessLogCounts?
    ) {
        let files = OpenFileCounter()
        self.init(registry: registry, version: version) {
            inside.requests
        } scrape: {
            let requests = inside.requests
            let process = try? ProcessStatistics.now()
            return MetricsScrape(
                engineName: inside.engineName, instanceID: inside.instanceID,
                startTime: inside.startTime, phase: inside.phase,
                drainNanoseconds: inside.drainElapsed, engine: inside.statistics.snapshot(),
                process: process, openFileCount: files.count(process),
                offload: OffloadPool.shared.counts, accessLog: accessLog(),
                failures: requests?.failures ?? [], reusedCount: requests?.reusedCount ?? 0)
        }
    }
}
