internal import Containers
internal import HTTPEngine

/// The answer to one request, filled by its handler.
///
/// It starts as an empty 200. The server adds `Date`, `Server`, the length and what the connection
/// needs. Filling it allocates nothing beyond what the handler itself makes.
public struct Response: ~Copyable {
    var message: ResponseMessage

    /// What a task that answers needs to stream; `nil` in a synchronous handler.
    var conversation: DeferredCall?

    /// The head has left, and what is written now is its body.
    public internal(set) var isHeadSent = false

    /// The head is about to leave, and a body that is written will follow.
    var isBeginning = false

    /// The length of a body that is written piece by piece, in bytes, sent as `Content-Length`; to be
    /// set before the first `write`. `nil`: not known; the body is chunked, or ended by close for
    /// HTTP/1.0. Negative is as `nil`. An answer that ends before it is cut off, so that the client can see it.
    public var contentLength: Int? {
        get { message.streamLength }
        set { message.streamLength = newValue }
    }

    /// What belongs to a body that is written, beside its bytes; nothing for most answers, and then
    /// one reference to let go of.
    private var extras: StreamExtras?

    init(_ message: consuming ResponseMessage) {
        self.message = message
    }

    consuming func release() -> ResponseMessage {
        message
    }

    /// The status; 200 until it is set. It goes out with its registered reason phrase.
    public var status: Status {
        get { Status(message.status) }
        set { message.status = newValue.code }
    }

    /// Sets the status with a reason phrase of your own, which lasts until the status is set again.
    /// Clients ignore it; people who read it may not.
    ///
    /// - Parameter reason: At most 255 bytes of UTF-8; it may be empty.
    /// - Throws: `InvalidReason` when it is longer or holds CR, LF, NUL or another control character
    ///   (RFC 9112 §4); the status is not changed then.
    public mutating func setStatus(
        _ status: Status, reason: String
    ) throws(InvalidReason) {
        let before = message.status
        message.status = status.code
        guard message.setReason(reason.utf8.span) else {
            message.status = before
            throw InvalidReason(reason: reason)
        }
    }

    /// Closes the connection after this answer.
    public var closesConnection: Bool {
        get { message.closesConnection }
        set { message.closesConnection = newValue }
    }

    /// Bytes in the body so far.
    public var bodyByteCount: Int { message.bodyByteCount }

    /// Replaces the body by a text, as `text/plain; charset=utf-8`.
    public mutating func send(_ text: String) {
        replaceBody(.plainText)
        message.body.append(text)
    }

    /// Replaces the body by bytes, as `application/octet-stream`. Copies them.
    public mutating func send(_ bytes: Span<UInt8>) {
        replaceBody(.bytes)
        message.body.append(bytes)
    }

    /// Replaces the body by a text of a type of your own, such as `text/csv; charset=utf-8`.
    ///
    /// - Throws: `InvalidField` when the type holds a control character; the body is empty then.
    public mutating func send(_ text: String, as contentType: String) throws(InvalidField) {
        replaceBody(.none)
        try addField("Content-Type", contentType)
        message.body.append(text)
    }

    /// Replaces the body by bytes of a type of your own, such as `image/png`. Copies them.
    ///
    /// - Throws: As for text.
    public mutating func send(
        _ bytes: Span<UInt8>, as contentType: String
    ) throws(InvalidField) {
        replaceBody(.none)
        try addField("Content-Type", contentType)
        message.body.append(bytes)
    }

    /// Replaces the body by a page, as `text/html; charset=utf-8`. What comes from outside must have
    /// been escaped: see `String.escapedForHTML`.
    public mutating func send(html page: String) {
        replaceBody(.html)
        message.body.append(page)
    }

    /// Replaces the body by a text that is JSON already, as `application/json`. Nobody looks whether
    /// it is. Values that are `Encodable` are sent through the module `SluiceJSON`.
    public mutating func send(jsonText text: String) {
        replaceBody(.json)
        message.body.append(text)
    }

    /// Replaces the body by bytes that are JSON in UTF-8 already, as `application/json`. Copies them.
    public mutating func send(jsonText bytes: Span<UInt8>) {
        replaceBody(.json)
        message.body.append(bytes)
    }

    /// Appends text to the body. Says nothing about its type.
    public mutating func append(_ text: String) {
        message.body.append(text)
    }

    /// Appends bytes to the body. Copies them; says nothing about their type.
    public mutating func append(_ bytes: Span<UInt8>) {
        message.body.append(bytes)
    }

    /// Sends a body that is made piece by piece while the client takes it: chunked for HTTP/1.1,
    /// ended by close for HTTP/1.0. Replaces the body so far.
    public mutating func stream(_ body: some StreamedBody) {
        message.stream(StreamedBodyProducer(body: body))
    }

    /// Sets a field, in place of all earlier lines of this name.
    ///
    /// - Throws: `InvalidField` when the name is no token (RFC 9110 §5.1), when the value holds CR,
    ///   LF, NUL or another control character (§5.5), or when the field frames the message, which is
    ///   the server's work: `Content-Length`, `Transfer-Encoding`, `Connection`, `Keep-Alive`.
    public mutating func setField(_ name: String, _ value: String) throws(InvalidField) {
        message.removeField(name: name.utf8.span)
        try addField(name, value)
    }

    /// Adds a field line behind those that are there.
    ///
    /// - Throws: As `setField`.
    public mutating func addField(_ name: String, _ value: String) throws(InvalidField) {
        do {
            try message.appendField(name: name.utf8.span, value: value.utf8.span)
        } catch {
            throw InvalidField(name: name, error)
        }
    }

    /// Removes all lines of a field.
    public mutating func removeField(_ name: String) {
        message.removeField(name: name.utf8.span)
    }

    /// Trailer fields, encoded.
    var trailers: [UInt8] {
        get { extras?.trailers ?? [] }
        set { extras = StreamExtras(trailers: newValue, compressor: compressor) }
    }

    /// Compresses what is written; `nil`: it goes as it is.
    var compressor: BodyCompressor? {
        get { extras?.compressor }
        set { extras = StreamExtras(trailers: trailers, compressor: newValue) }
    }

    mutating func replaceBody(_ contentType: ContentType) {
        message.replaceBody(contentType)
    }
}

/// What a streamed answer has beside its bytes.
private final class StreamExtras: Sendable {
    let trailers: [UInt8]
    let compressor: BodyCompressor?

    init(trailers: [UInt8], compressor: BodyCompressor?) {
        self.trailers = trailers
        self.compressor = compressor
    }
}

/// A reason phrase that an answer cannot carry.
public struct InvalidReason: Error, Equatable, Sendable, CustomStringConvertible {
    /// The reason that was given.
    public let reason: String

    /// What is wrong and what would be right.
    public var description: String {
        "reason \(reason.prefix(80).debugDescription): it holds a control character such as CR or "
            + "LF, or more than \(ResponseMessage.maxReasonByteCount) bytes"
    }
}

/// A field that an answer cannot carry.
public struct InvalidField: Error, Equatable, Sendable, CustomStringConvertible {
    /// The name that was given.
    public let name: String

    /// What is wrong and what would be right.
    public let description: String

    init(name: String, description: String) {
        self.name = name
        self.description = description
    }

    init(name: String, _ error: FieldError) {
        self.name = name
        switch error {
        case .invalidName:
            description = "field \(name.debugDescription): the name is no token (RFC 9110 §5.6.2)"
        case .invalidValue:
            description =
                "field \(name): the value holds a control character such as CR or LF"
        case .reservedName:
            description = "field \(name): the server frames the message itself"
        }
    }
}
