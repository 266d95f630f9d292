/// An answer that goes on for as long as something happens: server-sent events (HTML §9.2).
///
///     try await events.run(over: prices.map { ServerSentEvent("\($0)") })
///
/// or, for a handler that has its own loop:
///
///     events.setHeartbeat(every: .seconds(15))
///     try await events.send(ServerSentEvent("hello"))
public struct EventStream: ~Copyable {
    /// How long a stream is quiet before a heartbeat is sent: less than what proxies wait for by
    /// default (nginx: 60 s), and often enough to notice that a client has gone.
    public static let defaultHeartbeat = Duration.seconds(15)

    /// The comment, encoded.
    static let heartbeat = {
        var bytes: [UInt8] = []
        ServerSentEvent.heartbeat.encode(into: &bytes)
        return bytes
    }()

    private let write: ([UInt8]) async throws -> Void
    private let beat: (Duration?) -> Void
    /// The event that is being sent; keeps its memory for the next.
    private var bytes: [UInt8] = []

    /// A stream whose events are written by a closure: one call at a time, each a whole event that
    /// should leave at once. Where there is too much unsent output it waits; when the client has
    /// gone it throws.
    ///
    /// - Parameter beat: Sends heartbeats whenever nothing was written for so long; `nil`: none.
    package init(
        write: @escaping ([UInt8]) async throws -> Void,
        beat: @escaping (Duration?) -> Void = { _ in }
    ) {
        self.write = write
        self.beat = beat
    }

    /// Makes the head of an answer that of an event stream: its type; `Cache-Control: no-store`,
    /// since an event is nothing to keep; and `X-Accel-Buffering: no`, so that nginx passes on each
    /// event as it comes.
    package static func prepare(_ response: inout Response) throws(InvalidField) {
        try response.setField("Content-Type", "text/event-stream")
        try response.setField("Cache-Control", "no-store")
        try response.setField("X-Accel-Buffering", "no")
    }

    /// Sends an event. Returns when it is on its way and there is room for the next.
    ///
    /// - Throws: What the response's `write` throws, when the client has gone.
    public mutating func send(_ event: ServerSentEvent) async throws {
        bytes.removeAll(keepingCapacity: true)
        event.encode(into: &bytes)
        try await write(bytes)
    }

    /// Sends a comment, which clients pass over.
    public mutating func send(comment: String) async throws {
        try await send(.comment(comment))
    }

    /// Sends a heartbeat comment whenever nothing has been sent for so long, from now until the
    /// handler returns. The server does it by itself: no task has to wake, so a quiet stream costs a
    /// timer and a send. A client that takes nothing gets no heartbeats on top.
    ///
    /// - Parameter heartbeat: More than zero; `nil`: no more of them.
    public mutating func setHeartbeat(every heartbeat: Duration?) {
        if let heartbeat {
            precondition(heartbeat > .zero, "heartbeat \(heartbeat) is not more than zero")
        }
        // Timers know no less than a millisecond, and a century is as good as never.
        beat(heartbeat.map { min(max($0, .milliseconds(1)), .seconds(3_000_000_000)) })
    }

    /// Sends the events of a sequence as they come, and a heartbeat comment whenever nothing has
    /// been sent for a time.
    ///
    /// Returns when the sequence ends. When the client goes, the task is cancelled, and with it the
    /// iteration; this throws as soon as the sequence has ended of that.
    ///
    /// - Parameters:
    ///   - heartbeat: How long the stream may be quiet; more than zero.
    ///   - events: What to send, such as an `AsyncStream`.
    /// - Throws: What the sequence or the response's `write` throws; `CancellationError`.
    public mutating func run<Events: AsyncSequence>(
        heartbeat: Duration = defaultHeartbeat, over events: Events
    ) async throws where Events.Element == ServerSentEvent {
        setHeartbeat(every: heartbeat)
        defer { setHeartbeat(every: nil) }
        for try await event in events { try await send(event) }
        try Task.checkCancellation()
    }
}

extension Request {
    /// The id of the last event that a client has seen which connects anew (`Last-Event-ID`,
    /// HTML §9.2.4); `nil` when it has seen none, and when the field is there twice or is no UTF-8.
    /// It is what the client says: look it up, do not believe it. O(head), copies.
    public var lastEventID: String? {
        guard let index = fields.onlyIndex(of: "last-event-id") else { return nil }
        do {
            let text = String(copying: try UTF8Span(validating: fields.valueBytes(at: index)))
            return text.isEmpty ? nil : text
        } catch {
            return nil
        }
    }
}
