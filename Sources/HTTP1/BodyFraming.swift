/// How the end of a message's body is found (RFC 9112 §6.3).
package enum BodyFraming: Equatable, Sendable, BitwiseCopyable {
    /// There is no body.
    case none
    /// So many bytes; at least one.
    case contentLength(Int)
    case chunked
    /// All bytes until the connection closes. Responses only.
    case untilClose

    /// The framing of a request's body. The parser has refused everything that is ambiguous.
    package static func ofRequest(_ head: borrowing RequestHead) -> BodyFraming {
        if head.fields.facts.transferCodings.contains(.chunked) { return .chunked }
        return ofLength(head.fields.facts.contentLength ?? 0)
    }

    /// The framing of the body of a response to a request with this method.
    package static func ofResponse(
        _ head: borrowing ResponseHead, to method: RequestMethod
    ) -> BodyFraming {
        // The order is that of RFC 9112 §6.3.
        if method == .head || head.isInformational || head.status == 204 || head.status == 304 {
            return .none
        }
        if method == .connect && (200..<300).contains(head.status) {
            return .none
        }
        let facts = head.fields.facts
        if facts.transferCodings.contains(.chunked) { return .chunked }
        if facts.transferCodings.contains(.present) { return .untilClose }
        if let length = facts.contentLength { return ofLength(length) }
        return .untilClose
    }

    private static func ofLength(_ count: Int) -> BodyFraming {
        count == 0 ? .none : .contentLength(count)
    }
}
