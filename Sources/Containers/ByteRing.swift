internal import Synchronization

/// A queue of records of bytes between two threads: one puts them in, the other takes them out, and
/// neither ever waits for the other. Lock-free, without allocation and without system calls.
///
/// ```
///   0          taken                          published   written          capacity
///   │   free     │  records that can be taken     │  not yet   │     free      │
///   ▼            ▼                                ▼            ▼               ▼
/// ```
///
/// A record lies in one piece, behind its length. One that does not fit before the end begins at the
/// start again, and what it leaves behind is marked. What is appended can be taken when it has been
/// published, so that a burst costs one write that the other thread's processor must see.
///
/// Limit: `capacity` bytes. A record that finds no room is refused; only the owner knows whether to
/// wait or to drop it.
@safe
package final class ByteRing: @unchecked Sendable {
    /// How many bytes there are; a power of two. Immutable.
    package let capacity: Int
    // Invariant: `capacity` bytes of our own, aligned to 8.
    private let storage: UnsafeMutableRawPointer
    /// Counters of the bytes that have gone past each mark in the picture since the beginning; only
    /// their lower bits are offsets. The two threads' are in cache lines of their own, or each write
    /// of one would slow down the other.
    private let marks: UnsafeMutablePointer<Atomic<UInt64>>

    /// Places in `marks`, of eight bytes: 128 bytes apart, since processors fetch lines in pairs.
    private enum Mark {
        /// Written by the producer: what has been published, what has been written, and the last
        /// it has seen of `taken`.
        static let published = 0
        static let written = 1
        static let takenSeen = 2
        /// Written by the consumer.
        static let taken = 16
        static let count = 32
    }

    /// The smallest ring.
    package static let minimumCapacity = 4_096

    /// The length of a record stands before it, and all begin at multiples of this, so that there is
    /// always room for the mark of a place that was left out.
    private static let alignment = 8

    /// In place of a length: the next record is at the start.
    private static let leftOut = UInt32.max

    /// An empty ring of at least so many bytes, but at least `minimumCapacity`. Its pages come from
    /// the kernel when they are first written.
    package init(capacity wanted: Int) {
        precondition(wanted >= 0 && wanted <= 1 << 30)
        var capacity = Self.minimumCapacity
        while capacity < wanted { capacity *= 2 }
        self.capacity = capacity
        unsafe storage = .allocate(byteCount: capacity, alignment: 64)
        unsafe marks = .allocate(capacity: Mark.count)
        for mark in 0..<Mark.count {
            // SAFETY: the place is inside what was allocated, and holds nothing yet.
            unsafe (marks + mark).initialize(to: Atomic(0))
        }
    }

    deinit {
        // SAFETY: nobody has a reference any more.
        unsafe marks.deinitialize(count: Mark.count)
        unsafe marks.deallocate()
        unsafe storage.deallocate()
    }

    /// The longest record: one of half the ring finds room wherever the last has ended.
    package var maxRecordByteCount: Int { capacity / 2 - Self.alignment }
}

// MARK: - The producer's side

extension ByteRing {
    /// Appends a record made of two pieces, which cannot be taken yet.
    ///
    /// - Returns: Whether there was room for it.
    package func append(_ first: RawSpan, _ second: Span<UInt8>) -> Bool {
        let count = first.byteCount + second.count
        guard count <= maxRecordByteCount else { return false }
        let size = Self.size(ofRecord: count)
        let written = mark(Mark.written)
        let offset = self.offset(of: written)
        let rest = capacity - offset
        let skipped = rest < size ? rest : 0
        guard hasRoom(for: skipped + size, behind: written) else { return false }
        if skipped > 0 { store(Self.leftOut, at: offset) }
        let start = skipped > 0 ? 0 : offset
        store(UInt32(truncatingIfNeeded: count), at: start)  // Below 2³⁰.
        // SAFETY: the record's bytes are free: from the mark on there is room for all of them, and
        // it ends before the storage does.
        let place = unsafe storage + start + MemoryLayout<UInt32>.size
        unsafe first.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            unsafe place.copyMemory(from: base, byteCount: source.count)
        }
        unsafe second.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            unsafe (place + first.byteCount).copyMemory(from: base, byteCount: source.count)
        }
        setMark(Mark.written, written &+ UInt64(skipped + size))
        return true
    }

    /// Lets the consumer take what was appended.
    package func publish() {
        // SAFETY: the place is initialised. Releasing: who sees the mark sees the records.
        unsafe marks[Mark.published].store(mark(Mark.written), ordering: .releasing)
    }

    /// Bytes that are not free. Exact on the producer's side, but for what is taken meanwhile.
    package var usedByteCount: Int {
        // Never negative, and at most the capacity.
        Int(truncatingIfNeeded: mark(Mark.written) &- takenNow())
    }

    private func hasRoom(for size: Int, behind written: UInt64) -> Bool {
        func fits(_ taken: UInt64) -> Bool {
            Int(truncatingIfNeeded: written &- taken) + size <= capacity
        }
        if fits(mark(Mark.takenSeen)) { return true }
        let taken = takenNow()
        setMark(Mark.takenSeen, taken)
        return fits(taken)
    }
}

