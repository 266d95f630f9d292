internal import Containers
internal import Syscalls

/// What one connection of a `BulkLoop` does with its bytes.
protocol BulkFlow {
    /// It has something to send that the socket did not take.
    var isBlocked: Bool { get }

    /// Reads, or sends, what the socket lets it; false when the connection is over.
    mutating func ready(
        _ descriptor: borrowing FileDescriptor, _ area: inout ReadArea
    ) throws(Errno) -> Bool
}

/// One connection of a `BulkLoop`.
struct BulkConnection<Flow: BulkFlow>: ~Copyable {
    let descriptor: FileDescriptor
    var flow: Flow

    mutating func ready(_ area: inout ReadArea) throws(Errno) -> Bool {
        try flow.ready(descriptor, &area)
    }
}

/// A plain epoll loop for long bodies: each connection moves bytes while it can, and is watched for
/// room only while it is blocked. A token is the connection's slot.
struct BulkLoop<Flow: BulkFlow>: ~Copyable {
    private let listener: FloorListener
    private let epoll: Epoll
    private var events = EventList(capacity: 512)
    private var area = ReadArea()
    private var connections = Slab<BulkConnection<Flow>>(capacity: 4_096)
    /// How every connection begins.
    private let start: Flow

    init(_ listener: consuming FloorListener, start: Flow) throws(Errno) {
        let epoll = try Epoll()
        try epoll.add(listener.descriptor, events: .readable, data: UInt64.max)
        self.listener = listener
        self.epoll = epoll
        self.start = start
    }

    mutating func run() throws(Errno) {
        while true {
            try epoll.wait(into: &events, timeoutNanoseconds: nil)
            for index in 0..<events.count {
                let token = events.data(index)
                if token == UInt64.max {
                    try acceptAll()
                } else {
                    serve(Int(token))
                }
            }
        }
    }

    private mutating func acceptAll() throws(Errno) {
        while let accepted = try Socket.accept(on: listener.descriptor, nonBlocking: true) {
            let connection = BulkConnection(descriptor: accepted.takeDescriptor(), flow: start)
            guard let key = connections.insert(connection) else { return }
            try epoll.add(
                connections[key.slot].descriptor, events: .readable, data: UInt64(key.slot))
        }
    }

    private mutating func serve(_ slot: Int) {
        do throws(Errno) {
            let wasBlocked = connections[slot].flow.isBlocked
            guard try connections[slot].ready(&area) else {
                _ = connections.remove(slot)
                return
            }
            let isBlocked = connections[slot].flow.isBlocked
            guard isBlocked != wasBlocked else { return }
            try epoll.modify(
                connections[slot].descriptor, events: isBlocked ? .writable : .readable,
                data: UInt64(slot))
        } catch {
            _ = connections.remove(slot)
        }
    }
}
