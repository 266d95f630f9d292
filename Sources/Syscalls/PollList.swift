internal import CLinux
internal import Glibc

/// A few descriptors that a thread waits for together (poll(2)): a blocking engine's own socket
/// and what may interrupt its wait. For many descriptors there is `Epoll`.
///
/// A descriptor must stay open while it is in the list.
@safe
package struct PollList: ~Copyable {
    /// What is waited for, or has come.
    package struct Events: OptionSet, Sendable {
        /// The kernel's bits.
        package let rawValue: Int16

        /// The set of these bits.
        package init(rawValue: Int16) { self.rawValue = rawValue }

        /// POLLIN: something can be read, the end of the stream included.
        package static var readable: Events { Events(rawValue: 0x001) }
        /// POLLOUT: something can be sent.
        package static var writable: Events { Events(rawValue: 0x004) }
        /// POLLERR and POLLHUP: always waited for.
        package static var gone: Events { Events(rawValue: 0x018) }
    }

    /// How many places the list has. Immutable.
    package let count: Int
    // Invariant: `count` entries of our own, all initialised.
    private let entries: UnsafeMutablePointer<pollfd>

    /// A list of so many places, all empty.
    package init(count: Int) {
        precondition(count > 0)
        self.count = count
        unsafe entries = .allocate(capacity: count)
        // The kernel passes over a negative descriptor.
        unsafe entries.initialize(
            repeating: pollfd(fd: -1, events: 0, revents: 0), count: count)
    }

    deinit {
        unsafe entries.deallocate()
    }

    /// Puts a descriptor into a place.
    package mutating func set(
        _ place: Int, _ descriptor: borrowing FileDescriptor, _ events: Events
    ) {
        precondition(place >= 0 && place < count)
        // SAFETY: the place is one of the list's.
        unsafe entries[place] = pollfd(
            fd: descriptor.rawValue, events: events.rawValue, revents: 0)
    }

    /// Empties a place.
    package mutating func clear(_ place: Int) {
        precondition(place >= 0 && place < count)
        // SAFETY: as above.
        unsafe entries[place] = pollfd(fd: -1, events: 0, revents: 0)
    }

    /// Waits until something has come or the time is over (ppoll(2)); a signal ends it early. To
    /// the nanosecond as far as the kernel's timers go, where a receive timeout of a socket is
    /// rounded up to its ticks of up to 10 ms.
    ///
    /// - Parameter timeoutNanoseconds: nil waits without bound, 0 not at all.
    /// - Returns: Whether something has come.
    package mutating func wait(timeoutNanoseconds: UInt64?) throws(Errno) -> Bool {
        let entries = unsafe entries
        let count = UInt32(count)
        let ready = try SystemCall.poll.perform(interrupted: 0) {
            // SAFETY: the kernel reads and writes `count` entries and reads one time.
            unsafe clinux_poll(
                entries, count, timeoutNanoseconds.map { Int64(clamping: $0) } ?? -1)
        }
        return ready > 0
    }

    /// What the last wait found in a place.
    package func events(_ place: Int) -> Events {
        precondition(place >= 0 && place < count)
        // SAFETY: as above.
        return unsafe Events(rawValue: entries[place].revents)
    }
}

// SAFETY: the list is the only owner of its memory.
extension PollList: @unchecked Sendable {}
