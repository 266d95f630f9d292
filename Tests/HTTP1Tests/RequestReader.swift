import Testing

@testable import HTTP1

/// Expects the same events from `wire` however it arrives, and returns them.
@discardableResult
func expectRequests(
    _ wire: [UInt8], _ events: String, limits: RequestParser.Limits = .init(),
    _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) -> Bool {
    for feed in Feed.all(for: wire.count) {
        let found = requestEvents(wire, feed, limits)
        #expect(
            found == events, "\(feed). \(comment?.rawValue ?? "")", sourceLocation: sourceLocation)
        if found != events { return false }  // One way that differs tells enough.
    }
    return true
}

/// Reads all requests on `wire` as a connection does: what has arrived is kept from the start of
/// the head that is being read, parsed again when more has come, and ends at a guard page.
func requestEvents(
    _ wire: [UInt8], _ feed: Feed, _ limits: RequestParser.Limits = .init()
) -> String {
    var reader = RequestReader(parser: RequestParser(limits: limits))
    var input = GuardPage(capacity: wire.count)
    for arrived in feed.arrivals(of: wire.count) {
        input.place(wire[..<arrived])
        if case .onDemand = feed, arrived < wire.count, !reader.isWorthwhile(input.span) {
            continue
        }
        guard reader.receive(input.span) else { break }
    }
    return reader.log.finished()
}

private struct RequestReader: ~Copyable {
    let parser: RequestParser
    var log = EventLog()
    private var head = RequestHead()
    /// Where the next head or the next part of the body begins.
    private var next = 0
    private var body = BodyFraming.none
    /// Bytes of the body that are left, with a length.
    private var left = 0
    private var decoder = ChunkedDecoder()
    private var minimumCount = 0
    private var seenCount = 0

    init(parser: RequestParser) {
        self.parser = parser
    }

    /// Whether there is something to be done with these bytes, of which the last ones are new.
    mutating func isWorthwhile(_ bytes: Span<UInt8>) -> Bool {
        if body != .none || bytes.count - next >= minimumCount { return true }
        defer { seenCount = bytes.count }
        for index in seenCount..<bytes.count where bytes[index] == 0x0A { return true }
        return false
    }

    /// Handles all that there is. False after a fault.
    mutating func receive(_ bytes: Span<UInt8>) -> Bool {
        seenCount = bytes.count
        do throws(ParseError) {
            while try body == .none ? readHead(bytes) : readBody(bytes) {}
            return true
        } catch {
            log.append(error)
            return false
        }
    }

    /// False when more bytes are needed.
    private mutating func readHead(_ bytes: Span<UInt8>) throws(ParseError) -> Bool {
        guard next < bytes.count else { return false }
        switch try parser.parse(bytes, from: next, into: &head) {
        case .incomplete(let count):
            #expect(count > bytes.count - next, "a hint that says nothing")
            minimumCount = count
            return false
        case .complete(let endOffset):
            #expect(head.byteCount == endOffset - next)
            minimumCount = 0
            log.append(describe(head, in: bytes))
            next = endOffset
            body = head.framing
            let isExpected = body != .none
            #expect(head.traits.hasBody == isExpected)
            if case .contentLength(let count) = body { left = count }
            decoder = ChunkedDecoder()
            return true
        }
    }

    /// False when more bytes are needed.
    private mutating func readBody(_ bytes: Span<UInt8>) throws(ParseError) -> Bool {
        if body == .chunked {
            switch try decoder.decode(bytes, from: next) {
            case .data(let start, let count):
                #expect(start >= next && count > 0)
                log.appendBody(bytes.extracting(start..<start + count))
                next = start + count
            case .needMore:
                next = bytes.count
                return false
            case .end(let nextOffset):
                next = nextOffset
                body = .none
                log.append("end at \(next)")
            }
            return true
        }
        let count = min(left, bytes.count - next)
        if count == 0 { return false }
        log.appendBody(bytes.extracting(next..<next + count))
        next += count
        left -= count
        if left == 0 {
            body = .none
            log.append("end at \(next)")
        }
        return true
    }
}

/// All that a head says, in a few lines.
private func describe(_ head: borrowing RequestHead, in bytes: Span<UInt8>) -> String {
    func part(_ range: ByteRange) -> String { text(bytes.extracting(range)) }
    var line = "\(head.method) \(part(head.methodRange)) \(head.targetForm) \(part(head.target))"
    line += " 1.\(head.minorVersion)"
    if !head.path.isEmpty { line += " path=\(part(head.path))" }
    if head.hasQuery { line += " query=\(part(head.query))" }
    if !head.effectiveHost.isEmpty { line += " host=\(part(head.effectiveHost))" }
    if head.isServerWide { line += " server-wide" }
    if !head.traits.isPersistent { line += " last" }
    if head.fields.facts.expectation != .none { line += " expect=\(head.fields.facts.expectation)" }
    if head.framing != .none { line += " body=\(text(head.framing))" }
    for index in 0..<head.fieldCount {
        let field = head.fields[index]
        line += "\n  \(part(field.name))=\(part(field.value))"
    }
    return line
}
