/// A moment of the monotonic clock. Only differences mean anything.
package struct Instant: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// Nanoseconds since some moment before the program began.
    package let nanoseconds: UInt64

    /// The moment that lies so many nanoseconds behind the clock's zero.
    @inlinable
    package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// Whether `first` comes before `second`.
    @inlinable
    package static func < (first: Instant, second: Instant) -> Bool {
        first.nanoseconds < second.nanoseconds
    }

    /// The moment so many nanoseconds later; far beyond the clock's range, its end.
    @inlinable
    package static func + (instant: Instant, nanoseconds: UInt64) -> Instant {
        let (sum, overflows) = instant.nanoseconds.addingReportingOverflow(nanoseconds)
        return Instant(nanoseconds: overflows ? .max : sum)
    }
}
