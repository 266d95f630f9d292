internal import HTTPEngine
internal import Presentation
internal import Synchronization
internal import Syscalls

/// The live dashboard: a page, and the stream of events that it draws.
///
/// A stream begins with what the server is and with its last minutes, goes on with a frame each
/// second, and ends when a drain has nothing else left to answer.
final class Dashboard: Sendable {
    static let path = "/_dashboard"
    static let eventsPath = "/_dashboard/events"

    /// Dashboards that are fed at once; the next hear 503. Each costs a task and, in the thread
    /// pool, a worker.
    static let maxStreamCount = 16

    /// How often a stream looks for a new second, and for a drain.
    private static let pause = Duration.milliseconds(200)

    private let pages: StatusPages
    /// How long of a drain a stream may be the last to be answered.
    private let drainTime: Duration
    /// Streams that are open now.
    private let streamCount = Atomic<Int>(0)

    init(_ pages: StatusPages, drainTimeout: Duration) {
        self.pages = pages
        // Without a limit for the drain there is none that a stream could break.
        drainTime = drainTimeout > .zero ? drainTimeout / 2 : .seconds(3_600)
    }

    /// Sends events until the client goes or the server has nothing else to do.
    func feed(_ events: inout EventStream) async throws {
        streamCount.add(1, ordering: .relaxed)
        defer { streamCount.subtract(1, ordering: .relaxed) }
        try await events.send(
            ServerSentEvent(data: hello.compactText, event: "hello", retry: .seconds(1)))
        var last = 0
        let frames = pages.history.frames(after: last)
        last = frames.last?.sequence ?? last
        try await events.send(ServerSentEvent(data: Self.history(frames), event: "history"))
        while !isDone {
            for frame in pages.history.frames(after: last) {
                last = frame.sequence
                try await events.send(
                    ServerSentEvent(
                        data: live(frame), event: "frame", id: "\(frame.sequence)"))
            }
            try await Task.sleep(for: Self.pause)
        }
        try await events.send(ServerSentEvent(data: live(nil), event: "end"))
    }

    /// The server is stopping, and nothing is left but dashboards; or too much of its time is over.
    private var isDone: Bool {
        guard let elapsed = pages.inside.drainElapsed else { return false }
        return inFlightCount == 0 || Duration.nanoseconds(Int64(clamping: elapsed)) > drainTime
    }

    /// Requests under way but for the dashboards' own.
    private var inFlightCount: Int {
        let snapshot = pages.inside.statistics.snapshot()
        let (begun, ended) = (snapshot[.begunRequests], snapshot[.endedRequests])
        let streams = streamCount.load(ordering: .relaxed)
        return max(0, Int(clamping: begun) - Int(clamping: ended) - streams)
    }

    // MARK: What is sent

    /// What does not change.
    private var hello: JSONValue {
        let inside = pages.inside
        return .object([
            .init("version", .string(pages.version)), .init("engine", .string(inside.engineName)),
            .init("instance", .string(inside.instanceID)),
            .init("started_ms", .integer(Int(inside.startTime) * 1_000)),
            .init("threads", .integer(inside.statistics.threadCount)),
            .init("frames", .integer(pages.history.frameCount)),
        ])
    }

    /// The last minutes.
    private static func history(_ frames: [StatusFrame]) -> String {
        "[" + frames.map { "{\($0.members)}" }.joined(separator: ",") + "]"
    }

    /// A second with what only the present has: routes, and the state of a drain.
    private func live(_ frame: StatusFrame?) -> String {
        var text = "{"
        if let frame { text += frame.members + "," }
        text += "\"state\":\"\(pages.inside.phase)\",\"in_flight\":\(inFlightCount)"
        if let elapsed = pages.inside.drainElapsed {
            text += ",\"drain_ms\":\(elapsed / 1_000_000)"
        }
        return text + ",\"routes\":\(pages.history.busiest)}"
    }
}
