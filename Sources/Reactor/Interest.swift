internal import Syscalls

/// What the owner of a socket wants to be told about.
///
/// Errors and hang-ups are always reported (`epoll_ctl(2)`), so the empty set still ends a dead
/// connection. Registration is level-triggered.
package struct Interest: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let readable = Interest(rawValue: 1)
    package static let writable = Interest(rawValue: 2)

    /// The set that holds what is wanted.
    package init(reading: Bool, writing: Bool) {
        rawValue = (reading ? 1 : 0) | (writing ? 2 : 0)
    }

    /// Whether `.readable` is in it.
    package var watchesReading: Bool { rawValue & 1 != 0 }

    var epollEvents: EpollEvents {
        var events: EpollEvents = []
        if contains(.readable) { events.insert(.readable) }
        if contains(.writable) { events.insert(.writable) }
        return events
    }
}

/// What happened to a registered socket.
public struct Readiness: Sendable {
    /// Bare bits: asking an option set of another module for several at once builds an array, which
    /// cost 1,500 instructions and an allocation per event.
    @usableFromInline let bits: UInt32

    init(_ events: EpollEvents) {
        bits = events.rawValue
    }

    // EPOLLIN, EPOLLOUT, EPOLLERR and EPOLLHUP of epoll_ctl(2).

    /// Bytes, or the end of the stream, can be received without blocking.
    @inlinable public var isReadable: Bool { bits & 0x001 != 0 }

    /// Bytes can be sent without blocking.
    @inlinable public var isWritable: Bool { bits & 0x004 != 0 }

    /// Both directions are finished, or the socket has an error: nothing that is sent from now on
    /// reaches the peer.
    @inlinable public var isHungUp: Bool {
        bits & 0x018 != 0
    }
}
