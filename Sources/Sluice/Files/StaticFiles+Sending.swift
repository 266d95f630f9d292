internal import Containers
internal import HTTP1
internal import HTTPEngine
internal import Syscalls

extension StaticFiles {
    /// Fills the answer with one of a file's forms, or as much of it as is wanted.
    func send(
        _ entry: StaticEntry, _ request: borrowing Request, _ response: inout Response,
        at now: Instant
    ) throws {
        let wishes = FileWishes(request.view)
        let representations = entry.representations
        let chosen =
            representations.count > 1 && wishes.contains(.coding)
            ? CodingWeights(request.view).choose(among: representations) : 0
        let representation = representations[chosen]
        let lines =
            now < representation.strongFrom
            ? representation.fields.weak : representation.fields.strong
        guard wishes.contains(.condition) || wishes.contains(.range) else {
            response.message.appendFieldLines(lines.span)
            response.sendWhole(representation)
            return
        }
        let validators = representation.validators(at: now)
        switch request.evaluate(validators) {
        case .proceed: break
        case .notModified:
            response.message.status = 304
            response.message.appendFieldLines(
                lines.span.extracting(representation.fields.cacheStart...))
            return
        case .failed: throw HTTPError(.preconditionFailed)
        }
        let selection =
            wishes.contains(.range)
            ? request.ranges(ofByteCount: representation.byteCount, validators) : .whole
        try response.send(selection, of: representation, lines)
    }
}

/// What of a request's head matters to a file: found in one walk over the field lines.
struct FileWishes: OptionSet {
    let rawValue: UInt8
    /// `Accept-Encoding`
    static let coding = FileWishes(rawValue: 1)
    /// `If-Match`, `If-None-Match`, `If-Modified-Since`, `If-Unmodified-Since`
    static let condition = FileWishes(rawValue: 2)
    /// `Range`
    static let range = FileWishes(rawValue: 4)

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init(_ view: RequestView) {
        var bits: UInt8 = 0
        for index in 0..<view.fields.count {
            let name = view.bytes.extracting(view.fields[index].name)
            switch name.count {
            case 5: if name.equalsIgnoringCase("range") { bits |= 4 }
            case 8: if name.equalsIgnoringCase("if-match") { bits |= 2 }
            case 13: if name.equalsIgnoringCase("if-none-match") { bits |= 2 }
            case 15: if name.equalsIgnoringCase("accept-encoding") { bits |= 1 }
            case 17: if name.equalsIgnoringCase("if-modified-since") { bits |= 2 }
            case 19: if name.equalsIgnoringCase("if-unmodified-since") { bits |= 2 }
            default: break
            }
        }
        rawValue = bits
    }
}

extension Response {
    /// The body is all of a representation.
    fileprivate mutating func sendWhole(_ representation: StaticRepresentation) {
        switch representation.body {
        case .content(let content): message.send(shared: content)
        case .file(_, let body): message.send(body)
        }
    }

    /// Status, fields and body of what a client wants of a representation.
    fileprivate mutating func send(
        _ selection: ByteRangeSelection, of representation: StaticRepresentation, _ lines: [UInt8]
    ) throws(HTTPError) {
        let byteCount = representation.byteCount
        switch selection {
        case .parts(let parts) where parts.count == 1:
            message.status = 206
            message.appendFieldLines(lines.span)
            message.appendFieldLines(MultipartRanges.contentRange(parts[0], of: byteCount).span)
            send(parts[0], of: representation)
        // What a part of an encoded form is of cannot be said in its own fields.
        case .parts(let parts) where representation.coding == .identity:
            message.status = 206
            let multipart = MultipartRanges(parts, of: representation)
            message.appendFieldLines(multipart.contentTypeLine.span)
            message.appendFieldLines(lines.span.extracting(representation.fields.typeEnd...))
            send(multipart.bodyParts, of: representation)
        case .parts, .whole:
            message.appendFieldLines(lines.span)
            sendWhole(representation)
        case .unsatisfiable:
            throw HTTPError(
                .rangeNotSatisfiable, message: "nothing lies in this range",
                fields: [("Content-Range", "bytes */\(byteCount)")])
        }
    }

    private mutating func send(_ part: Range<Int>, of representation: StaticRepresentation) {
        switch representation.body {
        case .content(let content): message.body.append(content.span.extracting(part))
        case .file(let source, _): message.send(FileBody(source, part))
        }
    }

    private mutating func send(
        _ parts: [FileBody.Part], of representation: StaticRepresentation
    ) {
        switch representation.body {
        case .file(let source, _): message.send(FileBody(source, parts: parts))
        case .content(let content):
            for part in parts {
                switch part {
                case .bytes(let bytes): message.body.append(bytes.span)
                case .file(let range): message.body.append(content.span.extracting(range))
                }
            }
        }
    }
}

/// Several ranges of one file, as `multipart/byteranges` (RFC 9110 §14.6).
struct MultipartRanges {
    let contentTypeLine: [UInt8]
    let bodyParts: [FileBody.Part]

    init(_ ranges: [Range<Int>], of representation: StaticRepresentation) {
        // 128 random bits: no file holds them.
        let boundary = (0..<2).map { _ in
            String(UInt64.random(in: .min ... .max) | 1 << 63, radix: 16)
        }.joined()
        contentTypeLine = Array("Content-Type: multipart/byteranges; boundary=\(boundary)\r\n".utf8)
        var parts: [FileBody.Part] = []
        for range in ranges {
            let head =
                Array("\(parts.isEmpty ? "" : "\r\n")--\(boundary)\r\nContent-Type: ".utf8)
                + representation.contentType + "\r\n".utf8
                + Self.contentRange(range, of: representation.byteCount) + "\r\n".utf8
            parts += [.bytes(head), .file(range)]
        }
        bodyParts = parts + [.bytes(Array("\r\n--\(boundary)--\r\n".utf8))]
    }

    /// The field line that names a part (RFC 9110 §14.4).
    static func contentRange(_ range: Range<Int>, of byteCount: Int) -> [UInt8] {
        Array(
            "Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/\(byteCount)\r\n".utf8
        )
    }
}
