/// The head of a response: status line and header section, as offsets into the bytes parsed.
///
/// Made once per connection of a client and parsed into again and again; it allocates nothing.
package struct ResponseHead: ~Copyable {
    /// Offset of the first byte of the head.
    package internal(set) var startOffset = 0
    /// Length of the head, to the end of the empty line that ends it.
    package internal(set) var byteCount = 0

    /// 100 to 999. A class above 5 is for the client to judge (RFC 9110 §15).
    package internal(set) var status = 0
    /// 0 or 1: HTTP/1.2 and above count as 1.1 (RFC 9110 §2.5).
    package internal(set) var minorVersion: UInt8 = 1
    /// The reason phrase; often empty.
    package internal(set) var reason = ByteRange()

    /// The header section.
    package internal(set) var fields = FieldSection()

    /// A head that nothing has been parsed into.
    package init() {}

    /// Number of field lines.
    package var fieldCount: Int { fields.count }

    /// Whether another response to the same request follows (1xx, RFC 9110 §15.2). 101 is the
    /// last one that is HTTP, and for the caller to handle.
    package var isInformational: Bool { status < 200 }

    /// Whether the server keeps the connection open behind this response (RFC 9112 §9.3). A body
    /// that is framed `.untilClose` ends the connection all the same.
    package var isPersistent: Bool {
        let options = fields.facts.connection
        if options.contains(.close) { return false }
        return minorVersion > 0 || options.contains(.keepAlive)
    }

    /// The options of all `Connection` lines.
    package var connectionOptions: ConnectionOptions { fields.facts.connection }

    /// The value of `Content-Length`; nil when there is none.
    package var contentLength: Int? { fields.facts.contentLength }

    /// The value of the first field with this name, a literal in lower case.
    package func firstValue(named name: StaticString, in bytes: Span<UInt8>) -> ByteRange? {
        fields.firstValue(named: name, in: bytes)
    }

    /// How the body is framed in answer to `method`.
    package func framing(for method: RequestMethod) -> BodyFraming {
        BodyFraming.ofResponse(self, to: method)
    }

    /// The parameters of `Keep-Alive` (RFC 2068 §19.7.1.1), a hint that most servers send.
    package func keepAlive(in bytes: Span<UInt8>) -> KeepAliveParameters {
        var parameters = KeepAliveParameters()
        let name: StaticString = "keep-alive"
        var index = fields.index(ofNext: name.span, from: 0, in: bytes)
        while let found = index {
            parameters.note(bytes.extracting(fields[found].value))
            index = fields.index(ofNext: name.span, from: found + 1, in: bytes)
        }
        return parameters
    }

    mutating func reset(at start: Int) {
        startOffset = start
        byteCount = 0
        fields.removeAll()
    }
}

/// What a server said in `Keep-Alive`, as far as it could be understood.
package struct KeepAliveParameters: Equatable, Sendable, BitwiseCopyable {
    /// Seconds after which an idle connection is closed.
    package var timeoutSeconds: Int?
    /// Requests that the connection still takes behind this one.
    package var maxRequests: Int?

    /// Parameters with these values; nil where the server gave none.
    package init(timeoutSeconds: Int? = nil, maxRequests: Int? = nil) {
        self.timeoutSeconds = timeoutSeconds
        self.maxRequests = maxRequests
    }

    fileprivate mutating func note(_ value: Span<UInt8>) {
        var elements = ListElements(value)
        while let element = elements.next() {
            let parameter = value.extracting(element)
            if let number = parameter.number(behind: "timeout=") { timeoutSeconds = number }
            if let number = parameter.number(behind: "max=") { maxRequests = number }
        }
    }
}

extension Span where Element == UInt8 {
    /// The number that follows `prefix`, which is given in lower case.
    fileprivate func number(behind prefix: StaticString) -> Int? {
        let length = prefix.utf8CodeUnitCount
        guard count > length, extracting(0..<length).equalsIgnoringCase(prefix) else { return nil }
        return extracting(length..<count).decimalValue
    }
}
