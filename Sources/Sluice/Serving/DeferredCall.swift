internal import HTTPEngine

/// A request that a task answers, on its way through middleware and handler.
///
/// One object, so that the task and its answer share it by one reference; and used again for what its
/// runner answers next. Changed before its task goes on, and then by its task only.
final class DeferredCall: DeferredOperation, @unchecked Sendable {
    private let runner: TaskRunner
    private let router: RouterHandler
    /// The handler's index, or why there is none.
    private var target = RouteTable.noPath
    /// What middleware has said last.
    private var step = MiddlewareStep.next
    /// The middleware that has seen the request.
    private var reached = ReachedMiddleware(range: MiddlewareRange())
    private var values = RequestValues()
    /// What middleware has begun of the answer; `nil`: nothing.
    private var head: HeadCopy?
    /// Held until the handler is done.
    private var permit: GatePermit?

    private init(_ runner: TaskRunner, by router: RouterHandler) {
        self.runner = runner
        self.router = router
    }

    /// The call of this runner, for a router that is the same for all of its requests.
    static func of(_ runner: TaskRunner, by router: RouterHandler) -> DeferredCall {
        runner.operation as? DeferredCall ?? DeferredCall(runner, by: router)
    }

    /// Becomes the call of another request.
    func begin(
        target: Int, step: MiddlewareStep, reached: ReachedMiddleware, values: RequestValues,
        head: HeadCopy?, permit: GatePermit?
    ) {
        self.target = target
        self.reached = reached
        // The rest is nothing since `forget`, as it is for most requests.
        if case .next = step {} else { self.step = step }
        if !values.isEmpty { setValues(values) }
        if let head { self.head = head }
        if let permit { self.permit = permit }
    }

    /// Lets go of all that belongs to the request. What is nothing already is not touched: an
    /// assignment lets go of what was there, which costs calls even then.
    private func forget() {
        if !values.isEmpty { setValues(RequestValues()) }
        if head != nil { head = nil }
        if permit != nil { permit = nil }
        if case .next = step {} else { step = .next }
    }

    /// Swaps, because an assignment would let go of the old ones while it lasts: the runtime would
    /// have to look after each access to them (docs/WORKAROUNDS.md).
    private func setValues(_ values: RequestValues) {
        var values = values
        swap(&self.values, &values)
    }

    /// Where its answer goes.
    var exchange: DeferredExchange { runner.exchange }

    /// The request's head, to be held while it is looked at.
    private var owned: OwnedRequest {
        OwnedRequest(exchange, patterns: router.table.patterns, router.table.pattern(of: target))
    }

    /// Goes through the rest of the request, and then through that of others: what its task does.
    ///
    /// The usual way, an asynchronous handler whose body is there, is written out in this function;
    /// each asynchronous function on the way has a frame of its own in the task's memory, which the
    /// runtime takes by the kibibyte. So this one's frame must stay below that, too.
    func run() async {
        repeat {
            var response = begunResponse()
            if case .wait = step { await runMiddleware(&response) }
            let (owned, values) = (owned, values)
            do {
                if let handler = asynchronousHandler,
                    let body = wholeBody(of: owned.exchange, values)
                {
                    try await handler.handle(owned.request(body: body.span, values), &response)
                } else if case .next = step {
                    try await callHandler(owned, values, &response)
                }
            } catch {
                fail(error, &response)
            }
            end(owned.exchange, response)
        } while await runner.next()
    }

    @inline(never)
    private func begunResponse() -> Response {
        var message = runner.takeMessage()
        if let head { message.begin(as: head) }
        var response = Response(message)
        response.conversation = self
        return response
    }

    private var asynchronousHandler: AsynchronousHandler? {
        guard case .next = step, target >= 0,
            case .asynchronous(let handler) = router.table.details[target].handler
        else { return nil }
        return handler
    }

    /// Calls the handler, whatever it is, with a body that may have to be waited for.
    private func callHandler(
        _ owned: OwnedRequest, _ values: RequestValues, _ response: inout Response
    ) async throws {
        guard target >= 0 else {
            refuse(&response)
            return
        }
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
        // A copy: see `setValues`.
        let values = values
        if reached.count > 0 {
            let owned = owned
            router.table.runAfter(reached, owned.request(body: Span(), values), &response)
        }
        router.finishHead(values, &response.message)
    }

    /// Waits for what middleware waits for, and goes on with what is left of it.
    private func runMiddleware(_ response: inout Response) async {
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
        (self.step, self.reached) = (step, reached)
        setValues(values)
    }

    /// The body, where all of it is there and is what the handler is to see.
    @inline(never)
    private func wholeBody(of exchange: DeferredExchange, _ values: RequestValues) -> [UInt8]? {
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
        let values = values
        attendant.ended(values, message, failure)
    }

    @inline(never)
    private func end(_ exchange: DeferredExchange, _ response: consuming Response) {
        if response.isHeadSent {
            let isBrokenOff = exchange.isBrokenOff
            response.compressor?.finish(exchange)
            exchange.end(trailers: response.trailers)
            ended(response.message, isBrokenOff: isBrokenOff)
            forget()
            exchange.handlerEnded()
        } else {
            finishHead(&response)
            ended(response.message, isBrokenOff: false)
            forget()
            exchange.finish(&response.message)
        }
    }
}
