internal import Arguments
internal import Presentation

/// One kind of request in a mix.
package struct MixEntry: Sendable, Equatable {
    /// How often it is sent, relative to the other entries; at least 1.
    package var weight: Int
    /// The method, as it is sent.
    package var method: String
    /// The path, with placeholders.
    package var path: String
    /// The body, with placeholders; empty for none.
    package var body: [UInt8]
    /// The statuses that count as valid; nil for the run's own.
    package var expectedStatus: StatusSet?
}

/// Several kinds of requests with shares, as `--mix FILE` lists them.
///
///     # weight  method  path               body            expect
///     8         GET     /items/{rand:1-99}
///     1         POST    /items             {"n":{seq}}     201
///     1         DELETE  /items/{seq}       -               2xx,404
///
/// Fields are separated by blanks; a body with blanks stands in double quotes, with `\"`, `\\`,
/// `\n`, `\r` and `\t`; `@file` reads the body from a file and `-` is no body. `#` begins a
/// comment.
package struct Mix: Sendable, Equatable {
    /// The entries, at least one.
    package let entries: [MixEntry]
    /// The sum of all weights.
    package let totalWeight: UInt64
    private let cumulativeWeights: [UInt64]

    /// The most entries of a mix.
    static let maximumEntryCount = 10_000
    private static let maximumWeight = 1_000_000

    /// A mix of `entries`, of which there must be one at least.
    init(_ entries: [MixEntry]) {
        precondition(!entries.isEmpty)
        var sum: UInt64 = 0
        cumulativeWeights = entries.map { entry in
            sum += UInt64(entry.weight)
            return sum
        }
        totalWeight = sum
        self.entries = entries
    }

    /// The number of the entry that comes next. O(log entries).
    package func next(using generator: inout SeededGenerator) -> Int {
        guard entries.count > 1 else { return 0 }
        let ticket = generator.next(below: totalWeight)
        var (low, high) = (0, entries.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if ticket < cumulativeWeights[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Reads the text of a mix file. Errors name the file and the line.
    static func parse(
        _ text: String, file: String, readFile: FileReader
    ) throws(OptionError) -> Mix {
        var entries: [MixEntry] = []
        for (index, line) in text.split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline
        ).enumerated() {
            let place = "--mix \(file) line \(index + 1)"
            do {
                guard let entry = try parse(line: line, readFile: readFile) else { continue }
                entries.append(entry)
            } catch {
                throw error.of(place, nil)
            }
            guard entries.count <= maximumEntryCount else {
                throw OptionError(
                    option: place, problem: "there are too many lines",
                    cure: "give at most \(Format.grouped(maximumEntryCount))")
            }
        }
        guard !entries.isEmpty else {
            throw OptionError(
                option: "--mix", value: file, problem: "the file lists no request",
                cure: "write lines of: weight method path [body] [expect]")
        }
        return Mix(entries)
    }

    private static func parse(
        line: Substring, readFile: FileReader
    ) throws(ValueError) -> MixEntry? {
        let fields = try fields(of: line)
        if fields.isEmpty { return nil }
        let cure = "write: weight method path [body] [expect]"
        guard (3...5).contains(fields.count) else {
            throw ValueError(
                "has \(fields.count) fields, which is not 3 to 5", cure: cure)
        }
        guard let weight = Int(fields[0].text), (1...maximumWeight).contains(weight) else {
            throw ValueError(
                "the weight '\(fields[0].text)' is not a whole number above 0", cure: cure)
        }
        let method = try HeaderField.validMethod(fields[1].text)
        let path = try TargetURL.validPath(fields[2].text)
        _ = try Template(path)
        var body: [UInt8] = []
        if fields.count > 3 {
            let field = fields[3]
            if field.isQuoted || (field.text != "-" && !field.text.hasPrefix("@")) {
                body = Array(field.text.utf8)
            } else if field.text != "-" {
                body = try readFile.bytes(ofFile: String(field.text.dropFirst()))
            }
            _ = try Template(body)
        }
        return MixEntry(
            weight: weight, method: method, path: path, body: body,
            expectedStatus: fields.count > 4 ? try StatusSet(fields[4].text) : nil)
    }

    private static func fields(
        of line: Substring
    ) throws(ValueError) -> [(text: String, isQuoted: Bool)] {
        var fields: [(text: String, isQuoted: Bool)] = []
        var rest = line.drop { $0.isWhitespace }
        while let first = rest.first, first != "#" {
            if first == "\"" {
                let (text, after) = try quoted(rest.dropFirst())
                fields.append((text, true))
                rest = after
            } else {
                let word = rest.prefix { !$0.isWhitespace }
                fields.append((String(word), false))
                rest = rest[word.endIndex...]
            }
            rest = rest.drop { $0.isWhitespace }
        }
        return fields
    }

    private static func quoted(
        _ text: Substring
    ) throws(ValueError) -> (text: String, rest: Substring) {
        let escapes: [Character: Character] = [
            "\"": "\"", "\\": "\\", "n": "\n", "r": "\r", "t": "\t",
        ]
        var result = ""
        var rest = text
        while let character = rest.popFirst() {
            switch character {
            case "\"": return (result, rest)
            case "\\":
                guard let escaped = rest.popFirst(), let meant = escapes[escaped] else {
                    throw ValueError(
                        "has an unknown escape in quotes",
                        cure: #"use \" \\ \n \r or \t"#)
                }
                result.append(meant)
            case let plain: result.append(plain)
            }
        }
        throw ValueError("a double quote is not closed", cure: "end the body with \"")
    }
}
