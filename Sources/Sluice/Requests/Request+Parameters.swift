internal import HTTP1
internal import HTTPEngine

extension Request {
    /// The pattern of the route that answers, in its canonical spelling, such as `/users/{id}`: a
    /// name for metrics and logs that clients cannot make up; empty where none answers. O(n), copies.
    public var route: String {
        pattern.isEmpty ? "" : String(copying: pattern.extracting(1...))
    }

    /// What a parameter of the pattern stands for, percent-decoded, once; `nil` when the pattern has
    /// no parameter of this name.
    ///
    /// What is not valid UTF-8 is replaced by U+FFFD. The value can hold any character, also a slash
    /// that was sent as `%2F`. For `{rest...}` it is `unresolvedPathDecoded`, so also `nil` when
    /// that is not safe. O(path), copies.
    public func parameter(_ name: String) -> String? {
        let capture = PathCapture(pathBytes, pattern: pattern)
        switch capture.value(of: name.utf8.span) {
        case .segment(let range):
            let bytes = decoded(range)
            return String(copying: bytes.span)
        case .rest: return unresolvedPathDecoded
        case .unknown: return nil
        }
    }

    /// What a parameter of the pattern stands for, as a value of a type that can be read from text,
    /// such as `Int`, `Double` or `Bool`. O(path).
    ///
    ///     let id = try request.parameter("id", as: Int.self)
    ///
    /// - Throws: `HTTPError` 400 `invalid_parameter`, with the name as its field, when the text is
    ///   no such value or no UTF-8; and `UnknownParameter`, a mistake in the program that clients
    ///   see as 500, when the pattern has no parameter of this name.
    public func parameter<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type
    ) throws -> Value {
        guard let value = Value(try validParameter(name)) else {
            throw Self.invalid(name, "\(name) is no \(ValueKind.name(of: type))")
        }
        return value
    }

    /// What the star or `{rest...}` of the pattern stands for, as it came, still percent-encoded,
    /// but normalised: without slashes at its beginning and end, and with single ones in the middle.
    /// Empty where it stands for nothing, and where the pattern has none. O(path), copies.
    ///
    /// It can hold `..`; a name of a file is made of `unresolvedPathDecoded`.
    public var unresolvedPath: String {
        let capture = PathCapture(pathBytes, pattern: pattern)
        var bytes: [UInt8] = []
        capture.forEachTailSegment { segment in
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "/")) }
            for index in segment { bytes.append(pathBytes[index]) }
        }
        return String(copying: bytes.span)
    }

    /// `unresolvedPath`, percent-decoded, once, and safe to look up under a folder: `nil` when it
    /// would hold a segment that is `.` or `..`, a slash or backslash that was sent as `%2F` or
    /// `%5C`, a NUL or another control character, or what is not valid UTF-8. O(path), copies.
    public var unresolvedPathDecoded: String? {
        let capture = PathCapture(pathBytes, pattern: pattern)
        var bytes: [UInt8] = []
        var isSafe = true
        capture.forEachTailSegment { segment in
            let segment = decoded(segment)
            isSafe = isSafe && PathText.isSafe(segment)
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "/")) }
            bytes += segment
        }
        return isSafe ? String(validating: bytes, as: UTF8.self) : nil
    }

    private var pathBytes: Span<UInt8> {
        @_lifetime(copy self)
        get { view.bytes.extracting(pathRange) }
    }

    /// A parameter that is there and valid UTF-8.
    private func validParameter(_ name: String) throws -> String {
        let capture = PathCapture(pathBytes, pattern: pattern)
        switch capture.value(of: name.utf8.span) {
        case .segment(let range):
            guard let text = String(validating: decoded(range), as: UTF8.self) else {
                throw Self.invalid(name, "\(name) is no valid UTF-8")
            }
            return text
        case .rest:
            guard let text = unresolvedPathDecoded else {
                throw Self.invalid(name, "\(name) is no safe path")
            }
            return text
        case .unknown:
            throw UnknownParameter(name: name, route: route)
        }
    }

    private func decoded(_ range: Range<Int>) -> [UInt8] {
        let path = pathBytes
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        var offset = range.lowerBound
        while offset < range.upperBound {
            bytes.append(path.decodedByte(at: &offset, end: range.upperBound))
        }
        return bytes
    }

    private static func invalid(_ name: String, _ message: String) -> HTTPError {
        HTTPError(.badRequest, code: "invalid_parameter", message: message, field: name)
    }
}

/// A handler has asked for a parameter that its pattern does not have: a mistake in the program.
public struct UnknownParameter: Error, Equatable, Sendable, CustomStringConvertible {
    /// The name that was asked for.
    public let name: String
    /// The pattern.
    public let route: String

    /// Names both.
    public var description: String { "the pattern \(route) has no parameter '\(name)'" }
}
