internal import Containers
internal import HTTP1
internal import HTTPEngine

/// The router as the engine sees it.
final class RouterHandler: RequestHandler {
    let table: RouteTable
    let maxBodyByteCount: Int
    let errors: ErrorResponder
    /// `nil`: requests are neither named nor watched.
    let attendant: RequestAttendant?
    /// What exchanges are labelled with that no route is there for; routes have their index and 1.
    private let unmatched: UInt32

    init(
        table: RouteTable, maxBodyByteCount: Int, errors: ErrorResponder,
        attendant: RequestAttendant? = nil
    ) {
        unmatched = UInt32(table.targets.count + 1)
        self.table = table
        self.maxBodyByteCount = maxBodyByteCount
        self.errors = errors
        self.attendant = attendant
    }

    func admit(_ request: borrowing RequestView) -> BodyAdmission {
        let target = target(of: request)
        guard target >= 0 else { return .refuse }
        let own = table.targets[target].maxBodyByteCount
        let maxByteCount = own < 0 ? maxBodyByteCount : own
        return table.targets[target].isPlain
            ? .collect(maxByteCount: maxByteCount) : .stream(maxByteCount: maxByteCount)
    }

    func handle(_ request: borrowing RequestView, into message: inout ResponseMessage) {
        if attendant != nil {
            handleAttended(request, &message)
            return
        }
        let target = target(of: request)
        message.label = label(of: target)
        guard target >= 0, table.targets[target].isPlain else {
            handleGuarded(request, target, RequestValues(), &message)
            return
        }
        var response = Response(message)
        do {
            try table.runPlain(target, request, &response)
            message = response.release()
        } catch {
            message = response.release()
            errors.answer(thrown: error, to: request, &message)
        }
    }

    private func label(of target: Int) -> UInt32 {
        target >= 0 ? UInt32(target + 1) : unmatched
    }

    // MARK: What is not plain

    /// Names a request, and then goes on as with others that are not plain.
    private func handleAttended(
        _ view: borrowing RequestView, _ message: inout ResponseMessage
    ) {
        var values = RequestValues()
        var failure: (any Error)?
        do {
            try attendant?.begin(view, &values, &message)
        } catch {
            failure = error
        }
        let target = target(of: view)
        message.label = label(of: target)
        guard let failure else {
            handleGuarded(view, target, values, &message)
            return
        }
        errors.answer(thrown: failure, to: view, &message)
        attendant?.end(values, &message)
    }

    /// Takes a request through middleware and a handler of any kind, or to its refusal; as far as
    /// that goes without a task.
    private func handleGuarded(
        _ view: borrowing RequestView, _ target: Int, _ values: RequestValues,
        _ message: inout ResponseMessage
    ) {
        var reached = ReachedMiddleware(range: middleware(around: target, view))
        guard target >= 0 || reached.range.count > 0 else {
            refuse(view, target, &message)
            attendant?.end(values, &message)
            return
        }
        if reached.range.count == 0, attendant == nil, table.details[target].gate == nil,
            needsTask(.next, target, message)
        {
            startOnly(view, target, reached, &message)
            return
        }
        // A copy of a reference: a class's own array cannot be borrowed for so long.
        let patterns = table.patterns
        var request = Request(copy view, patterns: patterns.span, table.pattern(of: target))
        request.values = values
        if target >= 0 { attendant?.routeFound(request) }
        var response = Response(message)
        var isDeferred = false
        do {
            let step = try table.runBefore(&reached, &request, &response)
            let permit = try enter(target, after: step)
            if target >= 0, !step.isAnswer { attendant?.admitted(&request) }
            if needsTask(step, target, response.message) {
                try startTask(
                    view, target, step, reached, request.values, permit, &response.message)
                isDeferred = true
            } else if case .next = step {
                try withExtendedLifetime(permit) {
                    try answer(request, target, view, &response)
                }
            }
        } catch {
            errors.answer(thrown: error, to: view, &response.message)
        }
        if !isDeferred {
            table.runAfter(reached, request, &response)
            noteUser(in: request.values, &response.message)
            attendant?.end(request.values, &response.message)
        }
        message = response.release()
    }

