internal import Containers

extension Workload {
    /// What the loop and the load generator keep their books with.
    static let containers: [Workload] = [
        Workload("timer/schedule-expire", "a deadline that is set and comes") { count in
            try scheduleAndExpire(count)
        },
        Workload("timer/postpone", "a deadline that moves later, as each request does") { count in
            try postpone(count)
        },
        Workload("histogram/record", "a latency") { count in
            try record(count)
        },
    ]

    private static func scheduleAndExpire(_ count: Int) throws {
        let tick = TimerWheel.defaultTickNanoseconds
        var wheel = TimerWheel(capacity: 64)
        var now: UInt64 = 0
        for index in 0..<count {
            now += tick
            let slot = index % wheel.capacity
            wheel.schedule(slot, at: now)
            guard wheel.popExpired(now: now) == slot else {
                throw WorkloadFailure.unexpectedResult
            }
        }
    }

    private static func postpone(_ count: Int) throws {
        var wheel = TimerWheel(capacity: 64)
        wheel.schedule(0, at: TimerWheel.defaultTickNanoseconds)
        for index in 0..<count {
            wheel.schedule(0, at: TimerWheel.defaultTickNanoseconds * UInt64(index + 1))
        }
        guard wheel.count == 1 else { throw WorkloadFailure.unexpectedResult }
    }

    private static func record(_ count: Int) throws {
        var histogram = Histogram()
        for index in 0..<count {
            // Values of all sizes: a multiple of a prime, modulo the range.
            histogram.record(index &* 2_654_435_761 & 0x3FF_FFFF)
        }
        guard histogram.count == UInt64(count) else { throw WorkloadFailure.unexpectedResult }
    }
}
