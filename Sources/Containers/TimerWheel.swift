/// Deadlines for the slots of a slab, cheap enough to be set on every request.
///
/// # Theory of operation
///
/// Time is cut into ticks. A deadline is rounded up to a tick, and the tick's low ten bits choose
/// one of 1,024 buckets, each a doubly linked list of slots threaded through a side array:
///
/// ```
///                   cursor                       cursor + 1023
///                     ▼                                ▼
///   ticks   ... ──────┬─────┬─────┬─────┬──── ... ─────┐
///   buckets      [ 7  │  8  │  9  │ 10  │     ...  6   ]   bucket = tick mod 1024
///   bitmap       [ 0  │  1  │  0  │  1  │     ...  0   ]   1 = some slot waits here
///                        │           │
///                        ▼           ▼
///                      slot 4      slot 0 ⇄ slot 9
///
///   expired ──► slot 2 ⇄ slot 7          ticks before the cursor: due, not yet handed out
/// ```
///
/// Every waiting tick lies in the window [cursor, cursor + 1023], so a bucket holds one tick only.
/// `popExpired(now:)` moves the cursor behind `now` and the buckets it passed to the expired list,
/// from which it hands out one slot per call. What is scheduled meanwhile lands at or after the
/// cursor, hence never in the list being emptied: a pass ends.
///
/// The wheel is lazy. A connection's true deadline is an instant that its owner stores; the wheel
/// only promises to return the slot no later than the tick after it. Moving a deadline *later*
/// (each request does) therefore does nothing here: the slot comes out at the old tick, the owner
/// sees that there is time left and schedules it anew, about once per time limit instead of once
/// per request. Moving a deadline *earlier* relinks the slot, so nothing is ever late.
///
/// A deadline beyond the window waits in its last bucket and is looked at again there; with ticks
/// of 16 ms that happens once in 16 s.
///
/// Limits: slots 0..<capacity; instants below 2⁶³ ns for `now`, while a deadline may be anything up
/// to `UInt64.max` (in effect never). Order among slots of one pass is unspecified.
@safe
package struct TimerWheel: ~Copyable {
    /// 16 ms: below what a person or a time limit notices, and the window is then 16 s.
    package static let defaultTickNanoseconds: UInt64 = 16_000_000

    static let bucketCount = 1024
    private static let bucketMask = UInt64(bucketCount - 1)
    private static let wordCount = bucketCount / 64

    private struct Entry {
        var next: UInt32
        var previous: UInt32
        /// The tick at which the slot comes out, or `notScheduled`.
        var tick: UInt64
    }

    private static let endOfList = UInt32.max
    private static let notScheduled = UInt64.max

    /// How many slots there are. Immutable.
    package let capacity: Int
    /// How many slots are scheduled.
    package private(set) var count: Int
    private let tickNanoseconds: UInt64
    // Ticks before this are in the expired list, all others in their bucket.
    private var cursor: UInt64
    private var expired: UInt32
    // Entries at or above this were never used and are not initialised.
    private var highWater: Int
    // Bit b is set exactly when bucket b is not empty.
    private var bitmap: [16 of UInt64]
    private let heads: UnsafeMutablePointer<UInt32>
    private let entries: UnsafeMutablePointer<Entry>

    /// A wheel with nothing scheduled. `now` is where the window begins. Takes 4 KiB and 16 bytes
    /// per slot, the latter resident only once used.
    package init(
        capacity: Int, tickNanoseconds: UInt64 = TimerWheel.defaultTickNanoseconds, now: UInt64 = 0
    ) {
        precondition(capacity >= 0 && capacity < Int(Self.endOfList))
        precondition(tickNanoseconds > 0)
        self.capacity = capacity
        self.tickNanoseconds = tickNanoseconds
        count = 0
        cursor = now / tickNanoseconds
        expired = Self.endOfList
        highWater = 0
        bitmap = [16 of UInt64](repeating: 0)
        unsafe heads = .allocate(capacity: Self.bucketCount)
        unsafe heads.initialize(repeating: Self.endOfList, count: Self.bucketCount)
        unsafe entries = .allocate(capacity: capacity)
    }

    deinit {
        unsafe heads.deallocate()
        unsafe entries.deallocate()
    }

    /// Whether the slot waits in the wheel.
    package func isScheduled(_ slot: Int) -> Bool {
        precondition(slot >= 0 && slot < capacity)
        // SAFETY: entries below `highWater` are initialised.
        return unsafe slot < highWater && entries[slot].tick != Self.notScheduled
    }

    /// Sees to it that `slot` comes out of `popExpired(now:)` no later than the tick after
    /// `nanoseconds`. Does nothing (a comparison) if it already does, which is the common case.
    package mutating func schedule(_ slot: Int, at nanoseconds: UInt64) {
        if isScheduled(slot) {
            // SAFETY: a scheduled slot has an initialised entry.
            let current = unsafe entries[slot].tick
            // Ticks are at most 1,023 beyond a `now` below 2⁶³, or far below it.
            if current &* tickNanoseconds <= nanoseconds { return }
            let tick = tick(for: nanoseconds)
            if current <= tick { return }
            unlink(slot)
            link(slot, tick: tick)
        } else {
            initializeEntries(through: slot)
            link(slot, tick: tick(for: nanoseconds))
        }
    }

    /// Takes `slot` out, if it is in.
    package mutating func cancel(_ slot: Int) {
        if isScheduled(slot) { unlink(slot) }
    }

    /// The instant, in nanoseconds, at which the next slot comes out; nil when none is scheduled.
    /// In the past when slots are due already. O(words of the bitmap).
    package func nextExpiry() -> UInt64? {
        if expired != Self.endOfList {
            // SAFETY: slots on a list have initialised entries.
            return unsafe entries[Int(expired)].tick &* tickNanoseconds
        }
        return firstWaitingTick().map { $0 &* tickNanoseconds }
    }

    /// Removes and returns one slot whose tick has come, or nil when none is left. Call it with the
    /// same `now` until nil; schedule a slot anew if its true deadline is later.
    package mutating func popExpired(now: UInt64) -> Int? {
        precondition(now < 1 << 63, "not an instant of the monotonic clock")
        let nowTick = now / tickNanoseconds
        if nowTick >= cursor { collectExpired(through: nowTick) }
        guard expired != Self.endOfList else { return nil }
        let slot = Int(expired)
        unlink(slot)
        return slot
    }
}

