internal import HTTPEngine

extension FailureKind {
    /// What it is called in logs and metrics; `none` is never shown.
    var name: String {
        switch self {
        case .none: "none"
        case .malformed: "malformed"
        case .targetTooLong: "target_too_long"
        case .headTooLarge: "head_too_large"
        case .bodyTooLarge: "body_too_large"
        case .timedOut: "timeout"
        case .unsupported: "unsupported"
        case .overloaded: "overloaded"
        case .draining: "draining"
        case .deadline: "deadline"
        case .clientGone: "client_gone"
        case .brokenAnswer: "broken_answer"
        }
    }
}
