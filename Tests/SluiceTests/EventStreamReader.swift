/// Reads an event stream as clients do (HTML §9.2.6), and stricter: a line that is no comment and
/// no known field, or a stream that ends inside an event, is an error.
struct EventStreamReader {
    struct Event: Equatable {
        var type = "message"
        var data: String
        var lastID = ""
    }

    struct Malformed: Error {
        let line: String
    }

    private(set) var events: [Event] = []
    private(set) var comments: [String] = []
    private(set) var retries: [Int] = []
    private(set) var lastID = ""

    init(_ bytes: [UInt8]) throws {
        var type = ""
        var data = ""
        var isInside = false
        for line in Self.lines(bytes) {
            guard !line.isEmpty else {
                if data.utf8.last == 0x0A {
                    data.unicodeScalars.removeLast()
                    events.append(
                        Event(type: type.isEmpty ? "message" : type, data: data, lastID: lastID))
                }
                (type, data, isInside) = ("", "", false)
                continue
            }
            isInside = true
            let text = String(decoding: line, as: UTF8.self)
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
                throw Malformed(line: text)
            }
            var rest = line[(colon + 1)...]
            if rest.first == UInt8(ascii: " ") { rest = rest.dropFirst() }
            let value = String(decoding: rest, as: UTF8.self)
            switch String(decoding: line[..<colon], as: UTF8.self) {
            case "": comments.append(value)
            case "event": type = value
            case "data": data += value + "\n"
            case "id":
                guard !value.utf8.contains(0) else { throw Malformed(line: text) }
                lastID = value
            case "retry":
                guard let time = Int(value), time >= 0 else { throw Malformed(line: text) }
                retries.append(time)
            default: throw Malformed(line: text)
            }
        }
        if isInside { throw Malformed(line: "the last event has no end") }
    }

    /// The lines without their ends. What follows the last end is no line.
    private static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0A, index > 0, bytes[index - 1] == 0x0D { continue }
            if byte == 0x0A || byte == 0x0D {
                lines.append(line)
                line = []
            } else {
                line.append(byte)
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
