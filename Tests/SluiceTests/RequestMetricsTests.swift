import HTTPEngine
import Syscalls
import TestSupport
import Testing

@testable import Sluice

@Suite struct RequestMetricsTests {
    static let labels = [
        RouteLabel(method: "GET", pattern: "/"),
        RouteLabel(method: "POST", pattern: "/users/{id}"),
        RouteLabel(method: "-", pattern: "unmatched"),
    ]

    /// An exchange of the given latency.
    static func exchange(
        label: UInt32, status: UInt16, nanoseconds: UInt64 = 1_000, ordinal: UInt32 = 1,
        failure: FailureKind = .none
    ) -> FinishedExchange {
        var exchange = FinishedExchange()
        exchange.label = label
        exchange.status = status
        exchange.ordinal = ordinal
        exchange.start = Instant(nanoseconds: 1_000_000)
        exchange.end = Instant(nanoseconds: 1_000_000 + nanoseconds)
        exchange.receivedByteCount = 100
        exchange.sentByteCount = 200
        exchange.failure = failure
        return exchange
    }

    static func row(_ label: Int) -> Int { RequestMetrics.pseudoRoutes.count + label - 1 }

    @Test func `requests are counted by route and status, with times and bytes`() throws {
        let metrics = RequestMetrics(labels: Self.labels, threadCount: 1)
        let shard = metrics.shard(0)
        shard.record(Self.exchange(label: 1, status: 200, nanoseconds: 5_000))
        shard.record(Self.exchange(label: 1, status: 200, nanoseconds: 7_000, ordinal: 2))
        shard.record(Self.exchange(label: 1, status: 404, nanoseconds: 1_000, ordinal: 3))
        let route = try #require(metrics.route(Self.row(1)))
        #expect(route.statuses.map(\.status) == [200, 404])
        #expect(route.statuses.map(\.count) == [2, 1])
        #expect(route.requestCount == 3)
        #expect(route.nanoseconds == 13_000)
        #expect(route.longestNanoseconds == 7_000)
        #expect(route.receivedByteCount == 300)
        #expect(route.sentByteCount == 600)
        #expect(metrics.reusedCount == 2)
        #expect(metrics.names[Self.row(1)] == "GET /")
    }

    @Test func `a route that has not been used has no numbers`() {
        let metrics = RequestMetrics(labels: Self.labels, threadCount: 2)
        metrics.shard(1).record(Self.exchange(label: 2, status: 200))
        #expect(metrics.route(Self.row(1)) == nil)
        #expect(metrics.route(Self.row(2)) != nil)
        #expect(metrics.all().requestCount == 1)
    }

    @Test(arguments: LatencyBuckets.bounds)
    func `a latency is in the first bucket whose bound is not below it`(bound: UInt64) throws {
        let metrics = RequestMetrics(labels: Self.labels, threadCount: 1)
        let shard = metrics.shard(0)
        for latency in [bound - 1, bound, bound + 1] {
            shard.record(Self.exchange(label: 1, status: 200, nanoseconds: latency))
        }
        let route = try #require(metrics.route(Self.row(1)))
        let index = try #require(LatencyBuckets.bounds.firstIndex(of: bound))
        #expect(route.latencies[index] == 2)
        #expect(route.latencies[index + 1] == 1)
    }

