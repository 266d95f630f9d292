internal import Arguments

/// A command line as words, as a shell would split it: blanks, both kinds of quotes and backslashes
/// (POSIX.1-2017, Shell Command Language, §2.2). Nothing is expanded, so that no file name and no
/// variable of this machine slips into a measurement.
enum ShellWords {
    /// The words of `text`.
    static func split(_ text: some StringProtocol) throws(ValueError) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var characters = text.makeIterator()
        while let character = characters.next() {
            switch (quote, character) {
            case (nil, " "), (nil, "\t"), (nil, "\n"):
                if let finished = word { words.append(finished) }
                word = nil
            case (nil, "'"), (nil, "\""):
                quote = character
                word = word ?? ""
            case (nil, "\\"):
                word = (word ?? "") + String(try escaped(characters.next()))
            case ("'", "'"), ("\"", "\""):
                quote = nil
            case ("\"", "\\"):
                word?.append(contentsOf: inDoubleQuotes(try escaped(characters.next())))
            case (_, let character):
                word = (word ?? "") + String(character)
            }
        }
        if let quote {
            throw ValueError("has an open quote", cure: "close it with another \(quote)")
        }
        if let word { words.append(word) }
        return words
    }

    /// One line that splits into these words again.
    static func join(_ words: [String]) -> String {
        words.map(quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let isPlain = word.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=:,+@%".contains($0))
        }
        if isPlain, !word.isEmpty { return word }
        let parts = word.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + parts.joined(separator: "'\\''") + "'"
    }

    private static func escaped(_ character: Character?) throws(ValueError) -> Character {
        guard let character else {
            throw ValueError("ends with a backslash", cure: "write \\\\ for one")
        }
        return character
    }

    /// Between double quotes a backslash is itself, but before these.
    private static func inDoubleQuotes(_ character: Character) -> String {
        "\"\\$`\n".contains(character) ? String(character) : "\\\(character)"
    }
}
