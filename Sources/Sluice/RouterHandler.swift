internal import HTTP1
internal import HTTPEngine

/// The router as the engine sees it.
final class RouterHandler: RequestHandler {
    let table: RouteTable
    let maxBodyByteCount: Int
    let errors: ErrorResponder

    init(table: RouteTable, maxBodyByteCount: Int, errors: ErrorResponder) {
        self.table = table
        self.maxBodyByteCount = maxBodyByteCount
        self.errors = errors
    }

    func admit(_ request: borrowing RequestView) -> BodyAdmission {
        handler(for: request) == nil ? .refuse : .collect(maxByteCount: maxBodyByteCount)
    }

    func handle(_ request: borrowing RequestView, into message: inout ResponseMessage) {
        guard let handler = handler(for: request) else {
            refuse(request, &message)
            return
        }
        var response = Response(message)
        do {
            var request = Request(copy request)
            if !table.hooks.isEmpty {
                for hook in table.hooks { try hook.run(&request, &response) }
            }
            try handler.handle(request, &response)
            message = response.release()
        } catch {
            message = response.release()
            errors.answer(thrown: error, to: request, &message)
        }
    }

    func fail(_ failure: RequestFailure, into message: inout ResponseMessage) {
        errors.answer(HTTPError(failure), &message)
    }

    func fail(
        _ failure: RequestFailure, of request: borrowing RequestView,
        into message: inout ResponseMessage
    ) {
        errors.answer(HTTPError(failure), to: request, &message)
    }

    private func handler(for request: borrowing RequestView) -> RouteHandler? {
        // `line` is read part by part: as a whole it would be copied.
        guard !request.line.isServerWide, let route = route(of: request) else { return nil }
        switch request.line.method {
        case .other:
            return table.handler(
                at: route, forOther: request.bytes.extracting(request.line.methodRange))
        case let method:
            return table.handler(at: route, for: method)
        }
    }

    /// `nil` where the target has no path of ours.
    private func route(of request: borrowing RequestView) -> Int? {
        switch request.line.targetForm {
        case .authority, .asterisk: return nil
        case .origin, .absolute: break
        }
        let path = request.line.path
        guard !path.isEmpty else { return table.find("/".utf8.span) }
        return table.find(request.bytes.extracting(path))
    }

    /// Answers what no handler is there for (RFC 9110 §9.1, §9.3.7, §15.5.6).
    private func refuse(_ request: borrowing RequestView, _ message: inout ResponseMessage) {
        let line = request.line
        if case .other = line.method,
            !table.knows(request.bytes.extracting(line.methodRange))
        {
            errors.answer(HTTPError(.notImplemented), to: request, &message)
            return
        }
        var allow = table.allow
        if !line.isServerWide, line.targetForm != .authority {
            guard let route = route(of: request) else {
                errors.answer(HTTPError(.notFound), to: request, &message)
                return
            }
            allow = table.routes[route].allow
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
}
