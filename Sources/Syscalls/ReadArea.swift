internal import Glibc

/// One large piece of memory that all connections of a reactor read into, one after the other.
///
/// A connection that is waiting holds no receive memory; what it read is looked at in place, and
/// only a tail that is no whole request is copied away.
@safe
package struct ReadArea: ~Copyable {
    /// 64 KiB: a whole turn's worth of pipelined requests, and small enough for the second-level
    /// cache.
    package static let defaultSize = 64 * 1024

    private static let pageSize = 4096

    /// How many bytes fit. Immutable.
    package let size: Int
    // Invariant: `size` bytes of our own, all initialised.
    private let base: UnsafeMutablePointer<UInt8>

    /// An area of `size` bytes, which must not be 0, on its own pages.
    package init(size: Int = ReadArea.defaultSize) {
        precondition(size > 0)
        self.size = size
        let raw = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: Self.pageSize)
        unsafe base = raw.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    }

    deinit {
        unsafe base.deallocate()
    }

    /// Fills the area from its front with what has arrived (recv(2)). What was there is gone.
    package mutating func receive(
        from descriptor: borrowing FileDescriptor
    ) throws(Errno) -> IOResult {
        // SAFETY: `base` has `size` bytes, and no view of them can be alive while we mutate.
        let bytes = unsafe UnsafeMutableRawBufferPointer(start: base, count: size)
        return try unsafe Socket.receive(descriptor.rawValue, into: bytes)
    }

    /// The same on a blocking socket without waiting (MSG_DONTWAIT, recv(2)).
    package mutating func receiveWithoutWaiting(
        from descriptor: borrowing FileDescriptor
    ) throws(Errno) -> IOResult {
        // SAFETY: as above.
        let bytes = unsafe UnsafeMutableRawBufferPointer(start: base, count: size)
        return try unsafe Socket.receive(
            descriptor.rawValue, into: bytes, flags: Int32(MSG_DONTWAIT))
    }

    /// The first `count` bytes, as many as the last `receive` said. Reading on invalidates them,
    /// which the compiler checks.
    @_lifetime(borrow self)
    package borrowing func bytes(_ count: Int) -> Span<UInt8> {
        precondition(count >= 0 && count <= size)
        // SAFETY: all bytes are initialised and stay in place while `self` is borrowed.
        let span = unsafe Span(_unsafeStart: UnsafePointer(base), count: count)
        return unsafe _overrideLifetime(span, borrowing: self)
    }
}

// SAFETY: the area is the only owner of its memory.
extension ReadArea: @unchecked Sendable {}
