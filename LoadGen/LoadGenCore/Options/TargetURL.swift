internal import Arguments

/// Where requests go, and what their request line and `Host` say.
package struct TargetURL: Sendable, Equatable, CustomStringConvertible {
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    package var host: String
    /// 1 to 65,535.
    package var port: Int
    /// The request target: begins with `/`, has the query, and may hold placeholders.
    package var path: String

    /// The place that is loaded when nothing is said.
    package static let standard = TargetURL(host: "127.0.0.1", port: 8080, path: "/")

    /// The `Host` field's value: brackets around IPv6, no port when it is 80 (RFC 9112 §3.2).
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == 80 ? name : "\(name):\(port)"
    }

    /// The URL in full.
    package var description: String { "http://\(authority)\(path)" }

    /// Reads `http://host[:port][/path][?query]`. A fragment is dropped, since it is never sent.
    static func parse(_ text: String) throws(ValueError) -> TargetURL {
        let cure = "write it as http://127.0.0.1:8080/path"
        guard let scheme = text.firstRange(of: "://") else {
            throw ValueError("is not a URL", cure: cure)
        }
        switch text[..<scheme.lowerBound].lowercased() {
        case "http": break
        case "https":
            throw ValueError(
                "https is not supported yet: requests go out unencrypted",
                cure: "use http://, or put a TLS terminator in front")
        case let other:
            throw ValueError("the scheme '\(other)' is not supported", cure: cure)
        }
        let rest = text[scheme.upperBound...].prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        var path = String(rest[authority.endIndex...])
        if !path.hasPrefix("/") { path = "/" + path }
        if authority.contains("@") {
            throw ValueError(
                "a URL with a user name is refused (RFC 9110 §4.2.4)",
                cure: "send credentials with -H 'Authorization: …'")
        }
        var url = TargetURL(host: "", port: 80, path: try validPath(path))
        (url.host, url.port) = try hostAndPort(authority, cure: cure)
        return url
    }

    /// A path as it may stand in a request line, or an error about the character that may not.
    static func validPath(_ path: String) throws(ValueError) -> String {
        guard path.hasPrefix("/") || path == "*" else {
            throw ValueError("a path begins with /", cure: "write /\(path)")
        }
        guard path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ValueError(
                "the path has a blank, a control or a non-ASCII character",
                cure: "percent-encode it, as in %20")
        }
        return path
    }

    /// A host alone, with brackets around IPv6 or without.
    static func validHost(_ text: String) throws(ValueError) -> String {
        if text.hasPrefix("["), text.hasSuffix("]") {
            return try validIPv6(text.dropFirst().dropLast())
        }
        if text.contains(":") { return try validIPv6(text[...]) }
        let isName = text.utf8.allSatisfy {
            $0 < 0x80
                && (Character(UnicodeScalar($0)).isLetter
                    || Character(UnicodeScalar($0)).isNumber || [0x2D, 0x2E, 0x5F].contains($0))
        }
        guard isName, !text.isEmpty else {
            throw ValueError(
                text.isEmpty ? "there is no host" : "'\(text)' is not a host name",
                cure: "give a name or an address, for example 127.0.0.1 or [::1]")
        }
        return text
    }

    private static func hostAndPort(
        _ authority: Substring, cure: String
    ) throws(ValueError) -> (String, Int) {
        var host = authority
        var port: Substring?
        if authority.hasPrefix("[") {
            guard let bracket = authority.firstIndex(of: "]") else {
                throw ValueError(
                    "the bracket of the IPv6 address is not closed", cure: cure)
            }
            host = authority[...bracket]
            let after = authority[authority.index(after: bracket)...]
            guard after.isEmpty || after.hasPrefix(":") else {
                throw ValueError("only a port may follow the bracket", cure: cure)
            }
            port = after.isEmpty ? nil : after.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            guard colon == authority.lastIndex(of: ":") else {
                throw ValueError(
                    "an IPv6 address needs brackets", cure: "write http://[::1]:8080/")
            }
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        let name = try validHost(String(host))
        // An empty port is the default one (RFC 3986 §3.2.3).
        guard let port, !port.isEmpty else { return (name, 80) }
        guard let number = Int(port), (1...65_535).contains(number),
            port.allSatisfy({ $0.isNumber })
        else {
            throw ValueError("'\(port)' is not a port", cure: "give one from 1 to 65,535")
        }
        return (name, number)
    }

    private static func validIPv6(_ text: Substring) throws(ValueError) -> String {
        let characters = Set("0123456789abcdefABCDEF:.")
        let address = text.prefix { $0 != "%" }
        guard address.contains(":"), address.allSatisfy({ characters.contains($0) }) else {
            throw ValueError(
                "'\(text)' is not an IPv6 address", cure: "write it like [::1]")
        }
        return String(text)
    }
}
