// Formats of verbs: `%` and a letter, with an argument in braces between where the letter takes one.

extension AccessLogFormatBuilder {
    /// Reads a format of the user's own.
    init(verbs text: String) throws(AccessLogFormatError) {
        self.init(style: .text)
        guard text.utf8.count <= AccessLogFormat.maxByteCount else {
            throw AccessLogFormatError(
                "is longer than \(AccessLogFormat.maxByteCount) bytes", "give a shorter one")
        }
        guard !text.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) else {
            throw AccessLogFormatError(
                "holds a control character", "give one line of plain text")
        }
        var rest = Substring(text)
        var hasVerb = false
        while let percent = rest.firstIndex(of: "%") {
            append(literal: String(rest[..<percent]))
            rest = rest[rest.index(after: percent)...]
            if rest.first == "%" {
                append(literal: "%")
                rest.removeFirst()
                continue
            }
            let argument = try Self.takeArgument(&rest)
            guard let letter = rest.first, letter.isASCII, letter.isLetter else {
                throw AccessLogFormatError(
                    "has a % without a verb", "give a letter behind it, or %% for a percent sign")
            }
            rest.removeFirst()
            append(try verb(letter, argument))
            hasVerb = true
        }
        append(literal: String(rest))
        guard hasVerb else {
            throw AccessLogFormatError(
                "is no preset and has no verb",
                "give plain, json, framework, common or combined, or a format such as "
                    + "'%h \"%r\" %s'")
        }
    }

    private static func takeArgument(
        _ rest: inout Substring
    ) throws(AccessLogFormatError) -> String? {
        guard rest.first == "{" else { return nil }
        guard let end = rest.firstIndex(of: "}") else {
            throw AccessLogFormatError(
                "has a %{ without its }", "give the brace, and a verb behind it")
        }
        defer { rest = rest[rest.index(after: end)...] }
        return String(rest[rest.index(after: rest.startIndex)..<end])
    }

    private mutating func verb(
        _ letter: Character, _ argument: String?
    ) throws(AccessLogFormatError) -> AccessLogValue {
        if let argument { return try verb(letter, with: argument) }
        switch letter {
        case "b": return .bodyBytesOutOrDash
        case "B": return .bodyBytesOut
        case "D": return .processTime(.microseconds)
        case "h": return .client
        case "l": return .identity
        case "m": return .method
        case "q": return .markedQuery
        case "r": return .requestLine
        case "s": return .status
        case "t": return try received("[02/Jan/2006:15:04:05 -0700]")
        case "T": return .processTime(.seconds)
        case "u": return .user
        case "U": return .path
        case "i", "x", "X":
            throw AccessLogFormatError(
                "has a %\(letter) without an argument", "give it in braces: %{Name}\(letter)")
        default:
            throw AccessLogFormatError(
                "has a verb %\(letter) that there is not",
                "give one of %b %B %D %h %{Name}i %l %m %q %r %s %t %{layout}t %T %{ms}T %u %U "
                    + "%{TYPE}x %{key}X %%")
        }
    }

    private mutating func verb(
        _ letter: Character, with argument: String
    ) throws(AccessLogFormatError) -> AccessLogValue {
        switch letter {
        case "i": return try field(argument)
        case "t": return try received(argument)
        case "T":
            switch argument {
            case "s": return .processTime(.seconds)
            case "ms": return .processTime(.milliseconds)
            case "us": return .processTime(.microseconds)
            default:
                throw AccessLogFormatError(
                    "has a time unit '\(argument)' that there is not",
                    "give %{s}T, %{ms}T or %{us}T")
            }
        case "x":
            let parts = argument.split(separator: " ", maxSplits: 1)
            return try value(
                type: parts.first.map { $0.uppercased() } ?? "",
                argument: parts.count > 1 ? String(parts[1]) : nil)
        case "X": return try value(named: argument)
        default:
            throw AccessLogFormatError(
                "has an argument that %\(letter) does not take", "give %\(letter) without braces")
        }
    }
}
