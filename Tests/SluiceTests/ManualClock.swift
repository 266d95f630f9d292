import Synchronization

/// Time that goes on only when a test says so.
final class ManualClock: Clock {
    struct Instant: InstantProtocol {
        var sinceStart: Duration

        func advanced(by duration: Duration) -> Instant {
            Instant(sinceStart: sinceStart + duration)
        }

        func duration(to other: Instant) -> Duration { other.sinceStart - sinceStart }

        static func < (left: Instant, right: Instant) -> Bool {
            left.sinceStart < right.sinceStart
        }
    }

    private struct State {
        var now = Instant(sinceStart: .zero)
        var sleepers: [Int: (alarm: Instant, task: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
        var nextID = 0
        var readCount = 0
    }

    private let state = Mutex(State())

    let minimumResolution = Duration.nanoseconds(1)

    var now: Instant {
        state.withLock { state in
            state.readCount += 1
            return state.now
        }
    }

    /// How often somebody has looked at it, which tells how far they are.
    var readCount: Int { state.withLock { $0.readCount } }

    /// When those who sleep want to wake, since the start.
    var alarms: [Duration] {
        state.withLock { $0.sleepers.values.map(\.alarm.sinceStart).sorted() }
    }

    func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let woken = state.sleepers.filter { $0.value.alarm <= state.now }
            for id in woken.keys { state.sleepers[id] = nil }
            return woken.values.map(\.task)
        }
        for task in woken { task.resume() }
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (task: CheckedContinuation<Void, any Error>) in
                state.withLock { state in
                    if state.cancelled.contains(id) {
                        task.resume(throwing: CancellationError())
                    } else if deadline <= state.now {
                        task.resume()
                    } else {
                        state.sleepers[id] = (deadline, task)
                    }
                }
            }
        } onCancel: {
            let task = state.withLock { state in
                state.cancelled.insert(id)
                return state.sleepers.removeValue(forKey: id)?.task
            }
            task?.resume(throwing: CancellationError())
        }
    }
}
