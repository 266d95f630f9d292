/// What a line of the access log can show of an exchange. Plain: names and layouts are numbers of the
/// format's lists.
enum AccessLogValue: Hashable, Sendable, BitwiseCopyable {
    /// The address, without its port.
    case client
    case port
    /// Who RFC 1413 says that it is, which nobody asks any more: `-`.
    case identity
    case user
    case received(layout: UInt8)

    case requestLine
    case method
    /// Decoded.
    case path
    /// As it was sent.
    case rawPath
    /// With a `?` before it, unless it is empty.
    case markedQuery
    case query
    case target
    /// Such as `HTTP/1.1`.
    case protocolVersion
    /// A field of the request.
    case field(UInt8)

    /// 499 where the client has gone before any answer, as nginx has it.
    case status
    /// Of the body that was sent; 0 is shown as `-`.
    case bodyBytesOutOrDash
    case bodyBytesOut
    /// With the head and the framing.
    case bytesOut
    case bytesIn
    case bodyBytesIn

    case processTime(AccessLogTimeUnit)
    /// Until the first byte of the answer was flushed.
    case firstByteTime(AccessLogTimeUnit)

    /// A value that a handler has set for the log.
    case value(UInt8)
    case requestID
    case traceID
    /// The trace; the request's id where there is none.
    case traceOrRequestID
    case reason
    /// Method and pattern, or what stands for them where the engine has answered itself.
    case route

    case connection
    /// Which request of its connection it is, from 1.
    case ordinal
    case isReused
    case engine
    case instance
    /// `running` or `draining`.
    case phase
    /// Milliseconds since the drain began.
    case drainTime
    /// A text of the user's own in JSON.
    case text(UInt8)
}

/// What times are shown in. All but the last are whole, and cut off.
enum AccessLogTimeUnit: Hashable, Sendable, BitwiseCopyable {
    case seconds, milliseconds, microseconds
    /// Milliseconds with three decimals.
    case exactMilliseconds
}
