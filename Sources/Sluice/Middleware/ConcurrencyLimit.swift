/// Lets a bounded number of requests in at the same time, into all routes that it stands around
/// together; `RouteLimits.maxConcurrent` counts for each route apart.
///
///     try router.group("/reports") { reports in
///         try reports.use(ConcurrencyLimit(8))
///         reports.get("/sales") { … }
///     }
///
/// A place is taken when the request comes to this middleware, and free again when its handler is
/// done; with a streamed answer of an asynchronous handler, when that has been written. The next
/// request hears 503, or 429, with `Retry-After: 1`, and `too_many_concurrent_requests`: nobody
/// waits for a place.
///
/// Costs two atomic operations and a few allocations.
public struct ConcurrencyLimit: Middleware {
    /// Places, taken together in all that nests.
    private enum Permits: RequestKey { typealias Value = [GatePermit] }

    private let gate: RouteGate

    /// A limit.
    ///
    /// - Parameters:
    ///   - count: Requests at the same time, in 1 ... 1,000,000.
    ///   - overloadStatus: What the next hear: `.serviceUnavailable` or `.tooManyRequests`.
    /// - Throws: `InvalidMiddleware` for anything else.
    public init(
        _ count: Int, overloadStatus: Status = .serviceUnavailable
    ) throws(InvalidMiddleware) {
        let limits = RouteLimits(maxConcurrent: count, overloadStatus: overloadStatus)
        if let fault = limits.fault(isStreaming: true) {
            throw InvalidMiddleware("ConcurrencyLimit: \(fault)")
        }
        gate = RouteGate(capacity: count, overloadStatus: overloadStatus)
    }

    /// Takes a place.
    public func before(
        _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep {
        request[Permits.self] = (request[Permits.self] ?? []) + [try gate.enter()]
        return .next
    }
}
