internal import Presentation
internal import Synchronization
internal import Syscalls

/// What a server did in the last minutes, a frame for each second, and in the last hour, a number for
/// each minute. Any thread.
///
/// Limits: `frameCount` frames of about 1 KiB, and `seriesLength` numbers a variable for seconds and
/// for minutes.
final class StatusHistory: Sendable {
    /// Five minutes: what the dashboard draws.
    let frameCount: Int
    /// As many seconds and minutes as a series has.
    let seriesLength: Int
    /// Rates of routes are over at least so many seconds, and less than twice as many.
    static let windowSeconds = 5

    /// The numbers of one variable, the oldest first; what was not measured is not there.
    struct Series: Sendable {
        let seconds: [Double]
        /// Means of 60 seconds.
        let minutes: [Double]
    }

    private struct State {
        var sequence = 0
        var frames: [StatusFrame] = []
        var last: StatusReading?
        /// Two readings, `windowSeconds` apart: what routes did lately is what has grown since the
        /// older one.
        var older: StatusReading?
        var newer: StatusReading?
        /// What the busiest routes did lately, as the dashboard reads it.
        var busiest = "[]"
        /// The numbers of all variables, second by second.
        var seconds: [[Double]] = []
        var minutes: [[Double]] = []
    }

    private let state = Mutex(State())

    init(frameCount: Int = 300, seriesLength: Int = 60) {
        self.frameCount = frameCount
        self.seriesLength = seriesLength
    }

    /// Takes the reading of a new second in; one thread at a time. What takes long is worked out
    /// without the lock, for which the loop may wait.
    func take(_ reading: StatusReading) {
        let (last, base, sequence) = state.withLock { ($0.last, $0.older, $0.sequence + 1) }
        guard let last, let base, reading.time > last.time else {
            state.withLock { state in
                state.last = reading
                state.older = reading
                state.newer = reading
            }
            return
        }
        let frame = StatusFrame(sequence, from: last, to: reading)
        let numbers = StatusVariable.all.map { $0.number(reading, frame) }
        let busiest = BusyRoute.busiest(from: base, to: reading).json.compactText
        state.withLock { state in
            state.sequence = sequence
            state.last = reading
            state.busiest = busiest
            Self.append(frame, to: &state.frames, limit: frameCount)
            Self.append(numbers, to: &state.seconds, limit: seriesLength)
            if sequence.isMultiple(of: seriesLength) {
                Self.append(
                    Self.means(of: state.seconds), to: &state.minutes, limit: seriesLength)
            }
            if sequence.isMultiple(of: Self.windowSeconds) {
                state.older = state.newer
                state.newer = reading
            }
        }
    }

    /// The frames behind one, the oldest first: at most `frameCount`.
    func frames(after sequence: Int) -> [StatusFrame] {
        state.withLock { $0.frames.filter { $0.sequence > sequence } }
    }

    /// The last frame; `nil` in the first second.
    var latest: StatusFrame? { state.withLock { $0.frames.last } }

    /// What the busiest routes did lately, as JSON.
    var busiest: String { state.withLock { $0.busiest } }

    /// A reading of some seconds ago, to compare a new one with; `nil` before there is one.
    var base: StatusReading? { state.withLock { $0.older } }

    /// The last reading; `nil` before there is one.
    var reading: StatusReading? { state.withLock { $0.last } }

    /// The numbers of a variable, by its place in `StatusVariable.all`.
    func series(_ index: Int) -> Series {
        state.withLock { state in
            Series(
                seconds: state.seconds.map { $0[index] }, minutes: state.minutes.map { $0[index] })
        }
    }

    // MARK: Leaves

    private static func append<Element>(
        _ element: Element, to list: inout [Element], limit: Int
    ) {
        if list.count == limit { list.removeFirst() }
        list.append(element)
    }

    private static func means(of rows: [[Double]]) -> [Double] {
        guard let first = rows.first else { return [] }
        return first.indices.map { column in
            // What was not measured in a second does not count.
            let numbers = rows.map { $0[column] }.filter(\.isFinite)
            return numbers.isEmpty ? .nan : numbers.reduce(0, +) / Double(numbers.count)
        }
    }
}
