//   sequence ──put──► [ event ] ──next──► the task that sends
//   clock ──tick── only while that waits ──┘
//
// Theory of operation: three tasks share a stream. One iterates the user's sequence, one sleeps, and
// the one that owns the response does all the writing, so that events and heartbeats never mix. It
// waits in `next`; the others never wait for each other. The iterating one puts an event in and
// waits until it is taken. The sleeping one does not move its alarm for each event: it wakes, finds
// when the stream last was quiet, and sleeps for what is left of the time, so that an event costs no
// timer. While an event is being written no heartbeat is due: either bytes flow, or there are
// already more than the client takes.

internal import Synchronization

/// Brings events and heartbeats to the task that sends them.
final class EventMailbox<Time: Clock>: Sendable where Time.Duration == Duration {
    private struct State {
        /// The event that waits to be taken.
        var event: ServerSentEvent?
        /// Who put it in, and waits until it is taken.
        var putter: CheckedContinuation<Void, Never>?
        /// Who waits in `next`. Invariant: there is no event then, and no end.
        var taker: CheckedContinuation<ServerSentEvent?, any Error>?
        /// How the sequence ended.
        var end: Result<Void, any Error>?
        /// Nobody takes any more.
        var isClosed = false
        /// When the sender last was done with writing.
        var quietSince: Time.Instant
    }

    private let clock: Time
    private let heartbeat: Duration
    private let state: Mutex<State>

    init(clock: Time, heartbeat: Duration) {
        self.clock = clock
        self.heartbeat = heartbeat
        state = Mutex(State(quietSince: clock.now))
    }

    // MARK: The task that sends

    /// What to send next: an event, or a heartbeat when none comes in time; `nil` at the end.
    func next() async throws -> ServerSentEvent? {
        try await withCheckedThrowingContinuation { taker in
            let putter = state.withLock { state -> CheckedContinuation<Void, Never>? in
                state.quietSince = clock.now
                if let event = state.event.take() {
                    taker.resume(returning: event)
                    return state.putter.take()
                }
                if let end = state.end {
                    taker.resume(with: end.map { nil })
                } else {
                    state.taker = taker
                }
                return nil
            }
            putter?.resume()
        }
    }

    /// Nothing is taken any more; lets go of who waits for that.
    func close() {
        let putter = state.withLock { state in
            state.isClosed = true
            return state.putter.take()
        }
        putter?.resume()
    }

    // MARK: The task that iterates

    /// Puts in all events of a sequence, and how it ended.
    func fill<Events: AsyncSequence>(from events: Events) async
    where Events.Element == ServerSentEvent {
        do {
            for try await event in events {
                guard await put(event) else { return }
            }
            end(.success(()))
        } catch {
            end(.failure(error))
        }
    }

    /// Returns when the event has been taken; false when nobody will take more.
    private func put(_ event: ServerSentEvent) async -> Bool {
        await withCheckedContinuation { putter in
            let isTaken = state.withLock { state in
                if state.isClosed { return true }
                if let taker = state.taker.take() {
                    taker.resume(returning: event)
                    return true
                }
                state.event = event
                state.putter = putter
                return false
            }
            if isTaken { putter.resume() }
        }
        return state.withLock { !$0.isClosed }
    }

    /// The sequence, or the time, has come to its end; the first says how.
    private func end(_ end: Result<Void, any Error>) {
        let taker = state.withLock { state in
            state.end = state.end ?? end
            return state.taker.take()
        }
        taker?.resume(with: end.map { nil })
    }

    // MARK: The task that sleeps

    /// Sends heartbeats until it is cancelled, which ends the stream as well.
    func keepTime() async {
        var alarm = clock.now.advanced(by: heartbeat)
        do {
            while true {
                try await clock.sleep(until: alarm, tolerance: nil)
                alarm = tick()
            }
        } catch {
            end(.failure(CancellationError()))
        }
    }

    /// Brings a heartbeat if the stream has been quiet for long enough; says when to look again.
    private func tick() -> Time.Instant {
        let now = clock.now
        typealias Taker = CheckedContinuation<ServerSentEvent?, any Error>
        let (taker, alarm) = state.withLock { state -> (Taker?, Time.Instant) in
            let due = state.quietSince.advanced(by: heartbeat)
            guard state.taker != nil else { return (nil, now.advanced(by: heartbeat)) }
            guard due <= now else { return (nil, due) }
            return (state.taker.take(), now.advanced(by: heartbeat))
        }
        taker?.resume(returning: .heartbeat)
        return alarm
    }
}
