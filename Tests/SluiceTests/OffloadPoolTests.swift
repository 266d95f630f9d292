import Sluice
import Syscalls
import TestSupport
import Testing

/// Work on threads of a pool. What must happen at the same time is held together by gates, so that
/// nothing depends on time; the limit only ends a test that would hang.
@Suite(.timeLimit(.minutes(1))) struct OffloadPoolTests {
    @Test func `results and errors of the work come back`() async throws {
        let pool = OffloadPool(threads: 2, queue: 4)
        #expect(try await pool.run { 6 * 7 } == 42)
        await #expect(throws: Failure.self) { try await pool.run { throw Failure() } }
        #expect(try await offload { "shared" } == "shared")
    }

    @Test func `work begins in the order in which it came`() async throws {
        let pool = OffloadPool(threads: 1, queue: 8)
        let gate = Gate()
        let order = Monitor<[Int]>([])
        try await withThrowingTaskGroup { group in
            group.addTask { try await pool.run { gate.pass() } }
            await until { pool.busyCount == 1 }
            for number in 0..<8 {
                group.addTask { try await pool.run { order.withLock { $0.append(number) } } }
                await until { pool.queuedCount == number + 1 }
            }
            gate.open()
            try await group.waitForAll()
        }
        #expect(order.withLock { $0 } == Array(0..<8))
        #expect(pool.busyCount == 0 && pool.queuedCount == 0)
    }

    @Test func `as much is done at once as there are threads`() async throws {
        let pool = OffloadPool(threads: 4, queue: 4)
        let meeting = Monitor(0)
        let gate = Gate()
        try await withThrowingTaskGroup { group in
            for _ in 0..<5 {
                group.addTask {
                    try await pool.run {
                        meeting.withLock { $0 += 1 }
                        meeting.signalAll()
                        // Nobody leaves before four have come.
                        meeting.wait { $0 >= 4 ? () : nil }
                        gate.pass()
                    }
                }
            }
            await until { pool.busyCount == 4 && pool.queuedCount == 1 }
            #expect(meeting.withLock { $0 } <= 4)
            gate.open()
            try await group.waitForAll()
        }
        #expect(meeting.withLock { $0 } == 5)
    }

    @Test(arguments: [0, 1, 5])
    func `beyond threads and queue, work is refused at once`(queue: Int) async throws {
        let pool = OffloadPool(threads: 1, queue: queue)
        let gate = Gate()
        try await withThrowingTaskGroup { group in
            for _ in 0..<queue + 1 { group.addTask { try await pool.run { gate.pass() } } }
            await until { pool.busyCount == 1 && pool.queuedCount == queue }
            let error = await #expect(throws: HTTPError.self) { try await pool.run {} }
            #expect(error?.status == .serviceUnavailable)
            #expect(error?.fields.map(\.name) == ["Retry-After"])
            #expect(error?.fields.map(\.value) == ["1"])
            // What was let in before is not.
            group.addTask { try await pool.run(isAdmitted: true) {} }
            await until { pool.queuedCount == queue + 1 }
            gate.open()
            try await group.waitForAll()
        }
        #expect(try await pool.run { true })
    }

    @Test func `what was admitted keeps its order, however much of it there is`() async throws {
        let pool = OffloadPool(threads: 1, queue: 0)
        let gate = Gate()
        let order = Monitor<[Int]>([])
        try await withThrowingTaskGroup { group in
            group.addTask { try await pool.run { gate.pass() } }
            await until { pool.busyCount == 1 }
            for number in 0..<20 {
                group.addTask {
                    try await pool.run(isAdmitted: true) { order.withLock { $0.append(number) } }
                }
                await until { pool.queuedCount == number + 1 }
            }
            gate.open()
            try await group.waitForAll()
        }
        #expect(order.withLock { $0 } == Array(0..<20))
    }

    @Test func `who has a result finds the thread free`() async throws {
        let pool = OffloadPool(threads: 1, queue: 0)
        for number in 0..<1_000 { #expect(try await pool.run { number } == number) }
    }

    @Test func `what is cancelled while it waits never begins, and gives up its place`()
        async throws
    {
        let pool = OffloadPool(threads: 1, queue: 1)
        let gate = Gate()
        let blocked = Task { try await pool.run { gate.pass() } }
        await until { pool.busyCount == 1 }
        for _ in 0..<10 {
            let waiting = Task { try await pool.run { _ = Issue.record("it has begun") } }
            await until { pool.queuedCount == 1 }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            #expect(pool.queuedCount == 0)
        }
        let last = Task { try await pool.run { 1 } }
        await until { pool.queuedCount == 1 }
        gate.open()
        #expect(try await last.value == 1)
        try await blocked.value
    }

    @Test func `a task that is cancelled already does no work`() async {
        let pool = OffloadPool(threads: 1, queue: 1)
        let task = Task {
            await until { Task.isCancelled }
            try await pool.run { _ = Issue.record("it has begun") }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `what has begun runs to its end and returns its result`() async throws {
        let pool = OffloadPool(threads: 1, queue: 1)
        let gate = Gate()
        let task = Task {
            try await pool.run {
                gate.pass()
                return 42
            }
        }
        await until { pool.busyCount == 1 }
        task.cancel()
        gate.open()
        #expect(try await task.value == 42)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `cancelling here and there leaves the order of the others`(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let pool = OffloadPool(threads: 1, queue: 8)
        let gate = Gate()
        let order = Monitor<[Int]>([])
        let blocked = Task { try await pool.run { gate.pass() } }
        await until { pool.busyCount == 1 }
        var waiting: [(number: Int, task: Task<Void, any Error>)] = []
        for number in 0..<200 {
            if waiting.count == 8 || (!waiting.isEmpty && Bool.random(using: &random)) {
                let gone = waiting.remove(at: .random(in: 0..<waiting.count, using: &random))
                gone.task.cancel()
                await #expect(throws: CancellationError.self) { try await gone.task.value }
            }
            let task = Task { try await pool.run { order.withLock { $0.append(number) } } }
            waiting.append((number, task))
            await until { pool.queuedCount == waiting.count }
        }
        gate.open()
        for (_, task) in waiting { try await task.value }
        #expect(order.withLock { $0 } == waiting.map(\.number), "seed \(seed)")
        try await blocked.value
    }

    @Test func `threads are started when they are needed and end with their pool`() async throws {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let gate = Gate()
        do {
            let pool = OffloadPool(threads: 8, queue: 0) { end.yield() }
            try await withThrowingTaskGroup { group in
                for _ in 0..<3 { group.addTask { try await pool.run { gate.pass() } } }
                await until { pool.busyCount == 3 }
                gate.open()
                try await group.waitForAll()
            }
            try await pool.run {}
        }
        var count = 0
        for await _ in ends {
            count += 1
            if count == 3 { break }
        }
        #expect(count == 3)
    }

    @Test func `a pool of nothing or of too much is a mistake`() async {
        await #expect(processExitsWith: .failure) { _ = OffloadPool(threads: 0, queue: 1) }
        await #expect(processExitsWith: .failure) { _ = OffloadPool(threads: 257, queue: 1) }
        await #expect(processExitsWith: .failure) { _ = OffloadPool(threads: 1, queue: -1) }
        await #expect(processExitsWith: .failure) { _ = OffloadPool(threads: 1, queue: 65_537) }
    }
}

private struct Failure: Error {}

/// Holds threads until it is opened.
private final class Gate: Sendable {
    private let isOpen = Monitor(false)

    func pass() { isOpen.wait { $0 ? () : nil } }

    func open() {
        isOpen.withLock { $0 = true }
        isOpen.signalAll()
    }
}

/// Lets other tasks run until something has come about.
func until(_ isSo: () -> Bool) async {
    while !isSo() { await Task.yield() }
}