    /// Tells observers who has asked.
    private func noteUser(in values: RequestValues, _ message: inout ResponseMessage) {
        if let user = values[AuthenticatedUser.self] { message.makeNotes().user = user.name }
    }

    /// Makes the head of a task's answer ready to leave.
    func finishHead(_ values: RequestValues, _ message: inout ResponseMessage) {
        noteUser(in: values, &message)
        attendant?.finishHead(&message)
    }

    /// A place behind the route's gate, if it has one, for what has not been answered yet.
    private func enter(_ target: Int, after step: MiddlewareStep) throws(HTTPError) -> GatePermit? {
        if case .respond = step { return nil }
        return target >= 0 ? try table.details[target].gate?.enter() : nil
    }

    /// What stands around a target, or around the refusal of a request that has none.
    private func middleware(
        around target: Int, _ view: borrowing RequestView
    ) -> MiddlewareRange {
        if target >= 0 { return table.targets[target].middleware }
        guard target == RouteTable.noMethod else { return table.routerMiddleware }
        return table.middleware(at: view.bytes.extracting(view.line.path))
    }

    private func needsTask(
        _ step: MiddlewareStep, _ target: Int, _ message: borrowing ResponseMessage
    ) -> Bool {
        switch step {
        case .wait: return true
        case .respond: return false
        case .next: break
        }
        guard target >= 0 else { return false }
        if case .synchronous = table.details[target].handler { return message.bodyFollows }
        return true
    }

    private func answer(
        _ request: borrowing Request, _ target: Int, _ view: borrowing RequestView,
        _ response: inout Response
    ) throws {
        guard target >= 0 else {
            refuse(view, target, &response.message)
            return
        }
        if case .synchronous(let handler) = table.details[target].handler {
            try handler.handle(request, &response)
        }
    }

    /// What nothing comes before but its task.
    private func startOnly(
        _ view: borrowing RequestView, _ target: Int, _ reached: ReachedMiddleware,
        _ message: inout ResponseMessage
    ) {
        do {
            try startTask(view, target, .next, reached, RequestValues(), nil, &message)
        } catch {
            errors.answer(thrown: error, to: view, &message)
        }
    }

    /// - Throws: When there is no room for another task.
    private func startTask(
        _ view: borrowing RequestView, _ target: Int, _ step: MiddlewareStep,
        _ reached: ReachedMiddleware, _ values: RequestValues, _ permit: GatePermit?,
        _ message: inout ResponseMessage
    ) throws(HTTPError) {
        var timeLimit: TimeLimit?
        if target >= 0, let deadline = table.details[target].deadline {
            timeLimit = TimeLimit(
                nanoseconds: deadline, status: table.details[target].deadlineStatus)
        }
        let head = message.isUntouched ? nil : HeadCopy(message)
        // Also for what the engine answers in the task's place.
        noteUser(in: values, &message)
        guard let runner = message.deferAnswer(to: view, within: timeLimit) else {
            throw HTTPError(
                .serviceUnavailable, code: "too_many_tasks",
                message: "too many requests are being answered", fields: [("Retry-After", "1")])
        }
        let call = DeferredCall.of(runner, by: self)
        call.begin(
            target: target, step: step, reached: reached, values: values, head: head,
            permit: permit)
        message.start(runner, call)
    }

    func fail(_ failure: RequestFailure, into message: inout ResponseMessage) {
        attendant?.begin(&message)
        errors.answer(failure, &message)
        attendant?.finishHead(&message)
    }

    func fail(
        _ failure: RequestFailure, of request: borrowing RequestView,
        into message: inout ResponseMessage
    ) {
        guard let attendant else {
            errors.answer(failure, to: request, &message)
            return
        }
        let values = attendant.begin(failure, of: request, &message)
        errors.answer(failure, to: request, &message)
        attendant.end(values, &message)
    }

