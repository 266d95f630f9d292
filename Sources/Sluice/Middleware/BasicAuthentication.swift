/// Lets in who has a name and a password (RFC 7617), which come with each request and which nothing
/// protects but TLS. `Authentication` with the one scheme; its text says what is answered.
///
///     try router.use(BasicAuthentication(realm: "tea", users: PasswordFile(path: "/etc/tea/users")))
public struct BasicAuthentication: Middleware {
    private let authentication: Authentication

    /// Users of a file.
    ///
    /// - Throws: `InvalidMiddleware` for a realm that cannot be.
    public init(
        realm: String, users: PasswordFile, allowing: AllowedUsers = .all,
        challenges: Bool = true, log: (@Sendable (String) -> Void)? = nil
    ) throws(InvalidMiddleware) {
        authentication = try Authentication(
            realm: realm, schemes: [.basic(users)], allowing: allowing, challenges: challenges,
            log: log)
    }

    /// Users that a closure knows: see `AuthenticationScheme.basic`.
    ///
    /// - Throws: `InvalidMiddleware` for a realm that cannot be.
    public init(
        realm: String, allowing: AllowedUsers = .all, challenges: Bool = true,
        log: (@Sendable (String) -> Void)? = nil,
        users verify: @escaping AuthenticationScheme.PasswordClosure
    ) throws(InvalidMiddleware) {
        authentication = try Authentication(
            realm: realm, schemes: [.basic(verify)], allowing: allowing, challenges: challenges,
            log: log)
    }

    /// Verifies name and password.
    public func before(
        _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep {
        try authentication.before(&request, &response)
    }
}
