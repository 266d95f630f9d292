internal import Containers
internal import HTTP1
internal import HTTPEngine

/// Media types whose bodies are worth compressing, compared as bytes, without allocating.
struct CompressibleTypes: Sendable {
    /// The types of those that are text in one form or another, or that are known to shrink. What is
    /// compressed already, as most pictures, sounds, films and fonts of the web are, is not among
    /// them.
    static let usual = [
        "text/*", "*/*+json", "*/*+xml", "application/json", "application/xml",
        "application/javascript", "application/x-javascript", "application/ecmascript",
        "application/wasm", "application/x-ndjson", "application/jsonl", "application/json-seq",
        "application/yaml", "application/toml", "application/sql", "application/graphql",
        "application/rtf", "application/xml-dtd", "application/x-sh", "application/postscript",
        "application/x-www-form-urlencoded", "application/vnd.ms-fontobject",
        "application/vnd.mapbox-vector-tile", "font/ttf", "font/otf", "font/collection",
        "image/bmp", "image/x-icon", "image/vnd.microsoft.icon", "model/obj", "model/stl",
    ]

    private var whole: [[UInt8]] = []
    /// `text/` of `text/*`.
    private var families: [[UInt8]] = []
    /// `+json` of `*/*+json`.
    private var suffixes: [[UInt8]] = []
    private var takesAll = false

    /// - Parameter patterns: As in `MediaType.matches`.
    /// - Throws: For the first that is none.
    init(_ patterns: [String]) throws(InvalidMiddleware) {
        for pattern in patterns {
            let parts = pattern.split(separator: "/", omittingEmptySubsequences: false)
            let areTokens = parts.allSatisfy { FieldSyntax.isToken(Array($0.utf8).span) }
            guard areTokens, parts.count == 2, parts[0] != "*" || parts[1].hasPrefix("*") else {
                throw InvalidMiddleware(
                    "ResponseCompression: '\(pattern)' is no media type; give types such as "
                        + "text/html, text/*, */*+json or */*")
            }
            if pattern == "*/*" {
                takesAll = true
            } else if pattern.hasPrefix("*/*+") {
                // It stands for the type behind the plus, too.
                suffixes.append(Array(parts[1].dropFirst().utf8))
                whole.append(Array("application/\(parts[1].dropFirst(2))".utf8))
            } else if parts[1] == "*" {
                families.append(Array("\(parts[0])/".utf8))
            } else {
                whole.append(Array(pattern.utf8))
            }
        }
    }

    /// Whether the answer's body is of one of the types. Without a type it is not.
    func contain(typeOf response: borrowing Response) -> Bool {
        switch response.message.contentType {
        case .none: break
        case .plainText: return contain("text/plain".utf8.span)
        case .html: return contain("text/html".utf8.span)
        case .json: return contain("application/json".utf8.span)
        case .problem: return contain("application/problem+json".utf8.span)
        case .bytes: return contain("application/octet-stream".utf8.span)
        }
        guard let range = response.valueRange(of: "content-type".utf8.span) else { return false }
        let bytes = response.message.fields.span.extracting(range)
        let end = bytes.firstIndex(of: UInt8(ascii: ";"), in: bytes.indices) ?? bytes.count
        return contain(bytes.extracting(bytes.trimmed(0..<end)))
    }

    /// Whether a type without its parameters is one of them.
    func contain(_ type: Span<UInt8>) -> Bool {
        if takesAll { return true }
        for family in families
        where type.count > family.count
            && type.extracting(first: family.count).isSameName(as: family.span)
        {
            return true
        }
        for suffix in suffixes
        where type.count > suffix.count
            && type.extracting(last: suffix.count).isSameName(as: suffix.span)
        {
            return true
        }
        for other in whole where type.isSameName(as: other.span) { return true }
        return false
    }
}
