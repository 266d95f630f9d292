internal import Syscalls

/// The readiness facility: epoll, level-triggered, and the batch of events of the current turn.
struct Selector: ~Copyable {
    private let epoll: Epoll
    private var batch: EventList

    /// - Parameter batchCapacity: How many events one wait takes in at most; what is beyond it
    ///   stays ready and comes with the next turn.
    init(batchCapacity: Int) throws(Errno) {
        epoll = try Epoll()
        batch = EventList(capacity: batchCapacity)
    }

    borrowing func add(
        _ socket: borrowing FileDescriptor, _ interest: Interest, _ token: Token
    ) throws(Errno) {
        try epoll.add(socket, events: interest.epollEvents, data: token.rawValue)
    }

    borrowing func modify(
        _ socket: borrowing FileDescriptor, _ interest: Interest, _ token: Token
    ) throws(Errno) {
        try epoll.modify(socket, events: interest.epollEvents, data: token.rawValue)
    }

    borrowing func remove(_ socket: borrowing FileDescriptor) throws(Errno) {
        try epoll.remove(socket)
    }

    /// Waits until something is ready or the time is over; returns how many events there are.
    ///
    /// - Parameter timeout: In nanoseconds; nil: without limit.
    mutating func wait(atMostNanoseconds timeout: UInt64?) throws(Errno) -> Int {
        try epoll.wait(into: &batch, timeoutNanoseconds: timeout)
        return batch.count
    }

    func token(_ index: Int) -> Token {
        Token(rawValue: batch.data(index))
    }

    func readiness(_ index: Int) -> Readiness {
        Readiness(batch.events(index))
    }
}
