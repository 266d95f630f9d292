internal import HTTP1

/// A cookie for the client to keep (RFC 6265bis §4.1).
///
/// The defaults are the safe ones: for the whole site, out of reach of scripts, not sent along with
/// requests that other sites cause. Set `secure` wherever the site is served over TLS.
///
///     try response.setCookie(Cookie("session", token, maxAge: .seconds(3600), secure: true))
public struct Cookie: Equatable, Sendable {
    /// When a cookie goes along with requests that another site causes.
    public enum SameSite: String, Sendable {
        /// Never.
        case strict = "Strict"
        /// Only when the user follows a link.
        case lax = "Lax"
        /// Always; demands `secure`.
        case none = "None"
    }

    /// A token (RFC 9110 §5.6.2). A name that begins with `__Secure-` demands `secure`; `__Host-`
    /// demands `secure`, the path `/` and no domain.
    public var name: String
    /// Visible ASCII characters without `"`, `,`, `;` and the backslash; anything else must be
    /// encoded first. It may stand in double quotes. Name and value have at most 4,096 bytes.
    public var value: String
    /// The cookie is sent to this path and below it. It begins with a slash.
    public var path: String?
    /// The cookie is sent to this host and those below it; `nil`: to the very host that has set it.
    public var domain: String?
    /// How long it lives, in whole seconds, at least one; `nil`: as `expiresAtUnixSeconds` says.
    /// Browsers cut it to 400 days.
    public var maxAge: Duration?
    /// When it ends, in seconds since 1970 (UTC), 0 ... 253402300799; `nil`: when the browser does.
    /// `maxAge` wins over it.
    public var expiresAtUnixSeconds: Int?
    /// It is sent over TLS only.
    public var secure: Bool
    /// Scripts cannot read it.
    public var httpOnly: Bool
    /// Whether it goes along with requests that other sites cause; `nil`: as the browser likes.
    public var sameSite: SameSite?
    /// It is kept apart for each site that embeds this one (CHIPS); demands `secure`.
    public var partitioned: Bool

    /// A cookie. It is checked when it is set.
    public init(
        _ name: String, _ value: String, path: String? = "/", domain: String? = nil,
        maxAge: Duration? = nil, expiresAtUnixSeconds: Int? = nil, secure: Bool = false,
        httpOnly: Bool = true, sameSite: SameSite? = .lax, partitioned: Bool = false
    ) {
        self.name = name
        self.value = value
        self.path = path
        self.domain = domain
        self.maxAge = maxAge
        self.expiresAtUnixSeconds = expiresAtUnixSeconds
        self.secure = secure
        self.httpOnly = httpOnly
        self.sameSite = sameSite
        self.partitioned = partitioned
    }

    /// The value of `Set-Cookie`. What it is made of has been checked.
    var fieldValue: String {
        var text = "\(name)=\(value)"
        if let path { text += "; Path=\(path)" }
        if let domain { text += "; Domain=\(domain)" }
        if let maxAge { text += "; Max-Age=\(maxAge.components.seconds)" }
        if let expiresAtUnixSeconds {
            text += "; Expires=\(HTTPDate.text(secondsSince1970: Int64(expiresAtUnixSeconds)))"
        }
        if secure { text += "; Secure" }
        if httpOnly { text += "; HttpOnly" }
        if let sameSite { text += "; SameSite=\(sameSite.rawValue)" }
        if partitioned { text += "; Partitioned" }
        return text
    }
}

// MARK: - Checks

extension Cookie {
    /// Bytes of name and value together, and of an attribute's value: browsers drop the cookie or
    /// the attribute beyond them without a word (RFC 6265bis §5.6).
    private static let maxPairByteCount = 4_096
    private static let maxAttributeByteCount = 1_024

    /// The first thing that cannot be, as a clause with its cure.
    var problem: String? {
        if !FieldSyntax.isToken(name.utf8.span) { return "the name is no token" }
        if !isValue(value) {
            return "the value holds a blank, a quote, a comma, a semicolon, a backslash or what is "
                + "not visible ASCII; encode it first"
        }
        if name.utf8.count + value.utf8.count > Self.maxPairByteCount {
            return "name and value have more than \(Self.maxPairByteCount) bytes"
        }
        return pathProblem ?? domainProblem ?? timeProblem ?? combinationProblem
    }

