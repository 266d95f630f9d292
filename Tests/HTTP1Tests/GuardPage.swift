import Glibc

/// Memory for the input of a parser that ends exactly where the input ends: the next byte is on a
/// page that must not be touched, so reading beyond the input ends the test run with SIGSEGV.
@safe struct GuardPage: ~Copyable {
    private static var pageSize: Int { 4096 }
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    private var count = 0

    init(capacity minimum: Int) {
        capacity =
            (max(minimum, 1) + GuardPage.pageSize - 1) / GuardPage.pageSize * GuardPage.pageSize
        // SAFETY: a new private mapping; `capacity` bytes are usable, and the page behind them is
        // made inaccessible. It lives until deinit.
        unsafe base = mmap(
            nil, capacity + GuardPage.pageSize, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        let result = unsafe mprotect(base + capacity, GuardPage.pageSize, PROT_NONE)
        precondition(unsafe base != MAP_FAILED && result == 0)
    }

    deinit {
        // SAFETY: nothing refers to the mapping any more, since spans of it borrow `self`.
        unsafe munmap(base, capacity + GuardPage.pageSize)
    }

    /// Puts `bytes` in front of the guard page, in place of what was there.
    mutating func place(_ bytes: some Collection<UInt8>) {
        precondition(bytes.count <= capacity)
        count = bytes.count
        // SAFETY: the bytes fit between the base and the guard page.
        unsafe UnsafeMutableRawBufferPointer(start: base + (capacity - count), count: count)
            .copyBytes(from: bytes)
    }

    /// The bytes placed last.
    var span: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            // SAFETY: `place` has initialised these bytes, and the view cannot outlive `self`.
            let start = unsafe (base + (capacity - count)).assumingMemoryBound(to: UInt8.self)
            let bytes = unsafe Span(_unsafeStart: start, count: count)
            return unsafe _overrideLifetime(bytes, borrowing: self)
        }
    }
}
