internal import HTTP1

/// What the head of an answer says that matters to a client.
struct HeadFacts: BitwiseCopyable, Equatable {
    /// 100 to 999.
    var status = 0
    /// Whether the connection stays open behind the answer, as far as the head tells.
    var isPersistent = true
    /// Requests that the server still takes on this connection (`Keep-Alive: max=n`).
    var requestsLeft: Int?
    /// The framing for a request whose answer may have a body.
    var bodyFraming = BodyFraming.none

    /// The framing of the body in answer to `method` (RFC 9112 §6.3).
    func framing(for method: RequestMethod) -> BodyFraming {
        method == .head ? .none : bodyFraming
    }
}

/// Reads heads, and remembers the last one: a server that is loaded sends the same head again and
/// again, until the second of its `Date` is over. Two heads with the same bytes say the same, so a
/// comparison does for parsing.
struct HeadCache: ~Copyable {
    /// The longest head that is remembered.
    private static let maximumByteCount = 1_024

    private var bytes: [UInt8] = []
    private var facts = HeadFacts()

    init() { bytes.reserveCapacity(Self.maximumByteCount) }

    /// Reads the head at `start` into `facts`; returns where it ends, or nil when not all of it has
    /// come.
    mutating func read(
        _ input: Span<UInt8>, from start: Int, with parser: ResponseParser,
        _ head: inout ResponseHead, into facts: inout HeadFacts
    ) throws(ParseError) -> Int? {
        if !bytes.isEmpty, input.count &- start >= bytes.count,
            input.extracting(start..<(start &+ bytes.count)).isSame(as: bytes.span)
        {
            facts = self.facts
            return start &+ bytes.count
        }
        guard case .complete(let end) = try parser.parse(input, from: start, into: &head) else {
            return nil
        }
        facts = HeadFacts(
            status: head.status, isPersistent: head.isPersistent,
            requestsLeft: head.keepAlive(in: input).maxRequests,
            bodyFraming: head.framing(for: .get))
        remember(input.extracting(start..<end), facts)
        return end
    }

    private mutating func remember(_ head: Span<UInt8>, _ facts: HeadFacts) {
        bytes.removeAll(keepingCapacity: true)
        guard head.count <= Self.maximumByteCount else { return }
        // The capacity is reserved: this allocates nothing.
        for index in 0..<head.count { bytes.append(head[index]) }
        self.facts = facts
    }
}