    private var pathProblem: String? {
        guard let path else { return nil }
        if path.utf8.first != UInt8(ascii: "/") { return "the path does not begin with a slash" }
        if path.utf8.contains(where: { !(0x20...0x7E).contains($0) || $0 == UInt8(ascii: ";") }) {
            return "the path holds a semicolon or what is not visible ASCII; percent-encode it"
        }
        if path.utf8.count > Self.maxAttributeByteCount {
            return "the path has more than \(Self.maxAttributeByteCount) bytes"
        }
        return nil
    }

    private var domainProblem: String? {
        guard let domain else { return nil }
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.utf8.first != UInt8(ascii: "-")
                && label.utf8.last != UInt8(ascii: "-")
                && label.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
        }
        if !isName || domain.utf8.count > 253 {
            return "the domain is no host name, such as example.com without a dot before it"
        }
        return nil
    }

    private var timeProblem: String? {
        if let maxAge, maxAge < .seconds(1) {
            return "maxAge is less than a second; to delete a cookie use deleteCookie"
        }
        if let time = expiresAtUnixSeconds,
            !(0...HTTPDate.range.upperBound).contains(Int64(time))
        {
            return "expiresAtUnixSeconds is not in 0 ... \(HTTPDate.range.upperBound)"
        }
        return nil
    }

    private var combinationProblem: String? {
        if !secure {
            if sameSite == SameSite.none { return "SameSite=None demands secure" }
            if partitioned { return "partitioned demands secure" }
            if demandsSecure { return "its name demands secure" }
        }
        if isHostOnly && (path != "/" || domain != nil) {
            return "its name demands the path / and no domain"
        }
        return nil
    }

    /// Browsers compare the prefixes without regard to case (RFC 6265bis §5.4).
    fileprivate var isHostOnly: Bool { name.lowercased().hasPrefix("__host-") }
    fileprivate var demandsSecure: Bool {
        isHostOnly || name.lowercased().hasPrefix("__secure-")
    }

    /// `*cookie-octet / ( DQUOTE *cookie-octet DQUOTE )`
    private func isValue(_ value: String) -> Bool {
        let quote = UInt8(ascii: "\"")
        var octets = value.utf8[...]
        if octets.count >= 2, octets.first == quote, octets.last == quote {
            octets = octets.dropFirst().dropLast()
        }
        return octets.allSatisfy {
            (0x21...0x7E).contains($0) && !#"",;\"#.utf8.contains($0)
        }
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}

extension HTTPDate {
    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    static func text(secondsSince1970 time: Int64) -> String {
        var text: [29 of UInt8] = .init(repeating: 0)
        write(secondsSince1970: time, into: &text)
        return String(copying: text.span)
    }
}

/// A cookie that an answer cannot carry, or that browsers would drop without a word.
public struct InvalidCookie: Error, Equatable, Sendable, CustomStringConvertible {
    /// The name that was given.
    public let name: String

    /// What is wrong and what would be right.
    public let description: String

    init(name: String, _ problem: String) {
        self.name = name
        description = "cookie \(name.prefix(80).debugDescription): \(problem)"
    }
}

// MARK: - Setting

extension Response {
    /// Sets a cookie, by a `Set-Cookie` line of its own.
    ///
    /// - Throws: `InvalidCookie` when browsers would drop it or an attribute of it (RFC 6265bis).
    public mutating func setCookie(_ cookie: Cookie) throws(InvalidCookie) {
        if let problem = cookie.problem { throw InvalidCookie(name: cookie.name, problem) }
        do {
            try addField("Set-Cookie", cookie.fieldValue)
        } catch {
            throw InvalidCookie(name: cookie.name, error.description)
        }
    }

    /// Makes the client forget a cookie, by one that has expired. Path, domain and partition must be
    /// those that it was set with.
    ///
    /// - Throws: As `setCookie`.
    public mutating func deleteCookie(
        _ name: String, path: String? = "/", domain: String? = nil, partitioned: Bool = false
    ) throws(InvalidCookie) {
        var cookie = Cookie(
            name, "", path: path, domain: domain, expiresAtUnixSeconds: 0,
            partitioned: partitioned)
        cookie.secure = partitioned || cookie.demandsSecure
        try setCookie(cookie)
    }
}
