internal import HTTP1

/// A media type with its parameters (RFC 9110 §8.3.1), such as `text/html; charset=utf-8`.
public struct MediaType: Hashable, Sendable, CustomStringConvertible {
    /// Parameters that are read; a type with more is refused. None that is registered has five.
    public static let maxParameterCount = 16

    /// The type, such as `text`, in lower case.
    public let type: String
    /// The subtype, such as `html`, in lower case.
    public let subtype: String
    /// The parameters in their order, names in lower case, values without quotation marks.
    public let parameters: [Parameter]

    /// A parameter.
    public struct Parameter: Hashable, Sendable {
        /// The name, in lower case.
        public let name: String
        /// The value; its case is kept.
        public let value: String
    }

    /// Reads a type: two tokens, and parameters whose values are tokens or quoted strings. `nil` for
    /// anything else. O(n).
    public init?(_ text: String) {
        self.init(text.utf8.span)
    }

    init?(_ bytes: Span<UInt8>) {
        let end = bytes.endOfElement(from: 0, to: bytes.count, separator: UInt8(ascii: ";"))
        let essence = bytes.trimmed(0..<end)
        guard let slash = bytes.firstIndex(of: UInt8(ascii: "/"), in: essence),
            let type = bytes.token(essence.lowerBound..<slash),
            let subtype = bytes.token(slash + 1..<essence.upperBound),
            let parameters = Self.parameters(in: bytes, from: end + 1)
        else { return nil }
        self.type = type.lowercased()
        self.subtype = subtype.lowercased()
        self.parameters = parameters
    }

    /// Type and subtype, such as `text/html`.
    public var essence: String { "\(type)/\(subtype)" }

    /// The first value of a parameter; its name has no case.
    public subscript(name: String) -> String? {
        let name = name.lowercased()
        return parameters.first { $0.name == name }?.value
    }

    /// The `charset`, in lower case.
    public var charset: String? { self["charset"]?.lowercased() }

    /// As in a field: `text/html;charset=utf-8`.
    public var description: String {
        parameters.reduce(essence) { text, parameter in
            let isToken = FieldSyntax.isToken(parameter.value.utf8.span)
            return text + ";\(parameter.name)="
                + (isToken ? parameter.value : "\"\(Self.escaped(parameter.value))\"")
        }
    }

    /// Whether this is one of the types that a pattern stands for: `text/html`, `text/*`, `*/*`, or
    /// `*/*+json` for `application/json` and every type with that suffix (RFC 6839). Parameters are
    /// not looked at.
    public func matches(_ pattern: String) -> Bool {
        let parts = pattern.lowercased().split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "*" || parts[0] == type else { return false }
        if parts[1].hasPrefix("*+") {
            let suffix = parts[1].dropFirst(2)
            return subtype == suffix || subtype.hasSuffix("+\(suffix)")
        }
        return parts[1] == "*" || parts[1] == subtype
    }

    /// Empty parameters, as in `text/html;`, are passed over (RFC 9110 §5.6.6).
    private static func parameters(in bytes: Span<UInt8>, from start: Int) -> [Parameter]? {
        var parameters: [Parameter] = []
        var start = start
        while start < bytes.count {
            let end = bytes.endOfElement(
                from: start, to: bytes.count, separator: UInt8(ascii: ";"))
            let piece = bytes.trimmed(start..<end)
            start = end + 1
            if piece.isEmpty { continue }
            guard parameters.count < maxParameterCount,
                let equals = bytes.firstIndex(of: UInt8(ascii: "="), in: piece),
                let name = bytes.token(piece.lowerBound..<equals),
                let value = bytes.tokenOrQuoted(equals + 1..<piece.upperBound)
            else { return nil }
            parameters.append(Parameter(name: name.lowercased(), value: value))
        }
        return parameters
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if character == "\"" || character == "\\" { result.append("\\") }
            result.append(character)
        }
    }
}

extension Request {
    /// The type of the body, as `Content-Type` says; `nil` without one, with more than one, and
    /// where it cannot be read. O(head), allocates.
    public var contentType: MediaType? {
        guard let index = fields.onlyIndex(of: "content-type") else { return nil }
        return MediaType(fields.valueBytes(at: index))
    }

    /// Demands that the body is of one of these types.
    ///
    ///     try request.requireContentType(["application/json", "text/*"])
    ///
    /// - Parameter types: As in `MediaType.matches`; parameters such as `charset` are not looked at.
    /// - Throws: `HTTPError` 415 `unsupported_media_type`, with the types in `Accept`
    ///   (RFC 9110 §15.5.16), also when `Content-Type` is missing.
    public func requireContentType(_ types: [String]) throws(HTTPError) {
        let contentType = contentType
        if let contentType, types.contains(where: contentType.matches) { return }
        let wanted = types.map { $0 == "*/*+json" ? "application/json" : $0 }
        let list = wanted.joined(separator: ", ")
        throw HTTPError(
            .unsupportedMediaType, code: "unsupported_media_type",
            message: "the body must be \(wanted.joined(separator: " or "))",
            fields: [("Accept", list)])
    }
}

extension Span where Element == UInt8 {
    /// The range's text when it is a token (RFC 9110 §5.6.2).
    func token(_ range: Range<Int>) -> String? {
        let bytes = extracting(range)
        return FieldSyntax.isToken(bytes) ? String(copying: bytes) : nil
    }

    /// The value of a token or of a quoted string (RFC 9110 §5.6.4), which is the whole range.
    func tokenOrQuoted(_ range: Range<Int>) -> String? {
        guard !range.isEmpty, self[range.lowerBound] == UInt8(ascii: "\"") else {
            return token(range)
        }
        var text: [UInt8] = []
        var index = range.lowerBound + 1
        while index < range.upperBound {
            if self[index] == UInt8(ascii: "\"") {
                return index + 1 == range.upperBound ? String(decoding: text, as: UTF8.self) : nil
            }
            if self[index] == UInt8(ascii: "\\") {
                index += 1
                guard index < range.upperBound else { return nil }
            }
            text.append(self[index])
            index += 1
        }
        return nil
    }
}
