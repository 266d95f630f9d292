internal import Containers
package import Syscalls

/// Reactor knows sockets by their tokens, readiness, deadlines and wake-ups: one turn of the loop.
/// It must not know HTTP, nor what a connection is.
///
/// Theory of operation: one thread calls `runOnce` in a loop.
///
///     turn:  wait until the nearest deadline; not at all while work is left over
///            now = clock
///            every event:                 client.socketReady, and the jobs that it has brought
///            left-over work:              client.continueWork
///            woken by another thread:     client.woken
///            deadlines that are due:      client.deadlineReached, for 128 at most
///            jobs of tasks, for 1 ms at most; what they have posted:  client.posted
///            now = clock
///                                         client.finishTurn    (flush once, release what closed)
///
/// Whatever produces output comes before `finishTurn`, so nothing waits for the next wake-up. The
/// client owns sockets and state; the reactor owns the selector, the timers and the clock. It hands
/// itself to the client `inout`, so that there is no shared object and no exclusivity check.
package protocol ReactorClient: ~Copyable {
    /// The socket that was registered under this token is ready. Tokens may be stale: the client
    /// compares the generation.
    mutating func socketReady(
        _ token: Token, _ readiness: Readiness, in reactor: inout Reactor)

    /// Goes on with work that a bound cut off in an earlier turn (`Reactor.hasWorkLeft`).
    mutating func continueWork(in reactor: inout Reactor)

    /// Another thread called `Wakeup.wake()`.
    mutating func woken(in reactor: inout Reactor)

    /// A slot's timer has come due. Deadlines are lazy: the client compares with the instant that
    /// it has stored, and returns it when it lies in the future (`nil`: no deadline any more).
    mutating func deadlineReached(slot: Int, in reactor: inout Reactor) -> Instant?

    /// A job, or another thread, has given this number to `LoopExecutor.post`.
    mutating func posted(_ number: UInt64, in reactor: inout Reactor)

    /// Everything that this turn produces has been produced: flush it, release what closed.
    mutating func finishTurn(in reactor: inout Reactor)
}

extension ReactorClient where Self: ~Copyable {
    /// For clients that start no tasks.
    package mutating func posted(_ number: UInt64, in reactor: inout Reactor) {}
}

