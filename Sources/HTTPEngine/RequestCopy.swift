internal import Containers
package import HTTP1
package import Syscalls

/// The head of a request, copied out of its connection: what a handler needs that goes on beyond
/// its call. As large as the head, in two arrays.
package struct RequestCopy: Sendable {
    /// The head's bytes.
    package let bytes: [UInt8]
    /// The field lines, as ranges of `bytes`.
    package let fields: [FieldLine]
    let line: RequestLine
    let facts: FieldFacts
    let exchange: ExchangeID
    let peer: SocketAddress

    /// Copies what the view shows, without the body, into the memory of an earlier copy. O(head).
    init(_ view: borrowing RequestView, into storage: consuming HeadStorage) {
        let start = view.line.methodRange.startOffset
        var end = view.line.target.endOffset
        if !view.fields.isEmpty {
            end = max(end, view.fields[view.fields.count - 1].value.endOffset)
        }
        storage.bytes.append(copying: view.bytes.extracting(start..<end))
        var line = view.line
        var facts = view.facts
        if start > 0 {
            line.move(by: -start)
            facts.move(by: -start)
        }
        self.line = line
        self.facts = facts
        let source = view.fields
        storage.fields.reserveCapacity(source.count)
        for index in 0..<source.count {
            var field = source[index]
            if start > 0 { field.move(by: -start) }
            storage.fields.append(field)
        }
        bytes = storage.bytes
        fields = storage.fields
        exchange = view.exchange
        peer = view.peer
    }

    /// What may become the memory of another copy.
    var storage: HeadStorage { HeadStorage(bytes: bytes, fields: fields) }
}

/// The memory of a copied head: making its arrays costs more than filling them.
struct HeadStorage: Sendable {
    var bytes: [UInt8] = []
    var fields: [FieldLine] = []

    /// Whether it is small enough to be kept: more than nearly all heads need.
    var isWorthKeeping: Bool { bytes.capacity <= 4_096 && fields.capacity <= 128 }

    /// Without contents. O(1) when nobody else holds the arrays.
    consuming func emptied() -> HeadStorage {
        bytes.removeAll(keepingCapacity: true)
        fields.removeAll(keepingCapacity: true)
        return self
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
