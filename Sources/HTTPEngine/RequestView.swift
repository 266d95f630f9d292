package import Containers
package import HTTP1
package import Syscalls

/// A request as its handler sees it: a view of bytes that belong to the connection.
///
/// Valid only during the call that it was passed to; the compiler enforces it. Five words, because it
/// is copied on its way. What is asked of every request is read through `received`, part by part: of
/// another module, each of the properties behind it is a call.
package struct RequestView: ~Escapable, BitwiseCopyable {
    /// The bytes that `line`, `facts` and `fields` point into.
    package let bytes: Span<UInt8>

    /// The whole body, decoded; empty when there is none or when it was refused.
    package let body: Span<UInt8>

    /// Its head, and whom it came from.
    package let received: Borrowed<ReceivedRequest>

    @_lifetime(copy bytes, copy body, copy received)
    package init(_ bytes: Span<UInt8>, body: Span<UInt8>, _ received: Borrowed<ReceivedRequest>) {
        self.bytes = bytes
        self.body = body
        self.received = received
    }

    /// Method, target and version.
    package var line: RequestLine { received.value.head.line }

    /// What the fields say about host, framing and connection.
    package var facts: FieldFacts { received.value.head.fields.facts }

    /// The field lines, in the order in which they came.
    package var fields: Span<FieldLine> {
        @_lifetime(copy self)
        get {
            // SAFETY: the request lives, and does not change, as long as this view does.
            unsafe _overrideLifetime(received.value.head.fields.span, copying: self)
        }
    }

    /// The name of this exchange on its connection, for an answer that comes later.
    package var exchange: ExchangeID { received.value.exchange }

    /// Who is at the other end: the socket's peer, or whom the PROXY protocol names.
    package var peer: SocketAddress { received.value.peer }

    /// Who is believed about whom it speaks for.
    package var trustedProxies: Span<AddressRange> {
        @_lifetime(copy self)
        get {
            // SAFETY: as for `fields`.
            unsafe _overrideLifetime(received.value.trustedProxies.span, copying: self)
        }
    }
}
