internal import HTTP1
internal import Presentation
internal import Syscalls

/// One line of the error log.
struct LogEntry: Sendable {
    var level: LogLevel
    var message: String
    /// The name that the client has been told.
    var errorID: String?
    var requestID: String?
    /// Seconds and nanoseconds since 1970.
    var time = WallClock.now()

    /// The fields stand before the message, and a colon between them: what a client can write into
    /// the one cannot look like the other.
    func text(instanceID: String) -> String {
        var text = "\(Self.timestamp(time)) \(level.name)"
        func add(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            let isPlain = value.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            text += " \(name)=\(isPlain ? value : ErrorResponder.escaped(value.debugDescription))"
        }
        add("instance", instanceID)
        add("request_id", requestID)
        add("error_id", errorID)
        return text + ": " + ErrorResponder.escaped(message)
    }

    /// An object with its members in the order of the alphabet.
    ///
    /// - Parameter isBounded: A long message is cut off.
    func json(instanceID: String, isBounded: Bool = true) -> String {
        var members: [JSONValue.Member] = []
        func add(_ name: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            members.append(JSONValue.Member(name, .string(value)))
        }
        add("error_id", errorID)
        add("instance", instanceID)
        add("level", level.name)
        add("message", isBounded ? Self.bounded(message) : message)
        add("request_id", requestID)
        add("time", Self.timestamp(time))
        return JSONValue.object(members).compactText
    }

    private static func bounded(_ message: String) -> String {
        let scalars = message.unicodeScalars
        guard
            let end = scalars.index(
                scalars.startIndex, offsetBy: ErrorResponder.maxLineLength,
                limitedBy: scalars.endIndex), end < scalars.endIndex
        else { return message }
        return String(scalars[..<end]) + "…"
    }

    /// `2026-11-21T19:20:00.123Z` (RFC 3339).
    static func timestamp(_ time: (seconds: Int64, nanoseconds: Int64)) -> String {
        let date = CalendarDate(secondsSince1970: time.seconds)
        func digits(_ value: Int, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        return "\(digits(date.year, 4))-\(digits(date.month, 2))-\(digits(date.day, 2))T"
            + "\(digits(date.hour, 2)):\(digits(date.minute, 2)):\(digits(date.second, 2))."
            + "\(digits(Int(time.nanoseconds / 1_000_000), 3))Z"
    }
}
