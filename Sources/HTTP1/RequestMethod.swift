/// The methods that are known by name; every other token is `.other`, and its bytes are in the
/// head's `methodRange`. Method names are case-sensitive (RFC 9110 §9.1).
package enum RequestMethod: UInt8, CaseIterable, Sendable, BitwiseCopyable {
    case get, head, post, put, delete, patch, options, trace, connect, other

    /// Whether the method asks for nothing but an answer (RFC 9110 §9.2.1), so that requests may
    /// be handled side by side (RFC 9112 §9.3.2). Of `.other` nothing is known: false.
    package var isSafe: Bool {
        switch self {
        case .get, .head, .options, .trace: true
        case .post, .put, .delete, .patch, .connect, .other: false
        }
    }

    /// The name as it stands in a request line; empty for `.other`.
    package var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .patch: "PATCH"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .connect: "CONNECT"
        case .other: ""
        }
    }

    /// The method of a token of `count` bytes, all or the first eight of which are `word`.
    init(token word: UInt64, count: Int) {
        guard count < 8 else {
            self = .other
            return
        }
        let token = word & ((1 &<< UInt64(8 &* count)) &- 1)
        switch token {
        case Word.of("GET"): self = .get
        case Word.of("HEAD"): self = .head
        case Word.of("POST"): self = .post
        case Word.of("PUT"): self = .put
        case Word.of("DELETE"): self = .delete
        case Word.of("PATCH"): self = .patch
        case Word.of("OPTIONS"): self = .options
        case Word.of("TRACE"): self = .trace
        case Word.of("CONNECT"): self = .connect
        default: self = .other
        }
    }
}
