/// A growing list of plain values that is filled and emptied again and again: for what is written in
/// every turn of a loop.
///
/// A value can be written where it will stand (`append(inPlace:)`). An `Array` builds it elsewhere
/// first, member by member, and then reads it again in larger pieces than it was written in, which a
/// processor must wait for.
///
/// Limit: none of its own; the owner bounds what it appends. Memory is kept until `release()`.
@safe
public struct PlainList<Element: BitwiseCopyable>: ~Copyable {
    // Invariant: `capacity` initialised elements of our own, of which the first `storedCount` are in the
    // list; nil exactly when `capacity` is 0.
    @usableFromInline var base: UnsafeMutablePointer<Element>?
    /// How many elements there is memory for.
    public private(set) var capacity: Int
    @usableFromInline var storedCount: Int
    /// What unused places hold.
    private let blank: Element

    /// An empty list without memory.
    ///
    /// - Parameter blank: Any value: places that have not been used hold it.
    public init(blank: Element) {
        unsafe base = nil
        capacity = 0
        storedCount = 0
        self.blank = blank
    }

    deinit { unsafe base?.deallocate() }

    /// How many elements there are.
    @inlinable public var count: Int { storedCount }

    /// Whether there is no element.
    @inlinable public var isEmpty: Bool { count == 0 }

    /// The valid indices.
    @inlinable public var indices: Range<Int> { 0..<count }

    /// Appends a value. Amortised O(1).
    @inlinable
    public mutating func append(_ element: Element) {
        append(inPlace: { $0 = element })
    }

    /// Appends a value that `write` makes where it will stand. It finds there what an earlier one has
    /// left, and must set every member. Amortised O(1).
    @inlinable
    @inline(__always)
    public mutating func append(inPlace write: (inout Element) -> Void) {
        if count == capacity { grow() }
        // SAFETY: count < capacity, so there is memory, and the place is initialised.
        write(&(unsafe base.unsafelyUnwrapped[count]))
        storedCount &+= 1  // count < capacity
    }

    /// Element `index`, in place. Precondition: `index < count`.
    @inlinable
    public subscript(index: Int) -> Element {
        unsafeAddress {
            precondition(index >= 0 && index < count)
            // SAFETY: count <= capacity, so the place is initialised.
            return unsafe UnsafePointer(base.unsafelyUnwrapped + index)
        }
        unsafeMutableAddress {
            precondition(index >= 0 && index < count)
            // SAFETY: as above; the access is exclusive.
            return unsafe base.unsafelyUnwrapped + index
        }
    }

    /// All elements.
    @inlinable
    public var span: Span<Element> {
        @_lifetime(borrow self)
        get {
            // SAFETY: `count` elements are initialised, and stay until we are changed.
            let elements = unsafe UnsafeBufferPointer(start: base, count: count)
            return unsafe _overrideLifetime(Span(_unsafeElements: elements), borrowing: self)
        }
    }

    /// Removes those for which the function says so; the others stay in order. O(count).
    public mutating func removeAll(where isRemoved: (Element) -> Bool) {
        var kept = 0
        for index in indices where !isRemoved(self[index]) {
            self[kept] = self[index]
            kept += 1
        }
        storedCount = kept
    }

    /// Empties the list and keeps its memory. O(1).
    @inlinable
    public mutating func removeAll() {
        storedCount = 0
    }

    /// Empties the list and gives its memory back.
    public mutating func release() {
        unsafe base?.deallocate()
        unsafe base = nil
        (capacity, storedCount) = (0, 0)
    }

    @usableFromInline
    mutating func grow() {
        let larger = max(64, capacity * 2)
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        // SAFETY: the new memory is ours and larger; elements are plain and need no destruction.
        unsafe memory.initialize(repeating: blank, count: larger)
        if let old = unsafe base {
            unsafe memory.update(from: old, count: count)
            unsafe old.deallocate()
        }
        unsafe base = memory
        capacity = larger
    }

    /// Traps if the list's state contradicts itself.
    public func checkInvariants() {
        precondition(count >= 0 && count <= capacity)
        precondition(unsafe (base == nil) == (capacity == 0))
    }
}

// SAFETY: a list is the only owner of its memory.
extension PlainList: @unchecked Sendable where Element: Sendable {}
