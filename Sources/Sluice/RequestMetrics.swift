internal import HTTPEngine

/// Requests by route: how many, how they ended, how long they took.
final class RequestMetrics: Sendable {
    init(labels: [RouteLabel], threadCount: Int) {}
}
