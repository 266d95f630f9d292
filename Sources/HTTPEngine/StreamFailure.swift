/// Why a body cannot be read to its end.
package enum BodyFailure: Error, Equatable, Sendable {
    /// More than the route takes.
    case tooLarge
    /// Its framing is wrong (RFC 9112 §7.1).
    case malformed
    /// It came too slowly.
    case timedOut
    /// The client has gone, or closed its half too early.
    case clientGone
    /// The task was cancelled.
    case cancelled
}

/// Why an answer cannot be written.
package enum StreamFailure: Error, Equatable, Sendable {
    case clientGone
    /// The answer's time was up.
    case deadline
    /// The client gets none of the body: HEAD, 204, 304.
    case noBody
    /// More bytes than were announced.
    case tooLong
    /// Fewer bytes than were announced, or the handler has given up.
    case incomplete
    /// The head has not left, or the end has.
    case notStreaming
    /// The task was cancelled.
    case cancelled
}
