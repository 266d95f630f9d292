internal import Reactor
internal import Synchronization
internal import Syscalls

/// A run from its options to its result: splits connections and requests over threads, waits for
/// them, and shows what happens meanwhile.
package final class LoadRun: Sendable {
    private let options: Options
    private let target: LoadTarget
    private let threadCount: Int
    let control: LoadControl

    /// A run that is ready to begin.
    ///
    /// - Parameter marks: Is told when the measured part begins and ends.
    package init(
        _ options: Options, target: LoadTarget, marks: LoadMarks? = nil
    ) throws(LoadError) {
        self.options = options
        self.target = target
        let coreCount = (try? CPUAffinity.allowedCores().count) ?? 1
        threadCount =
            options.threadCount
            ?? Options.automaticThreadCount(
                coreCount: coreCount, connectionCount: options.connectionCount)
        try Self.raiseOpenFiles(for: options, threadCount: threadCount)
        do throws(Errno) {
            control = try LoadControl(threadCount: threadCount, marks: marks)
        } catch {
            throw LoadError("cannot begin: \(error)", isUsage: false)
        }
    }

    /// Ends the run now; `run` returns with what there is. Any thread, at any time.
    package func interrupt() { control.interrupt() }

    /// Runs on threads of its own until the end, and returns the result.
    ///
    /// - Parameters:
    ///   - interval: Nanoseconds between two calls of `show`; nil for none.
    ///   - show: Is given what happens, on the calling thread.
    package func run(
        showingEvery interval: UInt64? = nil, _ show: (ProgressSnapshot) -> Void = { _ in }
    ) throws(LoadError) -> RunResult {
        let began = MonotonicClock.now().nanoseconds
        let wall = WallClock.now()
        let startMilliseconds = Int(wall.seconds) * 1_000 + Int(wall.nanoseconds) / 1_000_000
        let results: [ThreadResult]
        do throws(Errno) {
            for thread in 0..<threadCount { try start(plan(for: thread)) }
            results = try waitForResults(began: began, interval: interval, show)
        } catch {
            control.interrupt()
            throw LoadError("cannot run: \(error)", isUsage: false)
        }
        if let failure = control.failure {
            throw LoadError("cannot run: \(failure)", isUsage: false)
        }
        let elapsed = results.map(\.elapsed).max() ?? 0
        let measured = control.isInterrupted ? elapsed : min(length, .max / 2)
        return RunResult(
            RunDescription(
                options, threadCount: threadCount,
                measured: options.schedule.isOpenLoop ? measured : elapsed,
                startMilliseconds: startMilliseconds),
            threads: results, isInterrupted: control.isInterrupted)
    }

    // MARK: - Shares

    /// Length of the measured part: in an open loop a number of requests is a length too.
    private var length: UInt64 {
        let duration = options.duration ?? .max
        guard options.schedule.isOpenLoop, let limit = options.requestLimit else { return duration }
        return min(duration, options.schedule.plannedStart(of: UInt64(limit)))
    }

    func plan(for thread: Int) -> LoadThreadPlan {
        let connections = Self.share(of: options.connectionCount, thread, threadCount)
        return LoadThreadPlan(
            options: options, target: target, thread: thread, threadCount: threadCount,
            connections: connections,
            requestLimit: options.requestLimit.map {
                Self.share(of: $0, thread, threadCount).count
            },
            length: length)
    }

    /// Part `index` of `count` parts of a whole; no two differ by more than one.
    static func share(of whole: Int, _ index: Int, _ count: Int) -> Range<Int> {
        let (quotient, rest) = whole.quotientAndRemainder(dividingBy: count)
        func start(_ index: Int) -> Int { quotient * index + min(index, rest) }
        return start(index)..<start(index + 1)
    }

    private static func raiseOpenFiles(
        for options: Options, threadCount: Int
    ) throws(LoadError) {
        // Each thread has two of its own, and the process a few.
        let wanted = UInt64(options.connectionCount + 2 * threadCount + 32)
        guard let reached = try? ProcessLimits.raiseOpenFiles(to: wanted), reached < wanted else {
            return
        }
        throw LoadError(
            "-c \(options.connectionCount): needs \(wanted) open files, but the hard limit is "
                + "\(reached) (ulimit -Hn); use fewer connections or raise the limit",
            isUsage: true)
    }

    // MARK: - Threads

    private func start(_ plan: LoadThreadPlan) throws(Errno) {
        let control = control
        // The thread is let go of: its result in the mailbox says that it has ended.
        _ = try Thread(name: "load-\(plan.thread)") { Self.work(plan, control) }
    }

    /// Runs one thread's share on the calling thread, and puts its result into the mailbox.
    static func work(_ plan: LoadThreadPlan, _ control: LoadControl) {
        do {
            var thread = try LoadThread(plan, control: control)
            var reactor = try Reactor(timerSlots: plan.connections.count)
            control.register(reactor.wakeup, thread: plan.thread)
            thread.begin(at: reactor.now.nanoseconds)
            reactor.hasWorkLeft = true
            while !thread.isDone { try reactor.runOnce(&thread) }
            control.finish(thread.finish(at: reactor.now.nanoseconds), thread: plan.thread)
        } catch let error as Errno {
            control.fail(error)
        } catch {
            // The options have been compiled once before the run; they cannot fail here.
            preconditionFailure("\(error)")
        }
    }

    private func waitForResults(
        began: UInt64, interval: UInt64?, _ show: (ProgressSnapshot) -> Void
    ) throws(Errno) -> [ThreadResult] {
        let epoll = try Epoll()
        try epoll.add(control.news.descriptor, events: .readable, data: 0)
        var events = EventList(capacity: 1)
        var nextShow = interval.map { began + $0 }
        while true {
            if let results = control.results { return results }
            if control.failure != nil { return [] }
            let now = MonotonicClock.now().nanoseconds
            if let due = nextShow, let interval, due <= now {
                control.requestSnapshots()
                nextShow = max(due + interval, now)
            }
            try epoll.wait(
                into: &events, timeoutNanoseconds: nextShow.map { $0 > now ? $0 - now : 0 })
            try control.news.clear()
            if let snapshot = control.takeSnapshot() {
                show(progress(snapshot, began: began, now: MonotonicClock.now().nanoseconds))
            }
        }
    }

    private func progress(
        _ snapshot: RecorderSnapshot, began: UInt64, now: UInt64
    ) -> ProgressSnapshot {
        guard let start = control.loadStart else {
            return ProgressSnapshot(
                phase: .connecting, elapsed: now - min(began, now), length: nil, snapshot)
        }
        let elapsed = now - min(start, now)
        if elapsed < options.warmUp {
            return ProgressSnapshot(
                phase: .warmUp, elapsed: elapsed, length: options.warmUp, snapshot)
        }
        let measured = elapsed - options.warmUp
        // A closed loop has nothing to wait for; its threads are just ending.
        let isDraining = measured >= length && options.schedule.isOpenLoop
        return ProgressSnapshot(
            phase: isDraining ? .draining : .measuring,
            elapsed: isDraining ? measured - length : min(measured, length),
            length: length == .max ? nil : isDraining ? options.timeout : length,
            requestLimit: options.requestLimit.map(UInt64.init), snapshot)
    }
}
