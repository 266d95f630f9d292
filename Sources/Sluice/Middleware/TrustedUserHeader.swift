internal import HTTP1

/// Takes the user from a field that a proxy in front sets, once it has authenticated them.
///
///     try router.use(TrustedUserHeader(
///         name: "X-Remote-User", from: [NetworkRange("10.0.0.7")!], required: true))
///
/// The field is believed only when the connection itself comes from one of the ranges
/// (`Request.peerAddress`); no other field is asked who that is. Where `readsProxyProtocol` is set,
/// that is whom the PROXY protocol names, which is the client: this has no use there.
///
/// From anybody else the field means nothing. When a user is `required`, the request is refused with
/// 403; else it goes on without `request[AuthenticatedUser.self]`. Handlers still see the field among
/// the others, as it came: they ask for the user and never for the field.
///
/// The proxy must remove what its own clients have sent under this name, on every way through it.
///
/// Costs a comparison with each range and a look at the fields.
public struct TrustedUserHeader: Middleware {
    /// Bytes that a name may have: more than directories give.
    public static let maxNameByteCount = 256

    private let name: String
    private let ranges: [NetworkRange]
    private let isRequired: Bool
    private let allowed: AllowedUsers

    /// Whom to believe.
    ///
    /// - Parameters:
    ///   - name: The field.
    ///   - from: Where the proxies are.
    ///   - required: A request without a user that can be believed gets 403.
    ///   - allowing: Which users may go on; the others get 403.
    /// - Throws: `InvalidMiddleware` for a name that is no token, or without ranges.
    public init(
        name: String, from ranges: [NetworkRange], required: Bool = true,
        allowing: AllowedUsers = .all
    ) throws(InvalidMiddleware) {
        guard FieldSyntax.isToken(name.utf8.span) else {
            throw InvalidMiddleware("TrustedUserHeader: name '\(name)' is no token")
        }
        guard !ranges.isEmpty else {
            throw InvalidMiddleware("TrustedUserHeader: from is empty, so that nobody is believed")
        }
        self.name = name
        self.ranges = ranges
        isRequired = required
        allowed = allowing
    }

    /// Takes the user from the field.
    ///
    /// - Throws: `HTTPError` 403; 400 when a proxy that is believed sends several lines of the field,
    ///   or what is no name: empty, longer than `maxNameByteCount`, with control characters, or no
    ///   UTF-8.
    public func before(
        _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep {
        let peer = request.peerAddress
        guard ranges.contains(where: { $0.contains(peer) }) else { return try withoutUser() }
        let fields = request.fields
        guard let index = fields.index(of: name.utf8.span) else { return try withoutUser() }
        guard fields.index(of: name.utf8.span, from: index + 1) == nil,
            let user = fields.userName(at: index)
        else {
            throw HTTPError(.badRequest, message: "this names no user", field: name)
        }
        let authenticated = AuthenticatedUser(name: user)
        guard allowed.contains(authenticated) else { throw HTTPError(.forbidden) }
        request[AuthenticatedUser.self] = authenticated
        return .next
    }

    private func withoutUser() throws(HTTPError) -> MiddlewareStep {
        if isRequired { throw HTTPError(.forbidden) }
        return .next
    }
}

extension RequestFields {
    fileprivate func index(of name: Span<UInt8>, from start: Int = 0) -> Int? {
        for index in start..<count where nameBytes(at: index).isSameName(as: name) { return index }
        return nil
    }

    /// A line's value as a user's name; `nil` when it is none.
    fileprivate func userName(at index: Int) -> String? {
        let bytes = valueBytes(at: index)
        guard (1...TrustedUserHeader.maxNameByteCount).contains(bytes.count) else { return nil }
        do {
            let name = String(copying: try UTF8Span(validating: bytes))
            return name.hasControlCharacter ? nil : name
        } catch {
            return nil
        }
    }
}
