/// Who a request comes from, once that has been shown: `request[AuthenticatedUser.self]`.
///
///     router.get("/me") { request, response in
///         response.send(request[AuthenticatedUser.self]?.name ?? "nobody")
///     }
public struct AuthenticatedUser: RequestKey, Equatable, Sendable {
    /// Its value is the user.
    public typealias Value = AuthenticatedUser

    /// The name, as the file, the closure or the proxy has it.
    public let name: String

    /// What else whoever has verified it knows, such as the scope of a token.
    public let attributes: [String: String]

    /// A user.
    public init(name: String, attributes: [String: String] = [:]) {
        self.name = name
        self.attributes = attributes
    }
}

/// Which of the users that are known may go on; the others get 403.
public struct AllowedUsers: Sendable, ExpressibleByArrayLiteral {
    private let allows: @Sendable (AuthenticatedUser) -> Bool

    /// Everybody who is known.
    public static let all = AllowedUsers { _ in true }

    /// Those with these names: `allowing: ["anna", "ben"]`.
    public init(arrayLiteral names: String...) {
        self.init(names: Set(names))
    }

    /// Those with these names.
    public init(names: Set<String>) {
        self.init { names.contains($0.name) }
    }

    /// Those of whom a closure says so. It is called for each request, where that is handled, and
    /// must not block.
    public init(_ allows: @escaping @Sendable (AuthenticatedUser) -> Bool) {
        self.allows = allows
    }

    func contains(_ user: AuthenticatedUser) -> Bool { allows(user) }
}