// SAFETY: the wheel is the only owner of its memory.
extension TimerWheel: @unchecked Sendable {}

// MARK: - Ticks

extension TimerWheel {
    /// The tick at or after the instant, held within the window.
    private func tick(for nanoseconds: UInt64) -> UInt64 {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: tickNanoseconds)
        // A remainder is left only by a tick length above 1, so the sum does not overflow.
        let roundedUp = rest == 0 ? whole : whole + 1
        return min(max(roundedUp, cursor), cursor + Self.bucketMask)
    }

    private func bucket(of tick: UInt64) -> Int { Int(tick & Self.bucketMask) }

    /// The earliest tick in the window at which a slot waits.
    private func firstWaitingTick() -> UInt64? {
        let start = bucket(of: cursor)
        let startWord = start / 64
        // The start's word is looked at twice: first its bits from the start on, at the end of the
        // round those before it.
        let fromStart = UInt64.max << UInt64(start % 64)
        for step in 0...Self.wordCount {
            let index = (startWord + step) % Self.wordCount
            var word = bitmap[index]
            if step == 0 { word &= fromStart }
            if step == Self.wordCount { word &= ~fromStart }
            if word == 0 { continue }
            let found = index * 64 + word.trailingZeroBitCount
            let distance = (found - start) & Int(Self.bucketMask)
            return cursor + UInt64(distance)
        }
        return nil
    }

    /// Moves what is due at `nowTick` or before to the expired list, and the window behind it.
    private mutating func collectExpired(through nowTick: UInt64) {
        while let tick = firstWaitingTick(), tick <= nowTick {
            let bucket = bucket(of: tick)
            // SAFETY: a bucket index is below `bucketCount`; slots on a list have entries.
            while unsafe heads[bucket] != Self.endOfList {
                let slot = unsafe Int(heads[bucket])
                unlink(slot)
                push(slot, tick: tick, onExpired: true)
            }
        }
        // Only now do the ticks just collected count as expired: `unlink` goes by the cursor.
        cursor = nowTick + 1
    }
}

