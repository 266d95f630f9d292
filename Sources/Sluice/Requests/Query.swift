/// The query of a request target: `name=value` pairs, decoded when they are asked for.
///
/// `%20` and `+` are blanks, bytes that are not valid UTF-8 become U+FFFD, and empty segments
/// (`a=1&&b=2`) are passed over. A name without `=` is a flag: it is there, and its value is empty.
/// Nothing is decoded or allocated until it is asked for; its length is bounded by
/// `ServerConfiguration.maxTargetLength`.
public struct Query: ~Escapable {
    private let pairs: FormText

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>) {
        pairs = FormText(bytes)
    }

    /// The query as it came, without the question mark.
    public var rawValue: String { String(copying: pairs.bytes) }

    /// The first value of a name, decoded; the empty string for a flag; `nil` when the name does not
    /// occur. O(n).
    public subscript(name: String) -> String? { pairs.firstValue(of: name) }

    /// All values of a name, decoded, in their order; the empty string for a flag. O(n).
    public func values(of name: String) -> [String] { pairs.values(of: name) }

    /// Whether a name occurs, with a value or without. O(n), allocates nothing.
    public func has(_ name: String) -> Bool { pairs.pair(named: name.utf8.span, from: 0) != nil }

    /// The first value of a name, as a type that can be read from text, such as `Int`, `Double` or
    /// `Bool` (`true` and `false`). O(n).
    ///
    ///     let page = try request.query.value("page", as: Int.self, default: 1)
    ///
    /// - Parameter default: The value where the name does not occur.
    /// - Throws: `HTTPError` 400 `invalid_parameter` when the text is no such value;
    ///   `missing_parameter` when the name does not occur and there is no default.
    public func value<Value: LosslessStringConvertible>(
        _ name: String, as type: Value.Type, default: Value? = nil
    ) throws(HTTPError) -> Value {
        guard let value = try pairs.typedValue(of: name, as: type) ?? `default` else {
            throw HTTPError(
                .badRequest, code: "missing_parameter", message: "'\(name)' is missing",
                field: name)
        }
        return value
    }

    /// All pairs, decoded, in their order. O(n), allocates.
    public var all: [(name: String, value: String)] {
        var all: [(name: String, value: String)] = []
        var offset = 0
        while let pair = pairs.pair(from: offset) {
            all.append((pairs.text(of: pair.name), pairs.text(of: pair.value)))
            offset = pair.end
        }
        return all
    }
}
