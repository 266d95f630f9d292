internal import Glibc
public import Synchronization

/// Numbers that one thread writes and any thread may read: counters without locks.
///
/// Each number is read and written whole; two of them are not from the same moment. Writing is a
/// plain store, so only one thread may write at a time. Memory comes from the kernel page by page,
/// when it is first written, so that a large array costs only what is used of it.
///
/// Limit: `count` numbers, fixed.
@safe
public final class CounterArray: @unchecked Sendable {
    /// How many numbers there are.
    public let count: Int
    @usableFromInline let values: UnsafeMutablePointer<Atomic<UInt64>>

    /// So many zeros.
    public init(count: Int) {
        precondition(count >= 0)
        self.count = count
        // Large pieces of calloc(3) are pages that the kernel has not made yet.
        guard let memory = unsafe calloc(max(1, count), MemoryLayout<UInt64>.stride) else {
            preconditionFailure("no memory for \(count) counters")
        }
        // SAFETY: bytes of 0 are atomic zeros, and malloc(3) aligns for all types of the language.
        unsafe values = memory.bindMemory(to: Atomic<UInt64>.self, capacity: max(1, count))
    }

    deinit {
        // SAFETY: calloc(3) has given it, numbers need no end, and nobody has a reference any more.
        unsafe free(values)
    }

    /// Reads or writes one number. Writing: the owning thread only.
    @inlinable
    public subscript(index: Int) -> UInt64 {
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

    /// Writes five numbers that stand behind each other, the first at this place. The owning thread
    /// only; costs one look at the bounds.
    @inlinable
    public func store(
        _ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64, _ fifth: UInt64,
        at index: Int
    ) {
        precondition(index >= 0 && index <= count - 5)
        // SAFETY: all five places are initialised.
        unsafe (values + index).pointee.store(first, ordering: .relaxed)
        unsafe (values + index + 1).pointee.store(second, ordering: .relaxed)
        unsafe (values + index + 2).pointee.store(third, ordering: .relaxed)
        unsafe (values + index + 3).pointee.store(fourth, ordering: .relaxed)
        unsafe (values + index + 4).pointee.store(fifth, ordering: .relaxed)
    }

    /// Adds to one number, modulo 2⁶⁴. The owning thread only: a load, an addition, a store.
    @inlinable
    public func add(_ amount: UInt64, at index: Int) {
        precondition(index >= 0 && index < count)
        // SAFETY: the place is initialised.
        unsafe values[index].store(
            values[index].load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// Adds to one number, modulo 2⁶⁴, where several threads do so: one atomic addition. Whoever
    /// shares a number this way writes it in no other.
    @inlinable
    public func addShared(_ amount: UInt64, at index: Int) {
        precondition(index >= 0 && index < count)
        // SAFETY: the place is initialised.
        unsafe values[index].wrappingAdd(amount, ordering: .relaxed)
    }
}
