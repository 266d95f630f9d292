internal import Reactor
internal import Synchronization
package import Syscalls

/// Where a server stands in its life.
package enum EngineState: UInt8, Sendable {
    case running
    /// No new connection is taken; what was accepted is being answered.
    case draining
    case stopped
}

/// What other threads may do to an engine: ask for a drain or a stop, and read its state.
package final class EngineControl: Sendable {
    private let stateValue = Atomic<UInt8>(EngineState.running.rawValue)
    private let requestValue = Atomic<UInt8>(Request.none.rawValue)
    /// In nanoseconds; 0: it has not begun.
    private let drainStartValue = Atomic<UInt64>(0)
    /// Ends the wait of the loop, or of the thread pool's acceptor.
    let wakeup: Wakeup

    enum Request: UInt8 {
        case none
        case drain
        case stop
    }

    init(wakeup: Wakeup) {
        self.wakeup = wakeup
    }

    /// The state, as the loop last set it. Any thread.
    package var state: EngineState {
        EngineState(rawValue: stateValue.load(ordering: .acquiring)) ?? .stopped
    }

    /// When the drain began, if it has. Any thread.
    package var drainStart: Instant? {
        let nanoseconds = drainStartValue.load(ordering: .acquiring)
        return nanoseconds == 0 ? nil : Instant(nanoseconds: nanoseconds)
    }

    /// Asks for a graceful stop. Returns at once; any thread; asking again changes nothing.
    package func drain() {
        ask(.drain)
    }

    /// Asks for an immediate end: open connections are closed as they are. Any thread.
    package func stop() {
        ask(.stop)
    }

    var request: Request {
        Request(rawValue: requestValue.load(ordering: .acquiring)) ?? .none
    }

    func enter(_ state: EngineState) {
        if state == .draining {
            drainStartValue.store(MonotonicClock.now().nanoseconds, ordering: .releasing)
        }
        stateValue.store(state.rawValue, ordering: .releasing)
    }

    private func ask(_ request: Request) {
        requestValue.max(request.rawValue, ordering: .acquiringAndReleasing)
        wakeup.wake()
    }
}

/// How an engine ended.
package struct DrainReport: Equatable, Sendable {
    /// Connections that were closed although they were not done.
    package let forcedConnections: Int

    package init(forcedConnections: Int) {
        self.forcedConnections = forcedConnections
    }
}
