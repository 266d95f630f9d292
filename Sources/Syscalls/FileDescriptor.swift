internal import Glibc

/// Owns an open file descriptor and closes it at the end of its life.
package struct FileDescriptor: ~Copyable, Sendable {
    /// The number. It must not be used beyond the life of `self`.
    package let rawValue: Int32

    /// Takes over a descriptor that nobody else will close.
    package init(owning rawValue: Int32) {
        precondition(rawValue >= 0)
        self.rawValue = rawValue
    }

    deinit {
        // EINTR and the like leave the descriptor closed on Linux (close(2)), and must not be
        // retried: the number may already be another's. EBADF means we closed what was not ours.
        if Glibc.close(rawValue) != 0 {
            precondition(Errno.current != .badFileDescriptor, "closed twice")
        }
    }

    /// Gives up ownership: the caller must see to the closing.
    package consuming func release() -> Int32 {
        let rawValue = rawValue
        discard self
        return rawValue
    }

    /// Closes now. The same as letting go of the value, but visible.
    package consuming func close() {
        _ = consume self
    }
}
