internal import Containers
internal import Reactor
internal import Syscalls

// One thread's share of a run: its connections, its part of the plan, its record.
//
//   connecting ──── every connection open, or failed once; all threads ────► loading
//   loading    ──── the measured part is over, or its requests are done ───► draining (open loop)
//   draining   ──── nothing is outstanding, or a timeout later ────────────► done
//
// Theory of operation. A client of the reactor. What a connection receives is read, recorded and
// answered with new requests at once, in one send: the server then works while this thread reads
// from the next connection. Everything that goes by the clock (due starts of an open loop, pauses,
// connects, phases) happens at the end of the turn, and the reactor's alarm is set to the next such
// instant, to the nanosecond.
//
// Each event of a connection costs one reading of the clock: it is the end of the answers that were
// read, and the start of the requests that replace them. (A reading per turn would be cheaper by
// 20 ns and wrong by the length of the turn: 64 connections take some 300 µs to serve.)

/// What a thread is told.
struct LoadThreadPlan: Sendable {
    var options: Options
    var target: LoadTarget
    /// Its number.
    var thread: Int
    var threadCount: Int
    /// Its connections: a range of the numbers over all threads.
    var connections: Range<Int>
    /// Requests that it may begin during the measured part; nil for no limit.
    var requestLimit: Int?
    /// Length of the measured part; `UInt64.max` when only the requests end it.
    var length: UInt64
}

/// One thread's connections and loop client.
struct LoadThread: ~Copyable, ReactorClient {
    enum Phase: UInt8 {
        case connecting, loading, draining, done
    }

    /// Connects that are begun in one turn, so that answers are not kept waiting.
    static let connectsPerTurn = 64
    /// Starts that are due within this time of a turn go out together. A turn for each of 50,000
    /// starts a second would take a core; this keeps lateness far below the millisecond, and what
    /// lateness there is stands in send lag and response time.
    static let sendResolution: UInt64 = 50_000
    /// The pause before connecting again after a failure doubles from the first to the second.
    static let shortestBackoff: UInt64 = 1_000_000
    static let longestBackoff: UInt64 = 250_000_000

    let plan: LoadThreadPlan
    let control: LoadControl
    let source: RequestSource
    // Of the options, what is needed for every request.
    let timeout: UInt64
    let connectTimeout: UInt64
    let thinkTime: ThinkTime
    let isOpenLoop: Bool
    private(set) var phase = Phase.connecting

    var slots: Slab<LoadSlot>
    var recorder: Recorder
    var generator: SeededGenerator
    var waiting: InstantHeap
    /// Which of the target's addresses worked last.
    var addressChoice = 0
    /// Slots that are open or have failed, before the start.
    var settledCount = 0
    /// Requests outstanding on all connections.
    var outstandingCount = 0

    /// Requests that may still begin; only a limit during the measured part bounds it.
    private var startsLeft = Int.max
    private var cursor: ScheduleCursor?
    /// Connections of an open loop that have room, the one that has waited longest first.
    private var available: Ring<Int>
    private var touched: [Int] = []
    var workspace: AnswerWorkspace
    var area = ReadArea()
    private var sequence: UInt64

    private var loadStart: UInt64 = 0
    private var measuredStart: UInt64 = .max
    private var measuredEnd: UInt64 = .max
    private var isMeasuring = false
    private var cpuStart: UInt64 = 0
    private var cpuTime: UInt64 = 0
    private var hasReportedSettled = false
    private var seenSnapshot: UInt64 = 0

    init(_ plan: LoadThreadPlan, control: LoadControl) throws(OptionError) {
        self.plan = plan
        self.control = control
        let options = plan.options
        source = try RequestSource(options)
        timeout = options.timeout
        connectTimeout = options.connectTimeout
        thinkTime = options.thinkTime
        isOpenLoop = options.schedule.isOpenLoop
        let count = plan.connections.count
        slots = Slab(capacity: count)
        waiting = InstantHeap(capacity: count)
        available = Ring(capacity: count)
        workspace = AnswerWorkspace(
            expectedBody: options.expectedBody, expectedLength: options.expectedLength)
        // Nothing counts before the start is known.
        recorder = Recorder(
            RecorderPlan(
                start: .max / 2, end: .max / 2, isOpenLoop: options.schedule.isOpenLoop,
                connections: plan.connections))
        generator = SeededGenerator(seed: options.seed, stream: plan.thread)
        sequence = UInt64(plan.thread)
        touched.reserveCapacity(count)
    }

