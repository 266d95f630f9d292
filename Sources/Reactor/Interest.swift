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
package struct Readiness: Sendable {
    /// Bare bits: asking an option set of another module for several at once builds an array, which
    /// cost 1,500 instructions and an allocation per event.
    private let bits: UInt32

    init(_ events: EpollEvents) {
        bits = events.rawValue
    }

    /// Bytes, or the end of the stream, can be received without blocking.
    package var isReadable: Bool { bits & EpollEvents.readable.rawValue != 0 }

    /// Bytes can be sent without blocking.
    package var isWritable: Bool { bits & EpollEvents.writable.rawValue != 0 }

    /// Both directions are finished, or the socket has an error: nothing that is sent from now on
    /// reaches the peer.
    package var isHungUp: Bool {
        bits & (EpollEvents.error.rawValue | EpollEvents.hangUp.rawValue) != 0
    }
}
