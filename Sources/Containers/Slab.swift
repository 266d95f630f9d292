/// Names one stay of an element in a slab: where it is, and which stay it is.
///
/// The generation changes when a slot is emptied, so a key that outlived its element (in an epoll
/// event of the same turn, say) is recognised as stale. After 2³² stays in one slot a generation
/// repeats; a key must not be kept that long.
public struct SlotKey: Hashable, Sendable {
    /// The index of the slot.
    public let slot: Int
    /// Which stay in the slot is meant.
    public let generation: UInt32

    /// A key for a stay that `Slab.insert(_:)` reported.
    @inlinable
    public init(slot: Int, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}

/// A fixed number of slots for elements that come and go: O(1) insertion and removal, stable
/// places, last-in-first-out reuse (the slot emptied last is the one in the cache).
///
/// ```
///                 0     1     2     3     4  ...            capacity
///   elements   [  A  |     |  C  |     | ~~~~~~ never touched ~~~~~~ ]
///   entries    [ gen | gen | gen | gen | ~~~~~~ never touched ~~~~~~ ]
///              [ occ | →3  | occ | end |
///                                      ▲ highWater
///   firstFree ───────┘
/// ```
///
/// Memory is reserved once and becomes resident only as slots are first used: a slot at or above
/// `highWater` has never been used and needs no entry.
///
/// Limit: `capacity` elements; `insert(_:)` returns nil beyond it.
///
/// The accessors are inlinable because the element type belongs to another module, where an
/// unspecialised generic would cost more than the work it does.
@safe
public struct Slab<Element: ~Copyable>: ~Copyable {
    @usableFromInline
    struct Entry {
        // Bumped when the slot is emptied, so no key of an earlier stay matches.
        @usableFromInline var generation: UInt32
        // `Slab.occupied`, or for a free slot the next one on the free list, or `Slab.endOfList`.
        @usableFromInline var nextFree: UInt32

        @inlinable
        init(generation: UInt32, nextFree: UInt32) {
            self.generation = generation
            self.nextFree = nextFree
        }
    }

    @usableFromInline static var occupied: UInt32 { .max }
    @usableFromInline static var endOfList: UInt32 { .max - 1 }

    /// How many elements the slab can hold. Immutable.
    public let capacity: Int
    @usableFromInline var storedCount: Int
    // Slots at or above this were never used; below it, every entry is initialised.
    @usableFromInline var highWater: Int
    @usableFromInline var firstFree: UInt32
    // Invariant: an element is initialised exactly when its entry says `occupied`.
    @usableFromInline let elements: UnsafeMutablePointer<Element>
    @usableFromInline let entries: UnsafeMutablePointer<Entry>

    /// A slab with `capacity` slots (fewer than 2³² - 2), all free.
    @inlinable
    public init(capacity: Int) {
        precondition(capacity >= 0 && capacity < Int(Self.endOfList))
        self.capacity = capacity
        storedCount = 0
        highWater = 0
        firstFree = Self.endOfList
        unsafe elements = .allocate(capacity: capacity)
        unsafe entries = .allocate(capacity: capacity)
    }

    @inlinable
    deinit {
        for slot in 0..<highWater {
            // SAFETY: entries below `highWater` are initialised, elements of occupied ones too.
            if unsafe entries[slot].nextFree == Self.occupied {
                unsafe (elements + slot).deinitialize(count: 1)
            }
        }
        unsafe elements.deallocate()
        unsafe entries.deallocate()
    }

    /// How many slots are occupied.
    @inlinable
    public var count: Int { storedCount }

    /// Whether no slot is occupied.
    @inlinable
    public var isEmpty: Bool { storedCount == 0 }

    /// Whether every slot is occupied.
    @inlinable
    public var isFull: Bool { storedCount == capacity }

    /// Whether the slot holds an element. False for an index outside of the slab.
    @inlinable
    public func isOccupied(_ slot: Int) -> Bool {
        // SAFETY: entries below `highWater` are initialised.
        unsafe slot >= 0 && slot < highWater && entries[slot].nextFree == Self.occupied
    }

    /// Whether the stay that `generation` names still lasts. False for an index outside of the
    /// slab, so a key may come from anywhere.
    @inlinable
    public func contains(slot: Int, generation: UInt32) -> Bool {
        // SAFETY: `isOccupied` has checked the index.
        unsafe isOccupied(slot) && entries[slot].generation == generation
    }

