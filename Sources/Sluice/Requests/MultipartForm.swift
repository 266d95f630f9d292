internal import HTTP1

/// What a form of several parts may have. At a limit: 413, with the `code` that each names.
public struct MultipartLimits: Sendable {
    /// Parts: `too_many_parts`.
    public var maxPartCount = 100
    /// Bytes of one part's header: `part_header_too_large`.
    public var maxHeaderBytes = 4_096
    /// Bytes of a field's name: `part_name_too_long`.
    public var maxNameBytes = 256
    /// Bytes of a file's name: `part_name_too_long`.
    public var maxFileNameBytes = 1_024
    /// Bytes of one part's data: `part_too_large`. `ServerConfiguration.maxBodyBytes` bounds all of
    /// them together.
    public var maxPartBytes = Int.max

    /// The defaults.
    public init() {}

    var parserLimits: MultipartParser.Limits {
        var limits = MultipartParser.Limits()
        limits.maxPartCount = maxPartCount
        limits.maxHeaderBytes = maxHeaderBytes
        limits.maxNameBytes = maxNameBytes
        limits.maxFileNameBytes = maxFileNameBytes
        limits.maxPartBytes = maxPartBytes
        return limits
    }
}

/// A form of several parts (`multipart/form-data`, RFC 7578): fields and files. The data of the parts
/// are views of the body.
public struct MultipartForm: ~Escapable {
    private let body: Span<UInt8>
    private let parts: [(part: MultipartPart, data: Range<Int>)]

    @_lifetime(copy body)
    init(_ body: Span<UInt8>, _ parts: [(part: MultipartPart, data: Range<Int>)]) {
        self.body = body
        self.parts = parts
    }

    /// How many parts there are.
    public var count: Int { parts.count }

    /// A part, in the order in which they came.
    ///
    /// - Precondition: The index is below `count`.
    public subscript(index: Int) -> Part {
        @_lifetime(copy self)
        get {
            let (part, data) = parts[index]
            return Part(part, body.extracting(data))
        }
    }

    /// The text of the first part with a name that is no file; `nil` when there is none, or when it
    /// is not valid UTF-8. O(parts), copies.
    public subscript(name: String) -> String? {
        for index in parts.indices
        where parts[index].part.name == name && parts[index].part.fileName == nil {
            return self[index].text
        }
        return nil
    }

    /// The index of the first part with a name, from an index on; so all parts with one name can be
    /// visited. O(parts).
    public func index(of name: String, from start: Int = 0) -> Int? {
        parts[start...].firstIndex { $0.part.name == name }
    }

    /// A field, or a file.
    public struct Part: ~Escapable {
        private let part: MultipartPart

        /// The data, as they were sent.
        public let bytes: Span<UInt8>

        @_lifetime(copy bytes)
        init(_ part: MultipartPart, _ bytes: Span<UInt8>) {
            self.part = part
            self.bytes = bytes
        }

        /// The name of the field.
        public var name: String { part.name }

        /// The name that the client has given to the file; `nil`: the part is no file.
        ///
        /// It may hold anything: slashes, `..`, control characters, nothing at all. Show it to
        /// people; never make a path of it.
        public var fileName: String? { part.fileName }

        /// The type of the data; `nil` where it is not said, which means `text/plain`
        /// (RFC 7578 §4.4), or cannot be read.
        public var contentType: MediaType? { part.contentType.flatMap { MediaType($0) } }

        /// The data as text; `nil` when they are not valid UTF-8. O(n), copies.
        public var text: String? {
            do {
                return String(copying: try UTF8Span(validating: bytes))
            } catch {
                return nil
            }
        }
    }
}

extension Request {
    /// The parts of the form in the body. O(body); the data are not copied.
    ///
    ///     let form = try request.multipart()
    ///     let title = form["title"] ?? ""
    ///     if let index = form.index(of: "picture") { store(form[index].bytes) }
    ///
    /// - Throws: `HTTPError` 415 `unsupported_media_type` unless the body is `multipart/form-data`;
    ///   400 `invalid_multipart` when it has no usable boundary or is malformed; 413 at a limit.
    @_lifetime(copy self)
    public func multipart(
        limits: MultipartLimits = MultipartLimits()
    ) throws(HTTPError) -> MultipartForm {
        var parser = try multipartParser(limits)
        do throws(MultipartError) {
            return MultipartForm(body, try Self.parts(of: body, &parser))
        } catch {
            throw HTTPError(error, in: parser.part)
        }
    }

    /// A parser for the form that the body must be, by its type.
    func multipartParser(_ limits: MultipartLimits) throws(HTTPError) -> MultipartParser {
        try requireContentType(["multipart/form-data"])
        return try MultipartParser(boundary: contentType?["boundary"], limits)
    }

    /// All bytes are there at once, so the data of a part lie together.
    private static func parts(
        of body: Span<UInt8>, _ parser: inout MultipartParser
    ) throws(MultipartError) -> [(part: MultipartPart, data: Range<Int>)] {
        var parts: [(part: MultipartPart, data: Range<Int>)] = []
        var offset = 0
        var data = 0..<0
        while true {
            switch try parser.next(in: body, at: &offset) {
            case .partBegan: data = offset..<offset
            case .data(let start, let count): data = data.lowerBound..<start + count
            // They lie just before what is looked at next.
            case .heldData: data = data.lowerBound..<offset
            case .partEnded: parts.append((parser.part, data))
            case .end: return parts
            case .needMore: throw .incomplete
            }
        }
    }
}

extension MultipartParser {
    /// A parser at the beginning of a body whose type names this boundary, or none.
    init(boundary: String?, _ limits: MultipartLimits) throws(HTTPError) {
        guard let boundary,
            let parser = MultipartParser(
                boundary: boundary.utf8.span, limits: limits.parserLimits)
        else {
            throw HTTPError(
                .badRequest, code: "invalid_multipart",
                message: "Content-Type has no usable boundary")
        }
        self = parser
    }
}

extension HTTPError {
    /// What is wrong with a form, and in or behind which of its parts.
    init(_ error: MultipartError, in part: MultipartPart) {
        self.init(
            error.isLimit ? .contentTooLarge : .badRequest, code: error.code,
            message: error.reason, field: part.name.isEmpty ? nil : part.name)
    }
}

extension MultipartError {
    fileprivate var code: String {
        switch self {
        case .invalidDelimiter, .invalidHeader, .missingName, .extendedParameter, .incomplete:
            "invalid_multipart"
        case .tooManyParts: "too_many_parts"
        case .headerTooLarge: "part_header_too_large"
        case .nameTooLong: "part_name_too_long"
        case .partTooLarge: "part_too_large"
        }
    }
}
