internal import Containers
internal import Syscalls

/// The numbers of one thread of an engine. Written by that thread, read by any.
final class ThreadStatistics: Sendable {
    private let numbers: CounterArray
    private let turnTimes: CounterArray
    private let pipelineDepths: CounterArray
    private let readErrors: CounterArray
    private let writeErrors: CounterArray

    init() {
        numbers = CounterArray(count: EngineStatistics.Counter.allCases.count)
        turnTimes = CounterArray(count: EngineStatistics.turnTimeBounds.count + 1)
        pipelineDepths = CounterArray(count: EngineStatistics.pipelineDepthBounds.count + 1)
        readErrors = CounterArray(count: EngineStatistics.errorLimit)
        writeErrors = CounterArray(count: EngineStatistics.errorLimit)
    }

    // MARK: Its own thread

    func add(_ amount: UInt64, to counter: EngineStatistics.Counter) {
        numbers.add(amount, at: counter.rawValue)
    }

    func set(_ counter: EngineStatistics.Counter, to value: UInt64) {
        numbers[counter.rawValue] = value
    }

    /// A turn has worked for so long until its flush.
    func noteTurn(nanoseconds: UInt64) {
        add(1, to: .turns)
        add(nanoseconds, to: .turnNanoseconds)
        if nanoseconds > numbers[EngineStatistics.Counter.longestTurnNanoseconds.rawValue] {
            set(.longestTurnNanoseconds, to: nanoseconds)
        }
        turnTimes.add(1, at: Self.bucket(of: nanoseconds, EngineStatistics.turnTimeBounds))
    }

    /// One connection has begun so many requests with one read.
    func notePipelineDepth(_ count: Int) {
        guard count > 0 else { return }
        pipelineDepths.add(
            1, at: Self.bucket(of: UInt64(count), EngineStatistics.pipelineDepthBounds))
    }

    /// So many reads have brought one request each.
    func addSingleRequests(_ count: UInt64) {
        pipelineDepths.add(count, at: 0)
    }

    func noteReadError(_ error: Errno) {
        readErrors.add(1, at: Self.place(of: error))
    }

    func noteWriteError(_ error: Errno) {
        writeErrors.add(1, at: Self.place(of: error))
    }

    /// The first bucket whose bound is not below the value.
    private static func bucket(of value: UInt64, _ bounds: [UInt64]) -> Int {
        var index = 0
        while index < bounds.count, bounds[index] < value { index += 1 }
        return index
    }

    private static func place(of error: Errno) -> Int {
        min(max(0, Int(error.rawValue)), EngineStatistics.errorLimit - 1)
    }

    // MARK: Any thread

    func add(to snapshot: inout EngineStatistics.Snapshot) {
        for index in 0..<numbers.count {
            let isMaximum = index == EngineStatistics.Counter.longestTurnNanoseconds.rawValue
            let sum = snapshot.counters[index]
            snapshot.counters[index] =
                isMaximum ? max(sum, numbers[index]) : sum &+ numbers[index]
        }
        for index in 0..<turnTimes.count { snapshot.turnTimes[index] &+= turnTimes[index] }
        for index in 0..<pipelineDepths.count {
            snapshot.pipelineDepths[index] &+= pipelineDepths[index]
        }
        for index in 0..<EngineStatistics.errorLimit {
            snapshot.readErrorCounts[index] &+= readErrors[index]
            snapshot.writeErrorCounts[index] &+= writeErrors[index]
        }
    }
}
