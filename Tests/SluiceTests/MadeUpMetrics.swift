import Containers
import Glibc
import Syscalls
import TestSupport

@testable import HTTPEngine
@testable import Sluice

/// Numbers that a test has made up, so that it knows what a page must say.
enum MadeUpMetrics {
    /// Counted by an engine.
    static func engine() -> EngineStatistics.Snapshot {
        var counters = [UInt64](repeating: 0, count: EngineStatistics.Counter.allCases.count)
        for (index, counter) in EngineStatistics.Counter.allCases.enumerated() {
            counters[counter.rawValue] = UInt64(1_000 + index)
        }
        counters[EngineStatistics.Counter.begunRequests.rawValue] = 2_003
        counters[EngineStatistics.Counter.endedRequests.rawValue] = 2_000
        var (readErrors, writeErrors) = (
            [UInt64](repeating: 0, count: EngineStatistics.errorLimit),
            [UInt64](repeating: 0, count: EngineStatistics.errorLimit)
        )
        readErrors[Int(ECONNRESET)] = 3
        writeErrors[Int(ECONNRESET)] = 1
        writeErrors[Int(EPIPE)] = 4
        return EngineStatistics.Snapshot(
            counters: counters,
            turnTimes: (0...EngineStatistics.turnTimeBounds.count).map(UInt64.init),
            pipelineDepths: (0...EngineStatistics.pipelineDepthBounds.count).map(UInt64.init),
            connections: [.idle: 5, .reading: 1, .answering: 2], readErrorCounts: readErrors,
            writeErrorCounts: writeErrors)
    }

    static func scrape(_ requests: RequestMetrics?) -> MetricsScrape {
        MetricsScrape(
            engineName: "reactor", instanceID: "a\"1", startTime: 1_700_000_000,
            phase: "draining", drainNanoseconds: 1_500_000_000, engine: engine(),
            process: try? ProcessStatistics.now(), openFileCount: 12,
            offload: OffloadCounts(threads: 2, busy: 1, queued: 3, accepted: 10, refused: 4),
            accessLog: MetricsScrape.AccessLogCounts(written: 100, dropped: 7),
            failures: requests?.failures ?? [], reusedCount: requests?.reusedCount ?? 0)
    }

    /// Requests: each route n has n of them, all on one thread.
    static func requests(routeCount: Int) -> RequestMetrics {
        let labels = (1...routeCount).map {
            RouteLabel(method: "GET", pattern: "/api/resource-\($0)/{id}")
        }
        let requests = RequestMetrics(labels: labels, threadCount: 1)
        let shard = requests.shard(0)
        for label in 1...routeCount {
            for number in 0..<min(label, 4) {
                shard.record(
                    RequestMetricsTests.exchange(
                        label: UInt32(label), status: number == 3 ? 500 : 200,
                        nanoseconds: 3_000_000))
            }
        }
        return requests
    }

    static func source(
        _ requests: RequestMetrics?, registry: MetricsRegistry = MetricsRegistry()
    ) -> MetricsSource {
        MetricsSource(registry: registry, version: "1.2.3") {
            requests
        } scrape: {
            scrape(requests)
        }
    }

    /// A page and the sizes of its slices.
    static func read(_ page: SlicedPage) -> (text: String, sliceByteCounts: [Int]) {
        var page = page
        var bytes: [UInt8] = []
        var sizes: [Int] = []
        while true {
            var output = ByteBuffer()
            let progress = page.write(into: &output)
            bytes += Array(copying: output.span)
            sizes.append(output.count)
            if progress == .finished { break }
        }
        return (String(decoding: bytes, as: UTF8.self), sizes)
    }
}