// MARK: - The consumer's side

extension ByteRing {
    /// Whether there is something to take.
    package var isEmpty: Bool {
        publishedNow() == mark(Mark.taken)
    }

    /// Takes the records that have been published, in their order, until `body` says no. Each place
    /// is free again when its call returns.
    ///
    /// - Parameter body: Gets a record; says whether it wants another.
    package func take(_ body: (Span<UInt8>) -> Bool) {
        let published = publishedNow()
        var taken = mark(Mark.taken)
        while taken != published {
            let offset = self.offset(of: taken)
            let length = load(at: offset)
            if length == Self.leftOut {
                taken &+= UInt64(capacity - offset)
                free(upTo: taken)
                continue
            }
            let count = Int(length)
            // SAFETY: a record of so many bytes lies here, and stays until the mark has passed it.
            let start = unsafe (storage + offset + MemoryLayout<UInt32>.size)
                .assumingMemoryBound(to: UInt8.self)
            let record = unsafe UnsafeBufferPointer(start: start, count: count)
            let wantsMore = unsafe body(Span(_unsafeElements: record))
            taken &+= UInt64(Self.size(ofRecord: count))
            free(upTo: taken)
            guard wantsMore else { return }
        }
    }

    private func free(upTo taken: UInt64) {
        // SAFETY: the place is initialised. Releasing: reading is over before the place is free.
        unsafe marks[Mark.taken].store(taken, ordering: .releasing)
    }
}

// MARK: - Both

extension ByteRing {
    /// What a record takes: its length, its bytes, and what makes the next one aligned.
    private static func size(ofRecord count: Int) -> Int {
        (count + MemoryLayout<UInt32>.size + alignment - 1) & ~(alignment - 1)
    }

    private func offset(of mark: UInt64) -> Int {
        Int(truncatingIfNeeded: mark) & (capacity - 1)
    }

    private func store(_ length: UInt32, at offset: Int) {
        // SAFETY: an aligned offset has eight bytes before the end.
        unsafe storage.storeBytes(of: length, toByteOffset: offset, as: UInt32.self)
    }

    private func load(at offset: Int) -> UInt32 {
        // SAFETY: as above; what was published has been written.
        unsafe storage.load(fromByteOffset: offset, as: UInt32.self)
    }

    /// One of the marks that the calling thread writes itself.
    private func mark(_ index: Int) -> UInt64 {
        // SAFETY: the place is initialised.
        unsafe marks[index].load(ordering: .relaxed)
    }

    private func setMark(_ index: Int, _ value: UInt64) {
        // SAFETY: as above.
        unsafe marks[index].store(value, ordering: .relaxed)
    }

    private func takenNow() -> UInt64 {
        // SAFETY: as above.
        unsafe marks[Mark.taken].load(ordering: .acquiring)
    }

    private func publishedNow() -> UInt64 {
        // SAFETY: as above.
        unsafe marks[Mark.published].load(ordering: .acquiring)
    }

    /// Traps if the ring's state contradicts itself. While neither side is at work.
    package func checkInvariants() {
        let (taken, published, written) = (
            mark(Mark.taken), mark(Mark.published), mark(Mark.written)
        )
        precondition(taken <= published && published <= written)
        precondition(written - taken <= UInt64(capacity))
        precondition(mark(Mark.takenSeen) <= taken)
        precondition(taken % 8 == 0 && published % 8 == 0 && written % 8 == 0)
    }
}
