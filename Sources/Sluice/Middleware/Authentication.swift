internal import HTTP1

/// Lets in who can show who they are, by any of some schemes.
///
///     try router.group("/admin") { admin in
///         try admin.use(Authentication(
///             realm: "tea", schemes: [.basic(users), .bearer { try await issuer.user(of: $0) }],
///             allowing: ["anna"]))
///         admin.get("/") { request, response in … }
///     }
///
/// - The handler finds the user in `request[AuthenticatedUser.self]`. Each request is verified; a
///   connection is not trusted because of an earlier one.
/// - Without credentials, or with such as are not good, the answer is 401, with one line
///   `WWW-Authenticate` for each scheme, in their order (RFC 9110 §11.6.1); for a bearer token that is
///   not good with `error="invalid_token"` (RFC 6750 §3.1). With two lines `Authorization` it is 400.
/// - A user who is known but not allowed gets 403.
/// - The answer never says why; the log does, one line for each time that credentials were refused.
///
/// What is wrong is found before the client is told to send a body. OPTIONS and 405 on the group's
/// paths need credentials too; put `CORS` before this, because preflights carry none.
///
/// Costs a look at the field; what has to be waited for, a task.
public struct Authentication: Middleware {
    private let schemes: [AuthenticationScheme]
    /// As it stands in a field, quoted.
    private let realm: String
    private let allowed: AllowedUsers
    private let challenges: Bool
    private let log: @Sendable (String) -> Void

    /// Who is let in.
    ///
    /// - Parameters:
    ///   - realm: What people are asked to log in to; visible ASCII and blanks.
    ///   - schemes: At most one of each name.
    ///   - allowing: Which of the users that are known may go on.
    ///   - challenges: Whether a 401 says how to log in, as RFC 9110 §15.5.2 demands. Browsers then
    ///     ask their user for a password, also for what a page's script has asked for; without, they
    ///     do not, which suits interfaces for programs.
    ///   - log: Where refusals go, one line at a time, on any thread. `nil`: standard error.
    /// - Throws: `InvalidMiddleware` for a realm that cannot be, without schemes, or with two of one
    ///   name.
    public init(
        realm: String, schemes: [AuthenticationScheme], allowing: AllowedUsers = .all,
        challenges: Bool = true, log: (@Sendable (String) -> Void)? = nil
    ) throws(InvalidMiddleware) {
        guard !realm.isEmpty, realm.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw InvalidMiddleware(
                "Authentication: realm '\(realm)' is empty or holds more than visible ASCII")
        }
        let names = schemes.map(\.name)
        guard !names.isEmpty, Set(names).count == names.count else {
            throw InvalidMiddleware(
                "Authentication: schemes \(names) are none, or two of one name")
        }
        self.schemes = schemes
        self.realm = Self.quoted(realm)
        allowed = allowing
        self.challenges = challenges
        self.log = log ?? { StandardError.write(line: $0) }
    }

    /// Verifies credentials.
    public func before(
        _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep {
        let fields = request.fields
        guard fields.index(of: "authorization") != nil else { throw refusal(of: nil) }
        guard let index = fields.onlyIndex(of: "authorization") else {
            throw HTTPError(
                .badRequest, message: "there is more than one Authorization",
                field: "Authorization")
        }
        let value = fields.valueBytes(at: index)
        let end = value.firstIndex(of: UInt8(ascii: " "), in: 0..<value.count) ?? value.count
        let credentials = value.extracting(value.trimmed(end..<value.count))
        guard let scheme = scheme(named: value.extracting(first: end)) else {
            note("a scheme that is not offered", of: Occasion(request))
            throw refusal(of: nil)
        }
        switch scheme.verify(credentials) {
        case .user(let user):
            guard allowed.contains(user) else { throw refusal(of: user, Occasion(request)) }
            request[AuthenticatedUser.self] = user
            return .next
        case .failed(let reason):
            note(reason, of: Occasion(request))
            throw refusal(of: scheme)
        case .wait(let verify, let reason):
            let occasion = Occasion(request)
            return .wait {
                guard let user = try await verify() else {
                    note(reason, of: occasion)
                    throw refusal(of: scheme)
                }
                guard allowed.contains(user) else { throw refusal(of: user, occasion) }
                var values = RequestValues()
                values[AuthenticatedUser.self] = user
                return values
            }
        }
    }

    private func scheme(named name: Span<UInt8>) -> AuthenticationScheme? {
        for scheme in schemes where name.isSameName(as: scheme.name.utf8.span) { return scheme }
        return nil
    }

    // MARK: Refusing

    /// 401.
    ///
    /// - Parameter failed: The scheme whose credentials came and were not good.
    private func refusal(of failed: AuthenticationScheme?) -> HTTPError {
        guard challenges else { return HTTPError(.unauthorized) }
        return HTTPError(
            .unauthorized,
            fields: schemes.map {
                let hasFailed = $0.name == failed?.name
                return ("WWW-Authenticate", $0.challenge(realm: realm, hasFailed: hasFailed))
            })
    }

    /// 403.
    private func refusal(of user: AuthenticatedUser, _ occasion: Occasion) -> HTTPError {
        note("'\(user.name)' is not allowed", of: occasion)
        return HTTPError(.forbidden)
    }

    private func note(_ reason: String, of occasion: Occasion) {
        log(ErrorResponder.escaped("authentication: \(occasion.description): \(reason)"))
    }

    /// A quoted string (RFC 9110 §5.6.4).
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text {
            if character == "\"" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "\""
    }
}

/// What the log says of a request: `GET /admin from 192.0.2.1`.
private struct Occasion: Sendable {
    let description: String

    init(_ request: borrowing Request) {
        description =
            "\(request.method.rawValue) \(request.path) from \(request.clientAddress.host)"
    }
}
