internal import Glibc
internal import Synchronization

/// Runs the jobs of Swift tasks on the thread of one loop, so that asynchronous code and the loop's
/// own share a thread and need no hop between two.
///
/// Theory of operation: a task with this executor as its preference gives its jobs to `enqueue`,
/// from whichever thread resumes it. The loop takes them once a turn, after everything else that
/// produces output and before the flush; a job that comes from another thread wakes it. Beside jobs
/// there are posts: plain numbers that come out in the same place, by which such code tells the
/// loop's client what it has changed.
///
/// Limits: none of its own. Jobs are bounded by the tasks that there are, posts by their senders;
/// the loop bounds how many it runs in a turn.
package final class LoopExecutor: TaskExecutor {
    private struct State: ~Copyable {
        var jobs: [UnownedJob] = []
        var posts: [UInt64] = []
        var hasStopped = false
        /// The owner has been woken since the queues were last emptied.
        var isWoken = false
    }

    private let state = Mutex(State())

    /// Jobs or posts wait: to be asked every turn, without the lock.
    private let isWaitedFor = Atomic<Bool>(false)

    /// The loop's thread, as pthread_self(3) names it; 0 until it has come.
    private let owner = Atomic<UInt>(0)

    /// The own thread is in `runFirstStep`, which has not got its job yet.
    private let awaitsFirstStep = Atomic<Bool>(false)

    private let wakeup: Wakeup

    /// - Parameter wakeup: Ends the wait of the thread that will run the jobs.
    package init(wakeup: Wakeup) {
        self.wakeup = wakeup
    }

    /// Called by the Swift runtime. Any thread; a lock, and a system call when the loop may sleep.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if awaitsFirstStep.load(ordering: .relaxed), isOnOwnThread {
            awaitsFirstStep.store(false, ordering: .relaxed)
            // The runtime does nothing more with a task that it has enqueued: another thread might
            // be running it.
            run(job)
            return
        }
        let (hasStopped, wakes) = state.withLock { state in
            if state.hasStopped { return (true, false) }
            state.jobs.append(job)
            isWaitedFor.store(true, ordering: .releasing)
            return (false, wakesOwner(&state))
        }
        if hasStopped {
            // The loop is gone and the task is cancelled: what it still does, it does here.
            // SAFETY: the job came from the runtime just now, and is run once.
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        } else if wakes {
            wakeup.wake()
        }
    }

    /// Lets this number come out in the loop; the same number several times in a row comes out once.
    /// Any thread; costs as `enqueue`. Lost once the loop has stopped.
    package func post(_ number: UInt64) {
        let wakes = state.withLock { state in
            // What is about to come out need not come out twice.
            if state.hasStopped || state.posts.last == number { return false }
            state.posts.append(number)
            isWaitedFor.store(true, ordering: .releasing)
            return wakesOwner(&state)
        }
        if wakes { wakeup.wake() }
    }

    /// Whether the caller is the thread that runs the jobs.
    package var isOnOwnThread: Bool {
        owner.load(ordering: .relaxed) == UInt(pthread_self())
    }

    // MARK: The loop's side

    /// From now on the calling thread runs the jobs. What it enqueues itself does not wake it: it
    /// asks `hasWork` before it sleeps.
    package func adoptCallingThread() {
        owner.store(UInt(pthread_self()), ordering: .relaxed)
    }

    /// Whether jobs or posts wait.
    package var hasWork: Bool { isWaitedFor.load(ordering: .acquiring) }

    /// Takes all that waits, in order. The arrays must be empty; their memory is used again.
    package func take(jobs: inout [UnownedJob], posts: inout [UInt64]) {
        state.withLock { state in
            swap(&state.jobs, &jobs)
            swap(&state.posts, &posts)
            state.isWoken = false
            isWaitedFor.store(false, ordering: .releasing)
        }
    }

    /// Lets a task begin, or go on, before this returns: as far as it comes without waiting. Only on
    /// the own thread, and only where the caller holds nothing that the task may want.
    ///
    /// - Parameter resume: Resumes or makes the task, and holds no lock; the first job that it gives
    ///   is not queued but run inside `enqueue`.
    package func runFirstStep(_ resume: () -> Void) {
        awaitsFirstStep.store(true, ordering: .relaxed)
        resume()
        awaitsFirstStep.store(false, ordering: .relaxed)
    }

    /// Runs a job that `take` gave, or the first step of a task. Only on the own thread.
    package func run(_ job: UnownedJob) {
        // SAFETY: each job is given out once, and we are the executor that it was enqueued on.
        unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    }

    /// The loop runs no more turns: what tasks still do, they do on the thread that resumes them.
    /// Runs what waits, so that tasks that were cancelled come to their end; gives up on those that
    /// go on for `rounds` resumptions.
    package func stop(rounds: Int = 1_000) {
        var jobs: [UnownedJob] = []
        var posts: [UInt64] = []
        for _ in 0..<rounds {
            take(jobs: &jobs, posts: &posts)
            if jobs.isEmpty { break }
            for job in jobs { run(job) }
            jobs.removeAll()
            posts.removeAll()
        }
        let rest = state.withLock { state in
            state.hasStopped = true
            return exchange(&state.jobs, with: [])
        }
        for job in rest { run(job) }
    }

    /// Once for everything that comes before the loop looks again.
    private func wakesOwner(_ state: inout State) -> Bool {
        guard !state.isWoken, !isOnOwnThread else { return false }
        state.isWoken = true
        return true
    }
}
