internal import Containers
package import HTTP1
package import Syscalls

/// The head of a request, copied out of its connection: what a handler needs that goes on beyond
/// its call. As large as the head, in two allocations.
package struct RequestCopy: Sendable {
    /// The head's bytes.
    package let bytes: [UInt8]
    /// The field lines, as ranges of `bytes`.
    package let fields: [FieldLine]
    let line: RequestLine
    let facts: FieldFacts
    let exchange: ExchangeID
    let peer: SocketAddress

    /// Copies what the view shows, without the body. O(head).
    init(_ view: borrowing RequestView) {
        let start = view.line.methodRange.startOffset
        var end = view.line.target.endOffset
        if !view.fields.isEmpty {
            end = max(end, view.fields[view.fields.count - 1].value.endOffset)
        }
        bytes = Array(copying: view.bytes.extracting(start..<end))
        var line = view.line
        var facts = view.facts
        if start > 0 {
            line.move(by: -start)
            facts.move(by: -start)
        }
        self.line = line
        self.facts = facts
        let count = view.fields.count
        let source = view.fields
        fields = [FieldLine](capacity: count) { output in
            for index in 0..<count {
                var field = source[index]
                if start > 0 { field.move(by: -start) }
                output.append(field)
            }
        }
        exchange = view.exchange
        peer = view.peer
    }
}

extension RequestView {
    /// The request of a copy whose arrays are at hand, with a body of one's own: the arrays are
    /// passed apart because a view can borrow a variable, and not what a class holds.
    @_lifetime(borrow bytes, borrow fields, copy body, borrow trustedProxies)
    package init(
        _ copy: RequestCopy, bytes: borrowing [UInt8], fields: borrowing [FieldLine],
        body: Span<UInt8>, trustedProxies: borrowing [AddressRange]
    ) {
        self.bytes = bytes.span
        line = copy.line
        facts = copy.facts
        self.fields = fields.span
        self.body = body
        exchange = copy.exchange
        peer = copy.peer
        self.trustedProxies = trustedProxies.span
    }
}
