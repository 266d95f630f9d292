extension String {
    /// The text with `&`, `<`, `>` and both kinds of quotes as character references, so that it can
    /// stand between tags and inside a quoted attribute, and nowhere else: not in a script, not in a
    /// style, not as a URL whose scheme somebody else has chosen. O(n).
    public var escapedForHTML: String {
        var escaped = ""
        escaped.reserveCapacity(utf8.count)
        for scalar in unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
