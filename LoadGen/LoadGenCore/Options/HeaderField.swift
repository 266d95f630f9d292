internal import Arguments

/// A field that every request carries, as `-H 'Name: value'` gives it.
package struct HeaderField: Sendable, Equatable {
    /// The name, as it is sent.
    package var name: String
    /// The value, without blanks at its ends.
    package var value: String

    /// The most fields on a command line: more than any server takes.
    static let maximumCount = 100

    /// Fields that say where a message ends or whether its connection goes on. They are the
    /// generator's own, since it must know what they say; the text names what to use instead.
    private static let reserved: [String: String] = [
        "content-length": "leave it out: the length follows from --data",
        "transfer-encoding": "use --chunked",
        "connection": "use --no-keepalive or --keepalive",
        "expect": "use --expect-100",
    ]

    /// Reads `Name: value`.
    static func parse(_ text: String) throws(ValueError) -> HeaderField {
        let cure = "write -H 'Name: value'"
        guard let colon = text.firstIndex(of: ":") else {
            throw ValueError("has no colon", cure: cure)
        }
        let name = String(text[..<colon])
        guard isToken(name) else {
            throw ValueError("the name is empty or has a character it cannot", cure: cure)
        }
        if let instead = reserved[name.lowercased()] {
            throw ValueError("\(name) is set by loadgen itself", cure: instead)
        }
        let value = text[text.index(after: colon)...].trimmed
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw ValueError("the value has a control character", cure: cure)
        }
        return HeaderField(name: name, value: value)
    }

    /// A method: any token (RFC 9110 §9.1), sent as it is.
    static func validMethod(_ text: String) throws(ValueError) -> String {
        guard isToken(text) else {
            throw ValueError("'\(text)' is not a method", cure: "write GET, POST, …")
        }
        guard text != "CONNECT" else {
            throw ValueError(
                "CONNECT opens a tunnel, which has no answers to count",
                cure: "use another method")
        }
        return text
    }

    private static func isToken(_ text: String) -> Bool {
        let marks = Set("!#$%&'*+-.^_`|~".utf8)
        return !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: marks.contains($0)
                }
            }
    }
}

/// How options read the files that they name. Injected, so that reading a command line touches
/// nothing by itself.
package struct FileReader: Sendable {
    private let read: @Sendable (String) throws(FileError) -> [UInt8]

    /// Why a file could not be read, in the system's words.
    package struct FileError: Error, Equatable {
        /// For example `No such file or directory`.
        package var reason: String
        /// An error with the system's words.
        package init(reason: String) { self.reason = reason }
    }

    /// A reader that calls `read` with each path.
    package init(_ read: @escaping @Sendable (String) throws(FileError) -> [UInt8]) {
        self.read = read
    }

    func bytes(ofFile path: String) throws(ValueError) -> [UInt8] {
        do {
            return try read(path)
        } catch {
            throw ValueError(
                "the file '\(path)' cannot be read (\(error.reason))",
                cure: "check its name and its permissions")
        }
    }
}