    var isDone: Bool { phase == .done }

    /// A connect that failed stands for a request that was to begin.
    mutating func noteFailedStart() {
        if startsLeft != .max { startsLeft -= 1 }
    }

    /// Plans the connects, before the first turn.
    mutating func begin(at now: UInt64) {
        let ramp = plan.options.connectRamp
        let total = UInt64(plan.options.connectionCount)
        for number in plan.connections {
            guard
                let key = slots.insert(
                    LoadSlot(number: number, depth: plan.options.pipelineDepth))
            else { preconditionFailure("there is a slot for each connection") }
            wait(key.slot, until: now + ramp / total * UInt64(number))
        }
    }

    /// Ends the record.
    consuming func finish(at now: UInt64) -> ThreadResult {
        let end = min(max(now, measuredStart), measuredEnd)
        let unsent =
            isMeasuring ? cursor?.remainingCount(before: end - measuredStart) ?? 0 : 0
        let cpuTime = cpuTime
        let outstanding = outstandingCount
        if measuredStart == .max { recorder.setMeasuredPart(start: now, end: now) }
        return recorder.finish(
            now: now, outstandingCount: outstanding, unsentCount: unsent, cpuTime: cpuTime)
    }

    // MARK: - Events

    mutating func socketReady(_ token: Token, _ readiness: Readiness, in reactor: inout Reactor) {
        let slot = token.slot
        guard slots.isOccupied(slot), slots[slot].generation == token.generation else { return }
        switch slots[slot].state {
        case .closed: break
        case .connecting: finishConnect(slot, in: &reactor)
        case .open:
            if readiness.isReadable || readiness.isHungUp { read(slot, in: &reactor) }
            if readiness.isWritable, slots[slot].generation == token.generation,
                slots[slot].state == .open
            {
                flush(slot, at: MonotonicClock.now().nanoseconds, in: &reactor)
            }
        }
    }

    mutating func continueWork(in reactor: inout Reactor) {}

    mutating func woken(in reactor: inout Reactor) {
        let wanted = control.wantedSnapshot
        guard wanted != seenSnapshot else { return }
        seenSnapshot = wanted
        control.publish(recorder.snapshot(), thread: plan.thread)
    }

    mutating func deadlineReached(slot: Int, in reactor: inout Reactor) -> Instant? {
        guard
            let deadline = slots[slot].deadline(timeout: timeout, connectTimeout: connectTimeout)
        else { return nil }
        let now = reactor.now.nanoseconds
        guard deadline <= now else { return Instant(nanoseconds: deadline) }
        switch slots[slot].state {
        case .closed: break
        case .connecting: connectFailed(slot, .connectTimeout, detail: 0, at: now)
        case .open:
            if now >= slots[slot].http.oldest.sent &+ timeout {
                timeOut(slot, at: now)
            } else {
                sendHeldBody(slot, at: now, in: &reactor)
            }
        }
        return nil
    }

    mutating func finishTurn(in reactor: inout Reactor) {
        let now = reactor.now.nanoseconds
        advancePhase(at: now, in: &reactor)
        guard phase != .done else { return }
        workOffWaiting(at: now, in: &reactor)
        if isOpenLoop { dispatchDue(at: now, in: &reactor) }
        // A connect may end at once, without an event that would bring the next turn.
        if isSettled && !hasReportedSettled { reactor.hasWorkLeft = true }
        setAlarm(in: &reactor)
    }

    // MARK: - Phases

    /// Each connection is open, or has failed once.
    private var isSettled: Bool { settledCount >= plan.connections.count }

    private mutating func advancePhase(at now: UInt64, in reactor: inout Reactor) {
        if phase == .connecting {
            if isSettled, !hasReportedSettled {
                hasReportedSettled = true
                control.settle(at: now)
            }
            if let start = control.loadStart { beginLoad(at: start, now: now, in: &reactor) }
        }
        if phase != .connecting, !isMeasuring, now >= measuredStart { beginMeasuring() }
        let isOver =
            control.isInterrupted || now >= measuredEnd
            || (startsLeft <= 0 && outstandingCount == 0)
        if isOver, phase == .loading || phase == .connecting {
            if isMeasuring { cpuTime = ThreadCPUClock.now() - cpuStart }
            phase = isOpenLoop && !control.isInterrupted ? .draining : .done
            if phase == .done { mark(\.ended) }
        }
        if phase == .draining {
            let hasBacklog = plannedStart.map { $0 < measuredEnd } ?? false
            let isDrained = outstandingCount == 0 && !hasBacklog
            if isDrained || control.isInterrupted || now >= measuredEnd + timeout {
                phase = .done
                mark(\.ended)
            }
        }
    }

