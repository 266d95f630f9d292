/// Slots that wait for exact instants, the earliest first: a binary heap. The reactor's timers have
/// ticks of milliseconds, which is too coarse for pauses and ramps.
///
/// Limit: the capacity; a slot waits at most once. O(log n) per call, no allocation.
struct InstantHeap {
    private struct Entry {
        var instant: UInt64
        var slot: Int
    }

    private var entries: [Entry] = []
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        entries.reserveCapacity(capacity)
    }

    /// The earliest instant; nil when nothing waits.
    var earliest: UInt64? { entries.first?.instant }

    /// Lets `slot` wait for `instant`.
    mutating func insert(_ slot: Int, at instant: UInt64) {
        precondition(entries.count < capacity, "a slot waits twice")
        entries.append(Entry(instant: instant, slot: slot))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].instant < entries[parent].instant else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    /// Takes out the slot with the earliest instant, if that has come.
    mutating func popDue(now: UInt64) -> Int? {
        guard let first = entries.first, first.instant <= now else { return nil }
        let last = entries.removeLast()
        guard !entries.isEmpty else { return first.slot }
        entries[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < entries.count else { break }
            let right = left + 1
            let child =
                right < entries.count && entries[right].instant < entries[left].instant
                ? right : left
            guard entries[child].instant < entries[parent].instant else { break }
            entries.swapAt(child, parent)
            parent = child
        }
        return first.slot
    }
}
