/// Method, target and version of a request (RFC 9112 §3): small, copyable, with ranges into the bytes
/// that were parsed.
package struct RequestLine: Sendable, BitwiseCopyable {
    /// The method, as far as it is known by name.
    package internal(set) var method = RequestMethod.get
    /// The method as it was sent; it tells the methods apart that are `.other`.
    package internal(set) var methodRange = ByteRange()

    /// 0 or 1: a client of HTTP/1.2 and above is treated as one of 1.1 (RFC 9110 §2.5).
    package internal(set) var minorVersion: UInt8 = 1

    /// Which of the four forms the target has.
    package internal(set) var targetForm = TargetForm.origin
    /// The target as it was sent.
    package internal(set) var target = ByteRange()
    /// The path: of origin-form never empty; of absolute-form, empty means `/` (except as said at
    /// `isServerWide`); of the other forms empty.
    package internal(set) var path = ByteRange()
    /// The query without its `?`; empty without one.
    package internal(set) var query = ByteRange()
    /// Whether the target has a query, even an empty one.
    package internal(set) var hasQuery = false
    /// `host[:port]` out of a target in absolute- or authority-form; otherwise empty.
    package internal(set) var authority = ByteRange()

    init() {}

    /// Whether the request is for the server as a whole: `OPTIONS *`, or `OPTIONS` in
    /// absolute-form with neither path nor query, which means the same (RFC 9112 §3.2.4).
    package var isServerWide: Bool {
        switch targetForm {
        case .asterisk: true
        case .absolute: method == .options && path.isEmpty && !hasQuery
        case .origin, .authority: false
        }
    }

    /// Lets all ranges follow bytes that now stand `distance` further on.
    package mutating func move(by distance: Int) {
        methodRange.move(by: distance)
        target.move(by: distance)
        // Ranges of parts that are absent are empty at offset zero, and stay there.
        if !path.isEmpty { path.move(by: distance) }
        if hasQuery { query.move(by: distance) }
        if !authority.isEmpty { authority.move(by: distance) }
    }
}
