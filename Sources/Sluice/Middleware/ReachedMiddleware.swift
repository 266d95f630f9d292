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