    /// Whether the stay that `key` names still lasts.
    @inlinable
    public func contains(_ key: SlotKey) -> Bool {
        contains(slot: key.slot, generation: key.generation)
    }

    /// The generation of the element in `slot`, which must be occupied.
    @inlinable
    public func generation(of slot: Int) -> UInt32 {
        precondition(isOccupied(slot), "the slot is free")
        // SAFETY: an occupied slot has an initialised entry.
        return unsafe entries[slot].generation
    }

    /// Moves `element` into a free slot, the one emptied last if there is one. Returns nil, and
    /// destroys the element, when the slab is full. O(1).
    @inlinable
    public mutating func insert(_ element: consuming Element) -> SlotKey? {
        let slot: Int
        if firstFree != Self.endOfList {
            slot = Int(firstFree)
            // SAFETY: slots on the free list are below `highWater`.
            firstFree = unsafe entries[slot].nextFree
            unsafe entries[slot].nextFree = Self.occupied
        } else if highWater < capacity {
            slot = highWater
            highWater &+= 1  // highWater < capacity
            let entry = Entry(generation: 0, nextFree: Self.occupied)
            // SAFETY: the slot is within the capacity and used for the first time.
            unsafe (entries + slot).initialize(to: entry)
        } else {
            return nil
        }
        storedCount &+= 1  // storedCount < capacity
        // SAFETY: the slot was free, so no element is there.
        unsafe (elements + slot).initialize(to: element)
        return SlotKey(slot: slot, generation: unsafe entries[slot].generation)
    }

    /// Moves the element out of `slot`, which must be occupied, and ends its generation. O(1).
    @inlinable
    public mutating func remove(_ slot: Int) -> Element {
        precondition(isOccupied(slot), "the slot is free")
        // SAFETY: an occupied slot has an initialised entry and element; the entry then says free.
        unsafe entries[slot].generation &+= 1  // wraps after 2³² stays, see SlotKey
        unsafe entries[slot].nextFree = firstFree
        firstFree = UInt32(truncatingIfNeeded: slot)  // slot < capacity < 2³²
        storedCount &-= 1  // an element was there
        return unsafe (elements + slot).move()
    }

    /// The element in `slot`, which must be occupied. A bounds check and one load. By address and
    /// not by `_read`, so that views of an element live as long as the slab is borrowed.
    @inlinable
    public subscript(slot: Int) -> Element {
        unsafeAddress {
            precondition(isOccupied(slot), "the slot is free")
            // SAFETY: an occupied slot has an initialised element, borrowed while `self` is.
            return unsafe UnsafePointer(elements + slot)
        }
        unsafeMutableAddress {
            precondition(isOccupied(slot), "the slot is free")
            // SAFETY: as above, exclusively.
            return unsafe elements + slot
        }
    }

    /// The first occupied slot at or after `start`, or nil. Walk all elements with
    /// `var next = slab.firstSlot(from: 0); while let slot = next { ...; next =
    /// slab.firstSlot(from: slot + 1) }`; removing `slot` on the way is allowed. O(slots ever used).
    @inlinable
    public func firstSlot(from start: Int) -> Int? {
        precondition(start >= 0)
        var slot = start
        while slot < highWater {
            // SAFETY: entries below `highWater` are initialised.
            if unsafe entries[slot].nextFree == Self.occupied { return slot }
            slot &+= 1  // slot < highWater
        }
        return nil
    }

    /// Traps if the slab's state contradicts itself. O(slots ever used).
    public func checkInvariants() {
        precondition(storedCount >= 0 && storedCount <= highWater && highWater <= capacity)
        var occupiedCount = 0
        for slot in 0..<highWater where isOccupied(slot) { occupiedCount += 1 }
        precondition(occupiedCount == storedCount)
        var freeCount = 0
        var next = firstFree
        while next != Self.endOfList {
            precondition(Int(next) < highWater && !isOccupied(Int(next)))
            freeCount += 1
            precondition(freeCount <= highWater, "the free list has a cycle")
            // SAFETY: checked just above to be below `highWater`.
            next = unsafe entries[Int(next)].nextFree
        }
        precondition(freeCount + occupiedCount == highWater)
    }
}

// SAFETY: the slab is the only owner of its memory and of the elements in it.
extension Slab: @unchecked Sendable where Element: Sendable & ~Copyable {}
