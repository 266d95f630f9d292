/// One value on the heap with one owner: it stays where it is while its owner moves, so that it can
/// be pointed at.
///
/// What is stored in place in a large value is copied wherever the compiler borrows it through that
/// value (docs/WORKAROUNDS.md); what is in a box is not.
@safe
public struct UniqueBox<Value: ~Copyable>: ~Copyable {
    @usableFromInline let pointer: UnsafeMutablePointer<Value>

    /// A box with this value. Allocates.
    @inlinable
    public init(_ value: consuming Value) {
        unsafe pointer = .allocate(capacity: 1)
        unsafe pointer.initialize(to: value)
    }

    deinit {
        unsafe pointer.deinitialize(count: 1)
        unsafe pointer.deallocate()
    }

    /// The value, in place. O(1).
    @inlinable
    public var value: Value {
        // SAFETY: the memory is initialised as long as the box lives, and exclusive access to the box
        // is exclusive access to it.
        unsafeAddress { unsafe UnsafePointer(pointer) }
        unsafeMutableAddress { unsafe pointer }
    }

    /// A view of the value, which does not change while the view is used. O(1).
    @inlinable
    public var borrowed: Borrowed<Value> {
        @_lifetime(borrow self)
        get {
            // SAFETY: the view cannot outlive this access to the box.
            unsafe _overrideLifetime(Borrowed(UnsafePointer(pointer)), borrowing: self)
        }
    }
}

// SAFETY: a box is its value, elsewhere.
extension UniqueBox: @unchecked Sendable where Value: Sendable & ~Copyable {}

/// A view of a value that somebody else owns: one word, however large the value is.
@safe
public struct Borrowed<Value: ~Copyable>: ~Escapable, BitwiseCopyable {
    @usableFromInline let pointer: UnsafePointer<Value>

    @inlinable
    @_lifetime(borrow pointer)
    init(_ pointer: UnsafePointer<Value>) {
        unsafe self.pointer = unsafe pointer
    }

    /// The value, where it is. O(1).
    @inlinable
    public var value: Value {
        // SAFETY: this view lives no longer than the access that it was made for.
        unsafeAddress { unsafe pointer }
    }
}
