import Reactor
import Synchronization
import Testing

/// Tasks that run where a loop runs its jobs.
@Suite struct LoopExecutorTests {
    /// Who was there, and whether on the right thread.
    private final class Log: Sendable {
        private let entries = Mutex<[(number: Int, isAtHome: Bool)]>([])

        func note(_ number: Int, _ isAtHome: Bool) {
            entries.withLock { $0.append((number, isAtHome)) }
        }

        var numbers: [Int] { entries.withLock { $0.map(\.number) } }
        var wasAlwaysAtHome: Bool { entries.withLock { $0.allSatisfy(\.isAtHome) } }
    }

    @Test func `jobs run in order, on the thread that takes them`() async throws {
        let executor = LoopExecutor(wakeup: try Wakeup())
        let log = Log()
        var tasks: [Task<Void, Never>] = []
        for number in 0..<5 {
            tasks.append(
                Task(executorPreference: executor) { log.note(number, executor.isOnOwnThread) })
        }
        #expect(executor.hasWork)
        // What runs them until all have ended is a thread of its own.
        Self.turn(executor)
        for task in tasks { await task.value }
        #expect(log.numbers == [0, 1, 2, 3, 4])
        #expect(log.wasAlwaysAtHome)
        #expect(!executor.hasWork)
    }

    @Test func `posts come out in order, and once`() throws {
        let executor = LoopExecutor(wakeup: try Wakeup())
        executor.post(7)
        executor.post(9)
        var jobs: [UnownedJob] = []
        var posts: [UInt64] = []
        executor.take(jobs: &jobs, posts: &posts)
        #expect(posts == [7, 9])
        posts = []
        executor.take(jobs: &jobs, posts: &posts)
        #expect(posts.isEmpty && jobs.isEmpty)
    }

    @Test func `what a task still does when its loop has stopped is done all the same`()
        async throws
    {
        let executor = LoopExecutor(wakeup: try Wakeup())
        let task = Task(executorPreference: executor) {
            await Task.yield()
            return 1
        }
        executor.adoptCallingThread()
        executor.stop()
        #expect(await task.value == 1)
        let late = Task(executorPreference: executor) { 2 }
        #expect(await late.value == 2)
        executor.post(1)
        #expect(!executor.hasWork)
    }

    /// Runs jobs until there are none; without suspension, so all of it is on one thread.
    private static func turn(_ executor: LoopExecutor) {
        executor.adoptCallingThread()
        var jobs: [UnownedJob] = []
        var posts: [UInt64] = []
        while executor.hasWork {
            executor.take(jobs: &jobs, posts: &posts)
            for job in jobs { executor.run(job) }
            jobs.removeAll()
        }
    }
}
