/// Why a text is not JSON, and where.
package struct JSONError: Error, Equatable, CustomStringConvertible {
    /// What was expected or is wrong.
    package var problem: String
    /// Bytes from the start of the text.
    package var offset: Int
    /// One line.
    package var description: String { "not JSON: \(problem) at byte \(offset)" }
}

/// Reads JSON (RFC 8259) strictly: no comments, no trailing commas, one value. A name that
/// appears twice is an error, since readers disagree about which one counts.
package struct JSONParser {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    /// Nesting that is followed; what we write has five levels.
    private static let maximumDepth = 32

    /// The value that `text` is.
    package static func parse(_ text: [UInt8]) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes: text)
        let value = try parser.value()
        parser.skipBlanks()
        guard parser.position == text.count else { throw parser.error("the end was expected") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Calls itself for elements, at most `maximumDepth` deep.
    private mutating func value() throws(JSONError) -> JSONValue {
        skipBlanks()
        switch peek {
        case UInt8(ascii: "{"):
            return try nested { (parser) throws(JSONError) in
                try parser.object()
            }
        case UInt8(ascii: "["):
            return try nested { (parser) throws(JSONError) in
                try parser.array()
            }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .some: return try number()
        case nil: throw error("the text ends")
        }
    }

    private mutating func nested(
        _ body: (inout JSONParser) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw error("it nests too deeply") }
        depth += 1
        position += 1
        defer { depth -= 1 }
        return try body(&self)
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        var members: [JSONValue.Member] = []
        var names: Set<String> = []
        skipBlanks()
        if take(UInt8(ascii: "}")) { return .object([]) }
        repeat {
            skipBlanks()
            guard peek == UInt8(ascii: "\"") else { throw error("a name was expected") }
            let start = position
            let name = try string()
            guard names.insert(name).inserted else {
                throw JSONError(problem: "the name '\(name)' appears twice", offset: start)
            }
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw error("a colon was expected") }
            members.append(.init(name, try value()))
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw error("a comma or } was expected") }
        return .object(members)
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        var values: [JSONValue] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return .array([]) }
        repeat {
            values.append(try value())
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw error("a comma or ] was expected") }
        return .array(values)
    }

    private mutating func string() throws(JSONError) -> String {
        let start = position
        position += 1
        var content: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw JSONError(problem: "a string is not UTF-8", offset: start)
                }
                return text
            case UInt8(ascii: "\\"): try escape(into: &content)
            case ..<0x20: throw error("a string has a control character")
            default: content.append(byte)
            }
        }
        throw JSONError(problem: "a string is not closed", offset: start)
    }

    private mutating func escape(into content: inout [UInt8]) throws(JSONError) {
        guard let byte = peek else { throw error("the text ends") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            var code = try codeUnit()
            if (0xD800..<0xDC00).contains(code) {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                    throw error("the second half of a surrogate pair was expected")
                }
                let low = try codeUnit()
                guard (0xDC00..<0xE000).contains(low) else {
                    throw error("the second half of a surrogate pair was expected")
                }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw error("half a surrogate pair") }
            content += Array(String(Character(scalar)).utf8)
        default: throw error("an escape is not known")
        }
    }

    private mutating func codeUnit() throws(JSONError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw error("four hexadecimal digits were expected")
            }
            code = code << 4 | UInt32(digit)
            position += 1
        }
        return code
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        func wrong() -> JSONError { JSONError(problem: "a value was expected", offset: start) }
        _ = take(UInt8(ascii: "-"))
        let isZero = peek == UInt8(ascii: "0")
        let wholeDigits = skipDigits()
        guard wholeDigits == 1 || wholeDigits > 1 && !isZero else { throw wrong() }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            guard skipDigits() > 0 else { throw wrong() }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard skipDigits() > 0 else { throw wrong() }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else { throw wrong() }
        return .number(value)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            position += 1
        }
        return position - start
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[position...].starts(with: text.utf8) else {
            throw error("a value was expected")
        }
        position += text.utf8.count
        return value
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private func error(_ problem: String) -> JSONError {
        JSONError(problem: problem, offset: position)
    }
}
