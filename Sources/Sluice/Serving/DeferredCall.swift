internal import HTTPEngine

/// A request that a task answers, on its way through middleware and handler.
///
/// One object, so that the task and its answer share it by one reference.
final class DeferredCall: DeferredOperation {
    let exchange: DeferredExchange
    private let router: RouterHandler
    /// The handler's index, or why there is none.
    private let target: Int
    /// What middleware has said last.
    private let step: MiddlewareStep
    /// The middleware that has seen the request.
    private let reached: ReachedMiddleware
    private let values: RequestValues
    /// What middleware has begun of the answer; `nil`: nothing.
    private let head: HeadCopy?
    /// Held until the handler is done.
    private let permit: GatePermit?
    private let owned: OwnedRequest

    init(
        _ exchange: DeferredExchange, by router: RouterHandler, target: Int, step: MiddlewareStep,
        reached: ReachedMiddleware, values: RequestValues, head: HeadCopy?, permit: GatePermit?
    ) {
        self.exchange = exchange
        self.router = router
        self.target = target
        self.step = step
        self.reached = reached
        self.values = values
        self.head = head
        self.permit = permit
        owned = OwnedRequest(
            exchange, patterns: router.table.patterns, router.table.pattern(of: target))
    }

    /// The same call behind middleware that has been waited for.
    private init(
        _ call: DeferredCall, step: MiddlewareStep, reached: ReachedMiddleware,
        values: RequestValues
    ) {
        exchange = call.exchange
        router = call.router
        target = call.target
        head = nil
        permit = call.permit
        owned = call.owned
        self.step = step
        self.reached = reached
        self.values = values
    }

    /// Goes through the rest of the request: what its task does.
    ///
    /// The usual way, an asynchronous handler whose body is there, is written out in this function;
    /// each asynchronous function on the way has a frame of its own in the task's memory, which the
    /// runtime takes by the kibibyte. So this one's frame must stay below that, too.
    func run() async {
        var response = begunResponse()
        var call = self
        if case .wait = step { call = await runMiddleware(&response) }
        response.conversation = call
        do {
            if let handler = call.asynchronousHandler, let body = call.takeWholeBody() {
                let owned = owned
                try await handler.handle(owned.request(body: body.span, call.values), &response)
            } else if case .next = call.step {
                try await call.callHandler(&response)
            }
        } catch {
            fail(error, &response)
        }
        end(call, &response)
    }

    @inline(never)
    private func begunResponse() -> Response {
        var message = exchange.takeMessage()
        if let head { message.begin(as: head) }
        return Response(message)
    }

    private var asynchronousHandler: AsynchronousHandler? {
        guard case .next = step, target >= 0,
            case .asynchronous(let handler) = router.table.details[target].handler
        else { return nil }
        return handler
    }

    /// Calls the handler, whatever it is, with a body that may have to be waited for.
    private func callHandler(_ response: inout Response) async throws {
        guard target >= 0 else {
            refuse(&response)
            return
        }
        let owned = owned
        switch router.table.details[target].handler {
        case .asynchronous(let handler):
            let bytes = try await collectBody()
            try await handler.handle(owned.request(body: bytes.span, values), &response)
        case .streaming(let handler):
            let body = RequestBody(exchange: exchange, decoding: values[BodyDecodingKey.self])
            try await handler.handle(
                StreamingRequest(owned: owned, body: body, values: values), &response)
        case .synchronous(let handler):
            let bytes = try await collectBody()
            try handler.handle(owned.request(body: bytes.span, values), &response)
        }
    }

    /// Lets middleware look at the head before it leaves.
    func finishHead(_ response: inout Response) {
        if reached.count > 0 {
            let owned = owned
            router.table.runAfter(reached, owned.request(body: Span(), values), &response)
        }
        router.finishHead(values, &response.message)
    }

    /// Waits for what middleware waits for, and goes on with what is left of it.
    private func runMiddleware(_ response: inout Response) async -> DeferredCall {
        let owned = owned
        var (step, reached, values) = (step, reached, values)
        do {
            while case .wait(let work) = step {
                values.merge(try await work())
                var request = owned.request(body: Span(), values)
                step = try router.table.runBefore(&reached, &request, &response)
                values = request.values
            }
        } catch {
            step = .respond
            fail(error, &response)
        }
        return DeferredCall(self, step: step, reached: reached, values: values)
    }

    /// The body, where all of it is there and is what the handler is to see.
    @inline(never)
    private func takeWholeBody() -> [UInt8]? {
        values[BodyDecodingKey.self] == nil ? exchange.takeWholeBody() : nil
    }

    /// The engine holds it to the route's limit, and its decoding to another.
    private func collectBody() async throws -> [UInt8] {
        let body = RequestBody(exchange: exchange, decoding: values[BodyDecodingKey.self])
        return try await body.collect(upTo: .max)
    }

    private func refuse(_ response: inout Response) {
        let owned = owned
        router.refuse(owned.view(body: Span()), target, &response.message)
    }

    /// Answers an error, or breaks the answer off where it has begun.
    @inline(never)
    private func fail(_ error: any Error, _ response: inout Response) {
        let owned = owned
        guard response.isHeadSent else {
            router.errors.answer(thrown: error, to: owned.view(body: Span()), &response.message)
            return
        }
        if error as? StreamError == .noBody { return }
        router.errors.note(
            error, whileAnswering: owned.view(body: Span()), requestID: values.requestID)
        exchange.fail()
    }

    /// Tells who watches the request.
    private func ended(_ message: borrowing ResponseMessage, isBrokenOff: Bool) {
        guard let attendant = router.attendant else { return }
        let failure: RequestEnding.Failure? =
            switch exchange.abandonment {
            case .clientGone: .clientGone
            case .deadline: .deadline
            case nil: isBrokenOff ? .brokenOff : nil
            }
        attendant.ended(values, message, failure)
    }

    @inline(never)
    private func end(_ call: DeferredCall, _ response: inout Response) {
        if response.isHeadSent {
            let isBrokenOff = exchange.isBrokenOff
            response.compressor?.finish(exchange)
            exchange.end(trailers: response.trailers)
            call.ended(response.message, isBrokenOff: isBrokenOff)
        } else {
            call.finishHead(&response)
            call.ended(response.message, isBrokenOff: false)
            var message = ResponseMessage()
            swap(&message, &response.message)
            exchange.finish(message)
        }
        exchange.handlerEnded()
    }
}