// MARK: - Lists

extension TimerWheel {
    private mutating func initializeEntries(through slot: Int) {
        while highWater <= slot {
            let entry = Entry(
                next: Self.endOfList, previous: Self.endOfList, tick: Self.notScheduled)
            // SAFETY: `isScheduled` has checked that slot < capacity.
            unsafe (entries + highWater).initialize(to: entry)
            highWater += 1
        }
    }

    private mutating func link(_ slot: Int, tick: UInt64) {
        assert(tick >= cursor && tick - cursor <= Self.bucketMask)
        push(slot, tick: tick, onExpired: false)
        let bucket = bucket(of: tick)
        bitmap[bucket / 64] |= 1 << UInt64(bucket % 64)
    }

    private mutating func push(_ slot: Int, tick: UInt64, onExpired: Bool) {
        let bucket = bucket(of: tick)
        // SAFETY: `slot` and every slot on a list are below `highWater`; buckets are masked.
        let next = onExpired ? expired : unsafe heads[bucket]
        unsafe entries[slot] = Entry(next: next, previous: Self.endOfList, tick: tick)
        let head = UInt32(truncatingIfNeeded: slot)  // slot < capacity < 2³²
        if next != Self.endOfList { unsafe entries[Int(next)].previous = head }
        if onExpired { expired = head } else { unsafe heads[bucket] = head }
        count += 1
    }

    private mutating func unlink(_ slot: Int) {
        // SAFETY: the caller has checked that `slot` is scheduled, so it and its neighbours are
        // below `highWater`; buckets are masked.
        let entry = unsafe entries[slot]
        assert(entry.tick != Self.notScheduled)
        if entry.next != Self.endOfList {
            unsafe entries[Int(entry.next)].previous = entry.previous
        }
        if entry.previous != Self.endOfList {
            unsafe entries[Int(entry.previous)].next = entry.next
        } else if entry.tick < cursor {
            expired = entry.next
        } else {
            let bucket = bucket(of: entry.tick)
            unsafe heads[bucket] = entry.next
            if entry.next == Self.endOfList {
                bitmap[bucket / 64] &= ~(1 << UInt64(bucket % 64))
            }
        }
        unsafe entries[slot].tick = Self.notScheduled
        count -= 1
    }
}

// MARK: - Invariants

extension TimerWheel {
    /// Traps if the wheel's state contradicts itself. O(slots ever used).
    package func checkInvariants() {
        precondition(highWater >= 0 && highWater <= capacity)
        var linked = checkList(from: expired) { $0 < cursor }
        for bucket in 0..<Self.bucketCount {
            // SAFETY: a bucket index is below `bucketCount`.
            let head = unsafe heads[bucket]
            let marked = bitmap[bucket / 64] & (1 << UInt64(bucket % 64)) != 0
            precondition(marked == (head != Self.endOfList))
            linked += checkList(from: head) { tick in
                tick >= cursor && tick - cursor <= Self.bucketMask
                    && self.bucket(of: tick) == bucket
            }
        }
        precondition(linked == count)
        var scheduled = 0
        for slot in 0..<highWater where isScheduled(slot) { scheduled += 1 }
        precondition(scheduled == count)
    }

    private func checkList(from head: UInt32, allows: (UInt64) -> Bool) -> Int {
        var length = 0
        var previous = Self.endOfList
        var slot = head
        while slot != Self.endOfList {
            precondition(Int(slot) < highWater)
            // SAFETY: checked just above.
            let entry = unsafe entries[Int(slot)]
            precondition(entry.previous == previous)
            precondition(entry.tick != Self.notScheduled && allows(entry.tick))
            length += 1
            precondition(length <= count, "the list has a cycle")
            previous = slot
            slot = entry.next
        }
        return length
    }
}
