package import Containers
internal import HTTP1

/// An answer while its handler fills it: status, field lines, body.
///
/// The engine lends the same one to every handler call of a thread, so that filling it allocates
/// nothing once its buffers have grown. Framing (`Content-Length`, `Transfer-Encoding`,
/// `Connection`), `Date` and `Server` are the engine's.
package struct ResponseMessage: ~Copyable {
    /// The status code, 200 ... 599: an answer is final. It brings its registered reason phrase.
    package var status: Int {
        didSet { ownFields.remove(.reason) }
    }

    /// The body, unless there is a producer or a file.
    package var body: ByteBuffer

    /// Ask for the connection to be closed after this answer.
    package var closesConnection: Bool

    /// The body's type, when it is one of those that need no look; stands before `fields`.
    package var contentType: ContentType

    /// What the handler calls the kind of request that this answers, such as a route's number; for
    /// observers only. 0: it has not said.
    package var label: UInt32

    /// What observers are told beside the answer; `nil`: nothing.
    package var notes: ExchangeNotes?

    /// Field lines, encoded.
    package private(set) var fields: ByteBuffer

    /// Field lines, and the reason phrase, that the engine would write and the handler has written
    /// itself.
    private(set) var ownFields: OwnFields

    /// The reason phrase of the handler's own; what is left of an earlier one unless `ownFields` has
    /// `.reason`, so that answers without one need not clear it.
    private var ownReason: [UInt8]

    /// Makes the body while it is sent, or is the file that it is sent from.
    private var producer: BodyBox?

    /// The answer comes later, through `ServerConnection.complete`.
    private(set) var isDeferred: Bool

    /// Where it comes from.
    private var deferred: DeferredExchange?

    /// The length of a streamed body, where its producer has announced it; −1: it has not.
    private(set) var announcedLength: Int

    /// What a deferred answer needs of its connection; `nil` in a message that belongs to none.
    private let deferral: DeferralContext?

    /// A body comes behind the head that the handler is called for; only a deferred answer can see
    /// it.
    package var bodyFollows: Bool { deferral?.bodyFollows ?? false }

    /// A message that belongs to no connection yet.
    package init() {
        self.init(deferral: nil)
    }

    init(deferral: DeferralContext?) {
        status = 200
        body = ByteBuffer()
        closesConnection = false
        fields = ByteBuffer()
        ownFields = []
        ownReason = []
        producer = nil
        isDeferred = false
        contentType = .none
        deferred = nil
        announcedLength = -1
        label = 0
        notes = nil
        self.deferral = deferral
    }

    /// Makes this the message of the next exchange; the buffers keep their memory up to
    /// `retainedCapacity`.
    mutating func reset() {
        status = 200
        closesConnection = false
        ownFields = []
        isDeferred = false
        contentType = .none
        // An assignment releases what was there by a call, even when that was nothing.
        if producer != nil { producer = nil }
        if deferred != nil { deferred = nil }
        if notes != nil { notes = nil }
        announcedLength = -1
        label = 0
        body.removeAll()
        fields.removeAll()
        if body.capacity > Self.retainedCapacity { body = ByteBuffer() }
        if fields.capacity > Self.retainedCapacity { fields = ByteBuffer() }
    }

    /// Bytes that each buffer keeps between two answers: an answer beyond that is rare enough to
    /// pay for its own memory.
    private static let retainedCapacity = 262_144

    /// Bytes that a reason phrase may have: more than any that is registered, few enough for the
    /// byte that counts them in an exchange.
    package static let maxReasonByteCount = 255

    /// Sets the reason phrase, until the status is set again. It may be empty.
    ///
    /// - Returns: Whether it can be one: HTAB, SP, visible characters and obs-text (RFC 9112 §4),
    ///   at most `maxReasonByteCount`.
    package mutating func setReason(_ reason: Span<UInt8>) -> Bool {
        guard reason.count <= Self.maxReasonByteCount, FieldSyntax.isFieldValue(reason) else {
            return false
        }
        ownReason = Array(copying: reason)
        ownFields.insert(.reason)
        return true
    }

    /// The reason phrase of the handler's own; meaningless without `.reason` in `ownFields`.
    var reason: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { ownReason.span }
    }

    /// Takes over lines that another message has checked.
    mutating func begin(with lines: [UInt8], _ ownFields: OwnFields, reason: [UInt8]) {
        fields.append(lines.span)
        ownReason = reason
        self.ownFields = ownFields
    }

    /// Appends a field line that is right by construction.
    package mutating func appendField(_ name: StaticString, _ value: StaticString) {
        fields.append(name)
        fields.append(": ")
        fields.append(value)
        fields.append("\r\n")
    }

    /// Appends field lines that were encoded and looked at before, each with its end; none of them is
    /// the engine's.
    package mutating func appendFieldLines(_ lines: Span<UInt8>) {
        fields.append(lines)
    }

    /// Appends `Retry-After` in seconds (RFC 9110 §10.2.3).
    mutating func appendRetryAfter(seconds: Int) {
        fields.append("Retry-After: ")
        fields.append(decimal: seconds)
        fields.append("\r\n")
    }

    /// Nothing has been filled.
    package var isUntouched: Bool {
        fields.isEmpty && body.isEmpty && status == 200 && !closesConnection
            && contentType == .none && ownFields.rawValue == 0
    }

    /// A 200 with a body and a type at most: no field lines, no reason phrase of its own.
    @inline(__always)
    var isPlain: Bool {
        mutating get {
            status == 200 && fields.isEmpty && producer == nil && !isDeferred && !closesConnection
                && ownFields.rawValue == 0
        }
    }

    /// Whether any field line has been appended.
    package var hasFields: Bool { !fields.isEmpty }

    /// Forgets everything that was filled, for another answer instead; not what observers are told.
    package mutating func clear() {
        let (label, notes) = (label, notes)
        reset()
        self.label = label
        self.notes = notes
    }

    /// Appends a field line, having looked at every byte.
    ///
    /// - Throws: `FieldError` when the name is no token, when the value holds CR, LF, NUL or another
    ///   control byte (RFC 9110 §5.5; response splitting), or when the field belongs to the engine.
    package mutating func appendField(
        name: Span<UInt8>, value: Span<UInt8>
    ) throws(FieldError) {
        guard FieldSyntax.isToken(name) else { throw .invalidName }
        guard FieldSyntax.isFieldValue(value) else { throw .invalidValue }
        try claim(name)
        fields.append(name)
        fields.append(": ")
        fields.append(value)
        fields.append("\r\n")
    }

    /// Removes every line of a field that was appended before. Costs a walk over the lines.
    package mutating func removeField(name: Span<UInt8>) {
        if isContentType(name) { contentType = .none }
        var offset = 0
        while offset < fields.count {
            let length = lineLength(at: offset)
            guard lineHasName(name, at: offset) else {
                offset += length
                continue
            }
            let rest = fields.count - offset - length
            fields.move(from: offset + length, count: rest, to: offset)
            fields.truncate(toCount: offset + rest)
        }
    }

    /// The body will be made while it is sent. Replaces what was in `body`.
    package mutating func stream(_ producer: any BodyProducer) {
        removeBody()
        self.producer = .producer(ProducerBox(producer))
    }

    /// The body is sent from a file. Replaces what was in `body`, and the length that was announced.
    package mutating func send(_ body: FileBody) {
        self.body.removeAll()
        producer = body.hasSegments ? .file(FileDelivery(body)) : nil
        announcedLength = body.hasSegments ? body.byteCount : -1
        if !body.hasSegments { body.appendBytes(to: &self.body) }
    }

    /// The body is sent from a file.
    package var sendsFile: Bool { producer?.file != nil }

    /// The body is these bytes, which others hold, too. Replaces what was in `body`. Copies nothing:
    /// when they are many, they go from where they are to the socket.
    package mutating func send(shared bytes: [UInt8]) {
        body.removeAll()
        producer = .shared(bytes)
        announcedLength = -1
    }

    /// The body, if it is bytes that others hold, too.
    package var sharedBody: [UInt8]? {
        guard let producer, case .shared(let bytes) = producer else { return nil }
        return bytes
    }

    /// The same, taken out: whoever sends it needs no reference of his own then.
    mutating func takeSharedBody() -> [UInt8]? {
        guard let producer, case .shared(let bytes) = producer else { return nil }
        self.producer = nil
        return bytes
    }

    /// Bytes of a body that is neither made while it is sent nor a file.
    package var bodyByteCount: Int { sharedBody?.count ?? body.count }

    /// Forgets the body so far, wherever it comes from, and the length that it has announced.
    package mutating func removeBody() {
        body.removeAll()
        guard producer != nil else { return }
        producer = nil
        announcedLength = -1
    }

    /// Forgets the body so far, and its type, for one of this type.
    package mutating func replaceBody(_ contentType: ContentType) {
        removeBody()
        if !fields.isEmpty { removeField(name: "content-type".utf8.span) }
        self.contentType = contentType
    }

    /// The answer comes later; what was filled so far is forgotten.
    package mutating func deferAnswer() {
        isDeferred = true
    }

    /// The answer comes from a task, later unless that does not wait: see `start`. What was filled so
    /// far is forgotten.
    ///
    /// - Parameter timeLimit: Answers itself when the answer has not begun by then.
    /// - Returns: What is to be started; `nil` when no more tasks can run now: answer something else.
    package mutating func deferAnswer(
        to request: borrowing RequestView, within timeLimit: TimeLimit? = nil
    ) -> TaskRunner? {
        guard let deferral, deferral.acquire() else { return nil }
        let runner = deferral.takeRunner()
        runner.begin(request, within: timeLimit, label: label, notes: notes)
        return runner
    }

    /// Lets the task begin that `deferAnswer` has found. What it answers without waiting is this
    /// message's, as if its handler had filled it.
    ///
    /// - Parameter operation: The runner's own, if it has one.
    package mutating func start(_ runner: TaskRunner, _ operation: any DeferredOperation) {
        if runner.start(operation, answering: &self) { return }
        isDeferred = true
        deferred = runner.exchange
    }

    /// Becomes what another message is; that one is left with the memory of this one's buffers.
    mutating func takeOver(_ other: inout ResponseMessage) {
        status = other.status
        closesConnection = other.closesConnection
        contentType = other.contentType
        ownFields = other.ownFields
        if ownFields.contains(.reason) { ownReason = other.ownReason }
        if producer != nil || other.producer != nil { producer = other.takeProducer() }
        announcedLength = other.announcedLength
        label = other.label
        if notes != nil || other.notes != nil { notes = other.notes.take() }
        swap(&body, &other.body)
        swap(&fields, &other.fields)
    }

    /// Takes over another message's memory, and nothing of what it says.
    @inline(__always)
    mutating func takeBuffers(of other: inout ResponseMessage) {
        other.body.removeAll()
        other.fields.removeAll()
        swap(&body, &other.body)
        swap(&fields, &other.fields)
    }

    mutating func takeDeferred() -> DeferredExchange? {
        let taken = deferred
        deferred = nil
        return taken
    }

    /// What the length of a streamed body will be; `nil`: not known.
    package var streamLength: Int? {
        get { announcedLength < 0 ? nil : announcedLength }
        set { announcedLength = newValue ?? -1 }
    }

    /// The status does not go with a body (RFC 9110 §6.4.1).
    var forbidsBody: Bool { status == 204 || status == 205 || status == 304 }

    /// The body is made while it is sent, or sent from a file, by what `takeProducer` returns.
    package var isStream: Bool {
        guard let producer else { return false }
        if case .shared = producer { return false }
        return true
    }

    mutating func takeProducer() -> BodyBox? {
        let taken = producer
        producer = nil
        return taken
    }

    /// Takes the producer out again, for who puts another around it; `nil` where there is none. A
    /// file stays.
    package mutating func takeStream() -> (any BodyProducer)? {
        guard case .producer(let box) = producer else { return nil }
        producer = nil
        return box.content
    }

    private func isContentType(_ name: Span<UInt8>) -> Bool {
        name.count == 12 && name.equalsIgnoringCase("content-type")
    }

    private mutating func claim(_ name: Span<UInt8>) throws(FieldError) {
        switch name.count {
        case 4:
            if name.equalsIgnoringCase("date") { ownFields.insert(.date) }
        case 6:
            if name.equalsIgnoringCase("server") { ownFields.insert(.server) }
        case 10:
            if name.equalsIgnoringCase("connection") || name.equalsIgnoringCase("keep-alive") {
                throw .reservedName
            }
        case 12:
            // A line of the handler's own stands instead of the one that `send` has chosen.
            if isContentType(name) { contentType = .none }
        case 14:
            if name.equalsIgnoringCase("content-length") { throw .reservedName }
        case 17:
            if name.equalsIgnoringCase("transfer-encoding") { throw .reservedName }
        default:
            break
        }
    }

    private func lineLength(at offset: Int) -> Int {
        let bytes = fields.span
        var end = offset
        while bytes[end] != UInt8(ascii: "\n") { end += 1 }
        return end + 1 - offset
    }

    private func lineHasName(_ name: Span<UInt8>, at offset: Int) -> Bool {
        let bytes = fields.span
        guard offset + name.count < bytes.count, bytes[offset + name.count] == UInt8(ascii: ":")
        else { return false }
        return bytes.extracting(offset..<(offset + name.count)).isSameName(as: name)
    }
}

/// What the engine adds unless the handler has.
struct OwnFields: OptionSet {
    let rawValue: UInt8
    static let date = OwnFields(rawValue: 1)
    static let server = OwnFields(rawValue: 2)
    static let reason = OwnFields(rawValue: 4)
}
