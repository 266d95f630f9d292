internal import HTTP1
internal import HTTPEngine

/// Lets pages of other origins use what it stands around (the CORS protocol, Fetch §3.3), and can
/// keep all others out.
///
///     try router.use(CORS(
///         origins: ["https://app.example.org", "https://*.example.org"],
///         allowsCredentials: true, maxAge: .seconds(3_600)))
///
/// - A preflight (`OPTIONS` with `Origin` and `Access-Control-Request-Method`, Fetch §3.3.2, §4.8) is
///   answered with 204 and does not reach a handler. For an origin that is not allowed the answer
///   lacks the fields that would permit anything, so that the browser gives up.
/// - Every other answer, to errors too, gets `Access-Control-Allow-Origin` when its origin is
///   allowed (Fetch §3.3.3). `Vary: Origin` is on all of them, also on those to requests without an
///   origin: a cache must not give a page what was stored for another (Fetch, "CORS protocol and HTTP
///   caches"). Where the origins are `*`, all answers are the same and vary by nothing.
///
/// Use it before what authenticates: preflights carry no credentials. Around one route there should
/// be one: the outermost answers the preflight. What the server refuses without asking middleware
/// lacks the fields, as `DefaultFields` says.
///
/// Being allowed or not decides what a *browser* shows a page. The request has been done by then,
/// unless `checksOrigin` is set.
///
/// Costs a comparison with each origin; allocates only where it sets fields.
public struct CORS: Middleware {
    private let origins: [OriginPattern]
    private let allowsAll: Bool
    private let methods: String
    private let headers: String?
    private let exposedHeaders: String
    private let allowsCredentials: Bool
    private let maxAge: String?
    private let checksOrigin: Bool

    /// Days a browser could keep a preflight; those there are cap it at a day or less.
    private static let maxAgeRange = Duration.zero...Duration.seconds(86_400)

    /// Who may do what.
    ///
    /// - Parameters:
    ///   - origins: Who may ask: an origin such as `https://example.org` or `http://[::1]:3000`;
    ///     `https://*.example.org` for every host below it however deep, but not itself; `*` for
    ///     everybody, then alone; `null` for pages without an origin, such as files, which includes
    ///     every sandboxed frame of every attacker. Scheme and port count.
    ///   - methods: Which methods a page may use beyond GET, HEAD and POST, which always go; those
    ///     are named as well, for readers.
    ///   - headers: Which fields a page may set. `nil`: every one that it asks for.
    ///   - exposedHeaders: Which fields of answers a page may read beyond those that are harmless.
    ///   - allowsCredentials: Pages may send cookies and `Authorization`.
    ///   - maxAge: How long a browser may remember the answer to a preflight, in whole seconds, up
    ///     to a day. `nil`: its own idea, 5 s (Fetch §4.8).
    ///   - checksOrigin: A request whose `Origin` is not allowed gets 403 before any handler: against
    ///     pages that post forms (CSRF) or have made their own name point here (DNS rebinding). The
    ///     server's own origin must be listed too, because pages send it with POST. A request
    ///     without `Origin` is let through: browsers send one wherever it matters.
    /// - Throws: `InvalidMiddleware` for what is no origin, method or field name, for `*` with
    ///   credentials, which Fetch §3.3.5 forbids, or with `checksOrigin`, which would check nothing,
    ///   and for a `maxAge` out of range.
    public init(
        origins: [String], methods: [Method] = [.get, .head, .post, .put, .patch, .delete],
        headers: [String]? = nil, exposedHeaders: [String] = [], allowsCredentials: Bool = false,
        maxAge: Duration? = nil, checksOrigin: Bool = false
    ) throws(InvalidMiddleware) {
        allowsAll = origins == ["*"]
        self.origins = allowsAll ? [] : try Self.patterns(origins)
        let names = methods.map(\.rawValue)
        try Self.check(names, "methods", allowsCredentials)
        try Self.check(headers ?? [], "headers", allowsCredentials)
        try Self.check(exposedHeaders, "exposedHeaders", allowsCredentials)
        if allowsAll, allowsCredentials {
            throw InvalidMiddleware(
                "CORS: origins * with allowsCredentials is forbidden (Fetch §3.3.5); list origins")
        }
        if allowsAll, checksOrigin {
            throw InvalidMiddleware(
                "CORS: origins * with checksOrigin checks nothing; list origins")
        }
        if let maxAge, !Self.maxAgeRange.contains(maxAge) {
            throw InvalidMiddleware("CORS: maxAge \(maxAge) is not in 0 ... 86,400 seconds")
        }
        self.methods = names.joined(separator: ", ")
        self.headers = headers?.joined(separator: ", ")
        self.exposedHeaders = exposedHeaders.joined(separator: ", ")
        self.allowsCredentials = allowsCredentials
        self.maxAge = maxAge.map { "\($0.components.seconds)" }
        self.checksOrigin = checksOrigin
    }

