internal import HTTP1
internal import Passwords

/// A way for clients to show who they are, in `Authorization` (RFC 9110 §11.6.2).
public struct AuthenticationScheme: Sendable {
    /// How its name is written.
    let name: String
    private let verifier: Verifier

    private enum Verifier: Sendable {
        case file(PasswordFile)
        case password(PasswordClosure)
        case tokens([KnownToken])
        case token(TokenClosure)
    }

    private struct KnownToken: Sendable {
        let token: SecretBytes
        let user: AuthenticatedUser
    }

    /// Says who has a name and a password; `nil`: nobody.
    public typealias PasswordClosure =
        @Sendable (_ name: String, _ password: String) async throws -> AuthenticatedUser?

    /// Says who has a token; `nil`: nobody.
    public typealias TokenClosure =
        @Sendable (_ token: String) async throws -> AuthenticatedUser?

    /// Basic (RFC 7617): name and password with each request, which nothing protects but TLS.
    public static func basic(_ users: PasswordFile) -> AuthenticationScheme {
        AuthenticationScheme(name: "Basic", verifier: .file(users))
    }

    /// Basic, with passwords that a closure verifies. It must not block, must compare in constant
    /// time, and should take as long for users who do not exist; what it throws is answered as what
    /// handlers throw.
    public static func basic(_ verify: @escaping PasswordClosure) -> AuthenticationScheme {
        AuthenticationScheme(name: "Basic", verifier: .password(verify))
    }

    /// Bearer (RFC 6750), with tokens that a closure verifies, such as at an issuer's. As for Basic.
    public static func bearer(_ verify: @escaping TokenClosure) -> AuthenticationScheme {
        AuthenticationScheme(name: "Bearer", verifier: .token(verify))
    }

    /// Bearer, with a few tokens that are known beforehand, by the name of the user that each stands
    /// for. All are looked at for each request, in constant time.
    ///
    /// - Throws: `InvalidMiddleware` for a token that no client could send (RFC 6750 §2.1).
    public static func bearer(
        tokens: [String: String]
    ) throws(InvalidMiddleware) -> AuthenticationScheme {
        var known: [KnownToken] = []
        for (token, user) in tokens {
            guard isToken68(token.utf8.span) else {
                throw InvalidMiddleware(
                    "Bearer: the token of '\(user)' holds what no token can; it is made of letters, "
                        + "digits, -._~+/ and = at its end")
            }
            known.append(
                KnownToken(
                    token: SecretBytes(copying: token.utf8.span),
                    user: AuthenticatedUser(name: user)))
        }
        return AuthenticationScheme(name: "Bearer", verifier: .tokens(known))
    }

    private init(name: String, verifier: Verifier) {
        self.name = name
        self.verifier = verifier
    }

    /// The value of a `WWW-Authenticate` line (RFC 7617 §2.1, RFC 6750 §3).
    ///
    /// - Parameter hasFailed: Credentials of this scheme came, and were not good.
    func challenge(realm: String, hasFailed: Bool) -> String {
        switch verifier {
        case .file, .password: "Basic realm=\(realm), charset=\"UTF-8\""
        case .tokens, .token:
            "Bearer realm=\(realm)" + (hasFailed ? ", error=\"invalid_token\"" : "")
        }
    }

    // MARK: Verifying

    /// What credentials have shown, or how to find out.
    enum Finding {
        case user(AuthenticatedUser)
        /// The reason, for the log.
        case failed(String)
        case wait(@Sendable () async throws -> AuthenticatedUser?, ifNot: String)
    }

    /// Looks at what stands behind the scheme's name.
    func verify(_ credentials: Span<UInt8>) -> Finding {
        switch verifier {
        case .file(let users):
            guard let (name, password) = Self.namedPassword(in: credentials) else {
                return .failed("malformed")
            }
            let user = AuthenticatedUser(name: name)
            if users.isVerified(name, password.span) { return .user(user) }
            return .wait(
                { try await users.verify(name, password) ? user : nil },
                ifNot: users.has(name) ? "wrong password of '\(name)'" : "no user '\(name)'")
        case .password(let verify):
            guard let (name, bytes) = Self.namedPassword(in: credentials),
                let password = String(validating: bytes, as: UTF8.self)
            else { return .failed("malformed") }
            return .wait({ try await verify(name, password) }, ifNot: "'\(name)' is refused")
        case .tokens(let known):
            guard Self.isToken68(credentials) else { return .failed("malformed") }
            var user: AuthenticatedUser?
            for entry in known where entry.token.isEqual(to: credentials) { user = entry.user }
            return user.map { .user($0) } ?? .failed("unknown token")
        case .token(let verify):
            guard Self.isToken68(credentials) else { return .failed("malformed") }
            let token = String(copying: credentials)
            return .wait({ try await verify(token) }, ifNot: "the token is refused")
        }
    }

    /// What Basic brings: UTF-8 up to the first colon, and what follows (RFC 7617 §2).
    private static func namedPassword(in credentials: Span<UInt8>) -> (String, [UInt8])? {
        guard let bytes = Base64.decode(credentials),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let name = String(validating: bytes[..<colon], as: UTF8.self),
            !name.isEmpty, !name.hasControlCharacter
        else { return nil }
        return (name, Array(bytes[(colon + 1)...]))
    }

    /// Letters, digits and `-._~+/`, at least one, and any number of `=` (RFC 9110 §11.2).
    private static func isToken68(_ bytes: Span<UInt8>) -> Bool {
        var count = bytes.count
        while count > 0, bytes[count - 1] == UInt8(ascii: "=") { count -= 1 }
        for index in 0..<count {
            switch bytes[index] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D...0x2F, 0x5F, 0x7E: continue
            default: return false
            }
        }
        return count > 0
    }
}
