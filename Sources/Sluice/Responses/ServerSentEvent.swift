/// One event of an event stream (`text/event-stream`, HTML §9.2).
///
///     ServerSentEvent("17:42")
///     try ServerSentEvent(data: json, event: "price", id: "1042")
///
/// Clients dispatch an event when it has data, be they empty; one without data only tells them an
/// id, a time to wait, or nothing.
public struct ServerSentEvent: Hashable, Sendable {
    /// The data. Lines end with CR LF, CR or LF, and reach the client ended with LF (§9.2.6).
    public let data: String?
    /// The type, for `addEventListener`; `nil` or empty: `message`.
    public let event: String?
    /// What the client sends back in `Last-Event-ID` when it connects anew: see
    /// `Request.lastEventID`. Empty: it forgets the last one. `nil`: it keeps that.
    public let id: String?
    /// How long the client waits before it connects anew; written in whole milliseconds.
    public let retry: Duration?
    /// What clients pass over and people who look at the stream may read.
    public let comment: String?

    /// An event of type `message`, with nothing but data.
    public init(_ data: String) {
        self.data = data
        event = nil
        id = nil
        retry = nil
        comment = nil
    }

    /// An event.
    ///
    /// - Throws: `InvalidEvent` when `event` holds CR or LF; when `id` holds CR, LF or NUL, which
    ///   makes clients ignore it; when `retry` is negative.
    public init(
        data: String?, event: String? = nil, id: String? = nil, retry: Duration? = nil,
        comment: String? = nil
    ) throws(InvalidEvent) {
        if let event, event.utf8.contains(where: Self.isLineEnd) {
            throw InvalidEvent("event \(Self.shown(event)): a type is one line, without CR and LF")
        }
        if let id, id.utf8.contains(where: { Self.isLineEnd($0) || $0 == 0 }) {
            throw InvalidEvent("id \(Self.shown(id)): an id is one line, without CR, LF and NUL")
        }
        if let retry, retry < .zero {
            throw InvalidEvent("retry \(retry): a client can only wait from now on; use 0 or more")
        }
        self.data = data
        self.event = event
        self.id = id
        self.retry = retry
        self.comment = comment
    }

    private init(comment: String) {
        data = nil
        event = nil
        id = nil
        retry = nil
        self.comment = comment
    }

    /// Nothing but a comment. Clients do not notice it; what stands between, such as proxies, sees
    /// that the connection lives.
    public static func comment(_ text: String) -> ServerSentEvent {
        ServerSentEvent(comment: text)
    }

    /// The comment that keeps a quiet stream open.
    public static let heartbeat = comment("heartbeat")

    /// Appends the event as it is sent: a line for each thing that it has, several for text of
    /// several lines, and an empty line. O(n).
    public func encode(into bytes: inout [UInt8]) {
        if let comment { Self.append(comment, as: "", to: &bytes) }
        if let event { Self.append(event, as: "event", to: &bytes) }
        if let id { Self.append(id, as: "id", to: &bytes) }
        if let retry { Self.append("\(retry.wholeMilliseconds)", as: "retry", to: &bytes) }
        if let data { Self.append(data, as: "data", to: &bytes) }
        bytes.append(Self.lineFeed)
    }

    /// The blank behind the colon is always there: clients remove one, so that a text which begins
    /// with a blank keeps its own.
    private static func append(
        _ text: String, as field: StaticString, to bytes: inout [UInt8]
    ) {
        beginLine(field, &bytes)
        var previous: UInt8 = 0
        for byte in text.utf8 {
            defer { previous = byte }
            if byte == lineFeed, previous == carriageReturn { continue }
            if isLineEnd(byte) {
                bytes.append(lineFeed)
                beginLine(field, &bytes)
            } else {
                bytes.append(byte)
            }
        }
        bytes.append(lineFeed)
    }

    private static func beginLine(_ field: StaticString, _ bytes: inout [UInt8]) {
        bytes.append(contentsOf: "\(field): ".utf8)
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool {
        byte == lineFeed || byte == carriageReturn
    }

    private static let lineFeed: UInt8 = 0x0A
    private static let carriageReturn: UInt8 = 0x0D

    private static func shown(_ text: String) -> String { text.prefix(80).debugDescription }
}

/// Something that an event cannot be.
public struct InvalidEvent: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong and what would be right.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension Duration {
    /// Rounded down. Invariant: not negative.
    fileprivate var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000)
        return overflows ? .max : product + attoseconds / 1_000_000_000_000_000
    }
}
