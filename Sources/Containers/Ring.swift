/// A first-in, first-out queue of fixed capacity.
///
/// Limit: `capacity` elements; the owner asks `isFull` before it appends, since only the owner
/// knows what to do then (stop reading, close, answer 503).
///
/// Inlinable because the element type belongs to another module.
@safe
public struct Ring<Element: ~Copyable>: ~Copyable {
    /// How many elements the ring can hold. Immutable.
    public let capacity: Int
    @usableFromInline var storedCount: Int
    // The place of the first element. Invariant: 0 <= head < max(1, capacity).
    @usableFromInline var head: Int
    // Invariant: the `storedCount` places from `head` on, wrapping, are initialised.
    @usableFromInline let storage: UnsafeMutablePointer<Element>

    /// An empty ring with memory for `capacity` elements.
    @inlinable
    public init(capacity: Int) {
        precondition(capacity >= 0)
        self.capacity = capacity
        storedCount = 0
        head = 0
        unsafe storage = capacity > 0 ? .allocate(capacity: capacity) : Self.noMemory
    }

    /// What a ring of capacity 0 points to: nothing is ever read or written there.
    @inlinable
    static var noMemory: UnsafeMutablePointer<Element> {
        // SAFETY: an address that is not null and is aligned is a pointer; nobody follows it.
        unsafe UnsafeMutablePointer(bitPattern: MemoryLayout<Element>.alignment).unsafelyUnwrapped
    }

    @inlinable
    deinit {
        for offset in 0..<storedCount {
            // SAFETY: exactly these places are initialised.
            unsafe (storage + place(of: offset)).deinitialize(count: 1)
        }
        if capacity > 0 { unsafe storage.deallocate() }
    }

    /// How many elements wait.
    @inlinable
    public var count: Int { storedCount }

    /// Whether nothing waits.
    @inlinable
    public var isEmpty: Bool { storedCount == 0 }

    /// Whether there is no room for another element.
    @inlinable
    public var isFull: Bool { storedCount == capacity }

    /// Adds `element` at the back; the ring must not be full. O(1).
    @inlinable
    public mutating func append(_ element: consuming Element) {
        precondition(!isFull, "the ring is full")
        // SAFETY: the place after the last element is free, since the ring is not full.
        unsafe (storage + place(of: storedCount)).initialize(to: element)
        storedCount &+= 1  // storedCount < capacity
    }

    /// Takes the element at the front, or nil when there is none. O(1).
    @inlinable
    public mutating func popFirst() -> Element? {
        guard storedCount > 0 else { return nil }
        let first = head
        head = place(of: 1)
        storedCount &-= 1  // storedCount > 0
        // SAFETY: the first place was initialised; `head` and the count say that it is free now.
        return unsafe (storage + first).move()
    }

    /// Takes all elements out and destroys them.
    @inlinable
    public mutating func removeAll() {
        while let element = popFirst() { _ = consume element }
        head = 0
    }

    /// The element that is `offset` places behind the front; `offset` must be below `count`.
    @inlinable
    public subscript(offset: Int) -> Element {
        _read {
            precondition(offset >= 0 && offset < storedCount, "no such element")
            // SAFETY: the first `storedCount` places from `head` on are initialised.
            yield unsafe storage[place(of: offset)]
        }
        _modify {
            precondition(offset >= 0 && offset < storedCount, "no such element")
            // SAFETY: as above, exclusively.
            yield unsafe &storage[place(of: offset)]
        }
    }

    /// The element at the front; the ring must not be empty.
    @inlinable
    public var first: Element {
        _read { yield self[0] }
        _modify { yield &self[0] }
    }

    /// The element at the back; the ring must not be empty.
    @inlinable
    public var last: Element {
        _read { yield self[storedCount - 1] }
        _modify { yield &self[storedCount - 1] }
    }

    // Wrapping by comparison, not by a mask: capacities are limits that people choose.
    @inlinable
    func place(of offset: Int) -> Int {
        let place = head &+ offset  // both at most capacity
        return place >= capacity ? place &- capacity : place
    }

    /// Traps if the ring's state contradicts itself.
    public func checkInvariants() {
        precondition(storedCount >= 0 && storedCount <= capacity)
        precondition(head >= 0 && head < max(1, capacity))
    }
}

// SAFETY: the ring is the only owner of its memory and of the elements in it.
extension Ring: @unchecked Sendable where Element: Sendable & ~Copyable {}
