internal import Presentation

/// What a status page says, whatever form it is sent in: lists of names and values, and tables.
struct StatusDocument: Sendable {
    /// A value with its unit, so that each form can write it in its own way.
    enum Value: Sendable {
        /// There is none: a dash for people, null for programs.
        case none
        case text(String)
        /// A text that leads somewhere in HTML.
        case link(String, to: String)
        case count(UInt64)
        case bytes(UInt64)
        /// A span of time.
        case seconds(Double)
        /// Some in a second.
        case rate(Double)
        /// Bytes in a second.
        case byteRate(Double)
        /// 0 ... 1 and more: a part of something.
        case share(Double)
        /// What has no unit.
        case number(Double)
        /// A series, the oldest first; what is not a number was not measured.
        case numbers([Double])
    }

    /// A name and what it stands for.
    struct Pair: Sendable {
        /// For programs, with the unit: `uptime_seconds`.
        let key: String
        /// For people.
        let title: String
        let value: Value

        init(_ key: String, _ title: String, _ value: Value) {
            self.key = key
            self.title = title
            self.value = value
        }
    }

    struct Column: Sendable {
        let key: String
        let title: String

        init(_ key: String, _ title: String) {
            self.key = key
            self.title = title
        }
    }

    struct Section: Sendable {
        enum Content: Sendable {
            case pairs([Pair])
            case table([Column], rows: [[Value]])
        }

        /// The member's name in JSON; empty: its pairs are members of the whole.
        let key: String
        /// Empty: none.
        let title: String
        let content: Content
        /// A sentence below it.
        var note = ""

        init(_ key: String, _ title: String, pairs: [Pair], note: String = "") {
            self.key = key
            self.title = title
            content = .pairs(pairs)
            self.note = note
        }

        init(
            _ key: String, _ title: String, _ columns: [Column], rows: [[Value]], note: String = ""
        ) {
            self.key = key
            self.title = title
            content = .table(columns, rows: rows)
            self.note = note
        }
    }

    let title: String
    var sections: [Section] = []
    /// Where it is among the pages, to mark it in their list; empty: nowhere.
    var place = ""

    init(_ title: String, at place: String = "", _ sections: [Section] = []) {
        self.title = title
        self.place = place
        self.sections = sections
    }
}

extension StatusDocument.Value {
    /// As people read it.
    var text: String {
        switch self {
        case .none: "-"
        case .text(let text), .link(let text, _): text
        case .count(let count): Format.grouped(count)
        case .bytes(let count): Format.bytes(Double(count))
        case .seconds(let seconds):
            seconds < 100
                ? Format.duration(microseconds: seconds * 1e6)
                : Format.span(nanoseconds: UInt64(min(seconds, 1e9) * 1e9))
        case .rate(let rate): Format.rate(rate) + "/s"
        case .byteRate(let rate): Format.bytes(rate) + "/s"
        case .share(let share): Format.fixed(share * 100, 1) + "%"
        case .number(let number): Self.plain(number)
        case .numbers(let numbers):
            numbers.map { $0.isFinite ? Self.plain($0) : "-" }.joined(separator: " ")
        }
    }

    private static func plain(_ number: Double) -> String {
        Format.fixed(number, number == number.rounded() ? 0 : 3)
    }

    /// As programs read it: without a unit, which is in the name. Times are in milliseconds where
    /// the name says so, else in seconds.
    func json(named key: String) -> JSONValue {
        switch self {
        case .none: .null
        case .text(let text), .link(let text, _): .string(text)
        case .count(let count), .bytes(let count): .count(count)
        case .seconds(let seconds):
            key.hasSuffix("_ms") ? .rounded(seconds * 1_000, 3) : .rounded(seconds, 3)
        case .rate(let value), .byteRate(let value): .rounded(value, 2)
        case .share(let value): .rounded(value, 4)
        case .number(let value): .rounded(value, 6)
        case .numbers(let values): .array(values.map { .rounded($0, 6) })
        }
    }

    /// Numbers stand on the right of their column.
    var isNumber: Bool {
        switch self {
        case .none, .text, .link, .numbers: false
        case .count, .bytes, .seconds, .rate, .byteRate, .share, .number: true
        }
    }
}

// MARK: - For programs

extension StatusDocument {
    /// One object; a section is a member of it, an object or an array of objects.
    var json: JSONValue {
        var members: [JSONValue.Member] = []
        for section in sections {
            switch section.content {
            case .pairs(let pairs):
                let own = pairs.map { JSONValue.Member($0.key, $0.value.json(named: $0.key)) }
                if section.key.isEmpty {
                    members += own
                } else {
                    members.append(JSONValue.Member(section.key, .object(own)))
                }
            case .table(let columns, let rows):
                let objects = rows.map { row in
                    JSONValue.object(
                        zip(columns, row).map { JSONValue.Member($0.key, $1.json(named: $0.key)) })
                }
                members.append(JSONValue.Member(section.key, .array(objects)))
            }
        }
        return .object(members)
    }
}

// MARK: - For terminals

extension StatusDocument {
    /// Lines of `name : value`, and tables in columns. What comes from outside has its control
    /// characters escaped, so that nobody moves the cursor of who reads it.
    var text: String {
        var text = ""
        for section in sections {
            if !text.isEmpty { text += "\n" }
            if !section.title.isEmpty { text += "[\(section.title)]\n" }
            switch section.content {
            case .pairs(let pairs):
                for pair in pairs {
                    text += "\(pair.key) : \(Self.line(pair.value.text))\n"
                }
            case .table(let columns, let rows):
                text += Self.table(columns, rows)
            }
            if !section.note.isEmpty { text += "(\(section.note))\n" }
        }
        return text
    }

    private static func table(_ columns: [Column], _ rows: [[Value]]) -> String {
        let cells = rows.map { $0.map { line($0.text) } }
        let widths = columns.indices.map { column in
            max(columns[column].title.count, cells.map { $0[column].count }.max() ?? 0)
        }
        let isNumber = columns.indices.map { column in
            rows.contains { $0[column].isNumber }
        }
        func row(_ cells: [String]) -> String {
            var line = ""
            for column in columns.indices {
                if column > 0 { line += "  " }
                line +=
                    isNumber[column]
                    ? cells[column].leftPadded(to: widths[column])
                    : cells[column].rightPadded(to: widths[column])
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line + "\n"
        }
        return row(columns.map(\.title)) + cells.map(row).joined()
    }

    private static func line(_ text: String) -> String {
        text.isEmpty ? "-" : ErrorResponder.escaped(text)
    }
}
