/// What a route is called in metrics and logs: never the raw path, so that there are as many names
/// as routes.
struct RouteLabel: Hashable, Sendable {
    /// Such as `GET`; `ANY` where the route takes every method.
    let method: String
    /// Such as `/users/{id}`.
    let pattern: String

    /// Such as `GET /users/{id}`.
    var description: String { "\(method) \(pattern)" }
}
