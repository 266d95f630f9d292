// When requests are due.
//
// An open loop plans every request before the run begins: request i of a constant rate R is due
// at i/R, whatever the server does, and its latency counts from there. A server that stalls for a
// second then shows that second in every request that was due meanwhile; a generator that waits
// for answers before it sends would not even have asked (coordinated omission).
//
// All times are nanoseconds from the start of the schedule. Everything here is a pure function:
// threads share a schedule by taking every T-th request, so their sum is exact.

/// The plan of a run: when request i is due.
package enum Schedule: Sendable, Hashable {
    /// Nothing is planned: a connection sends when an answer made room in its window.
    case closedLoop
    /// Request i is due at i / rate.
    case constant(RequestRate)
    /// The rate goes evenly from the first to the last during `nanoseconds`, and stays there.
    case ramp(from: RequestRate, to: RequestRate, nanoseconds: UInt64)

    /// Whether requests are due by the clock.
    package var isOpenLoop: Bool { self != .closedLoop }

    /// When request `index` is due. Exact for a constant rate (rounded down to a nanosecond);
    /// within double precision for a ramp. An open loop only.
    package func plannedStart(of index: UInt64) -> UInt64 {
        switch self {
        case .closedLoop:
            preconditionFailure("a closed loop plans no starts")
        case .constant(let rate):
            return Self.nanoseconds(forRequests: index, at: rate)
        case .ramp(let first, let last, let length):
            let seconds = Double(length) / 1e9
            let slope = (last.perSecond - first.perSecond) / seconds
            let duringRamp = (first.perSecond + last.perSecond) / 2 * seconds
            guard Double(index) < duringRamp else {
                let beyond = (Double(index) - duringRamp) / last.perSecond
                return length + UInt64(beyond * 1e9)
            }
            // The requests due by time t are a·t + slope·t²/2. Solved for t in the form that
            // divides by a sum, which loses no digits when the slope is small.
            let root = (first.perSecond * first.perSecond + 2 * slope * Double(index))
                .squareRoot()
            return min(length, UInt64(2 * Double(index) / (first.perSecond + root) * 1e9))
        }
    }

    /// How many requests are due before `nanoseconds`: 0 for a closed loop.
    package func requestCount(within nanoseconds: UInt64) -> UInt64 {
        guard isOpenLoop, nanoseconds > 0 else { return 0 }
        // Starts never go backwards, so the first one that is not before the end is the count.
        var low: UInt64 = 0
        var high: UInt64 = 1
        while plannedStart(of: high) < nanoseconds { high *= 2 }
        while low < high {
            let middle = low + (high - low) / 2
            if plannedStart(of: middle) < nanoseconds { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The plan of the warm-up that precedes the run: the rate that the run begins with.
    package var warmUp: Schedule {
        switch self {
        case .closedLoop: .closedLoop
        case .constant: self
        case .ramp(let first, _, _): .constant(first)
        }
    }

    private static func nanoseconds(forRequests count: UInt64, at rate: RequestRate) -> UInt64 {
        // A thousand seconds are 10^12 ns; the product needs more than 64 bits.
        let (high, low) = count.multipliedFullWidth(by: 1_000_000_000_000)
        guard high < rate.perThousandSeconds else { return .max }
        return rate.perThousandSeconds.dividingFullWidth((high, low)).quotient
    }
}

/// One thread's share of an open loop: requests k, k + T, k + 2T, … of thread k out of T.
package struct ScheduleCursor: Sendable {
    private let schedule: Schedule
    private let stride: UInt64
    /// The number of the next request in the whole plan; also what `{seq}` counts from.
    package private(set) var nextIndex: UInt64
    /// When it is due, in nanoseconds from the start of the schedule.
    package private(set) var nextStart: UInt64

    /// The share of thread `thread` out of `threadCount`.
    package init(_ schedule: Schedule, thread: Int, threadCount: Int) {
        precondition(threadCount > 0 && (0..<threadCount).contains(thread))
        self.schedule = schedule
        stride = UInt64(threadCount)
        nextIndex = UInt64(thread)
        nextStart = schedule.plannedStart(of: nextIndex)
    }

    /// Takes the next request if it is due at `now`, and gives its planned start. A caller that
    /// is behind gets one at a time, each with the start that it should have had.
    package mutating func takeDue(now: UInt64) -> UInt64? {
        guard nextStart <= now else { return nil }
        defer {
            nextIndex += stride
            nextStart = schedule.plannedStart(of: nextIndex)
        }
        return nextStart
    }

    /// How many requests of this share are due before `end` and were not taken.
    package func remainingCount(before end: UInt64) -> UInt64 {
        let due = schedule.requestCount(within: end)
        return due > nextIndex ? (due - nextIndex + stride - 1) / stride : 0
    }
}
