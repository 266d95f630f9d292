internal import Reactor
internal import Synchronization
internal import Syscalls

/// Is told when the measured part begins and ends, on the run's first thread: whoever measures the
/// server meanwhile looks at it at the same instants. Be short, since the load waits.
package struct LoadMarks: Sendable {
    let began: @Sendable () -> Void
    let ended: @Sendable () -> Void

    /// - Parameters:
    ///   - began: The measured part begins.
    ///   - ended: Its last answer has come, and all connections are still open. Also when the run
    ///     was interrupted.
    package init(
        began: @escaping @Sendable () -> Void, ended: @escaping @Sendable () -> Void
    ) {
        self.began = began
        self.ended = ended
    }
}

/// What the threads of a run share: the common start, the end that a signal asks for, and the
/// mailboxes of their results. Nothing here is touched per request but two relaxed loads per turn.
final class LoadControl: Sendable {
    private struct Mail {
        var wakeups: [Wakeup?]
        var snapshots: [RecorderSnapshot?]
        var results: [ThreadResult?]
        var failure: Errno?
    }

    private let threadCount: Int
    private let start = Atomic<UInt64>(0)
    private let settledCount = Atomic<Int>(0)
    private let interrupted = Atomic<Bool>(false)
    private let snapshotNumber = Atomic<UInt64>(0)
    private let mail: Mutex<Mail>
    /// Signalled when a thread has a result or a snapshot.
    let news: EventDescriptor
    /// Who else wants to know of the measured part.
    let marks: LoadMarks?

    init(threadCount: Int, marks: LoadMarks? = nil) throws(Errno) {
        self.threadCount = threadCount
        self.marks = marks
        news = try EventDescriptor()
        mail = Mutex(
            Mail(
                wakeups: Array(repeating: nil, count: threadCount),
                snapshots: Array(repeating: nil, count: threadCount),
                results: Array(repeating: nil, count: threadCount)))
    }

    // MARK: - Threads

    func register(_ wakeup: Wakeup, thread: Int) { mail.withLock { $0.wakeups[thread] = wakeup } }

    /// The instant at which load begins; nil until all threads have their connections.
    var loadStart: UInt64? {
        let start = start.load(ordering: .acquiring)
        return start == 0 ? nil : start
    }

    /// Each connection of a thread is open or has failed once. The last thread gives the start.
    func settle(at now: UInt64) {
        let count = settledCount.add(1, ordering: .acquiringAndReleasing).newValue
        guard count == threadCount else { return }
        start.store(now, ordering: .releasing)
        wakeAll()
    }

    var isInterrupted: Bool { interrupted.load(ordering: .relaxed) }

    /// The number of the snapshot that was asked for last.
    var wantedSnapshot: UInt64 { snapshotNumber.load(ordering: .relaxed) }

    func publish(_ snapshot: RecorderSnapshot, thread: Int) {
        mail.withLock { $0.snapshots[thread] = snapshot }
        try? news.signal()
    }

    func finish(_ result: ThreadResult, thread: Int) {
        mail.withLock { $0.results[thread] = result }
        try? news.signal()
    }

    /// A thread could not run at all; the others end too.
    func fail(_ error: Errno) {
        mail.withLock { $0.failure = $0.failure ?? error }
        interrupt()
        try? news.signal()
    }

    // MARK: - Whoever started them

    /// Ends the run now: everything recorded so far is the result. Any thread.
    func interrupt() {
        interrupted.store(true, ordering: .relaxed)
        wakeAll()
    }

    /// Asks every thread for a glance at its record.
    func requestSnapshots() {
        mail.withLock { mail in
            for index in mail.snapshots.indices { mail.snapshots[index] = nil }
        }
        snapshotNumber.add(1, ordering: .relaxed)
        wakeAll()
    }

    /// Takes the sum of all threads' snapshots; nil until all have answered.
    func takeSnapshot() -> RecorderSnapshot? {
        mail.withLock { mail in
            var sum: RecorderSnapshot?
            for snapshot in mail.snapshots {
                guard let snapshot else { return nil }
                if sum == nil { sum = snapshot } else { sum?.merge(snapshot) }
            }
            for index in mail.snapshots.indices { mail.snapshots[index] = nil }
            return sum
        }
    }

    /// All results; nil until every thread has ended.
    var results: [ThreadResult]? {
        mail.withLock { mail in
            let results = mail.results.compactMap(\.self)
            return results.count == mail.results.count ? results : nil
        }
    }

    /// Why a thread could not run.
    var failure: Errno? { mail.withLock { $0.failure } }

    private func wakeAll() {
        mail.withLock { mail in
            for wakeup in mail.wakeups { wakeup?.wake() }
        }
    }
}
