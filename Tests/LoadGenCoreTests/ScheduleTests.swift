import Testing

@testable import LoadGenCore

/// A rate given in requests per second.
func rate(_ perSecond: Double) -> RequestRate {
    RequestRate(perThousandSeconds: UInt64(perSecond * 1_000))!
}

@Suite struct ScheduleTests {
    @Test(arguments: [
        (1.0, 0, 0), (1, 1, 1_000_000_000), (3, 1, 333_333_333), (3, 3, 1_000_000_000),
        (0.5, 1, 2_000_000_000), (20_000, 20_000 * 3_600, 3_600_000_000_000),
        (50_000, 1, 20_000), (7, 7 * 86_400 * 365, 31_536_000_000_000_000),
    ])
    func `a constant rate is exact however far`(perSecond: Double, index: UInt64, start: UInt64) {
        #expect(Schedule.constant(rate(perSecond)).plannedStart(of: index) == start)
    }

    @Test(arguments: [
        (100.0, 1_000_000_000, 100), (100, 999_999_999, 100), (100, 990_000_000, 99),
        (100, 990_000_001, 100), (3, 1_000_000_000, 3), (20_000, 10_000_000_000, 200_000),
        (0.5, 1, 1), (5, 0, 0),
    ])
    func `counts the requests that are due`(perSecond: Double, length: UInt64, count: UInt64) {
        #expect(Schedule.constant(rate(perSecond)).requestCount(within: length) == count)
    }

    @Test(arguments: [
        (100.0, 300.0, 0, 0), (100, 300, 2_000, 10_000_000_000), (100, 300, 750, 5_000_000_000),
        (300, 100, 1_250, 5_000_000_000), (100, 300, 2_300, 11_000_000_000),
        (100, 100, 500, 5_000_000_000), (300, 100, 2_100, 11_000_000_000),
    ])
    func `a ramp of ten seconds is the area under its line`(
        first: Double, last: Double, index: UInt64, start: UInt64
    ) {
        let ramp = Schedule.ramp(
            from: rate(first), to: rate(last), nanoseconds: 10_000_000_000)
        let planned = ramp.plannedStart(of: index)
        #expect(max(planned, start) - min(planned, start) <= 10)
    }

    @Test(arguments: [
        Schedule.constant(rate(777)),
        .ramp(from: rate(1), to: rate(5_000), nanoseconds: 2_000_000_000),
        .ramp(from: rate(5_000), to: rate(1), nanoseconds: 2_000_000_000),
    ])
    func `starts never go backwards`(schedule: Schedule) {
        var previous: UInt64 = 0
        for index in 0..<20_000 as Range<UInt64> {
            let start = schedule.plannedStart(of: index)
            #expect(start >= previous)
            previous = start
        }
    }

    @Test(arguments: [1, 2, 3, 7])
    func `the shares of all threads are the whole plan, each request once`(threadCount: Int) {
        let schedule = Schedule.constant(rate(997))
        let end: UInt64 = 1_000_000_000
        var starts: [UInt64] = []
        for thread in 0..<threadCount {
            var cursor = ScheduleCursor(schedule, thread: thread, threadCount: threadCount)
            let expected = cursor.remainingCount(before: end)
            let before = starts.count
            while let start = cursor.takeDue(now: end - 1) { starts.append(start) }
            #expect(UInt64(starts.count - before) == expected)
            #expect(cursor.remainingCount(before: end) == 0)
        }
        #expect(starts.sorted() == (0..<997).map { schedule.plannedStart(of: $0) })
    }

    @Test func `a late caller gets every request with the start it should have had`() {
        var cursor = ScheduleCursor(.constant(rate(1_000)), thread: 0, threadCount: 1)
        #expect(cursor.takeDue(now: 0) == 0)
        #expect(cursor.takeDue(now: 0) == nil)
        var starts: [UInt64] = []
        while let start = cursor.takeDue(now: 3_500_000) { starts.append(start) }
        #expect(starts == [1_000_000, 2_000_000, 3_000_000])
        #expect(cursor.nextStart == 4_000_000)
    }

    @Test func `warms up at the rate that the run begins with`() {
        let ramp = Schedule.ramp(from: rate(5), to: rate(9), nanoseconds: 1)
        #expect(ramp.warmUp == .constant(rate(5)))
        #expect(Schedule.closedLoop.warmUp == .closedLoop)
        #expect(!Schedule.closedLoop.isOpenLoop)
        #expect(Schedule.closedLoop.requestCount(within: 1_000) == 0)
    }

    @Test(arguments: [(1.0, "1"), (0.5, "0.5"), (20_000, "20000"), (1.25, "1.25")])
    func `describes a rate as the option takes it`(perSecond: Double, text: String) {
        #expect(rate(perSecond).description == text)
    }
}

@Suite struct ThinkTimeTests {
    @Test func `is what was asked for`() {
        var generator = SeededGenerator(seed: 1)
        #expect(ThinkTime.none.next(using: &generator) == 0)
        #expect(ThinkTime.constant(nanoseconds: 5).next(using: &generator) == 5)
        let pauses = (0..<20_000).map { _ in
            Double(ThinkTime.exponential(meanNanoseconds: 1_000_000).next(using: &generator))
        }
        let mean = pauses.reduce(0, +) / 20_000
        #expect(abs(mean - 1_000_000) < 30_000)
        // Of an exponential distribution, 1/e lies above the mean.
        let above = pauses.filter { $0 > 1_000_000 }.count
        #expect(abs(above - 7_358) < 300)
    }

    @Test func `a seed decides every number and streams differ`() {
        func numbers(_ generator: SeededGenerator) -> [UInt64] {
            var generator = generator
            return (0..<8).map { _ in generator.next() }
        }
        #expect(numbers(.init(seed: 9)) == numbers(.init(seed: 9)))
        #expect(numbers(.init(seed: 9, stream: 0)) != numbers(.init(seed: 9, stream: 1)))
        // The published first number of SplitMix64 for seed 0.
        var generator = SeededGenerator(seed: 0)
        #expect(generator.next() == 0xE220_A839_7B1D_CDAF)
        for bound in [1, 2, 10] as [UInt64] {
            #expect((0..<100).allSatisfy { _ in generator.next(below: bound) < bound })
        }
    }
}
