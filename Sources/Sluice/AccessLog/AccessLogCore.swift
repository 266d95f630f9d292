internal import Containers
internal import Synchronization
internal import Syscalls

/// What the producers of an access log, its writer and its owner share.
///
/// The writer's sleep: while lines come, it takes them all every 10 ms and nobody has to wake it.
/// When none have come for so long, it says that it is asleep, looks once more, and waits for an
/// event; the next producer finds that it sleeps and wakes it, with one system call. Both put a fence
/// between what they write and what they read, so that one of the two always sees the other.
final class AccessLogCore: Sendable {
    /// What the writer does.
    private enum Sleep {
        /// It will look again by itself.
        static let awake: UInt8 = 0
        /// It rests for a moment; a ring that is half full should wake it.
        static let resting: UInt8 = 1
        /// Whoever has something for it must wake it.
        static let asleep: UInt8 = 2
    }

    private struct State {
        var sources: [AccessLogSource] = []
        /// Lines that sources which are gone have dropped.
        var droppedBefore: UInt64 = 0
        var log: @Sendable (String) -> Void = { StandardError.write(line: $0) }
        var wantsReopen = false
    }

    let overflow: AccessLog.Overflow
    private let capacity: Int
    private let state = Mutex(State())
    private let sleep = Atomic<UInt8>(Sleep.awake)
    private let closing = Atomic(false)
    private let flushesAsked = Atomic<UInt64>(0)
    private let flushesDone = Atomic<UInt64>(0)
    private let written = Atomic<UInt64>(0)
    private let lost = Atomic<UInt64>(0)
    /// Wakes the writer.
    private let event: EventDescriptor
    /// Up when the writer has ended.
    private let ended: EventDescriptor

    /// Bytes of the smallest ring: some of the longest lines that a client can cause.
    private static let minimumRingCapacity = 262_144

    init(overflow: AccessLog.Overflow, capacity: Int) throws(Errno) {
        self.overflow = overflow
        self.capacity = capacity
        event = try EventDescriptor()
        ended = try EventDescriptor()
    }

    // MARK: The owner's side

    /// A place for what one thread of a server hands over.
    ///
    /// - Parameter threadCount: Of the server; they share the capacity.
    func addSource(
        _ surroundings: @escaping @Sendable () -> AccessLogSurroundings, threadCount: Int
    ) -> AccessLogSource {
        let share = max(Self.minimumRingCapacity, capacity / max(1, threadCount))
        let source = AccessLogSource(ring: ByteRing(capacity: share), surroundings)
        state.withLock { $0.sources.append(source) }
        return source
    }

    func setLog(_ log: @escaping @Sendable (String) -> Void) {
        state.withLock { $0.log = log }
    }

    func log(_ line: String) {
        let log = state.withLock { $0.log }
        log(line)
    }

    func reopen() {
        state.withLock { $0.wantsReopen = true }
        wake()
    }

    func close() {
        closing.store(true, ordering: .releasing)
        wake()
    }

    var isClosing: Bool { closing.load(ordering: .acquiring) }

    /// Waits until the writer has ended, at most so long.
    func waitForEnd(nanoseconds: UInt64) -> Bool {
        Self.wait(for: ended, nanoseconds: nanoseconds)
    }

    /// Waits until what has been recorded before is written, at most so long.
    func flush(nanoseconds: UInt64) -> Bool {
        let ticket = flushesAsked.add(1, ordering: .acquiringAndReleasing).newValue
        let deadline = MonotonicClock.now() + nanoseconds
        wake()
        while flushesDone.load(ordering: .acquiring) < ticket {
            if MonotonicClock.now() >= deadline { return false }
            // It ends early when the writer ends.
            if Self.wait(for: ended, nanoseconds: 1_000_000) {
                return flushesDone.load(ordering: .acquiring) >= ticket
            }
        }
        return true
    }

    var writtenCount: UInt64 { written.load(ordering: .relaxed) }

    var droppedCount: UInt64 {
        let dropped = state.withLock { state in
            state.sources.reduce(state.droppedBefore) { $0 + $1.droppedCount }
        }
        return dropped + lost.load(ordering: .relaxed)
    }

    // MARK: The producers' side

    /// Something has been published in a ring. Costs a fence, unless the writer must be woken.
    func recordsArrived(in ring: ByteRing) {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        switch sleep.load(ordering: .relaxed) {
        case Sleep.awake: return
        case Sleep.resting:
            if ring.usedByteCount > ring.capacity / 2 { wake() }
        default: wake()
        }
    }

    /// Makes the writer look, whatever it does.
    func wake() {
        guard sleep.exchange(Sleep.awake, ordering: .acquiringAndReleasing) != Sleep.awake else {
            return
        }
        // It fails only when the flag is up already.
        try? event.signal()
    }

    /// Waits a little for the writer to make room.
    func waitForRoom(in ring: ByteRing) {
        wake()
        // Nothing is ever in the list: it only waits.
        var nothing = PollList(count: 1)
        _ = try? nothing.wait(timeoutNanoseconds: 200_000)
    }

    // MARK: The writer's side

    /// All sources; those that have ended and are empty are left out from now on.
    func takeSources() -> [AccessLogSource] {
        state.withLock { state in
            state.sources.removeAll { source in
                guard source.hasEnded, source.ring.isEmpty else { return false }
                state.droppedBefore += source.droppedCount
                return true
            }
            return state.sources
        }
    }

    /// Whether the file is to be opened again.
    func takeReopen() -> Bool {
        state.withLock { state in
            defer { state.wantsReopen = false }
            return state.wantsReopen
        }
    }

    /// How many flushes have been asked for: what was recorded before them is in the rings.
    var flushTicket: UInt64 { flushesAsked.load(ordering: .acquiring) }

    /// What was in the rings at that ticket is written.
    func flushed(_ ticket: UInt64) {
        flushesDone.store(ticket, ordering: .releasing)
    }

    func countWritten(_ count: Int) {
        written.add(UInt64(count), ordering: .relaxed)
    }

    func countLost(_ count: Int) {
        lost.add(UInt64(count), ordering: .relaxed)
    }

    /// Rests for a moment, as lines have just come and more will.
    func rest(nanoseconds: UInt64) {
        sleep.store(Sleep.resting, ordering: .relaxed)
        finishSleep(nanoseconds: nanoseconds)
    }

    /// Sleeps until there is something to do, or the time is over.
    func sleep(nanoseconds: UInt64?) {
        sleep.store(Sleep.asleep, ordering: .relaxed)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        let hasWork = state.withLock { state in
            state.wantsReopen || state.sources.contains { !$0.ring.isEmpty }
        }
        let isAsked = isClosing || flushTicket != flushesDone.load(ordering: .relaxed)
        finishSleep(nanoseconds: hasWork || isAsked ? 0 : nanoseconds)
    }

    private func finishSleep(nanoseconds: UInt64?) {
        _ = Self.wait(for: event, nanoseconds: nanoseconds)
        sleep.store(Sleep.awake, ordering: .relaxed)
        try? event.clear()
    }

    /// The writer, as its last.
    func end() {
        try? ended.signal()
    }

    private static func wait(
        for event: borrowing EventDescriptor, nanoseconds: UInt64?
    ) -> Bool {
        var list = PollList(count: 1)
        list.set(0, event.descriptor, .readable)
        return (try? list.wait(timeoutNanoseconds: nanoseconds)) ?? false
    }
}
