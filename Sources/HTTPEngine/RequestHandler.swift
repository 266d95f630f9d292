internal import Containers
internal import HTTP1

/// What stands above the engine: the toolkit's router, or a test's script.
///
/// Called on the thread that owns the connection: the loop, or a worker. It is shared by all of
/// them, so it is `Sendable`; a class, so that calling it through the existential copies nothing.
package protocol RequestHandler: AnyObject, Sendable {
    /// Decides at the end of a head that announces a body whether that body is wanted.
    ///
    /// Called before a byte of the body is looked at and before `100 Continue` goes out. The view's
    /// body is empty.
    func admit(_ request: borrowing RequestView) -> BodyAdmission

    /// Fills the answer to a request whose body, if any, is complete.
    ///
    /// After a refusal it is called with an empty body, at once, to fill the refusing answer.
    func handle(_ request: borrowing RequestView, into message: inout ResponseMessage)

    /// Fills the answer to what never became a request: a head that cannot be parsed, or that does
    /// not come in time.
    func fail(_ failure: RequestFailure, into message: inout ResponseMessage)

    /// Fills the answer to a request that cannot be handled although its head is there: a limit, a
    /// time-out, a drain. The view's body is empty.
    func fail(
        _ failure: RequestFailure, of request: borrowing RequestView,
        into message: inout ResponseMessage)
}

/// Whether the body of a request is wanted.
package enum BodyAdmission: Sendable {
    /// Collect it, up to this many bytes; beyond: 413.
    case collect(maxByteCount: Int)
    /// Call `handle` now, with an empty body: it answers, or defers its answer to a task that gets
    /// the body as it comes, up to this many bytes. Beyond: 413.
    case stream(maxByteCount: Int)
    /// Answer now; what comes of the body is dropped.
    case refuse
}

/// Why the engine itself answers: a status of the 4xx or 5xx class, and a reason for people.
package struct RequestFailure: Error, Sendable {
    package let status: Int
    /// One clause without a full stop, such as "bare LF in the request line".
    package let reason: StaticString
    /// What it is counted as.
    package let kind: FailureKind

    package init(status: Int, reason: StaticString, kind: FailureKind? = nil) {
        self.status = status
        self.reason = reason
        self.kind = kind ?? FailureKind(status: status)
    }
}

extension RequestHandler {
    /// `400 Bad Request: bare LF in the request line`, as text.
    package func fail(_ failure: RequestFailure, into message: inout ResponseMessage) {
        message.status = failure.status
        message.contentType = .plainText
        message.body.append(decimal: failure.status)
        message.body.append(" ")
        message.body.append(ReasonPhrase.text(for: failure.status))
        message.body.append(": ")
        message.body.append(failure.reason)
        message.body.append("\n")
    }

    /// As without a head.
    package func fail(
        _ failure: RequestFailure, of request: borrowing RequestView,
        into message: inout ResponseMessage
    ) {
        fail(failure, into: &message)
    }
}
