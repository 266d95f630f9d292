import Containers
import TestSupport
import Testing

@Suite struct TimerWheelTests {
    @Test func `an empty wheel expires nothing`() {
        var wheel = TimerWheel(capacity: 4, tickNanoseconds: 10)
        #expect(wheel.nextExpiry() == nil)
        #expect(wheel.popExpired(now: 1_000_000) == nil)
        wheel.checkInvariants()
    }

    @Test(arguments: [
        (deadline: 0, expiry: 0), (deadline: 1, expiry: 10), (deadline: 9, expiry: 10),
        (deadline: 10, expiry: 10), (deadline: 11, expiry: 20), (deadline: 10_230, expiry: 10_230),
    ])
    func `rounds a deadline up to a tick`(deadline: UInt64, expiry: UInt64) {
        var wheel = TimerWheel(capacity: 4, tickNanoseconds: 10)
        wheel.schedule(2, at: deadline)
        wheel.checkInvariants()
        #expect(wheel.isScheduled(2) == true)
        #expect(wheel.nextExpiry() == expiry)
        if expiry > 0 { #expect(wheel.popExpired(now: expiry - 1) == nil) }
        #expect(wheel.popExpired(now: expiry) == 2)
        #expect(wheel.isScheduled(2) == false)
        #expect(wheel.popExpired(now: expiry) == nil)
        wheel.checkInvariants()
    }

    @Test(arguments: [UInt64(10_231), 50_000, .max])
    func `looks again at the end of the window for a deadline beyond it`(deadline: UInt64) {
        var wheel = TimerWheel(capacity: 4, tickNanoseconds: 10)
        wheel.schedule(0, at: deadline)
        wheel.checkInvariants()
        #expect(wheel.nextExpiry() == 10_230)
        #expect(wheel.popExpired(now: 10_230) == 0)
        wheel.schedule(0, at: deadline)
        wheel.checkInvariants()
        let next = wheel.nextExpiry()
        #expect(next == min(deadline.roundedUp(toMultipleOf: 10), 10_240 + 10_230))
    }

    @Test func `moving a deadline later changes nothing, earlier relinks`() {
        var wheel = TimerWheel(capacity: 4, tickNanoseconds: 10)
        wheel.schedule(1, at: 500)
        wheel.schedule(1, at: 900)
        #expect(wheel.nextExpiry() == 500)
        wheel.schedule(1, at: 495)
        #expect(wheel.nextExpiry() == 500)
        wheel.schedule(1, at: 300)
        #expect(wheel.nextExpiry() == 300)
        #expect(wheel.count == 1)
        wheel.checkInvariants()
    }

    @Test func `cancelling takes a slot out and is harmless twice`() {
        var wheel = TimerWheel(capacity: 4, tickNanoseconds: 10)
        wheel.schedule(0, at: 100)
        wheel.schedule(1, at: 100)
        wheel.schedule(2, at: 100)
        wheel.cancel(1)
        wheel.cancel(1)
        wheel.cancel(3)
        wheel.checkInvariants()
        #expect(drain(&wheel, now: 100) == [0, 2])
    }

    @Test func `a slot scheduled during a pass does not come out in it`() {
        var wheel = TimerWheel(capacity: 4, tickNanoseconds: 10)
        wheel.schedule(0, at: 50)
        wheel.schedule(1, at: 70)
        var popped: [Int] = []
        while let slot = wheel.popExpired(now: 100) {
            popped.append(slot)
            #expect(popped.count < 10)
            // One in the past and one just after now: neither may be seen again in this pass.
            wheel.schedule(slot, at: slot == 0 ? 0 : 101)
            wheel.checkInvariants()
        }
        #expect(popped.sorted() == [0, 1])
        #expect(drain(&wheel, now: 110) == [0, 1])
    }

    @Test func `a pass may stop early and be gone on with later`() {
        var wheel = TimerWheel(capacity: 4, tickNanoseconds: 10)
        for slot in 0..<3 { wheel.schedule(slot, at: UInt64(10 + slot * 10)) }
        let first = wheel.popExpired(now: 100)
        wheel.checkInvariants()
        #expect(wheel.nextExpiry().map { $0 <= 100 } == true)
        // Due slots stay where they are when scheduled later, and can be cancelled.
        let rest = Set([0, 1, 2]).subtracting([first ?? -1]).sorted()
        wheel.schedule(rest[0], at: 5000)
        wheel.cancel(rest[1])
        wheel.checkInvariants()
        #expect(drain(&wheel, now: 100) == [rest[0]])
    }

    @Test func `a long silence does not hide what is due`() {
        var wheel = TimerWheel(capacity: 4, tickNanoseconds: 10)
        wheel.schedule(0, at: 100)
        #expect(drain(&wheel, now: 1_000_000_000) == [0])
        wheel.schedule(1, at: 1_000_000_100)
        #expect(wheel.nextExpiry() == 1_000_000_100)
        wheel.checkInvariants()
    }

    @Test func `starts at the instant it is told`() {
        var wheel = TimerWheel(capacity: 2, tickNanoseconds: 10, now: 7_000_000)
        wheel.schedule(0, at: 7_005_000)
        #expect(wheel.nextExpiry() == 7_005_000)
        wheel.schedule(1, at: 3)
        #expect(wheel.nextExpiry() == 7_000_000)
        wheel.checkInvariants()
    }

    @Test func `finds the earliest bucket from every position of the window`() {
        var wheel = TimerWheel(capacity: 1, tickNanoseconds: 1)
        var now: UInt64 = 0
        for step in 0..<3000 {
            let distance = UInt64(step * 37 % 1023) + 1
            wheel.schedule(0, at: now + distance)
            #expect(wheel.nextExpiry() == now + distance)
            #expect(wheel.popExpired(now: now + distance - 1) == nil)
            #expect(wheel.popExpired(now: now + distance) == 0)
            now += distance
        }
    }

    /// The model keeps each slot's true deadline; the wheel must never bring a slot out early
    /// (within the window), and never leave one in after the tick behind its deadline.
    @Test(arguments: seeds)
    func `agrees with a list of deadlines over random operations`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let tick: UInt64 = 8
        var wheel = TimerWheel(capacity: 30, tickNanoseconds: tick)
        var deadlines: [Int: UInt64] = [:]
        var now: UInt64 = 0
        for _ in 0..<4000 {
            let slot = Int.random(in: 0..<30, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0, 1, 2:
                let span = UInt64.random(in: 0...12, using: &generator)
                let delay = UInt64.random(in: 0...(1 << span), using: &generator)
                deadlines[slot] = now + delay
                wheel.schedule(slot, at: now + delay)
            case 3:
                deadlines[slot] = nil
                wheel.cancel(slot)
            default:
                now += UInt64.random(in: 0...2000, using: &generator)
                let due = deadlines.filter { $0.value.roundedUp(toMultipleOf: tick) + tick <= now }
                var popped: Set<Int> = []
                while let slot = wheel.popExpired(now: now) {
                    #expect(popped.insert(slot).inserted, "a slot came out twice in one pass")
                    guard let deadline = deadlines[slot] else {
                        Issue.record("a cancelled slot came out")
                        continue
                    }
                    if deadline > now {
                        wheel.schedule(slot, at: deadline)
                    } else {
                        deadlines[slot] = nil
                    }
                    wheel.checkInvariants()
                }
                #expect(popped.isSuperset(of: due.keys))
            }
            wheel.checkInvariants()
            #expect(wheel.count == deadlines.count)
            for slot in 0..<30 { #expect(wheel.isScheduled(slot) == (deadlines[slot] != nil)) }
            if let earliest = deadlines.values.min() {
                let expiry = wheel.nextExpiry()
                let latest = max(earliest, now).roundedUp(toMultipleOf: tick) + tick
                #expect(expiry.map { $0 <= latest } == true)
            } else {
                #expect(wheel.nextExpiry() == nil)
            }
        }
    }

    private func drain(_ wheel: inout TimerWheel, now: UInt64) -> [Int] {
        var slots: [Int] = []
        while let slot = wheel.popExpired(now: now) { slots.append(slot) }
        wheel.checkInvariants()
        return slots.sorted()
    }
}

extension UInt64 {
    fileprivate func roundedUp(toMultipleOf tick: UInt64) -> UInt64 {
        let rest = self % tick
        if rest == 0 { return self }
        let (sum, overflow) = addingReportingOverflow(tick - rest)
        return overflow ? .max : sum
    }
}
