internal import HTTPEngine
internal import Sluice
internal import Syscalls

extension Workload {
    /// What metrics cost a request on the thread that serves it.
    static let recording: [Workload] = [
        Workload("metrics/record", "an exchange alone in its turn, by route and latency") { count in
            record(count, perTurn: 1)
        },
        Workload(
            "metrics/record-16", "an exchange, one of 16 of a turn", iterations: 500,
            operations: 16
        ) { count in
            record(count, perTurn: 16)
        },
        Workload("metrics/page", "the page about 1,000 routes", iterations: 2) { count in
            try makePages(count)
        },
    ]

    private static func record(_ count: Int, perTurn: Int) {
        let metrics = MetricsMeasuring(routeCount: 8)
        let shard = metrics.shard
        var exchange = FinishedExchange()
        exchange.status = 200
        exchange.ordinal = 2
        exchange.receivedByteCount = 40
        exchange.sentByteCount = 160
        var turn = [FinishedExchange](repeating: exchange, count: perTurn)
        for index in 0..<count {
            let start = Instant(nanoseconds: UInt64(index + 1) * 1_000_000)
            // Latencies of all sizes: a multiple of a prime, modulo 16 ms.
            let latency = UInt64(index) &* 2_654_435_761 & 0xFF_FFFF
            for place in turn.indices {
                turn[place].label = UInt32(index % 8 + 1)
                turn[place].start = start
                turn[place].end = Instant(nanoseconds: start.nanoseconds + latency)
            }
            shard.record(turn.span)
        }
        precondition(metrics.requestCount == UInt64(count * perTurn), "all are counted")
    }

    private static func makePages(_ count: Int) throws {
        let metrics = MetricsMeasuring(routeCount: 1_000)
        let shard = metrics.shard
        var exchange = FinishedExchange()
        exchange.status = 200
        for label in 1...1_000 as ClosedRange<UInt32> {
            exchange.label = label
            shard.record([exchange].span)
        }
        for _ in 0..<count {
            var sliceCount = 0
            metrics.makePage { _ in sliceCount += 1 }
            guard sliceCount > 60 else { throw WorkloadFailure.unexpectedResult }
        }
    }
}
