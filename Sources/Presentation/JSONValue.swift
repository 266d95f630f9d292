/// A JSON value (RFC 8259), with members in order and whole numbers kept whole.
package enum JSONValue: Sendable, Equatable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A number without fraction and exponent that fits.
    case integer(Int)
    /// Any other number.
    case number(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object([Member])

    /// A name and its value.
    package struct Member: Sendable, Equatable {
        /// The name.
        package var name: String
        /// The value.
        package var value: JSONValue
        /// A member.
        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// A count.
    package static func count(_ value: UInt64) -> JSONValue {
        // A count that does not fit has never been reached by counting.
        .integer(Int(clamping: value))
    }

    /// A number with at most `places` digits after the point; null when it is not finite.
    package static func rounded(_ value: Double, _ places: Int) -> JSONValue {
        guard value.isFinite else { return .null }
        let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
        return .number((value * scale).rounded() / scale)
    }

    /// The text on one line.
    package var compactText: String {
        var text = ""
        write(to: &text, indent: nil)
        return text
    }

    /// The text for people too: members of the two outermost levels on lines of their own.
    package var text: String {
        var text = ""
        write(to: &text, indent: 0)
        return text + "\n"
    }

    /// Values nest a few levels deep and no file decides how many, so this may call itself.
    private func write(to text: inout String, indent: Int?) {
        let isBroken = indent.map { $0 < 2 } ?? false
        let separator = indent == nil ? ":" : ": "
        func list<Element>(
            _ elements: [Element], _ open: String, _ close: String,
            item: (Element, inout String, Int?) -> Void
        ) {
            text += open
            for (index, element) in elements.enumerated() {
                if index > 0 { text += isBroken || indent == nil ? "," : ", " }
                if isBroken { text += "\n" + String(repeating: "  ", count: (indent ?? 0) + 1) }
                item(element, &text, indent.map { $0 + 1 })
            }
            if isBroken, !elements.isEmpty {
                text += "\n" + String(repeating: "  ", count: indent ?? 0)
            }
            text += close
        }
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): Self.write(value, to: &text)
        case .array(let values):
            list(values, "[", "]") { $0.write(to: &$1, indent: $2) }
        case .object(let members):
            list(members, "{", "}") { member, text, indent in
                Self.write(member.name, to: &text)
                text += separator
                member.value.write(to: &text, indent: indent)
            }
        }
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSONValue {
    /// The member called `name`; nil when there is none, or when this is no object.
    package subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The whole number; nil when this is none.
    package var integer: Int? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The number, whole or not; nil when this is none.
    package var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// The string; nil when this is none.
    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The truth value; nil when this is none.
    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The array's values; nil when this is none.
    package var array: [JSONValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    /// The object's members; nil when this is none.
    package var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }
}
