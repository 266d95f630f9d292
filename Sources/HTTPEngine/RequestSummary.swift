package import HTTP1

/// What a head says, without its field lines: small, copyable, with ranges into the bytes parsed.
package struct RequestSummary: Sendable {
    package let method: RequestMethod
    /// The method as it came; tells the methods apart that are `.other`.
    package let methodRange: ByteRange
    /// 1 for HTTP/1.1 and later minor versions, 0 for HTTP/1.0.
    package let minorVersion: UInt8
    package let targetForm: TargetForm
    package let target: ByteRange
    /// Empty where the target has none.
    package let path: ByteRange
    package let query: ByteRange
    package let hasQuery: Bool
    /// `OPTIONS *`: the request is about the server as a whole (RFC 9110 §9.3.7).
    package let isServerWide: Bool
    package let connection: ConnectionOptions
    package let expectation: Expectation
    package let framing: BodyFraming
    /// The client keeps the connection open after this request (RFC 9112 §9.3).
    package let keepsAlive: Bool

    init(_ head: borrowing RequestHead) {
        method = head.method
        methodRange = head.methodRange
        minorVersion = head.minorVersion
        targetForm = head.targetForm
        target = head.target
        path = head.path
        query = head.query
        hasQuery = head.hasQuery
        isServerWide = head.isServerWide
        connection = head.connectionOptions
        expectation = head.expectation
        framing = head.framing
        keepsAlive = head.isPersistent
    }
}
