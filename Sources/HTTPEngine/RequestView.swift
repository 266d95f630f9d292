package import HTTP1
package import Syscalls

/// A request as its handler sees it: a view of bytes that belong to the connection.
///
/// Valid only during the call that it was passed to; the compiler enforces it.
package struct RequestView: ~Escapable, BitwiseCopyable {
    /// The bytes that `line`, `facts` and `fields` point into.
    package let bytes: Span<UInt8>

    /// Method, target and version.
    package let line: RequestLine

    /// What the fields say about host, framing and connection.
    package let facts: FieldFacts

    /// The field lines, in the order in which they came.
    package let fields: Span<FieldLine>

    /// The whole body, decoded; empty when there is none or when it was refused.
    package let body: Span<UInt8>

    /// The name of this exchange on its connection, for an answer that comes later.
    package let exchange: ExchangeID

    /// Who is at the other end: the socket's peer, or whom the PROXY protocol names.
    package let peer: SocketAddress

    /// Who is believed about whom it speaks for.
    package let trustedProxies: Span<AddressRange>

    @_lifetime(copy bytes, copy body, borrow head, copy trustedProxies)
    init(
        _ bytes: Span<UInt8>, head: borrowing RequestHead, body: Span<UInt8>, exchange: ExchangeID,
        peer: SocketAddress, trustedProxies: Span<AddressRange>
    ) {
        self.bytes = bytes
        self.line = head.line
        self.facts = head.fields.facts
        self.fields = head.fields.span
        self.body = body
        self.exchange = exchange
        self.peer = peer
        self.trustedProxies = trustedProxies
    }
}
