/// How grave a line of the error log is; the names and their order are those of swift-log.
public enum LogLevel: UInt8, Sendable, CaseIterable, Comparable {
    /// What only somebody wants to know who looks for a fault in the server.
    case trace
    /// What explains a single request, such as why it was refused.
    case debug
    /// What belongs to the usual course of things.
    case info
    /// What is worth knowing, and no fault.
    case notice
    /// What may become a fault.
    case warning
    /// What somebody was not served for.
    case error
    /// What nobody is served for.
    case critical

    /// Such as `warning`.
    public var name: String {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .notice: "notice"
        case .warning: "warning"
        case .error: "error"
        case .critical: "critical"
        }
    }

    /// The level of a name; `nil` when there is none.
    public init?(_ name: some StringProtocol) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    /// By how grave they are.
    public static func < (first: LogLevel, second: LogLevel) -> Bool {
        first.rawValue < second.rawValue
    }
}
