internal import Containers
internal import HTTP1

/// What of a message must not be shown: credentials in fields, queries and forms. Pure.
enum WireMask {
    /// What stands in the place of a secret.
    static let mask = "***"

    /// A line of a head as text, masked and escaped: a field, or a request's first line.
    static func line(_ line: Span<UInt8>) -> String {
        // A folded line goes on with the one before it, and malformed heads are shown, too.
        if !line.isEmpty, line[0] == 0x20 || line[0] == 0x09 { return " " + mask }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":"), in: line.indices) else {
            return target(line)
        }
        let name = line.extracting(line.trimmed(0..<colon))
        guard FieldSyntax.isToken(name) else { return target(line) }
        return field(name, line.extracting(line.trimmed((colon + 1)..<line.count)))
    }

    /// A field as text.
    static func field(_ name: Span<UInt8>, _ value: Span<UInt8>) -> String {
        let name = escaped(name)
        // Other fields name targets, too: Location, Referer.
        return "\(name): " + (isSecret(field: name) ? mask : target(value))
    }

    /// Text with a target in it: the values of secret keys in its query and fragment are masked.
    static func target(_ text: Span<UInt8>) -> String {
        let starts = [UInt8(ascii: "?"), UInt8(ascii: "#")].compactMap {
            text.firstIndex(of: $0, in: text.indices)
        }
        guard let query = starts.min() else { return escaped(text) }
        let end = text.firstIndex(of: UInt8(ascii: " "), in: query..<text.count) ?? text.count
        return escaped(text.extracting(0...query))
            + form(text.extracting((query + 1)..<end)) + escaped(text.extracting(end...))
    }

    /// `a=b&token=***`: a query, or a body of type `application/x-www-form-urlencoded`.
    static func form(_ text: Span<UInt8>) -> String {
        var shown = ""
        var start = 0
        while start <= text.count {
            let range = start..<text.count
            let end = range.first { "&;#?".utf8.contains(text[$0]) } ?? text.count
            if start > 0 { shown += escaped(text.extracting((start - 1)..<start)) }
            let equals = text.firstIndex(of: UInt8(ascii: "="), in: start..<end) ?? end
            let key = text.extracting(start..<equals)
            shown += escaped(key)
            if equals < end {
                let isSecret = isSecret(key: String(copying: decoded(key).span))
                shown += "=" + (isSecret ? mask : escaped(text.extracting((equals + 1)..<end)))
            }
            start = end + 1
        }
        return shown
    }

    /// Bytes as text that moves no cursor: visible ASCII as it is, all else as `\r`, `\n`, `\t` and
    /// `\xHH`, and a backslash doubled.
    static func escaped(_ bytes: Span<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "\\"): text += "\\\\".utf8
            case UInt8(ascii: "\r"): text += "\\r".utf8
            case UInt8(ascii: "\n"): text += "\\n".utf8
            case UInt8(ascii: "\t"): text += "\\t".utf8
            case 0x20...0x7E: text.append(bytes[index])
            default:
                let digits = String(bytes[index], radix: 16, uppercase: true)
                text += ("\\x" + (digits.utf8.count < 2 ? "0" : "") + digits).utf8
            }
        }
        return String(copying: text.span)
    }

    /// Fields whose values let in who knows them.
    private static func isSecret(field name: String) -> Bool {
        let name = name.lowercased()
        return ["authorization", "proxy-authorization", "cookie", "set-cookie"].contains(name)
            || holdsSecretWord(name)
    }

    /// Keys of queries and forms whose values do.
    private static func isSecret(key: String) -> Bool {
        let key = key.lowercased()
        return ["auth", "code", "key", "pass", "pwd", "session", "sid", "sig"].contains(key)
            || holdsSecretWord(key)
    }

    private static func holdsSecretWord(_ name: String) -> Bool {
        let letters = name.utf8.filter { (0x61...0x7A).contains($0) }
        let plain = String(copying: letters.span)
        return [
            "accesskey", "apikey", "credential", "passwd", "password", "secret", "sessionid",
            "signature", "token",
        ].contains { word in plain.utf8.contains(word.utf8) }
    }

    /// Percent-decoded, once: `%74oken` is a token to whoever reads it.
    private static func decoded(_ key: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var index = 0
        while index < key.count {
            if key[index] == UInt8(ascii: "%"), index + 2 < key.count,
                let high = PathText.hexadecimalValue(key[index + 1]),
                let low = PathText.hexadecimalValue(key[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(key[index])
                index += 1
            }
        }
        return bytes
    }
}

extension String.UTF8View {
    /// Whether these bytes stand somewhere in a row.
    fileprivate func contains(_ word: String.UTF8View) -> Bool {
        var rest = self[...]
        while rest.count >= word.count {
            if rest.starts(with: word) { return true }
            rest.removeFirst()
        }
        return false
    }
}
