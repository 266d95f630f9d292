internal import HTTPEngine
internal import Synchronization
internal import Syscalls

/// The few numbers of `/metrics?type=core`, a line each: name, `LONG`, value.
///
/// Of StarRocks's own seven those that a server has by any name: descriptors, threads, and what goes
/// over the network in a second. In their place where they mean nothing here (queries, pushes,
/// disks): requests and connections.
final class CoreMetrics: Sendable {
    /// Rates are taken over at least so long, so that two who ask do not spoil each other's.
    static let shortestNanoseconds: UInt64 = 1_000_000_000

    private struct Rates {
        var time: Instant
        var received: UInt64 = 0
        var sent: UInt64 = 0
        var receivedPerSecond: UInt64 = 0
        var sentPerSecond: UInt64 = 0
    }

    private let rates: Mutex<Rates>

    /// - Parameter start: When counting began.
    init(start: Instant) {
        rates = Mutex(Rates(time: start))
    }

    /// The text. Rates are those since the last time that somebody asked.
    func text(_ scrape: MetricsScrape, at now: Instant) -> String {
        let (received, sent) = update(scrape.engine, at: now)
        let values: [(String, UInt64)] = [
            ("process_fd_num_used", UInt64(scrape.openFileCount ?? 0)),
            ("process_thread_num", UInt64(scrape.process?.threadCount ?? 0)),
            ("max_network_send_bytes_rate", sent),
            ("max_network_receive_bytes_rate", received),
            ("http_requests_total", scrape.engine[.endedRequests]),
            ("http_requests_in_flight", scrape.inFlightCount),
            ("connections", UInt64(max(0, scrape.engine.openConnections))),
        ]
        return values.map { "\(MetricHeader.ownPrefix)\($0) LONG \($1)\n" }.joined()
    }

    private func update(
        _ engine: EngineStatistics.Snapshot, at now: Instant
    ) -> (received: UInt64, sent: UInt64) {
        rates.withLock { rates in
            let elapsed =
                now > rates.time ? now.nanoseconds - rates.time.nanoseconds : 0
            if elapsed >= Self.shortestNanoseconds {
                func rate(_ now: UInt64, _ before: UInt64) -> UInt64 {
                    now > before ? UInt64(Double(now - before) / (Double(elapsed) / 1e9)) : 0
                }
                rates.receivedPerSecond = rate(engine[.receivedBytes], rates.received)
                rates.sentPerSecond = rate(engine[.sentBytes], rates.sent)
                (rates.received, rates.sent) = (engine[.receivedBytes], engine[.sentBytes])
                rates.time = now
            }
            return (rates.receivedPerSecond, rates.sentPerSecond)
        }
    }
}
