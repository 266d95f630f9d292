import Reactor
import Syscalls
import Testing

@testable import HTTPEngine

/// The thread pool's queue, without its threads.
@Suite struct ConnectionQueueTests {
    private func queue(capacity: Int = 4, newLimit: Int = 2) throws -> ConnectionQueue {
        try ConnectionQueue(
            capacity: capacity, newLimit: newLimit, workerCount: 2, limits: Limits(),
            acceptor: Wakeup())
    }

    private func connection() throws -> Connection {
        Connection(
            try Socket.stream(family: .ipv4, nonBlocking: false),
            ServerConnection(
                at: Instant(nanoseconds: 0), refusesAll: false, peer: .loopback(port: 1)),
            isOverflow: false)
    }

    @Test func `connections leave in the order in which they came`() throws {
        let queue = try queue()
        let first = try connection()
        let second = try connection()
        let expected = [first.socket.rawValue, second.socket.rawValue]
        queue.add(first)
        queue.add(second)
        var order: [Int32] = []
        for _ in 0..<2 {
            guard let taken = queue.take() else { break }
            order.append(taken.socket.rawValue)
        }
        #expect(order == expected)
    }

    @Test func `there is room until as many wait as may`() throws {
        let queue = try queue()
        #expect(queue.hasRoom())
        queue.add(try connection())
        #expect(queue.hasRoom())
        queue.add(try connection())
        #expect(!queue.hasRoom())
        let taken = queue.take()
        let isThere = taken != nil
        #expect(isThere)
        #expect(queue.hasRoom())
    }

    @Test func `a connection with a worker counts as open until it is closed`() throws {
        let queue = try queue(capacity: 1)
        queue.add(try connection())
        let taken = queue.take()
        let isThere = taken != nil
        #expect(isThere)
        #expect(queue.openCount == 1)
        #expect(!queue.hasRoom())
        queue.closed()
        #expect(queue.openCount == 0)
        #expect(queue.hasRoom())
    }

    @Test func `the end comes after what waits`() throws {
        let queue = try queue()
        queue.add(try connection())
        queue.end()
        let last = queue.take()
        let isThere = last != nil
        #expect(isThere)
        let none = queue.take()
        let isNothing = none == nil
        #expect(isNothing)
    }

    @Test func `a worker rests only while nobody waits`() throws {
        let queue = try queue()
        guard case .long = queue.patience(hasServed: false) else {
            Issue.record("nobody waits")
            return
        }
        #expect(queue.rest(0))
        queue.getUp(0)
        queue.add(try connection())
        #expect(!queue.rest(0))
        guard case .short(let time) = queue.patience(hasServed: true) else {
            Issue.record("somebody waits")
            return
        }
        #expect(time == Limits().shortWait)
    }

    static let waits: [(visits: Int, open: Int, workers: Int, milliseconds: UInt64)] = [
        // Not yet a whole lap without a request.
        (0, 20, 16, 1), (19, 20, 16, 1),
        // Doubled for each lap, up to a tenth of the longest one.
        (20, 20, 16, 2), (60, 20, 16, 8), (100, 20, 16, 32), (200, 20, 16, 50),
        (1 << 40, 20, 16, 50),
        // So many that a lap of 500 ms allows few milliseconds each.
        (1 << 40, 2_000, 16, 4), (1 << 40, 8_000, 16, 1), (1 << 40, 100_000, 16, 1),
        // One worker for many.
        (1 << 40, 100, 1, 5),
    ]

    @Test(arguments: waits)
    func `waits grow with laps that find nothing`(
        visits: Int, open: Int, workers: Int, milliseconds: UInt64
    ) {
        let wait = ConnectionQueue.shortWait(
            1_000_000, idleLap: 500_000_000, fruitlessVisits: visits, openCount: open,
            workerCount: workers)
        #expect(wait == milliseconds * 1_000_000)
    }
}
