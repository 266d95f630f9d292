internal import Presentation

/// A route, as a router tells of it.
public struct RouteDescription: Equatable, Sendable {
    /// The method; `nil`: any.
    public let method: Method?
    /// The pattern in its canonical spelling, such as `/users/{id}`.
    public let pattern: String
    /// Its own limits, and those of the groups around it.
    public let limits: RouteLimits
    /// The name in a mapping, or service and method: `QueueService.start`.
    public let endpoint: String?
}

extension Router: CustomStringConvertible {
    /// Every route, in the order of registration.
    public var routeDescriptions: [RouteDescription] {
        routes.filter { $0.handler != nil }.map { route in
            RouteDescription(
                method: route.method, pattern: route.pattern.text, limits: route.limits,
                endpoint: route.endpoint)
        }
    }

    /// Every route as a line of text: method, pattern, and what there is of limits and names, in
    /// columns.
    ///
    ///     GET   /users/{id}
    ///     POST  /users       body <= 65536 bytes
    ///     ANY   /v1/*/start                       QueueService.start
    public var description: String {
        let rows = routeDescriptions.map(\.columns)
        let widths = (0..<7).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            var column = 0
            for (text, width) in zip(row, widths) where width > 0 {
                line += String(repeating: " ", count: column - line.count) + text
                column += width + 2
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    /// Every route as JSON: an array of objects with `method` (null: any), `pattern`,
    /// `max_body_bytes` (null: the server's), `content_types` (null: all), `deadline_ms` and
    /// `max_concurrent` (null: none), and `endpoint`.
    public var json: String {
        JSONValue.array(routeDescriptions.map { .object($0.members) }).compactText
    }
}

extension RouteDescription {
    /// What stands in the columns of a router's description.
    fileprivate var columns: [String] {
        [
            method?.rawValue ?? "ANY", pattern,
            limits.maxBodyBytes.map { "body <= \($0) bytes" } ?? "",
            limits.contentTypes?.joined(separator: " ") ?? "",
            limits.deadline.map { "within \($0)" } ?? "",
            limits.maxConcurrent.map { "\($0) at once" } ?? "",
            endpoint ?? "",
        ]
    }

    fileprivate var members: [JSONValue.Member] {
        let types = limits.contentTypes?.map { JSONValue.string($0) }
        let milliseconds = limits.deadline.map { Int($0 / .milliseconds(1)) }
        return [
            .init("method", method.map { .string($0.rawValue) } ?? .null),
            .init("pattern", .string(pattern)),
            .init("max_body_bytes", limits.maxBodyBytes.map { .integer($0) } ?? .null),
            .init("content_types", types.map { .array($0) } ?? .null),
            .init("deadline_ms", milliseconds.map { .integer($0) } ?? .null),
            .init("max_concurrent", limits.maxConcurrent.map { .integer($0) } ?? .null),
            .init("endpoint", endpoint.map { .string($0) } ?? .null),
        ]
    }
}
