internal import HTTPEngine
internal import Syscalls

/// Turns errors into answers, whoever has found them: handlers, the router, the engine.
struct ErrorResponder: Sendable {
    private let renderer: any ErrorRenderer
    private let log: ServerLog

    init(renderer: any ErrorRenderer, log: ServerLog) {
        self.renderer = renderer
        self.log = log
    }

    /// Answers a request.
    func answer(
        _ error: HTTPError, to request: borrowing RequestView, _ message: inout ResponseMessage
    ) {
        message.makeNotes().reason = error.code
        let requestID = message.notes?.requestID
        render(error, ErrorContext(copy request, id: nil, requestID: requestID), &message)
    }

    /// Answers a request that the engine refuses.
    func answer(
        _ failure: RequestFailure, to request: borrowing RequestView,
        _ message: inout ResponseMessage
    ) {
        note(failure, from: request.peer, &message)
        let requestID = message.notes?.requestID
        render(
            HTTPError(failure), ErrorContext(copy request, id: nil, requestID: requestID),
            &message)
    }

    /// Answers what never became a request.
    func answer(_ failure: RequestFailure, _ message: inout ResponseMessage) {
        note(failure, from: nil, &message)
        render(HTTPError(failure), ErrorContext(requestID: message.notes?.requestID), &message)
    }

    /// Answers a request whose handler threw: with the error, if it is meant for clients, else with
    /// 500 and an id that the log names too. What the handler had filled is dropped.
    func answer(
        thrown error: any Error, to request: borrowing RequestView,
        _ message: inout ResponseMessage
    ) {
        if let error = error as? HTTPError {
            answer(error, to: request, &message)
            return
        }
        if Self.isAboutTheClient(error) {
            // Its task was cancelled, or what it was read from has gone. Nobody should be left to
            // hear of it.
            answer(HTTPError(.serviceUnavailable), to: request, &message)
            return
        }
        let id = Self.makeID()
        let requestID = message.notes?.requestID
        let context = ErrorContext(copy request, id: id, requestID: requestID)
        log.write(.error, "\(Self.name(of: request)): \(error)", errorID: id, requestID: requestID)
        let answer = HTTPError(.internalServerError)
        message.makeNotes().reason = answer.code
        render(answer, context, &message)
    }

    /// Logs an error that comes too late to be answered.
    func note(
        _ error: any Error, whileAnswering request: borrowing RequestView, requestID: String?
    ) {
        if Self.isAboutTheClient(error) { return }
        log.write(
            .error, "\(Self.name(of: request)): the answer was broken off: \(error)",
            requestID: requestID)
    }

    /// What observers and the log hear of a refusal of the engine's.
    private func note(
        _ failure: RequestFailure, from peer: SocketAddress?, _ message: inout ResponseMessage
    ) {
        let notes = message.makeNotes()
        notes.reason = "\(failure.reason)"
        log.write(
            .debug,
            "refused with \(failure.status): \(failure.reason)"
                + (peer.map { ", from \($0.host)" } ?? ""), requestID: notes.requestID)
    }

    /// `GET /path`, without its query.
    private static func name(of request: borrowing RequestView) -> String {
        let context = ErrorContext(copy request, id: nil, requestID: nil)
        return "\(context.method?.rawValue ?? "-") \(context.path)"
    }

    private static func isAboutTheClient(_ error: any Error) -> Bool {
        switch error {
        case let error as StreamError: error == .clientGone || error == .deadlinePassed
        default: error is CancellationError
        }
    }

    // MARK: Helpers

    private func render(
        _ error: HTTPError, _ context: borrowing ErrorContext, _ message: inout ResponseMessage
    ) {
        var error = error
        begin(&error, &message)
        var response = Response(message)
        var failure: String?
        do {
            try renderer.render(error, context, into: &response)
        } catch {
            failure = "\(error)"
        }
        message = response.release()
        if failure == nil && !(400...599).contains(message.status) {
            failure = "it has made the status \(message.status)"
        }
        guard let failure else { return }
        log.write(
            .error, "the error renderer failed at \(error): \(failure)",
            requestID: context.requestID)
        begin(&error, &message)
        var plain = Response(message)
        StandardErrorRenderer.sendText(error, id: context.id, &plain)
        message = plain.release()
    }

    /// Begins the answer anew, with the error's status and those of its field lines that an answer
    /// can carry; the others are logged and leave the error.
    private func begin(_ error: inout HTTPError, _ message: inout ResponseMessage) {
        message.clear()
        message.status = error.status.code
        if error.fields.isEmpty { return }
        var carried: [(name: String, value: String)] = []
        for field in error.fields {
            do throws(FieldError) {
                try message.appendField(name: field.name.utf8.span, value: field.value.utf8.span)
                carried.append(field)
            } catch {
                log.write(
                    .error, "an HTTPError cannot bring \(InvalidField(name: field.name, error))",
                    requestID: message.notes?.requestID)
            }
        }
        error.fields = carried
    }

    /// 64 random bits in hexadecimal: unlikely to come twice, and nothing can be learnt from them.
    private static func makeID() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Scalars of a line that are logged: an error's description may be of any length.
    static let maxLineLength = 2_000

    /// One line, whatever a description holds: a client must not be able to forge another, nor to
    /// move the cursor of who reads it.
    static func escaped(_ line: String) -> String {
        var escaped = ""
        for (index, scalar) in line.unicodeScalars.enumerated() {
            if index == maxLineLength { return escaped + "…" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                escaped += "\\u{" + String(scalar.value, radix: 16) + "}"
            default:
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension HTTPError {
    /// What the engine says.
    init(_ failure: RequestFailure) {
        self.init(Status(failure.status), message: "\(failure.reason)")
    }
}
