package import Syscalls

/// Ends the wait of a reactor from any thread.
///
/// Wake-ups that come before the reactor has seen the first are merged into one (`eventfd(2)`).
package final class Wakeup: Sendable {
    private let event: EventDescriptor

    /// - Throws: `EMFILE` or `ENFILE` when no descriptor is left.
    package init() throws(Errno) {
        event = try EventDescriptor()
    }

    /// Makes the reactor's current or next wait return at once. Any thread; one system call.
    package func wake() {
        // An eventfd that is open cannot refuse: at its limit it is already signalled.
        try? event.signal()
    }

    /// Forgets the wake-ups so far. Loop thread only.
    func clear() {
        try? event.clear()
    }

    func register(with selector: borrowing Selector, token: Token) throws(Errno) {
        try selector.add(event.descriptor, .readable, token)
    }
}