    private mutating func beginLoad(at start: UInt64, now: UInt64, in reactor: inout Reactor) {
        phase = .loading
        loadStart = start
        measuredStart = start + plan.options.warmUp
        let (end, overflows) = measuredStart.addingReportingOverflow(plan.length)
        // Half of the clock's range is centuries, and leaves room for sums.
        measuredEnd = overflows ? .max / 2 : min(end, .max / 2)
        recorder.setMeasuredPart(start: measuredStart, end: measuredEnd)
        if isOpenLoop { cursor = newCursor(plan.options.schedule.warmUp) }
        if now >= measuredStart { beginMeasuring() }
        for slot in 0..<plan.connections.count where slots[slot].state == .open {
            takeUp(slot, at: now, in: &reactor)
        }
    }

    private mutating func beginMeasuring() {
        isMeasuring = true
        mark(\.began)
        cpuStart = ThreadCPUClock.now()
        if isOpenLoop {
            cursor = newCursor(plan.options.schedule)
        } else if let limit = plan.requestLimit {
            // What is in flight from the warm-up, or has come since its end, is counted too.
            startsLeft = limit - outstandingCount - Int(recorder.finishedCount)
        }
    }

    /// One thread speaks for all: they begin at one instant, and end at one or with their drains.
    private func mark(_ moment: KeyPath<LoadMarks, @Sendable () -> Void>) {
        guard plan.thread == 0, let marks = control.marks else { return }
        marks[keyPath: moment]()
    }

    private func newCursor(_ schedule: Schedule) -> ScheduleCursor {
        ScheduleCursor(schedule, thread: plan.thread, threadCount: plan.threadCount)
    }

    /// The next planned start of an open loop, as an instant.
    private var plannedStart: UInt64? {
        guard let cursor else { return nil }
        let origin = isMeasuring ? measuredStart : loadStart
        let (start, overflows) = origin.addingReportingOverflow(cursor.nextStart)
        return overflows ? .max : start
    }

    private func setAlarm(in reactor: inout Reactor) {
        var alarm = UInt64.max
        if let earliest = waiting.earliest { alarm = min(alarm, earliest) }
        switch phase {
        case .connecting, .done: break
        case .loading:
            alarm = min(alarm, isMeasuring ? measuredEnd : measuredStart)
            if !available.isEmpty, let plannedStart {
                let soonest = reactor.now.nanoseconds &+ Self.sendResolution
                alarm = min(alarm, max(plannedStart, soonest))
            }
        case .draining: alarm = min(alarm, measuredEnd + timeout)
        }
        reactor.wakeAt = alarm == .max ? nil : Instant(nanoseconds: alarm)
    }

    // MARK: - Waiting slots

    /// Lets a slot wait: to connect if it is closed, to send after a pause if it is open.
    mutating func wait(_ slot: Int, until instant: UInt64) {
        guard !slots[slot].isWaiting else { return }
        slots[slot].isWaiting = true
        waiting.insert(slot, at: instant)
    }

    private mutating func workOffWaiting(at now: UInt64, in reactor: inout Reactor) {
        for _ in 0..<Self.connectsPerTurn {
            guard let slot = waiting.popDue(now: now) else { return }
            slots[slot].isWaiting = false
            switch slots[slot].state {
            case .closed: if wantsConnection(slot) { connect(slot, in: &reactor) }
            case .connecting: break
            case .open: refill(slot, at: now, in: &reactor)
            }
        }
        // A turn without waiting takes in what has come meanwhile.
        reactor.hasWorkLeft = true
    }

    /// Whether a closed connection is still needed.
    private func wantsConnection(_ slot: Int) -> Bool {
        if phase == .connecting || slots[slot].http.outstandingCount > 0 { return true }
        guard isOpenLoop else { return startsLeft > 0 }
        return plannedStart.map { $0 < measuredEnd } ?? true
    }

    // MARK: - Sending

