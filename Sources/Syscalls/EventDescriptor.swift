internal import CLinux
internal import Glibc

/// A flag that one thread raises and another's epoll sees (eventfd(2)). Non-blocking.
package struct EventDescriptor: ~Copyable, Sendable {
    /// What to register with epoll: readable while the flag is up.
    package let descriptor: FileDescriptor

    /// A new flag, down.
    package init() throws(Errno) {
        let flags = Int32(EFD_NONBLOCK | EFD_CLOEXEC)
        let rawValue = try SystemCall.other.perform { eventfd(0, flags) }
        descriptor = FileDescriptor(owning: rawValue)
    }

    /// Raises the flag. Any thread may; often is as good as once. One system call.
    package func signal() throws(Errno) {
        var increment: UInt64 = 1
        let rawValue = descriptor.rawValue
        // EAGAIN says that the counter is at its limit: the flag is up.
        _ = try SystemCall.other.performIO {
            // SAFETY: the kernel reads the 8 bytes of the counter's increment.
            unsafe Glibc.write(rawValue, &increment, 8)
        }
    }

    /// Lowers the flag. Do this before looking for what it announced, or the next signal between
    /// the two is lost.
    package func clear() throws(Errno) {
        var counter: UInt64 = 0
        let rawValue = descriptor.rawValue
        // EAGAIN says that the flag was down.
        _ = try SystemCall.other.performIO {
            // SAFETY: the kernel writes the 8 bytes of the counter.
            unsafe Glibc.read(rawValue, &counter, 8)
        }
    }
}
