internal import HTTP1

/// A form of several parts (`multipart/form-data`, RFC 7578) that is read while it comes: part by
/// part, each in chunks, in constant memory however large they are.
///
///     var form = try MultipartStream(request.body, of: request.head)
///     while let part = try await form.next() {
///         switch part.name {
///         case "title": title = try await form.collectText(upTo: 200)
///         case "photo": try await form.save(to: uploads, as: "\(id).jpg")
///         default: break  // What is not read is passed over.
///         }
///     }
///
/// Clients send the parts in the order of the form. What must be known before a file can be stored
/// belongs in front of it.
///
/// Every call may throw: `HTTPError` 400 `invalid_multipart`, 413 at one of the limits, and what the
/// body throws. The same error is thrown again then by every later call, but for that of a limit
/// that was given to the call itself.
public struct MultipartStream<Base: AsyncSequence>: ~Copyable where Base.Element == [UInt8] {
    private enum State {
        /// Before the first part, or behind one.
        case between
        /// The data of the part that has begun last are being read.
        case insidePart
        /// The body has ended.
        case ended
        case failed(any Error)
    }

    private var chunks: Base.AsyncIterator
    private var parser: MultipartParser
    private var state = State.between
    /// The chunk that is being read, and how far.
    private var chunk: [UInt8] = []
    private var offset = 0

    /// The form in a body that is still coming.
    ///
    /// - Parameters:
    ///   - body: The body's bytes, in pieces of any size.
    ///   - request: Whose body it is; its `Content-Type` names the boundary.
    /// - Throws: `HTTPError` 415 `unsupported_media_type` unless the body is `multipart/form-data`;
    ///   400 `invalid_multipart` when it has no usable boundary.
    public init(
        _ body: Base, of request: borrowing Request, limits: MultipartLimits = MultipartLimits()
    ) throws(HTTPError) {
        parser = try request.multipartParser(limits)
        chunks = body.makeAsyncIterator()
    }

    /// The form in a body whose boundary is known, wherever it comes from.
    ///
    /// - Throws: `HTTPError` 400 `invalid_multipart` when this cannot be a boundary.
    public init(
        _ body: Base, boundary: String, limits: MultipartLimits = MultipartLimits()
    ) throws(HTTPError) {
        parser = try MultipartParser(boundary: boundary, limits)
        chunks = body.makeAsyncIterator()
    }

    /// Goes on to the next part, past what is left of the present one; `nil` when the form and the
    /// body behind it have ended.
    public mutating func next() async throws -> FormPart? {
        while try await nextChunk() != nil {}
        while true {
            switch try await nextEvent() {
            case .partBegan:
                state = .insidePart
                return FormPart(parser.part)
            case nil: return nil
            case .data, .heldData, .partEnded, .needMore, .end: break
            }
        }
    }

    /// The next bytes of the present part, at least one, in the pieces in which they come; `nil` at
    /// its end, and before the first part.
    public mutating func nextChunk() async throws -> [UInt8]? {
        if case .failed(let error) = state { throw error }
        while case .insidePart = state {
            switch try await nextEvent() {
            case .data(let start, let count): return bytes(start..<start + count)
            case .heldData(let start, let count):
                return Array(parser.delimiter[start..<start + count])
            case .partEnded: state = .between
            case .partBegan, .needMore, .end, nil: break
            }
        }
        return nil
    }

    /// What is left of the present part, as a whole.
    ///
    /// - Throws: `HTTPError` 413 `part_too_large` when that is more than `maxByteCount`; the form can
    ///   be read on then, from the next part.
    public mutating func collect(upTo maxByteCount: Int) async throws -> [UInt8] {
        var collected: [UInt8] = []
        while let chunk = try await nextChunk() {
            guard chunk.count <= maxByteCount - collected.count else {
                throw HTTPError(.partTooLarge, in: parser.part)
            }
            collected += chunk
        }
        return collected
    }

    /// What is left of the present part, as text.
    ///
    /// - Throws: As `collect`; `HTTPError` 400 `invalid_text` when it is no UTF-8.
    public mutating func collectText(upTo maxByteCount: Int) async throws -> String {
        let bytes = try await collect(upTo: maxByteCount)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw HTTPError(
                .badRequest, code: "invalid_text", message: "the text is no UTF-8",
                field: parser.part.name)
        }
        return text
    }

    /// Writes what is left of the present part to a file, off the loop, which appears when it is
    /// whole.
    ///
    /// - Parameters:
    ///   - name: A name of your own. That of the client, `FormPart.fileName`, is refused unless it is
    ///     one component; and two clients choose the same.
    ///   - existing: What happens to a file of that name.
    ///   - synchronizing: As for `FileSink.finish`.
    /// - Returns: The bytes that were written.
    /// - Throws: As `UploadFolder.create`; nothing is left behind then.
    @discardableResult
    public mutating func save(
        to folder: UploadFolder, as name: String, existing: UploadFolder.Existing = .replaced,
        synchronizing: Bool = false
    ) async throws -> Int {
        var sink = try await folder.create(name, existing: existing)
        while let chunk = try await nextChunk() { try await sink.write(chunk) }
        return try await sink.finish(synchronizing: synchronizing)
    }

    /// What comes next, `.needMore` and `.end` excepted; `nil` when the body has ended. What follows
    /// the form is read and dropped, so that the connection can go on.
    private mutating func nextEvent() async throws -> MultipartEvent? {
        switch state {
        case .ended: return nil
        case .failed(let error): throw error
        case .between, .insidePart: break
        }
        do {
            while true {
                let chunk = chunk
                switch try parser.next(in: chunk.span, at: &offset) {
                case .needMore:
                    guard try await readChunk() else { throw MultipartError.incomplete }
                case .end:
                    guard try await readChunk() else {
                        state = .ended
                        return nil
                    }
                case let event: return event
                }
            }
        } catch {
            let error = (error as? MultipartError).map { HTTPError($0, in: parser.part) } ?? error
            state = .failed(error)
            throw error
        }
    }

    /// Takes the next piece of the body; false at its end.
    private mutating func readChunk() async throws -> Bool {
        offset = 0
        chunk = []
        guard let next = try await chunks.next(isolation: #isolation) else { return false }
        chunk = next
        return true
    }

    /// A piece that is all data, which most are, is handed on as it is.
    private func bytes(_ range: Range<Int>) -> [UInt8] {
        range == chunk.indices ? chunk : Array(chunk[range])
    }
}

/// What a part of a form says of itself: a field, or a file.
///
/// Other fields than these two are none that a part of a form may have (RFC 7578 §4.8), and are
/// passed over.
public struct FormPart: Equatable, Sendable {
    /// The name of the field.
    public let name: String

    /// The name that the client has given to the file; `nil`: the part is no file.
    ///
    /// It may hold anything: slashes, `..`, control characters, nothing at all. Show it to people;
    /// never make a path of it.
    public let fileName: String?

    /// The type of the data; `nil` where it is not said, which means `text/plain` (RFC 7578 §4.4),
    /// or cannot be read.
    public let contentType: MediaType?

    init(_ part: MultipartPart) {
        name = part.name
        fileName = part.fileName
        contentType = part.contentType.flatMap { MediaType($0) }
    }
}
