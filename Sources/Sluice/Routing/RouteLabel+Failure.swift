internal import HTTPEngine

extension RouteLabel {
    /// What stands for the route of a request that the engine has answered itself, so that it is
    /// counted and logged by where it failed: `request/…`, `queue/full` or `drain/reject`.
    static func pseudo(_ kind: FailureKind) -> String {
        switch kind {
        case .malformed: "request/malformed"
        case .unsupported: "request/bad_request"
        case .bodyTooLarge, .targetTooLong: "request/too_large"
        case .headTooLarge: "request/header_too_large"
        case .timedOut: "request/timeout"
        case .overloaded: "queue/full"
        case .draining: "drain/reject"
        case .none, .deadline, .clientGone, .brokenAnswer: "request/other"
        }
    }
}
