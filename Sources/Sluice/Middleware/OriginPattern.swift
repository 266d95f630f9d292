internal import HTTP1

/// Origins of pages that may ask, as one entry of a list: `https://app.example.org`,
/// `https://*.example.org`, `http://[::1]:3000` or `null`.
///
/// Browsers send an origin in one form: scheme and host in lower case, the port only where it is not
/// the scheme's (Fetch §3.2, HTML "serialization of an origin"). An entry is put into that form once,
/// and then compared byte by byte.
struct OriginPattern: Equatable, Sendable {
    /// The whole origin; with a wildcard, what stands before it: `https://`.
    private let start: [UInt8]
    /// What stands behind the star, port included: `.example.org`. `nil`: there is no star.
    private let end: [UInt8]?

    /// `null`: what sandboxed pages, files and some redirects send.
    private init(start: String, end: String?) {
        self.start = Array(start.utf8)
        self.end = end.map { Array($0.utf8) }
    }

    /// - Throws: What is wrong with it, as a clause.
    init(_ text: String) throws(OriginFault) {
        if text == "null" {
            self.init(start: text, end: nil)
            return
        }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw OriginFault("it has no scheme; an origin is such as https://example.org")
        }
        let scheme = text[..<colon].lowercased()
        guard Self.isScheme(scheme) else { throw OriginFault("'\(scheme)' is no scheme") }
        let authority = text[text.index(colon, offsetBy: 3)...].lowercased()
        let (host, port) = try Self.split(authority)
        let portText = port == Self.defaultPort(of: scheme) ? "" : port.map { ":\($0)" } ?? ""
        guard host.hasPrefix("*.") else {
            guard Self.isHost(host) else {
                throw OriginFault(
                    "'\(host)' is no host; an origin has no path, and a star only for the first "
                        + "labels of a host")
            }
            self.init(start: "\(scheme)://\(host)\(portText)", end: nil)
            return
        }
        let domain = host.dropFirst(2)
        guard Self.isName(String(domain)) else {
            throw OriginFault("'\(domain)' is no domain to stand behind a star")
        }
        self.init(start: "\(scheme)://", end: ".\(domain)\(portText)")
    }

    /// Whether a page's origin is meant. O(n), allocates nothing.
    func matches(_ origin: Span<UInt8>) -> Bool {
        guard let end else { return Self.isEqual(origin, start.span) }
        let labels = origin.count - start.count - end.count
        guard labels > 0, Self.isEqual(origin.extracting(first: start.count), start.span),
            Self.isEqual(origin.extracting(last: end.count), end.span)
        else { return false }
        // What the star stands for must be labels of a name and nothing that ends a host.
        var lastWasDot = true
        for index in start.count..<(start.count + labels) {
            let byte = origin[index]
            if byte == UInt8(ascii: ".") {
                if lastWasDot { return false }
                lastWasDot = true
            } else {
                guard Self.isNameByte(byte) else { return false }
                lastWasDot = false
            }
        }
        return !lastWasDot
    }

    // MARK: Helpers

    private static func split(_ authority: String) throws(OriginFault) -> (String, Int?) {
        let afterBrackets = authority.lastIndex(of: "]") ?? authority.startIndex
        guard let colon = authority[afterBrackets...].lastIndex(of: ":") else {
            return (authority, nil)
        }
        let digits = authority[authority.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            (1...65_535).contains(port)
        else { throw OriginFault("'\(digits)' is no port; one is in 1 ... 65535") }
        return (String(authority[..<colon]), port)
    }

    private static func defaultPort(of scheme: String) -> Int? {
        switch scheme {
        case "http": 80
        case "https": 443
        default: nil
        }
    }

    private static func isScheme(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x61...0x7A, 0x30...0x39, 0x2B, 0x2D, 0x2E: true
            default: false
            }
        }
    }

    private static func isHost(_ text: String) -> Bool {
        if text.hasPrefix("["), text.hasSuffix("]") {
            return NetworkRange("\(text.dropFirst().dropLast())") != nil && text.contains(":")
                && !text.contains("/")
        }
        return isName(text)
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
                !$0.isEmpty && $0.utf8.allSatisfy(isNameByte)
            }
    }

    /// Lower-case letters, digits, hyphen and, as browsers allow it, underscore.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x30...0x39, UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isEqual(_ first: Span<UInt8>, _ second: Span<UInt8>) -> Bool {
        guard first.count == second.count else { return false }
        for index in first.indices where first[index] != second[index] { return false }
        return true
    }
}

/// Why a text is no entry of a list of origins.
struct OriginFault: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