/// One thread's loop: selector, timers, clock, wake-up.
package struct Reactor: ~Copyable {
    /// How many events one turn takes in at most. Enough to make `epoll_wait` cheap per event, small
    /// enough that the first connection of a batch does not wait long for its flush.
    package static let eventsPerTurn = 512

    /// How many deadlines one turn takes in at most; the others come in the next turns, which do not
    /// wait. So thousands of streams that all have a heartbeat now do not keep the sockets waiting.
    package static let deadlinesPerTurn = 128

    /// The tokens of the wake-up and the timer, which no slot can have.
    private static let wakeupToken = Token(slot: Int(UInt32.max), generation: .max)
    private static let alarmToken = Token(slot: Int(UInt32.max), generation: .max - 1)

    /// The instant that this turn's events count as: read once after the wait and once more before
    /// `finishTurn`.
    package private(set) var now: Instant

    /// How long this turn has worked, between the two readings of the clock.
    package private(set) var turnNanoseconds: UInt64 = 0

    /// Slots for which a call of `deadlineReached` is promised.
    package var timerCount: Int { timers.count }

    /// Set by the client when it has work for the next turn that no event will announce; the next
    /// wait then returns at once. Cleared at the start of each turn.
    package var hasWorkLeft = false

    /// An instant of the client's at which a turn must begin, exact where the timers have ticks: for
    /// schedules. Stays until the client changes it; one that has passed brings the next turn at
    /// once. Moving it later costs a system call when the old one comes.
    package var wakeAt: Instant?

    /// Nanoseconds for which one turn runs jobs; the rest waits for the next turn, so that a burst
    /// of resumed tasks does not keep the sockets waiting.
    private static let jobTime: UInt64 = 1_000_000

    /// Jobs between two looks at the clock.
    private static let jobsPerLook = 8

    /// Wakes this reactor from other threads.
    package let wakeup: Wakeup

    /// Runs tasks on this reactor's thread.
    package let executor: LoopExecutor

    /// Jobs and posts that were taken from the executor, and how far they have come.
    private var jobs: [UnownedJob] = []
    private var posts: [UInt64] = []
    private var nextJob = 0

    /// When this turn's time for jobs is up; `nil` while the clock has not been looked at.
    private var jobEnd: Instant?
    private var isJobTimeOver = false
    private var jobsUntilLook = 0

    private var selector: Selector
    private var timers: TimerWheel

    /// Ends the wait when the wheel's next slot is due. Set only when that moment comes nearer: an
    /// alarm that rings too early costs one turn, and deadlines are lazy, so it is rare.
    private let alarm: TimerDescriptor
    private var alarmInstant: Instant?
    /// It is readable, and stays so until it is set again.
    private var alarmHasRung = false
    /// Perhaps more deadlines are due than the last turn has taken in.
    private var hasDueDeadlines = false

    /// - Parameter timerSlots: Slots 0 ..< `timerSlots` can have deadlines.
    package init(timerSlots: Int) throws(Errno) {
        let wakeup = try Wakeup()
        let selector = try Selector(batchCapacity: Self.eventsPerTurn)
        let alarm = try TimerDescriptor()
        try wakeup.register(with: selector, token: Self.wakeupToken)
        try selector.add(alarm.descriptor, .readable, Self.alarmToken)
        self.wakeup = wakeup
        executor = LoopExecutor(wakeup: wakeup)
        self.selector = selector
        self.alarm = alarm
        now = MonotonicClock.now()
        timers = TimerWheel(capacity: timerSlots, now: now.nanoseconds)
    }

    /// Starts to watch a socket. The descriptor must stay open until `deregister`.
    package borrowing func register(
        _ socket: borrowing FileDescriptor, for interest: Interest, token: Token
    ) throws(Errno) {
        try selector.add(socket, interest, token)
    }

    /// Changes what is watched for. One system call, so only call it on a change.
    package borrowing func reregister(
        _ socket: borrowing FileDescriptor, for interest: Interest, token: Token
    ) throws(Errno) {
        try selector.modify(socket, interest, token)
    }

    /// Ends the watch. Closing the last descriptor of a socket does the same (`epoll(7)`), so a
    /// client that closes need not call it.
    package borrowing func deregister(_ socket: borrowing FileDescriptor) throws(Errno) {
        try selector.remove(socket)
    }

    /// Promises a call of `deadlineReached` for the slot at or soon after the instant.
    ///
    /// Costs a comparison when a call is already promised for that time or earlier, so it may be
    /// called after every event.
    package mutating func schedule(slot: Int, at instant: Instant) {
        timers.schedule(slot, at: instant.nanoseconds)
    }

    /// Forgets the slot's timer.
    package mutating func cancel(slot: Int) {
        timers.cancel(slot)
    }

    /// Runs one turn. Blocks until an event, a deadline or a wake-up, or not at all while
    /// `hasWorkLeft`.
    package mutating func runOnce<Client: ReactorClient & ~Copyable>(
        _ client: inout Client
    ) throws(Errno) {
        let mayWait = !hasWorkLeft && !executor.hasWork && !hasTakenWork && !hasDueDeadlines
        if mayWait { try setAlarm() }
        let eventCount = try selector.wait(atMostNanoseconds: mayWait ? nil : 0)
        now = MonotonicClock.now()
        let continues = hasWorkLeft
        hasWorkLeft = false
        var isWoken = false
        for index in 0..<eventCount {
            let token = selector.token(index)
            if token == Self.wakeupToken {
                isWoken = true
            } else if token == Self.alarmToken {
                alarmHasRung = true
            } else {
                client.socketReady(token, selector.readiness(index), in: &self)
                if executor.hasWork { runJobs(&client) }
            }
        }
        if continues {
            client.continueWork(in: &self)
        }
        if isWoken {
            wakeup.clear()
            client.woken(in: &self)
        }
        expireTimers(&client)
        runJobs(&client)
        jobEnd = nil
        isJobTimeOver = false
        let start = now
        now = MonotonicClock.now()
        turnNanoseconds = now.nanoseconds - start.nanoseconds
        client.finishTurn(in: &self)
    }

    /// Runs jobs, and hands on what they post, until there are none or this turn's time for them is
    /// up. Called behind each event, so that a task that ends at once gives its memory back before
    /// the next one takes some: for 64 that lived side by side, malloc(3) cost 2,000 instructions
    /// each.
    private mutating func runJobs<Client: ReactorClient & ~Copyable>(_ client: inout Client) {
        while !isJobTimeOver, takeJobs() {
            while nextJob < jobs.count, mayRunJob() {
                executor.run(jobs[nextJob])
                nextJob += 1
            }
            for index in 0..<posts.count { client.posted(posts[index], in: &self) }
            posts.removeAll(keepingCapacity: true)
        }
    }

    /// Whether there is time for another job in this turn; looks at the clock now and then.
    private mutating func mayRunJob() -> Bool {
        guard jobsUntilLook == 0 else {
            jobsUntilLook -= 1
            return true
        }
        jobsUntilLook = Self.jobsPerLook
        let now = MonotonicClock.now()
        guard let end = jobEnd else {
            jobEnd = now + Self.jobTime
            return true
        }
        isJobTimeOver = now >= end
        return !isJobTimeOver
    }

    /// Whether there are jobs to run or posts to hand on.
    private mutating func takeJobs() -> Bool {
        if hasTakenWork { return true }
        guard executor.hasWork else { return false }
        jobs.removeAll(keepingCapacity: true)
        nextJob = 0
        executor.take(jobs: &jobs, posts: &posts)
        return true
    }

    /// Jobs and posts that a turn has taken and not come to.
    private var hasTakenWork: Bool { nextJob < jobs.count || !posts.isEmpty }

    private mutating func expireTimers<Client: ReactorClient & ~Copyable>(_ client: inout Client) {
        hasDueDeadlines = false
        var count = 0
        while let slot = timers.popExpired(now: now.nanoseconds) {
            count += 1
            if count == Self.deadlinesPerTurn { hasDueDeadlines = true }
            if let next = client.deadlineReached(slot: slot, in: &self) {
                timers.schedule(slot, at: next.nanoseconds)
            }
            if hasDueDeadlines { return }
        }
    }

    private mutating func setAlarm() throws(Errno) {
        var expiry = timers.nextExpiry().map { Instant(nanoseconds: $0) }
        if let wakeAt { expiry = min(wakeAt, expiry ?? wakeAt) }
        if !alarmHasRung {
            guard let expiry else { return }
            if let alarmInstant, alarmInstant <= expiry { return }
        }
        try alarm.set(to: expiry)
        alarmInstant = expiry
        alarmHasRung = false
    }
}
