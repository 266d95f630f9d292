/// A bounded last-in, first-out store of buffer memory.
///
/// A connection holds memory only while it has bytes, so buffers come and go with every request;
/// the one given back last is still in the cache when the next is taken. One pool belongs to one
/// reactor and is not shared between threads.
///
/// Limits: at most `limit` buffers are kept; one that comes back to a full pool, or that has grown
/// beyond `keepFactor` times the standard capacity, is freed.
@safe
package struct BufferPool: ~Copyable {
    /// The capacity of a fresh buffer unless told otherwise: 16 KiB, a read of common size.
    package static let defaultCapacity = 16 * 1024

    /// A buffer that has grown beyond this many times the standard capacity is not kept: one large
    /// answer must not pin its memory for good.
    package static let keepFactor = 4

    /// The capacity of a fresh buffer. Immutable.
    package let standardCapacity: Int
    /// The most buffers kept. Immutable.
    package let limit: Int
    /// How many buffers are in the pool now.
    package private(set) var pooledCount: Int

    // Invariant: the first `pooledCount` of `limit` elements are initialised, each empty and of a
    // capacity in standardCapacity...standardCapacity * keepFactor.
    private let storage: UnsafeMutablePointer<ByteBuffer>

    /// A pool that keeps at most `limit` buffers. Allocates its index, no buffer memory.
    package init(standardCapacity: Int = BufferPool.defaultCapacity, limit: Int) {
        precondition(standardCapacity > 0 && limit >= 0)
        precondition(standardCapacity <= ByteBuffer.maximumCapacity / Self.keepFactor)
        self.standardCapacity = standardCapacity
        self.limit = limit
        pooledCount = 0
        unsafe storage = .allocate(capacity: limit)
    }

    deinit {
        // SAFETY: exactly the first `pooledCount` elements are initialised.
        unsafe storage.deinitialize(count: pooledCount)
        unsafe storage.deallocate()
    }

    /// An empty buffer of at least the standard capacity; allocates only if the pool is empty.
    package mutating func take() -> ByteBuffer {
        guard pooledCount > 0 else { return ByteBuffer(minimumCapacity: standardCapacity) }
        pooledCount -= 1
        // SAFETY: the last of the pooled elements is initialised; the smaller count says it left.
        return unsafe (storage + pooledCount).move()
    }

    /// Puts a buffer from the pool into `slot`, which must hold no memory.
    package mutating func take(into slot: inout ByteBuffer) {
        precondition(slot.capacity == 0, "the slot already holds memory")
        slot = take()
    }

    /// Takes a buffer's memory back; its bytes are dropped.
    package mutating func giveBack(_ buffer: consuming ByteBuffer) {
        let capacity = buffer.capacity
        guard pooledCount < limit, capacity >= standardCapacity,
            capacity <= standardCapacity * Self.keepFactor
        else { return }
        buffer.removeAll()
        // SAFETY: the element at `pooledCount` is within the limit and not initialised.
        unsafe (storage + pooledCount).initialize(to: buffer)
        pooledCount += 1
    }

    /// Takes the memory out of `slot` and leaves it an empty buffer without memory.
    package mutating func giveBack(from slot: inout ByteBuffer) {
        var taken = ByteBuffer()
        swap(&taken, &slot)
        giveBack(taken)
    }

    /// Traps if the pool's state contradicts itself.
    package func checkInvariants() {
        precondition(pooledCount >= 0 && pooledCount <= limit)
        for index in 0..<pooledCount {
            // SAFETY: the first `pooledCount` elements are initialised.
            unsafe storage[index].checkInvariants()
            precondition(unsafe storage[index].isEmpty)
            let capacity = unsafe storage[index].capacity
            precondition(capacity >= standardCapacity)
            precondition(capacity <= standardCapacity * Self.keepFactor)
        }
    }
}

// SAFETY: the pool is the only owner of its memory and of the buffers in it.
extension BufferPool: @unchecked Sendable {}
