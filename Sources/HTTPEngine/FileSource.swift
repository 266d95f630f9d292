internal import Synchronization
package import Syscalls

/// A file that answers are sent from; shared by any number of answers and cached by who made it. It
/// is closed when the last of them has gone.
package final class FileSource: Sendable {
    /// Of a regular file, open for reading. Its position is not used.
    package let descriptor: FileDescriptor

    /// Reads a range that is not in memory into the page cache, elsewhere than on the calling
    /// thread, then calls `done` once, on any thread, however that went.
    ///
    /// - Returns: `false`: it cannot now, and will not call `done`; the loop reads the range itself,
    ///   a little at a time.
    package typealias Warm =
        @Sendable (
            _ file: FileSource, _ range: Range<Int>, _ done: @escaping @Sendable () -> Void
        ) -> Bool

    private let warm: Warm?

    /// Up to here the file was found in memory, from its beginning; and when that count began.
    private let warmEnd = Atomic<Int>(0)
    private let warmSince = Atomic<UInt64>(0)

    /// Nanoseconds for which what was found in memory is believed to be there still. If it is not,
    /// one send waits for the disk.
    private static let warmTime: UInt64 = 1_000_000_000

    /// - Parameter warm: `nil`: nobody reads ahead for the loop.
    package init(_ descriptor: consuming FileDescriptor, warm: Warm?) {
        self.descriptor = descriptor
        self.warm = warm
    }

    /// Asks for the range to be read elsewhere; says whether it will be.
    func readElsewhere(_ range: Range<Int>, done: @escaping @Sendable () -> Void) -> Bool {
        warm?(self, range, done) ?? false
    }

    /// Whether a range is in memory, by a look that was a moment ago or by one now: for a small file
    /// that is asked for all the time, looking would cost as much as sending.
    func isInMemory(_ range: Range<Int>, at now: Instant) -> Bool {
        let age = now.nanoseconds &- warmSince.load(ordering: .relaxed)
        let knownEnd = age < Self.warmTime ? warmEnd.load(ordering: .relaxed) : 0
        if range.upperBound <= knownEnd { return true }
        guard descriptor.isCached(range) else { return false }
        if range.lowerBound <= knownEnd {
            // Threads that write here at once are both right.
            if knownEnd == 0 { warmSince.store(now.nanoseconds, ordering: .relaxed) }
            warmEnd.store(range.upperBound, ordering: .relaxed)
        }
        return true
    }
}
