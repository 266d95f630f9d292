// Containers: fixed-limit data structures for the hot path.
//
// Knows: memory and counting. Must not know: I/O, time sources, threads, HTTP.
// Every type here owns its memory alone (`~Copyable`), names what happens at its limit, and has
// `checkInvariants()` for tests and fuzzers. Memory for many elements is reserved once and touched
// only when used, so a large limit costs address space, not resident pages.
//
// `public` here means "inlinable", not "for users" (no product exports this module): Swift 6.3
// serialises the body of an `@inlinable public` function for other modules, but not that of an
// `@inlinable package` one. Two accesses to a slab's element cost 122 instructions as `package`,
// 17 as `public`; a response head and body of eight appends 465 against 246. What is neither
// generic nor tiny stays `package`.

/// Growable contiguous bytes with a reader at the front and a writer at the back.
///
/// ```
///   base        readerIndex           writerIndex          capacity
///    │ consumed     │  readable: `span`   │   unused           │
///    ▼              ▼                     ▼                    ▼
/// ```
///
/// The receive tails and the send queue of every connection are of this type. A buffer without
/// bytes may hold no memory at all (`init()`), so an idle connection pays 24 bytes for it.
///
/// Limit: 2 GiB (`maximumCapacity`). Growing beyond it is a precondition failure: the owner must
/// bound what it queues long before.
@safe
public struct ByteBuffer: ~Copyable {
    /// The most bytes that a buffer may hold: 2 GiB.
    public static var maximumCapacity: Int { 1 << 31 }

    /// The smallest allocation, so that a few short appends do not grow step by step.
    static let minimumAllocation = 64

    // Invariant: nil exactly when `storedCapacity` is 0; else `storedCapacity` bytes of our own.
    @usableFromInline var base: UnsafeMutablePointer<UInt8>?
    @usableFromInline var storedCapacity: UInt32
    // Invariant: readerIndex <= writerIndex <= storedCapacity; bytes below writerIndex are
    // initialised. When the two are equal, both are 0.
    @usableFromInline var readerIndex: UInt32
    @usableFromInline var writerIndex: UInt32

    /// An empty buffer that holds no memory.
    @inlinable
    public init() {
        unsafe base = nil
        storedCapacity = 0
        readerIndex = 0
        writerIndex = 0
    }

    /// An empty buffer with room for `minimumCapacity` bytes.
    public init(minimumCapacity: Int) {
        self.init()
        if minimumCapacity > 0 { reallocate(toCapacity: minimumCapacity) }
    }

    @inlinable
    deinit {
        // SAFETY: `base` is nil or our own allocation, and nobody can hold it longer than we live.
        unsafe base?.deallocate()
    }
}

// SAFETY: a buffer is the only owner of its memory, so moving it to another thread moves it all.
extension ByteBuffer: @unchecked Sendable {}

// MARK: - Reading

extension ByteBuffer {
    /// How many bytes can be read.
    @inlinable
    public var count: Int { Int(writerIndex &- readerIndex) }  // reader never passes writer

    /// How many bytes can be read; the same as `count`, for places where the direction matters.
    @inlinable
    public var readableCount: Int { count }

    /// Whether there is nothing to read.
    @inlinable
    public var isEmpty: Bool { writerIndex == readerIndex }

    /// How many bytes the memory held now can take, those already consumed included.
    @inlinable
    public var capacity: Int { Int(storedCapacity) }

    /// The readable bytes.
    @inlinable
    public var span: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            // SAFETY: [readerIndex, writerIndex) is initialised and stays in place while `self` is
            // borrowed, which the overridden lifetime states. With no memory the count is 0.
            let start = unsafe base.map { unsafe $0 + Int(readerIndex) }
            let bytes = unsafe UnsafeBufferPointer(start: start, count: count)
            return unsafe _overrideLifetime(Span(_unsafeElements: bytes), borrowing: self)
        }
    }

    /// The readable bytes, for changes in place.
    @inlinable
    public var mutableSpan: MutableSpan<UInt8> {
        @_lifetime(&self)
        mutating get {
            // SAFETY: as in `span`; exclusive while `self` is being mutated.
            let start = unsafe base.map { unsafe $0 + Int(readerIndex) }
            let bytes = unsafe UnsafeMutableBufferPointer(start: start, count: count)
            return unsafe _overrideLifetime(MutableSpan(_unsafeElements: bytes), mutating: &self)
        }
    }

    /// Drops the first `n` readable bytes. When none are left, all of the capacity is writable
    /// again. O(1).
    @inlinable
    public mutating func consume(_ n: Int) {
        precondition(n >= 0 && n <= count, "consumed more than was there")
        readerIndex &+= UInt32(truncatingIfNeeded: n)  // n <= count, so it fits
        if readerIndex == writerIndex {
            readerIndex = 0
            writerIndex = 0
        }
    }

    /// Keeps only the first `newCount` readable bytes. O(1).
    @inlinable
    public mutating func truncate(toCount newCount: Int) {
        precondition(newCount >= 0 && newCount <= count, "truncated to more than was there")
        writerIndex = readerIndex &+ UInt32(truncatingIfNeeded: newCount)
        if newCount == 0 { removeAll() }
    }

    /// Drops all bytes and keeps the memory. O(1).
    @inlinable
    public mutating func removeAll() {
        readerIndex = 0
        writerIndex = 0
    }

    /// Moves `count` bytes within the readable bytes; the two ranges may overlap. Offsets count
    /// from the first readable byte.
    public mutating func move(
        from sourceOffset: Int, count byteCount: Int, to destinationOffset: Int
    ) {
        precondition(byteCount >= 0 && sourceOffset >= 0 && destinationOffset >= 0)
        precondition(sourceOffset <= count && byteCount <= count - sourceOffset)
        precondition(destinationOffset <= count && byteCount <= count - destinationOffset)
        guard byteCount > 0, let base = unsafe base else { return }
        // SAFETY: both ranges lie within the initialised bytes; `update` allows overlap.
        let start = unsafe base + Int(readerIndex)
        unsafe (start + destinationOffset).update(from: start + sourceOffset, count: byteCount)
    }
}

