/// What a route is called in metrics and logs: never the raw path, so that there are as many names
/// as routes.
struct RouteLabel: Hashable, Sendable {
    /// Such as `GET`; `ANY` where the route takes every method.
    let method: String
    /// Such as `/users/{id}`.
    let pattern: String

    /// What the router answers because no route is there for it.
    static let unmatched = RouteLabel(method: "-", pattern: "unmatched")

    /// Such as `GET /users/{id}`.
    var description: String { method == "-" ? pattern : "\(method) \(pattern)" }
}
