internal import HTTPEngine

/// What goes with each request of a server that names or watches them: from before its routing to
/// the end of its answer. A server that does neither has none.
final class RequestAttendant: Sendable {
    private let identifier: RequestIdentifier?
    private let instrumentation: (any Instrumentation)?
    private let startsEarly: Bool
    /// Is told of each request's trace.
    private let metrics: RequestMetrics?

    /// `nil` when there is nothing to do.
    init?(
        requestIDs: RequestIDs?, instrumentation: (any Instrumentation)?,
        metrics: RequestMetrics? = nil
    ) {
        self.metrics = metrics
        if requestIDs == nil && instrumentation == nil { return nil }
        identifier = requestIDs.map { RequestIdentifier($0) }
        self.instrumentation = instrumentation
        startsEarly = instrumentation?.startsEarly ?? false
    }

    // MARK: Requests on their way

    /// A request has come.
    ///
    /// - Throws: What the program's own names throw.
    func begin(
        _ view: borrowing RequestView, _ values: inout RequestValues,
        _ message: inout ResponseMessage
    ) throws {
        var failure: (any Error)?
        do {
            try identifier?.identify(view, &values, message.makeNotes())
        } catch {
            failure = error
        }
        if let metrics, let id = message.notes?.traceID { metrics.noteTraceID(id) }
        if startsEarly { watch(view, &values) }
        if let failure { throw failure }
    }

    /// A request has found its route. Its values have what `begin` has given to it.
    func routeFound(_ request: borrowing Request) {
        if startsEarly { request.instrumentation?.routeChosen(request.route) }
    }

    /// Nothing stands before a request's handler any more.
    func admitted(_ request: inout Request) {
        guard !startsEarly, let instrumentation,
            let watching = instrumentation.requestBegan(request)
        else { return }
        request[RequestInstrumentationKey.self] = watching
        watching.routeChosen(request.route)
    }

    /// The answer to a request is there, as a whole.
    func end(_ values: RequestValues, _ message: inout ResponseMessage) {
        finishHead(&message)
        ended(values, message, nil)
    }

    /// The answer has been made.
    func ended(
        _ values: RequestValues, _ message: borrowing ResponseMessage,
        _ failure: RequestEnding.Failure?
    ) {
        values.instrumentation?.ended(
            RequestEnding(
                status: Status(message.status), reason: message.notes?.reason, failure: failure))
    }

    /// The head of an answer is about to leave.
    func finishHead(_ message: inout ResponseMessage) {
        guard let identifier, let id = message.notes?.requestID else { return }
        // A class's own array cannot be borrowed for so long.
        let name = identifier.fieldName
        if message.hasFields { message.removeField(name: name.span) }
        // The name was looked at when the server was made, and the id is well-formed.
        try? message.appendField(name: name.span, value: id.utf8.span)
    }

    // MARK: What the engine refuses

    /// The engine is about to answer a request itself. What has a name already keeps it.
    ///
    /// - Returns: What `end` needs.
    func begin(
        _ failure: RequestFailure, of view: borrowing RequestView,
        _ message: inout ResponseMessage
    ) -> RequestValues {
        var values = RequestValues()
        if message.notes?.requestID == nil {
            // The engine's answer is worse news than the builder's.
            try? identifier?.identify(view, &values, message.makeNotes())
        }
        // Of a deadline the task tells that has missed it.
        if startsEarly, failure.kind != .deadline { watch(view, &values) }
        return values
    }

    /// The same for what never became a request.
    func begin(_ message: inout ResponseMessage) {
        identifier?.identify(message.makeNotes())
    }

    private func watch(_ view: borrowing RequestView, _ values: inout RequestValues) {
        guard let instrumentation else { return }
        let empty: [UInt8] = []
        var request = Request(copy view, patterns: empty.span, TextRange(start: 0, count: 0))
        request.values = values
        if let watching = instrumentation.requestBegan(request) {
            values[RequestInstrumentationKey.self] = watching
        }
    }
}

extension ResponseMessage {
    /// The notes of this exchange; makes them.
    mutating func makeNotes() -> ExchangeNotes {
        if let notes { return notes }
        let made = ExchangeNotes()
        notes = made
        return made
    }
}
