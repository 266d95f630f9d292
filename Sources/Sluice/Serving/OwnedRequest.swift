internal import HTTPEngine

/// A request's head that nothing of its connection is borrowed for, and what is known of its route:
/// what a task needs to see a `Request` again. Copying it copies references.
struct OwnedRequest: Sendable {
    /// Keeps the copy from being used for another request.
    let exchange: DeferredExchange
    private let request: RequestCopy
    private let patterns: [UInt8]
    private let pattern: TextRange

    init(_ exchange: DeferredExchange, patterns: [UInt8], _ pattern: TextRange) {
        self.exchange = exchange
        request = exchange.request
        self.patterns = patterns
        self.pattern = pattern
    }

    /// As the engine shows it.
    @_lifetime(borrow self, copy body)
    borrowing func view(body: Span<UInt8>) -> RequestView {
        request.view(body: body)
    }

    /// As handlers see it. Not inlined, so that its parts take no place in a task's frame.
    @inline(never)
    @_lifetime(borrow self, copy body)
    borrowing func request(body: Span<UInt8>, _ values: RequestValues) -> Request {
        var request = Request(view(body: body), patterns: patterns.span, pattern)
        request.values = values
        return request
    }
}