    @Test func `a turn's exchanges are counted as if they came one by one`() throws {
        var generator = SeededGenerator(seed: 8)
        let statuses: [UInt16] = [200, 204, 404, 500, 0]
        let exchanges = (0..<2_000).map { _ in
            Self.exchange(
                label: UInt32.random(in: 0...3, using: &generator),
                status: statuses.randomElement(using: &generator)!,
                nanoseconds: [0, 900, 4_000, 70_000_000_000].randomElement(using: &generator)!,
                ordinal: .random(in: 1...2, using: &generator),
                failure: FailureKind.allCases.randomElement(using: &generator)!)
        }
        let (single, together) = (
            RequestMetrics(labels: Self.labels, threadCount: 1),
            RequestMetrics(labels: Self.labels, threadCount: 2)
        )
        let shard = single.shard(0)
        for exchange in exchanges { shard.record(exchange) }
        for (thread, part) in [Array(exchanges[..<700]), Array(exchanges[700...])].enumerated() {
            together.shard(thread).record(part.span)
        }
        for row in 0..<single.routeCount { #expect(single.route(row) == together.route(row)) }
        #expect(single.reusedCount == together.reusedCount)
        #expect(single.failures.map(\.count) == together.failures.map(\.count))
        #expect(single.all().requestCount == 2_000)
        let reused = exchanges.filter { $0.ordinal == 2 }
        #expect(single.reusedCount == UInt64(reused.count))
    }

    @Test func `a client that has gone before its answer counts as 499`() throws {
        let metrics = RequestMetrics(labels: Self.labels, threadCount: 1)
        let shard = metrics.shard(0)
        shard.record(Self.exchange(label: 1, status: 0, failure: .clientGone))
        shard.record(Self.exchange(label: 1, status: 499))
        let route = try #require(metrics.route(Self.row(1)))
        #expect(route.statuses == [RouteCounts.StatusCount(status: 499, count: 2)])
    }

    @Test(arguments: FailureKind.allCases)
    func `what the engine answers itself has a route of its own`(kind: FailureKind) throws {
        let metrics = RequestMetrics(labels: Self.labels, threadCount: 1)
        metrics.shard(0).record(Self.exchange(label: 0, status: 400, failure: kind))
        let row = RequestMetrics.pseudoRow(of: kind)
        #expect(metrics.names[row] == RouteLabel.pseudo(kind))
        #expect(metrics.route(row)?.requestCount == 1)
        let counted = metrics.failures.filter { $0.count > 0 }.map(\.kind)
        #expect(counted == (kind == .none ? [] : [kind]))
    }

    @Test func `what never became a request has no latency`() throws {
        let metrics = RequestMetrics(labels: [], threadCount: 1)
        var exchange = Self.exchange(label: 0, status: 503, failure: .overloaded)
        exchange.start = Instant(nanoseconds: 0)
        metrics.shard(0).record(exchange)
        let row = RequestMetrics.pseudoRow(of: .overloaded)
        #expect(metrics.route(row)?.nanoseconds == 0)
    }

    @Test func `every status is told exactly until there are too many different ones`() {
        let columns = StatusColumns()
        let known = (200..<263).map { columns.column(of: $0) }
        #expect(known == Array(0..<63))
        #expect(columns.column(of: 263) == 63 && columns.column(of: 599) == 63)
        #expect(columns.column(of: 200) == 0 && columns.column(of: .max) == 63)
        #expect(columns.statuses == Array(200..<263))
    }

    @Test func `statuses beyond the limit are still counted`() throws {
        let metrics = RequestMetrics(labels: Self.labels, threadCount: 1)
        let shard = metrics.shard(0)
        for status in 200..<300 as Range<UInt16> {
            shard.record(Self.exchange(label: 1, status: status))
        }
        let route = try #require(metrics.route(Self.row(1)))
        #expect(route.requestCount == 100)
        #expect(route.statuses.map(\.count).reduce(0, +) == 100)
        #expect(route.statuses.first?.code == "other")
    }

    @Test func `the last trace is remembered`() {
        let metrics = RequestMetrics(labels: [], threadCount: 1)
        #expect(metrics.lastTraceID == nil)
        metrics.noteTraceID("4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(metrics.lastTraceID == "4bf92f3577b34da6a3ce929d0e0e4736")
    }

    @Test func `numbers of several routes add up`() throws {
        let metrics = RequestMetrics(labels: Self.labels, threadCount: 1)
        let shard = metrics.shard(0)
        for (label, status) in [(1, 404), (2, 200), (3, 404), (2, 500)] as [(UInt32, UInt16)] {
            shard.record(Self.exchange(label: label, status: status))
        }
        let all = metrics.all()
        #expect(all.statuses.map(\.status) == [200, 404, 500])
        #expect(all.statuses.map(\.count) == [1, 2, 1])
        #expect(all.clientErrorCount == 2 && all.serverErrorCount == 1)
        #expect(all.sentByteCount == 800)
    }
}
