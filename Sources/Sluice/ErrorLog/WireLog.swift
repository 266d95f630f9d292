internal import HTTP1
internal import HTTPEngine

/// Shows all messages of a server as they are on the wire, for debugging: heads, and the first bytes
/// of bodies. `<` is what has come, `>` what is sent, and the number is the connection's:
///
///     < 7 GET /search?q=tea&token=*** HTTP/1.1
///     < 7 Authorization: ***
///     > 7 HTTP/1.1 200 OK
///     > 7
///     > 7 [12 bytes] Hello, tea!\n
///
/// Credentials are masked in fields, queries and forms, and nowhere else: what a body of another type
/// says is shown. So it is nothing for a service that is in use, and every start says that it is on.
final class WireLog: WireTap {
    /// Bytes of a body that are shown, as brpc's `http_verbose` does.
    static let maxBodyByteCount = 512

    /// Lines of a head that are shown: more than any has that a limit lets through usually.
    static let maxLineCount = 200

    /// What is said at the start.
    static let warning =
        "all requests and answers are written to this log (the wire log is on): for debugging only, "
        + "since bodies may hold secrets"

    private let write: (String) -> Void

    /// - Parameter write: Takes some lines at once, without the end of the last.
    init(_ write: @escaping (String) -> Void) {
        self.write = write
    }

    /// A request, with its body if that was collected.
    func received(_ request: borrowing RequestView, connection: UInt64) {
        var lines = Lines("<", connection)
        let line = request.line
        lines.add(
            WireMask.escaped(request.bytes.extracting(line.methodRange)) + " "
                + WireMask.target(request.bytes.extracting(line.target))
                + " HTTP/1.\(line.minorVersion)")
        var isForm = false
        for index in 0..<request.fields.count {
            let field = request.fields[index]
            let name = request.bytes.extracting(field.name)
            let value = request.bytes.extracting(field.value)
            lines.add(WireMask.field(name, value))
            isForm = isForm || name.equalsIgnoringCase("content-type") && value.isForm
        }
        lines.add("")
        lines.add(body: request.body, byteCount: request.body.count, isForm: isForm)
        write(lines.text)
    }

    /// A piece of a body that a task reads, decoded.
    func received(body: Span<UInt8>, at offset: Int, connection: UInt64) {
        show(body, at: offset, "<", connection)
    }

    /// What cannot be a request.
    func received(unparsed bytes: Span<UInt8>, connection: UInt64) {
        var lines = Lines("<", connection)
        lines.add("[\(bytes.count) bytes, no request]")
        lines.add(head: bytes.extracting(first: Self.maxBodyByteCount))
        write(lines.text)
    }

    /// An answer, encoded: its head, and its body unless that is streamed or sent from a file.
    func sent(_ answer: Span<UInt8>, connection: UInt64) {
        var lines = Lines(">", connection)
        let end = Self.endOfHead(answer)
        lines.add(head: answer.extracting(first: end))
        let body = answer.extracting(end...)
        lines.add(body: body, byteCount: body.count, isForm: false)
        write(lines.text)
    }

    /// A piece of a streamed body, framed as it is sent.
    func sent(body: Span<UInt8>, at offset: Int, connection: UInt64) {
        show(body, at: offset, ">", connection)
    }

    private func show(
        _ body: Span<UInt8>, at offset: Int, _ direction: String, _ connection: UInt64
    ) {
        let room = Self.maxBodyByteCount - offset
        guard room > 0, !body.isEmpty else { return }
        var lines = Lines(direction, connection)
        lines.add(body: body.extracting(first: room), byteCount: body.count, isForm: false)
        write(lines.text)
    }

    /// Behind the first empty line; the end where there is none.
    private static func endOfHead(_ bytes: Span<UInt8>) -> Int {
        var index = 0
        while index + 3 < bytes.count {
            if bytes[index] == 0x0D, bytes[index + 1] == 0x0A, bytes[index + 2] == 0x0D,
                bytes[index + 3] == 0x0A
            {
                return index + 4
            }
            index += 1
        }
        return bytes.count
    }
}

/// Lines of one message.
private struct Lines {
    private let start: String
    private var count = 0
    private(set) var text = ""

    init(_ direction: String, _ connection: UInt64) {
        start = "\(direction) \(connection)"
    }

    mutating func add(_ line: String) {
        count += 1
        guard count <= WireLog.maxLineCount else {
            if count == WireLog.maxLineCount + 1 { text += "\n\(start) …" }
            return
        }
        if !text.isEmpty { text += "\n" }
        text += line.isEmpty ? start : "\(start) \(line)"
    }

    /// Lines that end in LF or CRLF.
    mutating func add(head: Span<UInt8>) {
        var offset = 0
        while offset < head.count {
            let end = head.firstIndex(of: 0x0A, in: offset..<head.count) ?? head.count
            let isTerminated = end > offset && head[end - 1] == 0x0D && end < head.count
            add(WireMask.line(head.extracting(offset..<(isTerminated ? end - 1 : end))))
            offset = end + 1
        }
    }

    /// What is shown of a body of which this is the beginning.
    mutating func add(body: Span<UInt8>, byteCount: Int, isForm: Bool) {
        guard byteCount > 0 else { return }
        let shown = body.extracting(first: WireLog.maxBodyByteCount)
        let rest = shown.count < byteCount ? " …" : ""
        let text = isForm ? WireMask.form(shown) : WireMask.escaped(shown)
        add("[\(byteCount) bytes] \(text)\(rest)")
    }
}

extension Span where Element == UInt8 {
    /// A media type's value says `application/x-www-form-urlencoded`.
    fileprivate var isForm: Bool {
        let type = "application/x-www-form-urlencoded"
        return count >= type.utf8.count
            && extracting(first: type.utf8.count).equalsIgnoringCase(type.utf8.span)
    }
}