    /// The index of the handler, or why there is none: `RouteTable.noMethod`, `RouteTable.noPath`.
    private func target(of request: borrowing RequestView) -> Int {
        let path = request.received.value.head.line.path
        switch request.received.value.head.line.targetForm {
        case .origin:
            return target(of: request.bytes.extracting(path), request)
        case .absolute:
            guard !request.line.isServerWide else { return RouteTable.noPath }
            guard !path.isEmpty else { return target(of: "/".utf8.span, request) }
            return target(of: request.bytes.extracting(path), request)
        case .authority, .asterisk:
            return RouteTable.noPath
        }
    }

    @inline(__always)
    private func target(of path: Span<UInt8>, _ request: borrowing RequestView) -> Int {
        let method = request.received.value.head.line.method
        let target = table.findSpelled(path, method)
        guard target < 0 else { return target }
        return table.find(path, method, name: request.bytes.extracting(request.line.methodRange))
    }

    /// Answers what no handler is there for (RFC 9110 §9.1, §9.3.7, §15.5.6).
    func refuse(
        _ request: borrowing RequestView, _ target: Int, _ message: inout ResponseMessage
    ) {
        let line = request.line
        if case .other = line.method,
            !table.knows(request.bytes.extracting(line.methodRange))
        {
            errors.answer(HTTPError(.notImplemented), to: request, &message)
            return
        }
        var allow = table.refusals.serverAllow
        if !line.isServerWide, line.targetForm != .authority {
            guard target != RouteTable.noPath, let own = allowed(at: request) else {
                refuseUnknownPath(request, &message)
                return
            }
            allow = own
        }
        switch line.method {
        case .options:
            message.status = 204
            // Method names are tokens, so the value is right by construction.
            try? message.appendField(name: "Allow".utf8.span, value: allow.utf8.span)
        case .get, .head, .post, .put, .delete, .patch, .trace, .connect, .other:
            errors.answer(
                HTTPError(.methodNotAllowed, fields: [("Allow", allow)]), to: request, &message)
        }
        // A client that has asked for a tunnel may go on in another protocol.
        if line.targetForm == .authority { message.closesConnection = true }
    }

    /// Answers where nothing matches: by the path that was meant, or by 404.
    private func refuseUnknownPath(
        _ request: borrowing RequestView, _ message: inout ResponseMessage
    ) {
        guard table.refusals.hasRedirects, let path = table.cleanPath(for: path(of: request)) else {
            errors.answer(HTTPError(.notFound), to: request, &message)
            return
        }
        let line = request.line
        let query = line.hasQuery ? [UInt8(ascii: "?")] + bytes(line.query, of: request) : []
        let location = PathText.encodedForLocation(path + query)
        message.status = 308
        // It holds only visible ASCII.
        try? message.appendField(name: "Location".utf8.span, value: location.span)
    }

    private func allowed(at request: borrowing RequestView) -> String? {
        let path = request.line.path
        guard !path.isEmpty else { return table.allow(at: "/".utf8.span) }
        return table.allow(at: request.bytes.extracting(path))
    }

    private func path(of request: borrowing RequestView) -> [UInt8] {
        let path = bytes(request.line.path, of: request)
        return path.isEmpty ? [UInt8(ascii: "/")] : path
    }

    private func bytes(_ range: ByteRange, of request: borrowing RequestView) -> [UInt8] {
        let bytes = request.bytes.extracting(range)
        return bytes.indices.map { bytes[$0] }
    }
}

extension RouteTable {
    /// Runs the handler of a plain target. A function of the table, because what a request borrows of
    /// a class's stored property could not outlive that one access.
    @inline(__always)
    func runPlain(
        _ target: Int, _ view: borrowing RequestView, _ response: inout Response
    ) throws {
        let request = Request(copy view, patterns: patterns.span, targets[target].pattern)
        try handlers[target].handle(request, &response)
    }

    /// Where a target's pattern stands in `patterns`; empty where there is no target.
    func pattern(of target: Int) -> TextRange {
        target >= 0 ? targets[target].pattern : TextRange(start: 0, count: 0)
    }
}
