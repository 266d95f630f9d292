import Glibc
import Syscalls
import TestSupport
import Testing

@testable import HTTPEngine
@testable import Sluice

/// What is made of the numbers of two moments.
@Suite struct StatusHistoryTests {
    private static let labels = [
        RouteLabel(method: "GET", pattern: "/"),
        RouteLabel(method: "GET", pattern: Dashboard.eventsPath),
    ]

    /// A server whose numbers the test writes.
    private final class Numbers {
        let metrics = RequestMetrics(labels: StatusHistoryTests.labels, threadCount: 1)
        lazy var shard = metrics.shard(0)
        var counters = [UInt64](repeating: 0, count: EngineStatistics.Counter.allCases.count)

        func record(_ label: UInt32, status: UInt16, milliseconds: UInt64, count: Int = 1) {
            var exchange = FinishedExchange()
            exchange.label = label
            exchange.status = status
            exchange.start = Instant(nanoseconds: 1)
            exchange.end = Instant(nanoseconds: 1 + milliseconds * 1_000_000)
            for _ in 0..<count { shard.record(exchange) }
        }

        func add(_ amount: UInt64, to counter: EngineStatistics.Counter) {
            counters[counter.rawValue] += amount
        }

        func reading(second: Double) -> StatusReading {
            let routes = (0..<metrics.routeCount).map { metrics.route($0) }
            return StatusReading(
                time: Instant(nanoseconds: UInt64(second * 1e9) + 1_000_000_000),
                wallMilliseconds: Int64(second * 1_000), phase: "running",
                engine: EngineStatistics.Snapshot(
                    counters: counters, turnTimes: [], pipelineDepths: [],
                    connections: [.idle: 3]),
                processorNanoseconds: UInt64(second * 0.25e9), process: nil, routes: routes,
                labels: metrics.labels,
                total: StatusReading.total(of: routes, metrics.labels), reusedCount: 0,
                failures: metrics.failures)
        }
    }

    @Test func `a frame says what happened in a second, whatever came before`() throws {
        let numbers = Numbers()
        numbers.record(1, status: 200, milliseconds: 900, count: 1_000)
        let before = numbers.reading(second: 10)
        numbers.record(1, status: 200, milliseconds: 10, count: 90)
        numbers.record(1, status: 404, milliseconds: 10, count: 6)
        numbers.record(1, status: 503, milliseconds: 100, count: 4)
        numbers.add(6_000, to: .sentBytes)
        numbers.add(4, to: .turns)
        numbers.add(2_000_000, to: .turnNanoseconds)
        let frame = StatusFrame(7, from: before, to: numbers.reading(second: 12))
        #expect(frame.requests.requestCount == 100)
        #expect(frame.requests.requestRate == 50)
        #expect(frame.requests.clientErrorRate == 3)
        #expect(frame.requests.serverErrorRate == 2)
        #expect(frame.sentByteRate == 3_000)
        #expect(frame.turnSeconds == 0.000_5)
        #expect(frame.processorShare == 0.25)
        #expect(frame.connections == [.idle: 3])
        // Within the bucket of the true value.
        let median = try #require(frame.requests.percentile(0.5))
        #expect((0.008...0.010).contains(median))
        let slowest = try #require(frame.requests.percentile(0.99))
        #expect((0.08...0.1).contains(slowest))
    }

    @Test func `a second without requests has no latency, and turns without turns no time`() {
        let numbers = Numbers()
        numbers.record(1, status: 200, milliseconds: 5)
        let frame = StatusFrame(
            1, from: numbers.reading(second: 1), to: numbers.reading(second: 2))
        #expect(frame.requests.requestRate == 0)
        #expect(frame.requests.percentile(0.5) == nil)
        #expect(frame.turnSeconds == nil)
    }

    @Test func `the dashboard's own streams are not among the requests`() {
        let numbers = Numbers()
        let before = numbers.reading(second: 1)
        numbers.record(2, status: 200, milliseconds: 60_000)
        let frame = StatusFrame(1, from: before, to: numbers.reading(second: 2))
        #expect(frame.requests.requestCount == 0)
    }

    @Test func `the history keeps the last frames, and means of what is older`() throws {
        let (numbers, history) = (Numbers(), StatusHistory(frameCount: 30, seriesLength: 6))
        for second in 0...48 {
            history.take(numbers.reading(second: Double(second)))
            numbers.record(1, status: 200, milliseconds: 1, count: 3)
        }
        #expect(history.frames(after: 0).map(\.sequence) == Array(19...48))
        #expect(history.frames(after: 46).map(\.sequence) == [47, 48])
        #expect(history.latest?.sequence == 48)
        let rate = try #require(StatusVariable.all.firstIndex { $0.name == "requests_second" })
        #expect(history.series(rate).seconds == [Double](repeating: 3, count: 6))
        #expect(history.series(rate).minutes == [Double](repeating: 3, count: 6))
        let total = try #require(StatusVariable.all.firstIndex { $0.name == "requests_total" })
        #expect(history.series(total).seconds == [129, 132, 135, 138, 141, 144])
        #expect(history.series(total).minutes == [46.5, 64.5, 82.5, 100.5, 118.5, 136.5])
        let base = try #require(history.base), reading = try #require(history.reading)
        let window = (reading.time.nanoseconds - base.time.nanoseconds) / 1_000_000_000
        #expect((5..<10).contains(window))
    }

    @Test func `a history begins with nothing, and ignores a clock that stands still`() {
        let (numbers, history) = (Numbers(), StatusHistory())
        #expect(history.latest == nil)
        #expect(history.base == nil)
        history.take(numbers.reading(second: 5))
        history.take(numbers.reading(second: 5))
        #expect(history.frames(after: 0).isEmpty)
        history.take(numbers.reading(second: 6))
        #expect(history.frames(after: 0).count == 1)
    }

    @Test func `a sampler ends when nobody needs it`() throws {
        let inside = ServerInside(
            engineName: "reactor", instanceID: "",
            statistics: EngineStatistics(threadCount: 1, connectionCount: 1), settings: [])
        weak var history: StatusHistory?
        do {
            let sampler = try StatusSampler(inside)
            history = sampler.history
        }
        // Its thread holds the history until it ends.
        let deadline = MonotonicClock.now() + RawClient.patience
        while history != nil {
            guard MonotonicClock.now() < deadline else {
                throw ClientFailure("the sampler does not end")
            }
            sched_yield()
        }
    }

    @Test func `every variable has a name of its own, and a number or none`() {
        let names = StatusVariable.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names == names.sorted())
        let reading = Numbers().reading(second: 1)
        for variable in StatusVariable.all {
            switch variable.value(reading, nil) {
            case .none, .count, .bytes, .seconds, .number: break
            case .text, .link, .rate, .byteRate, .share, .numbers:
                Issue.record("\(variable.name) has a value before there was a second")
            }
        }
    }
}
