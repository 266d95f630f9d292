/// What the header of a part says (RFC 7578 §4.2, §4.4).
package struct MultipartPart: Equatable, Sendable {
    /// The name of the field.
    package var name = ""
    /// The name of the file, as it was sent; it may hold anything. `nil`: the part is no file.
    package var fileName: String?
    /// The value of `Content-Type`, as it was sent.
    package var contentType: String?

    /// What the parser has before the first part.
    init() {}

    /// Reads a header with its empty line.
    init(
        header: Span<UInt8>, limits: MultipartParser.Limits
    ) throws(MultipartError) {
        var hasDisposition = false
        var start = 0
        // The last two bytes are the empty line.
        while start < header.count - 2 {
            guard let lineFeed = header.firstLineFeed(from: start), lineFeed > start,
                header[lineFeed - 1] == .carriageReturn
            else { throw .invalidHeader }
            let line = header.extracting(start..<lineFeed - 1)
            start = lineFeed + 1
            let nameEnd = line.endOfToken(from: 0)
            guard nameEnd > 0, nameEnd < line.count, line[nameEnd] == .ascii(":"),
                FieldSyntax.isFieldValue(line.extracting((nameEnd + 1)...))
            else { throw .invalidHeader }
            let name = line.extracting(..<nameEnd)
            let value = line.extracting((nameEnd + 1)...).trimmed
            if name.equalsIgnoringCase("content-disposition") {
                guard !hasDisposition else { throw .invalidHeader }
                hasDisposition = true
                try readDisposition(value, limits)
            } else if name.equalsIgnoringCase("content-type") {
                contentType = value.text
            }
        }
        guard hasDisposition else { throw .missingName }
    }

    private mutating func readDisposition(
        _ value: Span<UInt8>, _ limits: MultipartParser.Limits
    ) throws(MultipartError) {
        let typeEnd = value.endOfToken(from: 0)
        guard value.extracting(..<typeEnd).equalsIgnoringCase("form-data") else {
            throw .invalidHeader
        }
        var name: String?
        var offset = typeEnd
        while true {
            offset = value.endOfBlanks(from: offset)
            guard offset < value.count else { break }
            guard value[offset] == .ascii(";") else { throw .invalidHeader }
            offset = value.endOfBlanks(from: offset + 1)
            let attributeEnd = value.endOfToken(from: offset)
            if attributeEnd == offset, offset == value.count { break }
            guard attributeEnd > offset, attributeEnd < value.count,
                value[attributeEnd] == .ascii("=")
            else { throw .invalidHeader }
            let attribute = value.extracting(offset..<attributeEnd)
            offset = attributeEnd + 1
            let text = try Self.parameterValue(value, &offset)
            if attribute.equalsIgnoringCase("name") {
                guard name == nil else { throw .invalidHeader }
                guard text.utf8.count <= limits.maxNameBytes else { throw .nameTooLong }
                name = text
            } else if attribute.equalsIgnoringCase("filename") {
                guard fileName == nil else { throw .invalidHeader }
                guard text.utf8.count <= limits.maxFileNameBytes else { throw .nameTooLong }
                fileName = text
            } else if attribute[attribute.count - 1] == .ascii("*") {
                throw .extendedParameter
            }
        }
        guard let name else { throw .missingName }
        self.name = name
    }

    /// A token or a quoted string. Inside of the latter a backslash escapes a quotation mark and
    /// itself, and stands for itself before anything else: some clients send paths of Windows.
    /// Browsers write `%22` for a quotation mark (WHATWG HTML, multipart/form-data encoding), which
    /// cannot be told from the same three characters, and stays.
    private static func parameterValue(
        _ bytes: Span<UInt8>, _ offset: inout Int
    ) throws(MultipartError) -> String {
        guard offset < bytes.count, bytes[offset] == .ascii("\"") else {
            let end = bytes.endOfToken(from: offset)
            guard end > offset else { throw .invalidHeader }
            defer { offset = end }
            return bytes.extracting(offset..<end).text
        }
        var value: [UInt8] = []
        offset += 1
        while offset < bytes.count {
            var byte = bytes[offset]
            offset += 1
            if byte == .ascii("\"") { return value.span.text }
            if byte == .ascii("\\"), offset < bytes.count,
                bytes[offset] == .ascii("\"") || bytes[offset] == .ascii("\\")
            {
                byte = bytes[offset]
                offset += 1
            }
            value.append(byte)
        }
        throw .invalidHeader
    }
}

/// What is wrong with a body of several parts.
package enum MultipartError: Error, Equatable, Sendable, CaseIterable {
    /// Something else than blanks and a line end, or `--`, behind a boundary.
    case invalidDelimiter
    /// The header of a part is no header, or not that of a form's field.
    case invalidHeader
    /// A part without a name.
    case missingName
    /// `filename*` or another parameter in the encoding of RFC 8187.
    case extendedParameter
    /// The body ends without its closing delimiter.
    case incomplete
    /// More parts than `maxPartCount`.
    case tooManyParts
    /// A header of more than `maxHeaderBytes`.
    case headerTooLarge
    /// A name of more than `maxNameBytes`, or of a file of more than `maxFileNameBytes`.
    case nameTooLong
    /// Data of more than `maxPartBytes`.
    case partTooLarge

    /// A limit, and no fault of form.
    package var isLimit: Bool {
        switch self {
        case .invalidDelimiter, .invalidHeader, .missingName, .extendedParameter, .incomplete: false
        case .tooManyParts, .headerTooLarge, .nameTooLong, .partTooLarge: true
        }
    }

    /// One clause for people.
    package var reason: String {
        switch self {
        case .invalidDelimiter: "a boundary is followed by something else than a line end"
        case .invalidHeader: "the header of a part is malformed"
        case .missingName: "a part has no name"
        case .extendedParameter: "a part has a parameter such as filename*, which forms cannot have"
        case .incomplete: "the last boundary is missing"
        case .tooManyParts: "the form has too many parts"
        case .headerTooLarge: "the header of a part is too large"
        case .nameTooLong: "the name of a field or file is too long"
        case .partTooLarge: "a part is too large"
        }
    }
}

extension Span where Element == UInt8 {
    /// A copy; what is not valid UTF-8 is replaced by U+FFFD.
    fileprivate var text: String { String(decoding: indices.map { self[$0] }, as: UTF8.self) }

    fileprivate func endOfBlanks(from start: Int) -> Int {
        var end = start
        while end < count, self[end].isOptionalWhitespace { end += 1 }
        return end
    }

    /// Without the blanks at its ends.
    fileprivate var trimmed: Span<UInt8> {
        @_lifetime(copy self)
        get {
            let start = endOfBlanks(from: 0)
            var end = count
            while end > start, self[end - 1].isOptionalWhitespace { end -= 1 }
            return extracting(start..<end)
        }
    }
}
