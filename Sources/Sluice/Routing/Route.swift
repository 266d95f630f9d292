/// What a route may decide for itself, in place of what the server's configuration says.
public struct RouteLimits: Equatable, Sendable {
    /// Bytes of a body, in 0 ... 1,073,741,824; beyond: 413. `nil`: as the group around it, and
    /// outside of groups `ServerConfiguration.maxBodyBytes`.
    public var maxBodyBytes: Int?

    /// Types of bodies that are taken, such as `["application/json", "text/*"]`, as in
    /// `MediaType.matches`; for any other, and for none, 415 with `Accept` and without the handler.
    /// A request that has neither a body nor a type is let through. `nil`: as the group around it,
    /// and outside of groups every type.
    public var contentTypes: [String]?

    /// How long an asynchronous or streaming handler may take, from the head on; then its task is
    /// cancelled, and the client hears `deadlineStatus`, or sees the connection reset if the answer
    /// has begun. (What keeps the loop busy cannot be stopped.) `nil`: as around the route, and
    /// outside of groups no limit.
    public var deadline: Duration?

    /// What a passed deadline is answered with: `.serviceUnavailable`, with `Retry-After`, or
    /// `.gatewayTimeout`. `nil`: as around the route, and outside of groups the former.
    public var deadlineStatus: Status?

    /// Requests that this route's handler may be busy with at the same time; the next hear
    /// `overloadStatus` with `Retry-After`. In a group it counts for each route apart; for a common
    /// limit there is `ConcurrencyLimit`. `nil`: as around the route, and outside of groups no limit.
    public var maxConcurrent: Int?

    /// What is answered beyond `maxConcurrent`: `.serviceUnavailable` or `.tooManyRequests`. `nil`:
    /// as around the route, and outside of groups the former.
    public var overloadStatus: Status?

    /// Limits; what is left out is as it is around the route.
    public init(
        maxBodyBytes: Int? = nil, contentTypes: [String]? = nil, deadline: Duration? = nil,
        deadlineStatus: Status? = nil, maxConcurrent: Int? = nil, overloadStatus: Status? = nil
    ) {
        self.maxBodyBytes = maxBodyBytes
        self.contentTypes = contentTypes
        self.deadline = deadline
        self.deadlineStatus = deadlineStatus
        self.maxConcurrent = maxConcurrent
        self.overloadStatus = overloadStatus
    }

    /// `limits: .maxBodyBytes(65_536)`
    public static func maxBodyBytes(_ count: Int) -> RouteLimits {
        RouteLimits(maxBodyBytes: count)
    }

    /// `limits: .contentTypes(["application/json"])`
    public static func contentTypes(_ types: [String]) -> RouteLimits {
        RouteLimits(contentTypes: types)
    }

    /// `limits: .deadline(.seconds(5))`
    public static func deadline(_ time: Duration) -> RouteLimits {
        RouteLimits(deadline: time)
    }

    /// `limits: .maxConcurrent(8)`
    public static func maxConcurrent(_ count: Int) -> RouteLimits {
        RouteLimits(maxConcurrent: count)
    }

    /// What `ServerConfiguration.maxBodyBytes` may be, too: a body that is collected is in memory.
    static let bodyRange = 0...(1 << 30)

    /// What a streaming handler's body may have: 4 EiB, which is no limit.
    static let streamedBodyRange = 0...(1 << 62)

    /// Up to a day.
    static let deadlineRange = Duration.milliseconds(1)...Duration.seconds(86_400)

    static let concurrencyRange = 1...1_000_000

    /// What is wrong with these limits for a handler, as a clause.
    func fault(isStreaming: Bool) -> String? {
        if let types = contentTypes, types.isEmpty {
            return "contentTypes is empty, so that no body could be taken"
        }
        let range = isStreaming ? Self.streamedBodyRange : Self.bodyRange
        if let count = maxBodyBytes, !range.contains(count) {
            return "maxBodyBytes \(count) is not in 0 ... \(range.upperBound)"
        }
        if let deadline, !Self.deadlineRange.contains(deadline) {
            return "deadline \(deadline) is not in 1 ms ... 1 day"
        }
        if let status = deadlineStatus, status != .serviceUnavailable, status != .gatewayTimeout {
            return "deadlineStatus \(status.code) is neither 503 nor 504"
        }
        if let count = maxConcurrent, !Self.concurrencyRange.contains(count) {
            return "maxConcurrent \(count) is not in 1 ... \(Self.concurrencyRange.upperBound)"
        }
        if let status = overloadStatus, status != .serviceUnavailable, status != .tooManyRequests {
            return "overloadStatus \(status.code) is neither 503 nor 429"
        }
        return nil
    }

    /// These limits, and those around them where these say nothing.
    func inside(_ outer: RouteLimits) -> RouteLimits {
        RouteLimits(
            maxBodyBytes: maxBodyBytes ?? outer.maxBodyBytes,
            contentTypes: contentTypes ?? outer.contentTypes,
            deadline: deadline ?? outer.deadline,
            deadlineStatus: deadlineStatus ?? outer.deadlineStatus,
            maxConcurrent: maxConcurrent ?? outer.maxConcurrent,
            overloadStatus: overloadStatus ?? outer.overloadStatus)
    }

    /// What has to stand around the handler for these limits, innermost.
    var middleware: [any Middleware] {
        contentTypes.map { [ContentTypeMiddleware(contentTypes: $0)] } ?? []
    }
}

/// A route as it was registered.
struct Route: Sendable {
    /// `nil`: any method.
    let method: Method?
    let pattern: RoutePattern
    /// `nil`: hides what is behind it; see `RouteTable.Row.isHidden`.
    let handler: RouteHandler?
    let limits: RouteLimits
    /// What stands around it, the outermost first.
    var middleware: [any Middleware] = []
    /// `nil`: as the router.
    var redirectsUncleanPaths: Bool?
    /// Service and method, such as `QueueService.start`.
    var endpoint: String?

    /// How problems and descriptions call it.
    var name: String { "\(method?.rawValue ?? "ANY") \(pattern.text)" }

    /// Its column in the table: the parser's code, or the last one for any method.
    var column: Int {
        method.flatMap { Method.known.firstIndex(of: $0) } ?? RouteTable.columnCount - 1
    }

    /// The name of a method that the parser does not know.
    var otherMethodName: [UInt8]? {
        guard let method, !Method.known.contains(method) else { return nil }
        return Array(method.rawValue.utf8)
    }
}

/// What is wrong with routes: with a mapping string, or with all that were registered before.
public struct RouteError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One clause for each problem, in the order of registration.
    public let problems: [String]

    /// All problems in one line.
    public var description: String { problems.joined(separator: "; ") }

    init(_ problems: [String]) {
        self.problems = problems
    }
}
