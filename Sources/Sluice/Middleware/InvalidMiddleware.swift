/// Settings that a middleware cannot have: thrown when it is made, before anything is served.
public struct InvalidMiddleware: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, with the setting's name and value, and what would be right.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
