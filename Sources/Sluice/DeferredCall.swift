internal import HTTPEngine

/// A request on its way through middleware and handler, where that takes a task.
struct DeferredCall: Sendable {
    let exchange: DeferredExchange
    /// The handler's index, or why there is none.
    let target: Int
    /// What middleware has said last.
    var step: MiddlewareStep
    var reached: ReachedMiddleware
    var values: RequestValues
    /// What middleware has begun of the answer; `nil`: nothing.
    let head: HeadCopy?
    /// Held until the handler is done.
    let permit: GatePermit?
}

extension RouterHandler {
    /// Goes through the rest of a request: the body of its task.
    func run(_ call: DeferredCall) async {
        var call = call
        let owned = OwnedRequest(
            call.exchange, patterns: table.patterns, table.pattern(of: call.target))
        var response = Response(call.head.map { ResponseMessage($0) } ?? ResponseMessage())
        do {
            try await runMiddleware(&call, owned, &response)
            response.conversation = Conversation(
                call.exchange, owned, call.values, table, call.reached)
            if case .next = call.step { try await answer(call, owned, &response) }
        } catch {
            fail(error, call, owned, &response)
        }
        if response.isHeadSent {
            call.exchange.end(trailers: response.trailers)
        } else {
            table.runAfter(call.reached, owned.request(body: Span(), call.values), &response)
            call.exchange.finish(response.release())
        }
    }

    /// Waits for what middleware waits for, and goes on with what is left of it.
    private func runMiddleware(
        _ call: inout DeferredCall, _ owned: OwnedRequest, _ response: inout Response
    ) async throws {
        while case .wait(let work) = call.step {
            call.values.merge(try await work())
            var request = owned.request(body: Span(), call.values)
            call.step = try table.runBefore(&call.reached, &request, &response)
            call.values = request.values
        }
    }

    private func answer(
        _ call: DeferredCall, _ owned: OwnedRequest, _ response: inout Response
    ) async throws {
        guard call.target >= 0 else {
            refuse(owned.view(body: Span()), call.target, &response.message)
            return
        }
        let body = RequestBody(exchange: call.exchange)
        switch table.details[call.target].handler {
        case .synchronous(let handler):
            let bytes = try await body.collect(upTo: .max)
            try handler.handle(owned.request(body: bytes.span, call.values), &response)
        case .asynchronous(let handler):
            let bytes = try await body.collect(upTo: .max)
            try await handler.handle(owned.request(body: bytes.span, call.values), &response)
        case .streaming(let handler):
            try await handler.handle(
                StreamingRequest(owned: owned, body: body, values: call.values), &response)
        }
    }

    /// Answers an error, or breaks the answer off where it has begun.
    private func fail(
        _ error: any Error, _ call: DeferredCall, _ owned: OwnedRequest,
        _ response: inout Response
    ) {
        guard response.isHeadSent else {
            errors.answer(thrown: error, to: owned.view(body: Span()), &response.message)
            return
        }
        if error as? StreamError == .noBody { return }
        errors.note(error, whileAnswering: owned.view(body: Span()))
        call.exchange.fail()
    }
}
