import Glibc

/// Memory that ends at a page which must not be touched: one byte read behind a span that lies at
/// its end stops the test (mmap(2), mprotect(2)).
@safe
final class GuardedPages {
    static let byteCount = 65_536
    private static let guardByteCount = 4_096

    private let base: UnsafeMutableRawPointer

    init() {
        // SAFETY: a mapping of our own, at an address that the kernel chooses.
        let mapping = unsafe mmap(
            nil, Self.byteCount + Self.guardByteCount, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
            fatalError("no memory for a test")
        }
        unsafe base = mapping
        // SAFETY: the last page of the mapping, which nothing uses.
        let result = unsafe mprotect(base + Self.byteCount, Self.guardByteCount, PROT_NONE)
        precondition(result == 0)
    }

    deinit {
        // SAFETY: the whole mapping; no span of it outlives `withSpan`.
        unsafe munmap(base, Self.byteCount + Self.guardByteCount)
    }

    /// Lends a copy of the bytes whose end is the guard page.
    func withSpan<R>(of bytes: ArraySlice<UInt8>, _ body: (Span<UInt8>) -> R) -> R {
        precondition(bytes.count <= Self.byteCount)
        let offset = Self.byteCount - bytes.count
        // SAFETY: `bytes.count` bytes before the guard page belong to the mapping.
        let region = unsafe UnsafeMutableRawBufferPointer(
            start: base + offset, count: bytes.count)
        unsafe region.copyBytes(from: bytes)
        let span = unsafe Span<UInt8>(_unsafeBytes: UnsafeRawBufferPointer(region))
        return body(span)
    }
}
