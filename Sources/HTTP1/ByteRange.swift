/// A run of bytes inside the span that was parsed: sixteen of them fit where one `String` does not.
///
/// The offsets are those of the span given to the parser, so a range says nothing without it.
/// Spans of up to 4 GiB can be described; the parsers check that once per call.
///
/// `public` and inlinable, because each question would be a call from another module otherwise.
@frozen
public struct ByteRange: Equatable, Sendable, BitwiseCopyable {
    /// Offset of the first byte.
    public var start: UInt32
    /// Number of bytes.
    public var count: UInt32

    /// The range of `count` bytes from `start` on.
    @inlinable
    public init(start: UInt32, count: UInt32) {
        self.start = start
        self.count = count
    }

    /// The empty range at offset zero.
    @inlinable
    public init() {
        self.init(start: 0, count: 0)
    }

    /// The bytes from `lower` up to, but not including, `upper`.
    init(from lower: Int, to upper: Int) {
        assert(0 <= lower && lower <= upper && upper <= Int(UInt32.max))
        // The parsers refuse spans above 4 GiB, so nothing is cut off.
        start = UInt32(truncatingIfNeeded: lower)
        count = UInt32(truncatingIfNeeded: upper &- lower)
    }

    /// Whether it holds no byte.
    @inlinable public var isEmpty: Bool { count == 0 }
    /// Offset of the first byte.
    @inlinable public var startOffset: Int { Int(start) }
    /// Offset behind the last byte.
    @inlinable public var endOffset: Int {
        Int(start) &+ Int(count)  // Two 32-bit values fit in an Int.
    }

    /// The same bytes after they have moved by `distance`.
    mutating func move(by distance: Int) {
        start = UInt32(Int(start) + distance)
    }
}

extension Span where Element == UInt8 {
    /// The bytes of `range`. Precondition: this is the span that was parsed, or an equal one.
    @inlinable
    @_lifetime(copy self)
    public func extracting(_ range: ByteRange) -> Span<UInt8> {
        extracting(range.startOffset..<range.endOffset)
    }
}