    /// A connection is open and load has begun: sends what must be sent again, then new requests.
    mutating func takeUp(_ slot: Int, at now: UInt64, in reactor: inout Reactor) {
        guard phase != .connecting else { return }
        let again = slots[slot].http.unsentCount
        if again > 0 {
            for index in 0..<again {
                let request = slots[slot].http.requestSentAgain(index, at: now)
                slots[slot].enqueue(request, from: source, at: now)
            }
            slots[slot].http.allSentAgain()
            recorder.requestsSentAgain(again, now: now)
        }
        refill(slot, at: now, in: &reactor)
    }

    /// Fills the window in a closed loop, or offers its room to the plan in an open one; then
    /// sends once.
    mutating func refill(_ slot: Int, at now: UInt64, in reactor: inout Reactor) {
        if isOpenLoop {
            offer(slot)
        } else if phase == .loading {
            var room = slots[slot].room
            if startsLeft != .max {
                room = min(room, max(0, startsLeft))
                startsLeft -= room
            }
            for _ in 0..<room { assign(slot, planned: now, at: now) }
        }
        flush(slot, at: now, in: &reactor)
    }

    private mutating func offer(_ slot: Int) {
        guard !slots[slot].isAvailable, slots[slot].room > 0 else { return }
        slots[slot].isAvailable = true
        available.append(slot)
    }

    private mutating func assign(_ slot: Int, planned: UInt64, at now: UInt64) {
        let request = OutstandingRequest(
            sequence: sequence, planned: planned, sent: now, kind: source.kind(of: sequence))
        sequence &+= UInt64(plan.threadCount)
        outstandingCount &+= 1
        slots[slot].http.requestSent(request)
        slots[slot].enqueue(request, from: source, at: now)
        recorder.requestSent(planned: planned, sent: now)
    }

    /// Hands every request that is due to a connection with room, as long as there is one.
    private mutating func dispatchDue(at now: UInt64, in reactor: inout Reactor) {
        guard phase == .loading || phase == .draining else { return }
        while let planned = plannedStart, planned <= now, planned < measuredEnd {
            if let deadline = plan.options.deadline, now - planned > deadline {
                takeFromPlan(now)
                recorder.requestFailed(
                    .deadline, detail: 0, connection: plan.connections.lowerBound,
                    planned: planned, now: now)
                continue
            }
            guard let slot = nextAvailable() else { break }
            takeFromPlan(now)
            assign(slot, planned: planned, at: now)
            if !slots[slot].isTouched {
                slots[slot].isTouched = true
                touched.append(slot)
            }
            offer(slot)
        }
        for index in 0..<touched.count {
            let slot = touched[index]
            slots[slot].isTouched = false
            flush(slot, at: now, in: &reactor)
        }
        touched.removeAll(keepingCapacity: true)
    }

    private mutating func takeFromPlan(_ now: UInt64) {
        let origin = isMeasuring ? measuredStart : loadStart
        let taken = cursor?.takeDue(now: now - origin)
        assert(taken != nil)
    }

    /// The connection that has waited longest and still has room.
    private mutating func nextAvailable() -> Int? {
        while let slot = available.popFirst() {
            slots[slot].isAvailable = false
            if slots[slot].room > 0 { return slot }
        }
        return nil
    }

    /// Sends once what is ready, and watches for room only while something is left.
    mutating func flush(_ slot: Int, at now: UInt64, in reactor: inout Reactor) {
        guard slots[slot].state == .open else { return }
        let count = slots[slot].send(from: source)
        if count > 0 { recorder.bytesSent(count, now: now) }
        if let errno = slots[slot].sendFailure, ErrorClass.writeFailure(errno: errno) == .write {
            // Of a reset an event will tell, behind the answers that came before it; of this not.
            lose(slot, .write, detail: Int(errno), at: now)
            return
        }
        let wanted: Interest = slots[slot].isFlushed ? .readable : [.readable, .writable]
        if wanted != slots[slot].interest { watch(slot, for: wanted, in: reactor) }
        guard
            let deadline = slots[slot].deadline(timeout: timeout, connectTimeout: connectTimeout)
        else { return }
        reactor.schedule(slot: slot, at: Instant(nanoseconds: deadline))
    }

    private mutating func sendHeldBody(_ slot: Int, at now: UInt64, in reactor: inout Reactor) {
        slots[slot].enqueueHeldBody(from: source)
        flush(slot, at: now, in: &reactor)
    }
}