    /// Answers preflights, and refuses foreign origins where it is to.
    public func before(
        _ request: inout Request, _ response: inout Response
    ) throws -> MiddlewareStep {
        let fields = request.fields
        guard fields.index(of: "origin") != nil else { return .next }
        let isAllowed = allows(fields)
        if !isAllowed, checksOrigin {
            throw HTTPError(
                .forbidden, code: "origin_not_allowed",
                message: "pages of this origin may not ask here", field: "Origin")
        }
        guard request.isPreflight else { return .next }
        response.status = .noContent
        if isAllowed { try permit(fields, &response) }
        return .respond
    }

    /// Says who may read the answer.
    public func after(_ request: borrowing Request, _ response: inout Response) {
        // What an inner one or the handler has said is more special, and two lines say nothing.
        let isSaid = response.hasField("access-control-allow-origin".utf8.span)
        if !isSaid { admit(request, &response) }
        guard !allowsAll else {
            if request.isPreflight { response.addVary(Self.preflightNames) }
            return
        }
        response.addVary(request.isPreflight ? ["Origin"] + Self.preflightNames : ["Origin"])
    }

    private static let preflightNames = [
        "Access-Control-Request-Method", "Access-Control-Request-Headers",
    ]

    /// What goes out was looked at before, or came as a field's value, so it is always taken.
    private func admit(_ request: borrowing Request, _ response: inout Response) {
        let fields = request.fields
        if allowsAll {
            try? response.addField("Access-Control-Allow-Origin", "*")
        } else {
            guard let index = fields.onlyIndex(of: "origin"), allows(fields) else { return }
            try? response.message.appendField(
                name: "Access-Control-Allow-Origin".utf8.span, value: fields.valueBytes(at: index))
            if allowsCredentials {
                try? response.addField("Access-Control-Allow-Credentials", "true")
            }
        }
        if !exposedHeaders.isEmpty, !request.isPreflight {
            try? response.addField("Access-Control-Expose-Headers", exposedHeaders)
        }
    }

    private func permit(
        _ fields: borrowing RequestFields, _ response: inout Response
    ) throws(InvalidField) {
        if !methods.isEmpty { try response.setField("Access-Control-Allow-Methods", methods) }
        if let wanted = headers ?? fields["Access-Control-Request-Headers"], !wanted.isEmpty {
            try response.setField("Access-Control-Allow-Headers", wanted)
        }
        if let maxAge { try response.setField("Access-Control-Max-Age", maxAge) }
    }

    /// Whether the one origin of a request is allowed; two are none.
    private func allows(_ fields: borrowing RequestFields) -> Bool {
        guard !allowsAll else { return true }
        guard let index = fields.onlyIndex(of: "origin") else { return false }
        let origin = fields.valueBytes(at: index)
        for pattern in origins where pattern.matches(origin) { return true }
        return false
    }

    // MARK: Settings

    private static func patterns(
        _ texts: [String]
    ) throws(InvalidMiddleware) -> [OriginPattern] {
        guard !texts.isEmpty else {
            throw InvalidMiddleware("CORS: origins is empty, so that nobody could ask")
        }
        var patterns: [OriginPattern] = []
        for text in texts {
            guard text != "*" else {
                throw InvalidMiddleware("CORS: origins has * beside others; it stands alone")
            }
            do throws(OriginFault) {
                patterns.append(try OriginPattern(text))
            } catch {
                throw InvalidMiddleware("CORS: origin '\(text)': \(error.reason)")
            }
        }
        return patterns
    }

    private static func check(
        _ names: [String], _ setting: String, _ allowsCredentials: Bool
    ) throws(InvalidMiddleware) {
        for name in names where !FieldSyntax.isToken(name.utf8.span) {
            throw InvalidMiddleware("CORS: \(setting) has '\(name)', which is no token")
        }
        if allowsCredentials, names.contains("*") {
            throw InvalidMiddleware(
                "CORS: \(setting) has *, which stands for itself where credentials are allowed "
                    + "(Fetch §3.3.5); list what is meant")
        }
    }
}

extension Request {
    /// Asks whether a request of a page would be allowed (Fetch §3.3.2).
    fileprivate var isPreflight: Bool {
        if case .options = view.line.method {
            return fields.index(of: "origin") != nil
                && fields.index(of: "access-control-request-method") != nil
        }
        return false
    }
}
