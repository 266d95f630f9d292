internal import Containers
internal import HTTP1
internal import HTTPEngine

// Answers of asynchronous and streaming handlers that leave piece by piece.

extension Response {
    /// Sends more of the body, after the head if that has not left. Suspends while more than about
    /// 64 KiB wait for the client, so a slow one costs a bounded buffer. Each write is one chunk, or
    /// several when it is large; an empty one sends nothing but the head.
    ///
    ///     for line in lines {
    ///         try await response.write(line)
    ///     }
    ///
    /// What was sent or appended before the first write is the beginning of the body. With the first
    /// write the head leaves, and can change no more. The end comes when the handler returns.
    ///
    /// - Throws: `StreamError` when nobody will get these bytes, `CancellationError` when the task is
    ///   cancelled while it waits. A handler that throws once the head has left breaks the answer
    ///   off: the connection is reset, so that the client can tell.
    public mutating func write(_ bytes: Span<UInt8>) async throws {
        let exchange = try await begin()
        try await Self.send(bytes, compressor, to: exchange)
    }

    /// Sends more of the body.
    public mutating func write(_ bytes: [UInt8]) async throws {
        try await write(bytes.span)
    }

    /// Sends more of the body.
    public mutating func write(_ text: String) async throws {
        try await write(Array(text.utf8).span)
    }

    /// Sends the head, if it has not left, and suspends until all that was written is with the
    /// kernel. Writes leave by themselves at the end of the loop's turn: this is for who must know.
    ///
    /// - Throws: As `write`.
    public mutating func flush() async throws {
        let exchange = try await begin()
        do throws(StreamFailure) {
            try await exchange.flush()
        } catch {
            throw Self.error(for: error)
        }
    }

    /// Adds a trailer field, which follows a chunked body (RFC 9110 §6.5); for any other body there
    /// is no place, and it is dropped. May be called until the handler returns. Clients learn of
    /// trailers by a `Trailer` field of your own in the head.
    ///
    /// - Throws: `InvalidField` as `addField`, and for fields that RFC 9110 §6.5.1 does not allow
    ///   there: those of framing, routing, authentication and content.
    public mutating func addTrailer(_ name: String, _ value: String) throws(InvalidField) {
        guard !Self.isForbiddenInTrailers(name) else {
            throw InvalidField(
                name: name,
                description:
                    "field \(name): it means nothing in a trailer section (RFC 9110 §6.5.1)")
        }
        var line = ResponseMessage()
        do {
            try line.appendField(name: name.utf8.span, value: value.utf8.span)
        } catch {
            throw InvalidField(name: name, error)
        }
        trailers += Array(copying: line.fields.span)
    }

    private static func isForbiddenInTrailers(_ name: String) -> Bool {
        [
            "content-length", "transfer-encoding", "host", "connection", "keep-alive", "trailer",
            "te", "upgrade", "content-encoding", "content-type", "content-range", "set-cookie",
            "authorization", "www-authenticate", "cache-control", "expires", "location",
            "retry-after", "vary", "age", "date",
        ].contains(name.lowercased())
    }

    /// Makes this answer a stream of server-sent events (HTML §9.2): its head leaves now, with the
    /// type `text/event-stream`, and the events follow.
    ///
    ///     var events = try await response.events()
    ///     try await events.send(ServerSentEvent("hello"))
    ///
    /// - Throws: As `write`.
    public mutating func events() async throws -> EventStream {
        try EventStream.prepare(&self)
        let exchange = try await begin()
        let compressor = compressor
        do throws(StreamFailure) {
            try await compressor?.begin(exchange)
        } catch {
            throw Self.error(for: error)
        }
        return EventStream { bytes in
            try await Self.send(bytes.span, compressor, to: exchange)
        } beat: { heartbeat in
            exchange.setHeartbeat(
                compressor == nil ? EventStream.heartbeat : BodyCompressor.heartbeat,
                every: heartbeat.map { UInt64($0 / .nanoseconds(1)) })
        }
    }

    /// Lets the head leave, once.
    private mutating func begin() async throws -> DeferredExchange {
        guard let conversation else { throw StreamError.notStreaming }
        let exchange = conversation.exchange
        if isHeadSent { return exchange }
        isBeginning = true
        conversation.finishHead(&self)
        isHeadSent = true
        var head = ResponseMessage()
        swap(&head, &message)
        message.status = head.status
        let beginning = Array(copying: head.body.span)
        exchange.begin(head)
        if !beginning.isEmpty { try await Self.send(beginning.span, compressor, to: exchange) }
        return exchange
    }

    private static func send(
        _ bytes: Span<UInt8>, _ compressor: BodyCompressor?, to exchange: DeferredExchange
    ) async throws {
        do throws(StreamFailure) {
            if let compressor {
                try await compressor.write(bytes, to: exchange)
            } else {
                try await exchange.write(bytes)
            }
        } catch {
            throw Self.error(for: error)
        }
    }

    private static func error(for failure: StreamFailure) -> any Error {
        StreamError(failure) ?? CancellationError()
    }
}
