/// A moment of the monotonic clock. Only differences mean anything.
public struct Instant: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// Nanoseconds since some moment before the program began.
    public let nanoseconds: UInt64

    /// The moment that lies so many nanoseconds behind the clock's zero.
    @inlinable
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// Whether `first` comes before `second`.
    @inlinable
    public static func < (first: Instant, second: Instant) -> Bool {
        first.nanoseconds < second.nanoseconds
    }

    /// The moment so many nanoseconds later; far beyond the clock's range, its end.
    @inlinable
    public static func + (instant: Instant, nanoseconds: UInt64) -> Instant {
        let (sum, overflows) = instant.nanoseconds.addingReportingOverflow(nanoseconds)
        return Instant(nanoseconds: overflows ? .max : sum)
    }

    /// Whether `first` is `second` or comes after it. Spelt out, as the others would go through a
    /// protocol's table.
    @inlinable
    public static func >= (first: Instant, second: Instant) -> Bool {
        first.nanoseconds >= second.nanoseconds
    }

    /// Whether `first` is `second` or comes before it.
    @inlinable
    public static func <= (first: Instant, second: Instant) -> Bool {
        first.nanoseconds <= second.nanoseconds
    }
}
