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

    /// - Parameter warm: `nil`: nobody reads ahead for the loop.
    package init(_ descriptor: consuming FileDescriptor, warm: Warm?) {
        self.descriptor = descriptor
        self.warm = warm
    }

    /// Asks for the range to be read elsewhere; says whether it will be.
    func readElsewhere(_ range: Range<Int>, done: @escaping @Sendable () -> Void) -> Bool {
        warm?(self, range, done) ?? false
    }
}
