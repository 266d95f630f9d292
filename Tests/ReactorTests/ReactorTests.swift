import Reactor
import Syscalls
import Testing

/// One turn of the loop: events, work left over, wake-ups, deadlines, and their order.
@Suite(.timeLimit(.minutes(1))) struct ReactorTests {
    private static let millisecond: UInt64 = 1_000_000

    /// A loop for the test's own thread. A wake-up that is already there lets a turn without an
    /// event return at once; `quietTurn` uses it.
    private static func reactor() throws -> Reactor { try Reactor(timerSlots: 8) }

    /// A turn that must not wait, and what it told the client besides the wake-up and its end.
    private static func quietTurn(
        _ reactor: inout Reactor, _ client: inout RecordingClient
    ) throws -> [Occurrence] {
        reactor.wakeup.wake()
        try reactor.runOnce(&client)
        return client.take().filter { $0 != .woken && $0 != .finished }
    }

    // MARK: Sockets

    @Test func `a socket that is readable is named by its token`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        let pair = SocketPair()
        try reactor.register(pair.near, for: .readable, token: Token(slot: 5, generation: 9))
        pair.send()
        try reactor.runOnce(&client)
        let occurrences = client.take()
        #expect(
            occurrences == [
                .ready(
                    slot: 5, generation: 9, isReadable: true, isWritable: false, isHungUp: false),
                .finished,
            ])
    }

    @Test func `a socket stays ready until it is read`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        let pair = SocketPair()
        try reactor.register(pair.near, for: .readable, token: Token(slot: 0, generation: 0))
        pair.send()
        for _ in 0..<3 {
            try reactor.runOnce(&client)
            let occurrences = client.take()
            #expect(occurrences == [.readable(0), .finished])
        }
        try pair.receive()
        let quiet = try Self.quietTurn(&reactor, &client)
        #expect(quiet == [])
    }

    @Test func `a socket is watched for what it is registered for`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        let pair = SocketPair()
        let token = Token(slot: 0, generation: 0)
        try reactor.register(pair.near, for: .writable, token: token)
        pair.send()
        let writable = try Self.quietTurn(&reactor, &client)
        #expect(writable == [.writable(0)])
        try reactor.reregister(pair.near, for: [.readable, .writable], token: token)
        let both = try Self.quietTurn(&reactor, &client)
        #expect(
            both == [
                .ready(slot: 0, generation: 0, isReadable: true, isWritable: true, isHungUp: false)
            ])
        try reactor.reregister(pair.near, for: [], token: token)
        let none = try Self.quietTurn(&reactor, &client)
        #expect(none == [])
        try reactor.deregister(pair.near)
        try reactor.register(pair.near, for: .readable, token: token)
        let again = try Self.quietTurn(&reactor, &client)
        #expect(again == [.readable(0)])
    }

    @Test func `a hang-up is told to who wants nothing`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        let pair = SocketPair()
        try reactor.register(pair.near, for: [], token: Token(slot: 3, generation: 0))
        try Socket.shutdownWrite(pair.far)
        let half = try Self.quietTurn(&reactor, &client)
        #expect(half == [])
        try Socket.shutdownWrite(pair.near)
        let whole = try Self.quietTurn(&reactor, &client)
        #expect(
            whole == [
                .ready(slot: 3, generation: 0, isReadable: false, isWritable: false, isHungUp: true)
            ])
    }

    @Test func `a socket that is closed is not watched any more`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        do {
            let pair = SocketPair()
            try reactor.register(pair.near, for: .readable, token: Token(slot: 0, generation: 0))
            pair.send()
        }
        let occurrences = try Self.quietTurn(&reactor, &client)
        #expect(occurrences == [])
    }

    @Test func `an event that is already in the batch comes with its old token`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        let first = SocketPair()
        let second = SocketPair()
        try reactor.register(first.near, for: .readable, token: Token(slot: 0, generation: 0))
        try reactor.register(second.near, for: .readable, token: Token(slot: 1, generation: 0))
        first.send()
        second.send()
        // The first event ends the watch of both; the second is delivered all the same, and a
        // client knows by slot and generation that it is stale.
        let descriptors = (first.near.rawValue, second.near.rawValue)
        client.whenReady = { reactor in
            for rawValue in [descriptors.0, descriptors.1] {
                let borrowed = FileDescriptor(owning: rawValue)
                try? reactor.deregister(borrowed)
                _ = borrowed.release()
            }
        }
        let occurrences = try Self.quietTurn(&reactor, &client)
        #expect(Set(occurrences.map(\.slot)) == [0, 1])
        let later = try Self.quietTurn(&reactor, &client)
        #expect(later == [])
    }

    @Test func `events beyond a batch come with the next turn`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        let pair = SocketPair()
        pair.send()
        let count = Reactor.eventsPerTurn + 10
        var duplicates: [Int32] = []
        defer { for rawValue in duplicates { FileDescriptor(owning: rawValue).close() } }
        for slot in 0..<count {
            let duplicate = try duplicate(pair.near)
            duplicates.append(duplicate)
            let borrowed = FileDescriptor(owning: duplicate)
            try reactor.register(borrowed, for: .readable, token: Token(slot: slot, generation: 0))
            _ = borrowed.release()
        }
        var seen: Set<Int?> = []
        for _ in 0..<3 {
            try reactor.runOnce(&client)
            let occurrences = client.take()
            #expect(occurrences.count <= Reactor.eventsPerTurn + 1)
            seen.formUnion(occurrences.dropLast().map(\.slot))
        }
        #expect(seen.count == count)
    }

    // MARK: Wake-ups

    @Test func `another thread ends the wait`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        let wakeup = reactor.wakeup
        let thread = try Thread(name: "waker") { wakeup.wake() }
        // Without the wake-up this turn would take a minute, which is the suite's limit.
        try reactor.runOnce(&client)
        thread.join()
        let occurrences = client.take()
        #expect(occurrences == [.woken, .finished])
    }

    @Test func `wake-ups from many threads are merged and none is lost`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        let wakeup = reactor.wakeup
        for _ in 0..<50 {
            let first = try Thread(name: "first") { wakeup.wake() }
            let second = try Thread(name: "second") {
                wakeup.wake()
                wakeup.wake()
            }
            try reactor.runOnce(&client)
            first.join()
            second.join()
            wakeup.wake()
            try reactor.runOnce(&client)
            let woken = client.take().count { $0 == .woken }
            #expect(woken == 2)
        }
    }

    @Test func `a wake-up before the wait is not lost, and is told once`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        reactor.wakeup.wake()
        reactor.wakeup.wake()
        try reactor.runOnce(&client)
        let occurrences = client.take()
        #expect(occurrences == [.woken, .finished])
        reactor.hasWorkLeft = true
        try reactor.runOnce(&client)
        let later = client.take()
        #expect(later == [.continued, .finished])
    }

    // MARK: Work left over

    @Test func `work that is left over keeps the loop from waiting`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        client.turnsWithWorkLeft = 3
        reactor.hasWorkLeft = true
        for _ in 0..<4 { try reactor.runOnce(&client) }
        let occurrences = client.take()
        #expect(
            occurrences == [
                .continued, .finished, .continued, .finished, .continued, .finished, .continued,
                .finished,
            ])
        let hasWorkLeft = reactor.hasWorkLeft
        #expect(!hasWorkLeft, "it is cleared at the start of each turn")
        let quiet = try Self.quietTurn(&reactor, &client)
        #expect(quiet == [])
    }

    // MARK: Deadlines

    /// Runs turns until something is told besides their end, and returns it with the clock.
    private static func runUntilDeadline(
        _ reactor: inout Reactor, _ client: inout RecordingClient
    ) throws -> (Occurrence?, Instant?) {
        while true {
            try reactor.runOnce(&client)
            let index = client.occurrences.firstIndex { $0 != .finished }
            let found = index.map { (client.occurrences[$0], client.instants[$0]) }
            _ = client.take()
            if let found { return (found.0, found.1) }
        }
    }

    @Test func `a deadline is told when it has come and not before`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        let instant = reactor.now + 30 * Self.millisecond
        reactor.schedule(slot: 4, at: instant)
        let (occurrence, now) = try Self.runUntilDeadline(&reactor, &client)
        #expect(occurrence == .deadline(slot: 4))
        #expect(now.map { $0 >= instant } == true)
        let quiet = try Self.quietTurn(&reactor, &client)
        #expect(quiet == [], "a deadline that the client does not renew is told once")
    }

    @Test func `a deadline that the client renews is told again`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        let first = reactor.now + 5 * Self.millisecond
        let second = reactor.now + 60 * Self.millisecond
        client.nextDeadlines[2] = second
        reactor.schedule(slot: 2, at: first)
        _ = try Self.runUntilDeadline(&reactor, &client)
        let (occurrence, now) = try Self.runUntilDeadline(&reactor, &client)
        #expect(occurrence == .deadline(slot: 2))
        #expect(now.map { $0 >= second } == true)
    }

    @Test func `a deadline that moves forward is told at the earlier instant`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        let early = reactor.now + 5 * Self.millisecond
        reactor.schedule(slot: 0, at: reactor.now + 3_600_000 * Self.millisecond)
        reactor.schedule(slot: 0, at: early)
        let (occurrence, now) = try Self.runUntilDeadline(&reactor, &client)
        #expect(occurrence == .deadline(slot: 0))
        #expect(now.map { $0 >= early } == true)
    }

    @Test func `a deadline that is over is told in the next turn`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        reactor.schedule(slot: 1, at: Instant(nanoseconds: 0))
        let (occurrence, _) = try Self.runUntilDeadline(&reactor, &client)
        #expect(occurrence == .deadline(slot: 1))
    }

    @Test func `a turn begins at the client's instant, and not for a later one`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        let instant = MonotonicClock.now() + 3 * Self.millisecond
        reactor.wakeAt = instant
        try reactor.runOnce(&client)
        let begun = reactor.now
        #expect(begun >= instant)
        let occurrences = client.take()
        #expect(occurrences == [.finished])
        // One that has passed brings every turn at once.
        try reactor.runOnce(&client)
        reactor.wakeAt = nil
        let quiet = try Self.quietTurn(&reactor, &client)
        #expect(quiet == [])
    }

    @Test
    func `of many deadlines a turn takes some, and the next turns do not wait for the others`()
        throws
    {
        let count = 2 * Reactor.deadlinesPerTurn + 5
        var reactor = try Reactor(timerSlots: count)
        var client = RecordingClient()
        for slot in 0..<count { reactor.schedule(slot: slot, at: reactor.now) }
        var told: Set<Int> = []
        var turns: [Int] = []
        while told.count < count {
            try reactor.runOnce(&client)
            let slots = client.take().compactMap { occurrence -> Int? in
                if case .deadline(let slot) = occurrence { slot } else { nil }
            }
            if !slots.isEmpty { turns.append(slots.count) }
            told.formUnion(slots)
        }
        #expect(turns == [Reactor.deadlinesPerTurn, Reactor.deadlinesPerTurn, 5])
        let quiet = try Self.quietTurn(&reactor, &client)
        #expect(quiet == [])
    }

    @Test func `a deadline that is cancelled is not told`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        reactor.schedule(slot: 1, at: reactor.now)
        reactor.schedule(slot: 2, at: reactor.now)
        reactor.cancel(slot: 1)
        let (occurrence, _) = try Self.runUntilDeadline(&reactor, &client)
        #expect(occurrence == .deadline(slot: 2))
        let quiet = try Self.quietTurn(&reactor, &client)
        #expect(quiet == [])
    }

    // MARK: A turn

    @Test func `events come before work, work before wake-ups, and all before the end`() throws {
        var reactor = try Self.reactor()
        var client = RecordingClient()
        let pair = SocketPair()
        try reactor.register(pair.near, for: .readable, token: Token(slot: 0, generation: 0))
        reactor.schedule(slot: 7, at: Instant(nanoseconds: 0))
        pair.send()
        reactor.wakeup.wake()
        reactor.hasWorkLeft = true
        try reactor.runOnce(&client)
        let instants = client.instants
        let occurrences = client.take()
        #expect(
            occurrences == [.readable(0), .continued, .woken, .deadline(slot: 7), .finished])
        #expect(instants == instants.sorted(), "the clock goes forward within a turn")
    }

    // MARK: Tokens

    @Test(
        arguments: [
            (0, 0), (1, 0), (0, 1), (123_456, 4_000_000_000), (Int(UInt32.max) - 1, .max),
        ] as [(Int, UInt32)])
    func `a token keeps slot and generation apart`(slot: Int, generation: UInt32) {
        let token = Token(slot: slot, generation: generation)
        #expect(token.slot == slot)
        #expect(token.generation == generation)
        #expect(token != Token(slot: slot, generation: generation ^ 1))
        #expect(token != Token(slot: slot ^ 1, generation: generation))
    }
}

extension Occurrence {
    /// The slot that it is about, if any.
    fileprivate var slot: Int? {
        switch self {
        case .ready(let slot, _, _, _, _), .deadline(let slot): slot
        case .continued, .woken, .finished: nil
        }
    }
}
