internal import Synchronization

/// Numbers that one thread writes and any thread may read: counters without locks.
///
/// Each number is read and written whole; two of them are not from the same moment. Writing is a
/// plain store, so only one thread may write at a time. Memory comes from the kernel page by page,
/// when it is first written, so that a large array costs only what is used of it.
///
/// Limit: `count` numbers, fixed.
@safe
package final class CounterArray: @unchecked Sendable {
    /// How many numbers there are.
    package let count: Int
    private let values: UnsafeMutablePointer<Atomic<UInt64>>

    /// So many zeros.
    package init(count: Int) {
        precondition(count >= 0)
        self.count = count
        unsafe values = .allocate(capacity: max(1, count))
        for index in 0..<count {
            // SAFETY: the place is inside what was allocated, and holds nothing yet.
            unsafe (values + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        // SAFETY: all places have been initialised, and nobody else has a reference any more.
        unsafe values.deinitialize(count: count)
        unsafe values.deallocate()
    }

    /// Reads or writes one number. Writing: the owning thread only.
    package subscript(index: Int) -> UInt64 {
        get {
            precondition(index >= 0 && index < count)
            // SAFETY: the place is initialised.
            return unsafe values[index].load(ordering: .relaxed)
        }
        set {
            precondition(index >= 0 && index < count)
            // SAFETY: the place is initialised.
            unsafe values[index].store(newValue, ordering: .relaxed)
        }
    }

    /// Adds to one number, modulo 2⁶⁴. The owning thread only: a load, an addition, a store.
    package func add(_ amount: UInt64, at index: Int) {
        precondition(index >= 0 && index < count)
        // SAFETY: the place is initialised.
        unsafe values[index].store(
            values[index].load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// Adds to one number, modulo 2⁶⁴, where several threads do so: one atomic addition. Whoever
    /// shares a number this way writes it in no other.
    package func addShared(_ amount: UInt64, at index: Int) {
        precondition(index >= 0 && index < count)
        // SAFETY: the place is initialised.
        unsafe values[index].wrappingAdd(amount, ordering: .relaxed)
    }
}
