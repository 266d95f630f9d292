/// The fields of a form that was sent as `application/x-www-form-urlencoded`; decoded when they are
/// asked for, as those of a `Query`.
public struct FormFields: ~Escapable {
    /// Fields of one form unless a handler says otherwise. A form for people has some hundreds at
    /// most; each look-up walks over all of them. Beyond: 413 `too_many_fields`.
    public static let maxCount = 1_000

    private let pairs: FormText

    @_lifetime(copy pairs)
    init(_ pairs: borrowing FormText) {
        self.pairs = FormText(pairs.bytes)
    }

    /// The first value of a name, decoded; `nil` when there is no such field. O(n).
    public subscript(name: String) -> String? { pairs.firstValue(of: name) }

    /// All values of a name, decoded, in their order, such as those of a list with several choices.
    /// O(n).
    public func values(of name: String) -> [String] { pairs.values(of: name) }

    /// Whether there is such a field. O(n), allocates nothing.
    public func has(_ name: String) -> Bool { pairs.pair(named: name.utf8.span, from: 0) != nil }

    /// The first value of a name, as a type that can be read from text. O(n).
    ///
    /// - Parameter default: The value where there is no such field.
    /// - Throws: `HTTPError` 400 `invalid_parameter` when the text is no such value;
    ///   `missing_parameter` when there is no such field and no default.
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

    /// All fields, decoded, in their order. O(n), allocates.
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

extension Request {
    /// The fields of the form in the body. O(body).
    ///
    ///     let form = try request.form()
    ///     let name = form["name"] ?? "nobody"
    ///
    /// - Parameter maxCount: Fields that the form may have.
    /// - Throws: `HTTPError` 415 `unsupported_media_type` unless the body is
    ///   `application/x-www-form-urlencoded`; 413 `too_many_fields` beyond `maxCount`.
    @_lifetime(copy self)
    public func form(maxCount: Int = FormFields.maxCount) throws(HTTPError) -> FormFields {
        try requireContentType(["application/x-www-form-urlencoded"])
        let pairs = FormText(body)
        guard pairs.hasAtMost(maxCount) else {
            throw HTTPError(
                .contentTooLarge, code: "too_many_fields",
                message: "the form has more than \(maxCount) fields")
        }
        return FormFields(pairs)
    }
}

extension FormText {
    /// Whether there are no more pairs than `limit`. O(n).
    fileprivate func hasAtMost(_ limit: Int) -> Bool {
        limit == Int.max || count(upTo: limit + 1) <= limit
    }
}
