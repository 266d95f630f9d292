/// Reads one sample line: `name{label="value",…} number`.
enum MetricsLine {
    static func sample(_ line: Substring) throws -> MetricsText.Sample {
        var rest = line
        let name = rest.prefix { $0 != "{" && $0 != " " }
        guard isName(name) else { throw ClientFailure("no name: \(line)") }
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while true {
                let label = try label(&rest)
                guard labels.updateValue(label.value, forKey: label.name) == nil else {
                    throw ClientFailure("a label comes twice: \(line)")
                }
                if rest.first == "," {
                    rest = rest.dropFirst()
                    continue
                }
                guard rest.first == "}" else { throw ClientFailure("labels do not end: \(line)") }
                rest = rest.dropFirst()
                break
            }
        }
        guard rest.first == " ", let value = number(String(rest.dropFirst())) else {
            throw ClientFailure("no number behind a blank: \(line)")
        }
        return MetricsText.Sample(name: String(name), labels: labels, value: value)
    }

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
    static func isName(_ name: Substring) -> Bool {
        isWord(name, allowsColon: true)
    }

    /// A number as Go writes it; no blanks, no other words.
    static func number(_ text: String) -> Double? {
        switch text {
        case "+Inf": return .infinity
        case "-Inf": return -.infinity
        case "NaN": return .nan
        default:
            // Double reads hexadecimal numbers and words, too.
            guard text.utf8.allSatisfy({ isDigit($0) || "-+.e".utf8.contains($0) }),
                text.utf8.last.map(isDigit) == true, text.utf8.first != UInt8(ascii: "+"),
                text.utf8.first != UInt8(ascii: ".")
            else { return nil }
            return Double(text)
        }
    }

    private static func isWord(_ text: Substring, allowsColon: Bool) -> Bool {
        guard let first = text.utf8.first, !isDigit(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "_"):
                true
            case UInt8(ascii: ":"): allowsColon
            default: isDigit(byte)
            }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func label(_ rest: inout Substring) throws -> (name: String, value: String) {
        let name = rest.prefix { $0 != "=" }
        guard isWord(name, allowsColon: false) else {
            throw ClientFailure("no label: \(rest)")
        }
        rest = rest.dropFirst(name.count)
        guard rest.hasPrefix("=\"") else { throw ClientFailure("no value: \(rest)") }
        var scalars = rest.unicodeScalars.dropFirst(2)
        var value = String.UnicodeScalarView()
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"":
                rest = Substring(scalars)
                return (String(name), String(value))
            case "\\":
                switch scalars.popFirst() {
                case "\\": value.append("\\")
                case "\"": value.append("\"")
                case "n": value.append("\n")
                default: throw ClientFailure("an escape that is none: \(rest)")
                }
            default: value.append(scalar)
            }
        }
        throw ClientFailure("a value without end: \(rest)")
    }
}
