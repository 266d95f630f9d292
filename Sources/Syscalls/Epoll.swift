internal import CLinux
internal import Glibc

/// An epoll instance: tells which of many descriptors are ready (epoll(7)), level-triggered.
///
/// A descriptor that is closed leaves the set by itself, but an event of it may already be in the
/// list of this turn. So `data` should name a slot and its generation, not a bare descriptor.
package struct Epoll: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    /// A new, empty set (epoll_create1(2)).
    package init() throws(Errno) {
        let rawValue = try SystemCall.other.perform { epoll_create1(Int32(EPOLL_CLOEXEC)) }
        descriptor = FileDescriptor(owning: rawValue)
    }

    /// Watches `target` for `events`; each of its events will carry `data` (EPOLL_CTL_ADD).
    package func add(
        _ target: borrowing FileDescriptor, events: EpollEvents, data: UInt64
    ) throws(Errno) {
        try control(EPOLL_CTL_ADD, target, events: events, data: data)
    }

    /// Changes what `target` is watched for (EPOLL_CTL_MOD).
    package func modify(
        _ target: borrowing FileDescriptor, events: EpollEvents, data: UInt64
    ) throws(Errno) {
        try control(EPOLL_CTL_MOD, target, events: events, data: data)
    }

    /// Watches `target` no longer (EPOLL_CTL_DEL). Closing it does the same.
    package func remove(_ target: borrowing FileDescriptor) throws(Errno) {
        try control(EPOLL_CTL_DEL, target, events: [], data: 0)
    }

    /// Waits until something is ready and lists it (epoll_wait(2)). Returns with an empty list when
    /// the time is over or a signal came; the caller knows its next deadline and waits again.
    ///
    /// `timeoutNanoseconds` is rounded up to a millisecond, so that a deadline is over when it is
    /// looked at; nil waits without bound, 0 not at all.
    package func wait(
        into events: inout EventList, timeoutNanoseconds: UInt64?
    ) throws(Errno) {
        let timeout = Self.milliseconds(roundingUp: timeoutNanoseconds)
        let rawValue = descriptor.rawValue
        let capacity = Int32(events.capacity)
        events.count = 0
        let storage = unsafe events.storage
        let count = try SystemCall.epollWait.perform(interrupted: 0) {
            // SAFETY: the list has room for `capacity` events and is ours during the call.
            unsafe clinux_epoll_wait(rawValue, storage, capacity, timeout)
        }
        events.count = Int(count)
    }

    private func control(
        _ operation: Int32, _ target: borrowing FileDescriptor, events: EpollEvents, data: UInt64
    ) throws(Errno) {
        var event = unsafe epoll_event(events: events.rawValue, data: epoll_data_t(u64: data))
        let rawValue = descriptor.rawValue
        let rawTarget = target.rawValue
        _ = try SystemCall.other.perform {
            // SAFETY: the kernel reads one event.
            unsafe epoll_ctl(rawValue, operation, rawTarget, &event)
        }
    }

    /// The time as epoll_wait(2) wants it: -1 for nil, else at most what an Int32 holds (24 days).
    package static func milliseconds(roundingUp nanoseconds: UInt64?) -> Int32 {
        guard let nanoseconds else { return -1 }
        let milliseconds = nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 == 0 ? 0 : 1)
        return Int32(clamping: milliseconds)
    }
}

/// What a descriptor is watched for, and what happened to it (epoll_ctl(2)).
package struct EpollEvents: OptionSet, Sendable {
    /// The kernel's bits.
    package let rawValue: UInt32

    /// The set of these bits.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// EPOLLIN: something can be read, the end of the stream included.
    package static var readable: EpollEvents { EpollEvents(rawValue: 0x001) }
    /// EPOLLOUT: something can be sent, or a connect has ended.
    package static var writable: EpollEvents { EpollEvents(rawValue: 0x004) }
    /// EPOLLERR: the connection failed. Always watched for.
    package static var error: EpollEvents { EpollEvents(rawValue: 0x008) }
    /// EPOLLHUP: both directions are closed. Always watched for.
    package static var hangUp: EpollEvents { EpollEvents(rawValue: 0x010) }
    /// EPOLLRDHUP: the peer sends no more. Seen even while reading is paused.
    package static var readHangUp: EpollEvents { EpollEvents(rawValue: 0x2000) }
}

/// The events of one wait. Its memory is taken once.
@safe
package struct EventList: ~Copyable {
    /// The most events that one wait reports; the rest come with the next. Immutable.
    package let capacity: Int
    /// How many events the last wait reported.
    package fileprivate(set) var count: Int
    // Invariant: `capacity` events of our own, all initialised.
    fileprivate let storage: UnsafeMutablePointer<epoll_event>

    /// An empty list with room for `capacity` events, which must not be 0.
    package init(capacity: Int) {
        precondition(capacity > 0 && capacity <= Int(Int32.max))
        self.capacity = capacity
        count = 0
        unsafe storage = .allocate(capacity: capacity)
        unsafe storage.initialize(repeating: epoll_event(), count: capacity)
    }

    deinit {
        unsafe storage.deallocate()
    }

    /// What the descriptor of event `index` was registered with.
    package func data(_ index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        // SAFETY: events below `count` were written by the kernel, with the field we gave it.
        return unsafe storage[index].data.u64
    }

    /// What happened to the descriptor of event `index`.
    package func events(_ index: Int) -> EpollEvents {
        precondition(index >= 0 && index < count)
        // SAFETY: as in `data`.
        return unsafe EpollEvents(rawValue: storage[index].events)
    }
}

// SAFETY: the list is the only owner of its memory.
extension EventList: @unchecked Sendable {}
