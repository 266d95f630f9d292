/// An answer that goes on for as long as something happens: server-sent events (HTML §9.2).
///
///     try await events.run(over: prices.map { ServerSentEvent("\($0)") })
///
/// or, for a handler that has its own loop and needs no heartbeats:
///
///     try await events.send(ServerSentEvent("hello"))
public struct EventStream: ~Copyable {
    /// How long a stream is quiet before a heartbeat is sent: less than what proxies wait for by
    /// default (nginx: 60 s), and often enough to notice that a client has gone.
    public static let defaultHeartbeat = Duration.seconds(15)

    private let write: ([UInt8]) async throws -> Void
    /// The event that is being sent; keeps its memory for the next.
    private var bytes: [UInt8] = []

    /// A stream whose events are written by a closure: one call at a time, each a whole event that
    /// should leave at once. Where there is too much unsent output it waits; when the client has
    /// gone it throws.
    package init(write: @escaping ([UInt8]) async throws -> Void) {
        self.write = write
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

    /// Sends the events of a sequence as they come, and a heartbeat comment whenever nothing has
    /// been sent for a time. While an event is being sent, at most one more is held ready.
    ///
    /// Returns when the sequence ends. When the client goes, or the task is cancelled, iteration is
    /// cancelled too, and this throws as soon as the sequence has ended of that.
    ///
    /// - Parameters:
    ///   - heartbeat: How long the stream may be quiet; more than zero.
    ///   - events: What to send, such as an `AsyncStream`. It is iterated in a child task.
    /// - Throws: What the sequence or the response's `write` throws; `CancellationError`.
    public mutating func run<Events: AsyncSequence & Sendable>(
        heartbeat: Duration = defaultHeartbeat, over events: Events
    ) async throws where Events.Element == ServerSentEvent {
        try await run(heartbeat: heartbeat, over: events, clock: ContinuousClock())
    }

    /// The same by a clock of the caller's, for tests.
    package mutating func run<Events: AsyncSequence & Sendable, Time: Clock>(
        heartbeat: Duration, over events: Events, clock: Time
    ) async throws where Events.Element == ServerSentEvent, Time.Duration == Duration {
        precondition(heartbeat > .zero, "heartbeat \(heartbeat) is not more than zero")
        let mailbox = EventMailbox(clock: clock, heartbeat: heartbeat)
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Whoever waits for the mailbox must not wait for one that nobody empties any more.
            defer {
                mailbox.close()
                group.cancelAll()
            }
            group.addTask { await mailbox.fill(from: events) }
            group.addTask { await mailbox.keepTime() }
            while let event = try await mailbox.next() { try await send(event) }
        }
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
