/// What a server asks of every request's head before it looks at anything else: gathered once, when
/// the head is complete, in the bits of one number.
///
/// `public` and inlinable, because each question would be a call otherwise, with a copy of the head.
@frozen
public struct RequestTraits: Equatable, Sendable, BitwiseCopyable {
    @usableFromInline var bits: UInt16 = 0

    /// Of a request that there is none of: of HTTP/1.1, with nothing that is special.
    @inlinable
    public init() {}

    /// The same, of which is known that its answer has no body.
    @inlinable
    public init(asksForHead: Bool) {
        if asksForHead { bits = 1 }
    }

    /// The method is HEAD: the answer has no body (RFC 9110 §9.3.2).
    @inlinable public var asksForHead: Bool { bits & 1 != 0 }

    /// The client speaks HTTP/1.0.
    @inlinable public var isHTTP10: Bool { bits & 2 != 0 }

    /// The method may change what others read (RFC 9110 §9.2.1), or is not known.
    @inlinable public var isUnsafe: Bool { bits & 4 != 0 }

    /// The client keeps the connection open behind this request (RFC 9112 §9.3).
    @inlinable public var isPersistent: Bool { bits & 8 == 0 }

    /// The client asked for keep-alive by name: it wants to hear of it by name too.
    @inlinable public var asksForKeepAlive: Bool { bits & 16 != 0 }

    /// At least one byte of framing or body follows the head.
    @inlinable public var hasBody: Bool { bits & 32 != 0 }

    /// The client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    @inlinable public var expectsContinue: Bool { bits & 64 != 0 }

    /// The client expects something that nobody here knows.
    @inlinable public var expectsOther: Bool { bits & 128 != 0 }

    /// As a complete head says.
    @inline(always)
    init(_ line: RequestLine, _ facts: FieldFacts) {
        let connection = facts.connection.rawValue
        if line.minorVersion == 0 {
            bits = connection & 2 == 0 ? 2 | 8 : 2
        }
        if connection != 0 {
            if connection & 1 != 0 { bits |= 8 }
            if connection & 2 != 0 { bits |= 16 }
        }
        if case .get = line.method {
        } else {
            if !line.method.isSafe { bits |= 4 }
            if case .head = line.method { bits |= 1 }
        }
        if facts.transferCodings.rawValue & 2 != 0 || (facts.contentLength ?? 0) > 0 { bits |= 32 }
        switch facts.expectation {
        case .none: break
        case .continue: bits |= 64
        case .other: bits |= 128
        }
    }
}
