/// Why a format of the access log cannot be.
public struct AccessLogFormatError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, as a clause about the format: `has no verb and is no preset`.
    public let problem: String
    /// What to do instead: `give …`.
    public let cure: String

    init(_ problem: String, _ cure: String) {
        self.problem = problem
        self.cure = cure
    }

    /// Both.
    public var description: String { "the format \(problem); \(cure)" }
}
