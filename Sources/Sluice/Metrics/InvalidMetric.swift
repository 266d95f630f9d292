/// A metric that cannot be: thrown when it is registered.
public struct InvalidMetric: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, with the metric's name, and what would be right.
    public let description: String

    init(_ name: String, _ problem: String) {
        description = "metric \(name.debugDescription): \(problem)"
    }
}
