/// One answer as it came over the wire, read by a parser of its own: what the server's codec would
/// get wrong on both sides must not go unseen.
package struct RawResponse: Sendable, CustomStringConvertible {
    package let version: String
    package let status: Int
    package let reason: String
    /// Name and value of each field line, as they came.
    package let fields: [(name: String, value: String)]
    package let body: [UInt8]
    /// The sizes of the chunks, without the last one; `nil` when the body was not chunked.
    package let chunkSizes: [Int]?
    /// The end of the connection was the end of the body.
    package let isEndedByClose: Bool

    /// The values of all lines with a name, in any case.
    package func values(_ name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// The value of the only line with a name; `nil` when there is none, or more than one.
    package subscript(name: String) -> String? {
        let found = values(name)
        return found.count == 1 ? found[0] : nil
    }

    package var text: String { String(decoding: body, as: UTF8.self) }

    package var closes: Bool { values("Connection") == ["close"] }

    package var description: String {
        "\(version) \(status) \(reason) \(fields.map { "\($0.name): \($0.value)" }) "
            + "+ \(body.count) bytes"
    }

    /// What an answer lacks that the server itself makes up, an error above all; `nil`: nothing.
    package var defect: String? {
        if self["Date"].map(Self.isDate) != true { return "Date: \(values("Date"))" }
        if self["Server"] != "Sluice" { return "Server: \(values("Server"))" }
        if self["Content-Type"] != "text/plain; charset=utf-8" {
            return "Content-Type: \(values("Content-Type"))"
        }
        if self["Content-Length"] != String(body.count) {
            return "Content-Length: \(values("Content-Length")) for \(body.count) bytes"
        }
        if !text.hasPrefix("\(status) \(reason)") || body.count > 200 { return "body: \(text)" }
        return nil
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
    package static func isDate(_ text: String) -> Bool {
        let days = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
        let months = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
        let pattern =
            "\(days), [0-3][0-9] \(months) 20[0-9]{2} [0-2][0-9]:[0-5][0-9]:[0-6][0-9] GMT"
        guard let expression = try? Regex(pattern) else { return false }
        return text.wholeMatch(of: expression) != nil
    }

    // MARK: Parsing

    /// Reads one answer from the front.
    ///
    /// - Returns: The answer and its length; `nil` when bytes are missing.
    /// - Throws: `ClientFailure` when it breaks the grammar or the rules of framing.
    static func parse(
        _ bytes: [UInt8], method: String, isAtEnd: Bool
    ) throws -> (RawResponse, Int)? {
        guard let headEnd = find("\r\n\r\n", in: bytes, from: 0) else { return nil }
        let lines = String(decoding: bytes[..<headEnd], as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false)
        let parts = lines[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].utf8.count == 3, let status = Int(parts[1]) else {
            throw ClientFailure("no status line: \(lines[0])")
        }
        var fields: [(name: String, value: String)] = []
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":"), !line.contains("\n"), !line.contains("\r")
            else { throw ClientFailure("no field line: \(line.debugDescription)") }
            fields.append(
                (
                    String(line[..<colon]),
                    line[line.index(after: colon)...].trimmingBlanks()
                ))
        }
        let framing = try Framing(fields, status: status, method: method)
        guard let body = try framing.body(bytes, from: headEnd + 4, isAtEnd: isAtEnd) else {
            return nil
        }
        let response = RawResponse(
            version: String(parts[0]), status: status, reason: String(parts[2]), fields: fields,
            body: body.bytes, chunkSizes: body.chunkSizes, isEndedByClose: framing == .untilClose)
        return (response, body.end)
    }

    private enum Framing: Equatable {
        case none
        case length(Int)
        case chunked
        case untilClose

        init(_ fields: [(name: String, value: String)], status: Int, method: String) throws {
            let lengths = fields.filter { $0.name.lowercased() == "content-length" }
            let codings = fields.filter { $0.name.lowercased() == "transfer-encoding" }
            guard lengths.count + codings.count <= 1 else {
                throw ClientFailure("ambiguous framing: \(fields)")
            }
            if status / 100 == 1 || status == 204 {
                guard lengths.isEmpty && codings.isEmpty else {
                    throw ClientFailure("\(status) with framing: \(fields)")
                }
                self = .none
            } else if method == "HEAD" || status == 304 {
                self = .none
            } else if let length = lengths.first {
                guard let count = Int(length.value), count >= 0 else {
                    throw ClientFailure("Content-Length: \(length.value)")
                }
                self = .length(count)
            } else if let coding = codings.first {
                guard coding.value == "chunked" else {
                    throw ClientFailure("Transfer-Encoding: \(coding.value)")
                }
                self = .chunked
            } else {
                self = .untilClose
            }
        }

        func body(
            _ bytes: [UInt8], from start: Int, isAtEnd: Bool
        ) throws -> (bytes: [UInt8], chunkSizes: [Int]?, end: Int)? {
            switch self {
            case .none:
                return ([], nil, start)
            case .length(let count):
                guard bytes.count >= start + count else { return nil }
                return (Array(bytes[start..<(start + count)]), nil, start + count)
            case .untilClose:
                return isAtEnd ? (Array(bytes[start...]), nil, bytes.count) : nil
            case .chunked:
                return try chunks(bytes, from: start)
            }
        }

        private func chunks(
            _ bytes: [UInt8], from start: Int
        ) throws -> (bytes: [UInt8], chunkSizes: [Int]?, end: Int)? {
            var body: [UInt8] = []
            var sizes: [Int] = []
            var offset = start
            while true {
                guard let lineEnd = find("\r\n", in: bytes, from: offset) else { return nil }
                let line = String(decoding: bytes[offset..<lineEnd], as: UTF8.self)
                guard let size = Int(line, radix: 16), size >= 0 else {
                    throw ClientFailure("chunk size \(line.debugDescription)")
                }
                let dataEnd = lineEnd + 2 + size
                guard bytes.count >= dataEnd + 2 else { return nil }
                guard bytes[dataEnd] == 13, bytes[dataEnd + 1] == 10 else {
                    throw ClientFailure("a chunk of \(size) bytes does not end with CRLF")
                }
                offset = dataEnd + 2
                if size == 0 { return (body, sizes, offset) }
                body += bytes[(lineEnd + 2)..<dataEnd]
                sizes.append(size)
            }
        }
    }

    private static func find(_ text: String, in bytes: [UInt8], from start: Int) -> Int? {
        let wanted = Array(text.utf8)
        var index = start
        while index + wanted.count <= bytes.count {
            if bytes[index] == wanted[0], bytes[index..<(index + wanted.count)] == wanted[...] {
                return index
            }
            index += 1
        }
        return nil
    }
}

extension Substring {
    fileprivate func trimmingBlanks() -> String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
