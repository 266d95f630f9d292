internal import Containers
internal import HTTP1
internal import Syscalls

/// The head of a request, copied out of its connection: what a handler needs that goes on beyond
/// its call. As large as the head. Made once for many requests: its memory is used again.
///
/// Filled by whoever takes it out of its pool; whoever knows it then only reads.
package final class RequestCopy: @unchecked Sendable {
    private struct Contents: ~Copyable {
        /// The head's bytes.
        var bytes = ByteBuffer()
        var received: UniqueBox<ReceivedRequest>

        mutating func fill(from view: borrowing RequestView) {
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
    }

    // Unchecked because the runtime would look at each access whether there is another at the same
    // time (docs/WORKAROUNDS.md); there is none as long as the rule above is kept.
    @exclusivity(unchecked) private var contents: Contents

    init(trustedProxies: [AddressRange]) {
        let received = UniqueBox(
            ReceivedRequest(head: RequestHead(fieldCapacity: 0), trustedProxies: trustedProxies))
        // SAFETY: nobody else knows it.
        unsafe contents = Contents(received: received)
    }

    /// Copies what the view shows, without the body. O(head).
    func fill(from view: borrowing RequestView) {
        // SAFETY: only who is alone in knowing it fills it.
        unsafe contents.fill(from: view)
    }

    /// The request, with a body of one's own.
    @_lifetime(borrow self, copy body)
    package func view(body: Span<UInt8>) -> RequestView {
        // SAFETY: nothing changes until the copy is filled again, which nobody does who is known to
        // a holder of this reference.
        let view = unsafe RequestView(
            contents.bytes.span, body: body, contents.received.borrowed)
        return unsafe _overrideLifetime(view, borrowing: self)
    }

    /// Whether its memory is small enough to be kept: more than nearly all heads need.
    var isWorthKeeping: Bool {
        // SAFETY: as in `view`.
        unsafe contents.bytes.capacity <= 4_096
            && contents.received.value.head.fieldCapacity <= 128
    }
}
