package import Syscalls

/// Ends the wait of a reactor, or of a thread on its `PollList`, from any thread.
///
/// Wake-ups that come before the first has been seen are merged into one (`eventfd(2)`).
package final class Wakeup: Sendable {
    private let event: EventDescriptor

    /// - Throws: `EMFILE` or `ENFILE` when no descriptor is left.
    package init() throws(Errno) {
        event = try EventDescriptor()
    }

    /// Makes the current or next wait return at once. Any thread; one system call.
    package func wake() {
        // An eventfd that is open cannot refuse: at its limit it is already signalled.
        try? event.signal()
    }

    /// Forgets the wake-ups so far. Only the thread that is woken.
    package func clear() {
        try? event.clear()
    }

    /// Lets a wait on the list end with a wake-up. This object must outlive the list.
    package func join(_ list: inout PollList, at place: Int) {
        list.set(place, event.descriptor, .readable)
    }

    func register(with selector: borrowing Selector, token: Token) throws(Errno) {
        try selector.add(event.descriptor, .readable, token)
    }
}
