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
        let rows = routeDescriptions.map { route in
            [
                route.method?.rawValue ?? "ANY", route.pattern,
                route.limits.maxBodyBytes.map { "body <= \($0) bytes" } ?? "",
                route.limits.contentTypes?.joined(separator: " ") ?? "",
                route.endpoint ?? "",
            ]
        }
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
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
    /// `max_body_bytes` (null: the server's), `content_types` (null: all) and `endpoint`.
    public var json: String {
        JSONValue.array(
            routeDescriptions.map { route in
                .object([
                    .init("method", route.method.map { .string($0.rawValue) } ?? .null),
                    .init("pattern", .string(route.pattern)),
                    .init(
                        "max_body_bytes", route.limits.maxBodyBytes.map { .integer($0) } ?? .null),
                    .init(
                        "content_types",
                        route.limits.contentTypes.map { .array($0.map { .string($0) }) } ?? .null),
                    .init("endpoint", route.endpoint.map { .string($0) } ?? .null),
                ])
            }
        ).compactText
    }
}
