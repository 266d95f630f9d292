/// One field line, as two ranges of the parsed span: the name as it was written, and the value
/// without the whitespace around it.
package struct FieldLine: Equatable, Sendable, BitwiseCopyable {
    package var name: ByteRange
    package var value: ByteRange

    /// A line with this name and this value.
    package init(name: ByteRange, value: ByteRange) {
        self.name = name
        self.value = value
    }

    /// Follows bytes that now stand `distance` further on.
    package mutating func move(by distance: Int) {
        name.move(by: distance)
        value.move(by: distance)
    }
}

/// The header section of a message (RFC 9112 §5): its lines, and what those say that decide how
/// the message is framed and what becomes of the connection.
///
/// Its 4 KiB of lines are allocated once, apart: a head that held them in place would be copied
/// whole wherever the compiler borrows it through a stored property (2 KiB a request, measured).
/// Parsed into and used again, never copied.
package struct FieldSection: ~Copyable, Sendable {
    /// Real requests have 5 to 40 lines; a 129th is answered with 431.
    package static var maxCount: Int { 128 }

    /// Number of field lines.
    package internal(set) var count = 0

    /// The first `count` are valid, in the order in which they came.
    private var lines: [FieldLine]

    /// What the lines say about framing and connection.
    package internal(set) var facts = FieldFacts()

    /// A section without lines.
    package init() {
        lines = Array(
            repeating: FieldLine(name: ByteRange(), value: ByteRange()), count: Self.maxCount)
    }

    /// A section that others are copied into.
    init(copyCapacity: Int) {
        lines = []
        lines.reserveCapacity(copyCapacity)
    }

    /// Lines that there is memory for.
    var capacity: Int { lines.capacity }

    /// Line `index`. Precondition: `index < count`.
    package subscript(index: Int) -> FieldLine {
        precondition(index < count)
        return lines[index]
    }

    /// All lines, as a view that is valid while this section is not changed.
    package var span: Span<FieldLine> {
        @_lifetime(borrow self)
        borrowing get { lines.span.extracting(0..<count) }
    }

    /// The value of the first field with this name. `name` is a literal in lower case; `bytes` is
    /// the span that was parsed. Linear in the number of lines: one comparison of lengths for most.
    package func firstValue(
        named name: StaticString, in bytes: Span<UInt8>
    ) -> ByteRange? {
        guard let index = index(ofNext: name.span, from: 0, in: bytes) else { return nil }
        return lines[index].value
    }

    /// The value of the first field with this name, given as bytes in lower case.
    package func firstValue(named name: Span<UInt8>, in bytes: Span<UInt8>) -> ByteRange? {
        guard let index = index(ofNext: name, from: 0, in: bytes) else { return nil }
        return lines[index].value
    }

    /// The index of the first line from `start` on whose name is `name`, given in lower case.
    package func index(
        ofNext name: Span<UInt8>, from start: Int, in bytes: Span<UInt8>
    ) -> Int? {
        for index in start..<count where Int(lines[index].name.count) == name.count {
            if bytes.extracting(lines[index].name).equalsIgnoringCase(name) { return index }
        }
        return nil
    }

    /// Forgets all lines. Touches no more memory than the counters.
    mutating func removeAll() {
        count = 0
        facts = FieldFacts()
    }

    /// Becomes the same as another section. The lines of a section that is copied into are as many as
    /// its count.
    mutating func copy(_ other: borrowing FieldSection) {
        lines.removeAll(keepingCapacity: true)
        lines.reserveCapacity(other.count)
        for index in 0..<other.count { lines.append(other.lines[index]) }
        count = other.count
        facts = other.facts
    }

    mutating func append(_ line: FieldLine) {
        lines[count] = line
        count &+= 1  // The subscript above holds it below 128.
    }

    /// Moves all ranges, after the bytes have moved by `distance`.
    mutating func move(by distance: Int) {
        for index in 0..<count { lines[index].move(by: distance) }
        facts.move(by: distance)
    }
}

/// What the fields `Host`, `Content-Length`, `Transfer-Encoding`, `Connection` and `Expect` say
/// together, gathered line by line.
package struct FieldFacts: Equatable, Sendable, BitwiseCopyable {
    /// Number of `Host` lines; in a request 0 or 1.
    package var hostCount: UInt8 = 0
    package var connection: ConnectionOptions = []
    package var expectation: Expectation = .none
    package var transferCodings: TransferCodings = []
    /// The value of `Host`; empty when there is none.
    package var host = ByteRange()
    /// The value of `Content-Length`; nil when there is none.
    package var contentLength: Int?

    /// The facts of a section without lines.
    package init() {}

    /// Follows bytes that now stand `distance` further on.
    package mutating func move(by distance: Int) {
        if hostCount > 0 { host.move(by: distance) }
    }
}

/// The options of all `Connection` lines (RFC 9110 §7.6.1). Others than these name fields that
/// are meant for the next hop only, and mean nothing to an origin server.
package struct ConnectionOptions: OptionSet, Sendable, BitwiseCopyable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The connection ends behind this message.
    package static let close = ConnectionOptions(rawValue: 1)
    /// A client or server of HTTP/1.0 keeps the connection open.
    package static let keepAlive = ConnectionOptions(rawValue: 2)
    /// `Upgrade` is meant for this hop.
    package static let upgrade = ConnectionOptions(rawValue: 4)
}

/// What `Expect` asks for (RFC 9110 §10.1.1).
package enum Expectation: UInt8, Sendable, BitwiseCopyable {
    /// No such field, or a message of HTTP/1.0, where it is ignored.
    case none
    /// `100-continue`, and nothing else.
    case `continue`
    /// Anything else: a server answers 417.
    case other
}

/// The transfer codings of all `Transfer-Encoding` lines, in order.
package struct TransferCodings: OptionSet, Sendable, BitwiseCopyable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// There is such a field.
    package static let present = TransferCodings(rawValue: 1)
    /// `chunked`, once, and last so far.
    package static let chunked = TransferCodings(rawValue: 2)
    /// A coding that is not `chunked`.
    package static let other = TransferCodings(rawValue: 4)
}
