import HTTP1
import Testing

/// The ways in which a transcript reaches a parser.
enum Feed: CustomStringConvertible {
    case whole
    case byteByByte
    /// Two pieces, the first of them so long.
    case split(Int)
    /// Byte by byte, but parsing only when `ParseProgress.incomplete` says that it may be worth it.
    case onDemand

    /// All ways for an input of `count` bytes.
    static func all(for count: Int) -> [Feed] {
        [.whole, .byteByByte, .onDemand] + (0..<count).dropFirst().map(Feed.split)
    }

    /// How many bytes have arrived after each step.
    func arrivals(of count: Int) -> [Int] {
        switch self {
        case .whole: [count]
        case .byteByByte, .onDemand: Array(0...count)
        case .split(let first): [min(first, count), count]
        }
    }

    var description: String {
        switch self {
        case .whole: "whole"
        case .byteByByte: "byte by byte"
        case .split(let first): "split at \(first)"
        case .onDemand: "on demand"
        }
    }
}

/// Wire in, events out: what whoever reads a connection would see.
struct Transcript: CustomTestStringConvertible {
    var name: String
    var wire: String
    var events: String

    init(_ name: String, _ wire: String, _ events: String) {
        self.name = name
        self.wire = wire
        self.events = events
    }

    init(_ wire: String, _ events: String) {
        self.init(wire.debugDescription, wire, events)
    }

    var testDescription: String { name }
}

/// A fault and where it is.
struct Fault: CustomTestStringConvertible {
    var wire: String
    var kind: ParseError.Kind
    var offset: Int

    init(_ wire: String, _ kind: ParseError.Kind, at offset: Int = 0) {
        self.wire = wire
        self.kind = kind
        self.offset = offset
    }

    var testDescription: String { "\(kind): \(wire.debugDescription)" }
}

/// A list of events as text, one per line; runs of body bytes are joined.
struct EventLog {
    private(set) var lines: [String] = []
    private var body = ""

    mutating func append(_ line: String) {
        flushBody()
        lines.append(line)
    }

    mutating func appendBody(_ bytes: Span<UInt8>) {
        body += text(bytes)
    }

    mutating func append(_ error: ParseError) {
        append("error \(error.status) \(error.kind) at \(error.offset)")
    }

    private mutating func flushBody() {
        if !body.isEmpty { lines.append("body \(body)") }
        body = ""
    }

    consuming func finished() -> String {
        flushBody()
        return lines.joined(separator: "\n")
    }
}

/// Bytes as text, control bytes and those above 127 as `\xNN`.
func text(_ bytes: Span<UInt8>) -> String {
    var result = ""
    for index in 0..<bytes.count {
        let byte = bytes[index]
        if (0x20..<0x7F).contains(byte) {
            result.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
            result += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
    return result
}

/// A framing as an event log has it.
func text(_ framing: BodyFraming) -> String {
    switch framing {
    case .none: "none"
    case .contentLength(let count): "length \(count)"
    case .chunked: "chunked"
    case .untilClose: "until close"
    }
}
