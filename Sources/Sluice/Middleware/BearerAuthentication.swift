/// Lets in who has a token (RFC 6750). `Authentication` with the one scheme; its text says what is
/// answered. Tokens are taken from `Authorization` only: in a query they would end in logs
/// (RFC 6750 §2.3).
///
///     try router.use(BearerAuthentication(realm: "tea") { token in try await issuer.user(of: token) })
public struct BearerAuthentication: Middleware {
    private let authentication: Authentication

    /// Tokens that are known beforehand, by the name of the user that each stands for.
    ///
    /// - Throws: `InvalidMiddleware` for a realm or a token that cannot be.
    public init(
        realm: String, tokens: [String: String], allowing: AllowedUsers = .all,
        challenges: Bool = true, log: (@Sendable (String) -> Void)? = nil
    ) throws(InvalidMiddleware) {
        authentication = try Authentication(
            realm: realm, schemes: [.bearer(tokens: tokens)], allowing: allowing,
            challenges: challenges, log: log)
    }

    /// Tokens that a closure knows: see `AuthenticationScheme.bearer`.
    ///
    /// - Throws: `InvalidMiddleware` for a realm that cannot be.
    public init(
        realm: String, allowing: AllowedUsers = .all, challenges: Bool = true,
        log: (@Sendable (String) -> Void)? = nil,
        tokens verify: @escaping AuthenticationScheme.TokenClosure
    ) throws(InvalidMiddleware) {
        authentication = try Authentication(
            realm: realm, schemes: [.bearer(verify)], allowing: allowing, challenges: challenges,
            log: log)
    }

    /// Verifies the token.
    public func before(
        _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep {
        try authentication.before(&request, &response)
    }
}
