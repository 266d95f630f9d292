internal import HTTPEngine

/// An exchange that a task answers, as its `Response` needs it.
final class Conversation: Sendable {
    let exchange: DeferredExchange
    private let owned: OwnedRequest
    private let values: RequestValues
    private let table: RouteTable
    /// The middleware that has seen the request.
    private let reached: ReachedMiddleware

    init(
        _ exchange: DeferredExchange, _ owned: OwnedRequest, _ values: RequestValues,
        _ table: RouteTable, _ reached: ReachedMiddleware
    ) {
        self.exchange = exchange
        self.owned = owned
        self.values = values
        self.table = table
        self.reached = reached
    }

    /// Lets middleware look at the head before it leaves.
    func finishHead(_ response: inout Response) {
        guard reached.count > 0 else { return }
        let owned = owned
        table.runAfter(reached, owned.request(body: Span(), values), &response)
    }
}

/// How far a request has come through the middleware around its target.
struct ReachedMiddleware: BitwiseCopyable, Sendable {
    let range: MiddlewareRange
    /// So many have seen it.
    var count = 0
}

extension RouteTable {
    /// Shows a request to the middleware that has not seen it, until one says something else than to
    /// go on.
    func runBefore(
        _ reached: inout ReachedMiddleware, _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep {
        while reached.count < reached.range.count {
            let next = middleware[reached.range[reached.count]]
            reached.count += 1
            let step = try next.before(&request, &response)
            guard case .next = step else { return step }
        }
        return .next
    }

    /// Shows an answer to the middleware that has seen the request, the innermost first.
    func runAfter(
        _ reached: ReachedMiddleware, _ request: borrowing Request, _ response: inout Response
    ) {
        for index in (0..<reached.count).reversed() {
            middleware[reached.range[index]].after(request, &response)
        }
    }
}
