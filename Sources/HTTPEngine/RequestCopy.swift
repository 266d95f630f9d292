internal import Containers
internal import HTTP1
internal import Syscalls

/// The head of a request, copied out of its connection: what a handler needs that goes on beyond
/// its call. As large as the head. Made once for many requests: its memory is used again.
///
/// Filled by whoever takes it out of its pool; whoever knows it then only reads.
package final class RequestCopy: @unchecked Sendable {
    /// The head's bytes.
    private var bytes = ByteBuffer()
    private var received: UniqueBox<ReceivedRequest>

    init(trustedProxies: [AddressRange]) {
        received = UniqueBox(
            ReceivedRequest(head: RequestHead(fieldCapacity: 0), trustedProxies: trustedProxies))
    }

    /// Copies what the view shows, without the body. O(head).
    func fill(from view: borrowing RequestView) {
        let start = view.line.methodRange.startOffset
        var end = view.line.target.endOffset
        let fields = view.fields
        if !fields.isEmpty { end = max(end, fields[fields.count - 1].value.endOffset) }
        bytes.removeAll()
        bytes.append(view.bytes.extracting(start..<end))
        received.value.head.copy(view.received.value.head, startingAt: start)
        received.value.exchange = view.exchange
        received.value.peer = view.peer
    }

    /// The request, with a body of one's own.
    @_lifetime(borrow self, copy body)
    package func view(body: Span<UInt8>) -> RequestView {
        let view = RequestView(bytes.span, body: body, received.borrowed)
        // SAFETY: nothing changes until the copy is filled again, which nobody does who is known to
        // a holder of this reference.
        return unsafe _overrideLifetime(view, borrowing: self)
    }

    var exchange: ExchangeID { received.value.exchange }

    /// Whether its memory is small enough to be kept: more than nearly all heads need.
    var isWorthKeeping: Bool {
        bytes.capacity <= 4_096 && received.value.head.fieldCapacity <= 128
    }
}