// MARK: - Room

extension ByteBuffer {
    /// How many bytes can be appended before memory must move or grow.
    @inlinable
    public var unusedCapacity: Int { Int(storedCapacity &- writerIndex) }

    /// Makes room for `additional` bytes at the back: moves the bytes to the front if that is
    /// enough and cheap, else grows at least twofold. Amortised O(1) per byte appended.
    public mutating func reserve(_ additional: Int) {
        precondition(additional >= 0)
        if additional <= unusedCapacity { return }
        let count = count
        precondition(additional <= Self.maximumCapacity - count, "buffer beyond its limit")
        let needed = count + additional
        // Compacting moves `count` bytes. Doing that only when at least as many were consumed
        // pays each move with a byte that left, which keeps the cost amortised.
        if needed <= capacity && count <= Int(readerIndex) {
            compact()
        } else {
            let doubled = min(capacity * 2, Self.maximumCapacity)
            reallocate(toCapacity: max(needed, doubled, Self.minimumAllocation))
        }
    }

    /// Gives `body` the unused bytes at the back, at least `minimum` of them, and keeps what it
    /// wrote. This is how a system call or a codec fills a buffer without a copy. What was written
    /// before `body` throws is kept too.
    @inlinable
    public mutating func withUnusedCapacity<E: Error, R: ~Copyable>(
        minimum: Int, _ body: (inout OutputSpan<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        if minimum > unusedCapacity { reserve(minimum) }
        // SAFETY: [writerIndex, capacity) is ours and nobody else's during the call; `finalize`
        // tells how much of it was initialised.
        let start = unsafe base.map { unsafe $0 + Int(writerIndex) }
        let unused = unsafe UnsafeMutableBufferPointer(start: start, count: unusedCapacity)
        var output = unsafe OutputSpan(buffer: unused, initializedCount: 0)
        let result: R
        do throws(E) {
            result = try body(&output)
        } catch {
            unsafe finishWriting(output.finalize(for: unused))
            throw error
        }
        unsafe finishWriting(output.finalize(for: unused))
        return result
    }

    @inlinable
    mutating func finishWriting(_ written: Int) {
        assert(written >= 0 && written <= unusedCapacity)
        writerIndex &+= UInt32(truncatingIfNeeded: written)  // written <= unusedCapacity
        if readerIndex == writerIndex { removeAll() }
    }

    private mutating func compact() {
        guard readerIndex > 0, let base = unsafe base else { return }
        let count = count
        // SAFETY: both ranges lie within the initialised bytes; `update` allows overlap.
        unsafe base.update(from: base + Int(readerIndex), count: count)
        readerIndex = 0
        writerIndex = UInt32(count)
    }

    private mutating func reallocate(toCapacity newCapacity: Int) {
        assert(newCapacity >= count)
        precondition(newCapacity <= Self.maximumCapacity, "buffer beyond its limit")
        let count = count
        let fresh = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
        if let old = unsafe base {
            // SAFETY: `old` has `count` initialised bytes from the reader on; `fresh` has room.
            unsafe fresh.initialize(from: old + Int(readerIndex), count: count)
            unsafe old.deallocate()
        }
        unsafe base = fresh
        storedCapacity = UInt32(newCapacity)
        readerIndex = 0
        writerIndex = UInt32(count)
    }
}

// MARK: - Invariants

extension ByteBuffer {
    /// Traps if the buffer's state contradicts itself.
    public func checkInvariants() {
        precondition(readerIndex <= writerIndex)
        precondition(writerIndex <= storedCapacity)
        precondition(readerIndex < writerIndex || writerIndex == 0)
        precondition(unsafe (base == nil) == (storedCapacity == 0))
    }
}
