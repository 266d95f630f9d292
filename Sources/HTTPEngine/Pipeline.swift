internal import Containers
internal import Syscalls

/// The exchanges of one connection that have begun and whose answers have not left, in order.
///
/// Empty, and without memory, unless an answer is deferred or streamed: an answer that is ready
/// inside its handler's call while nothing waits before it goes straight to the send buffer.
struct Pipeline: ~Copyable {
    /// Of capacity 0, and then without memory, while nothing waits.
    private var ring = Ring<Exchange>(capacity: 0)

    /// Bytes of answers that wait for the ones before them.
    private(set) var byteCount = 0

    var count: Int { ring.count }

    var isEmpty: Bool { ring.isEmpty }

    /// Adds an exchange behind the others.
    ///
    /// - Parameter capacity: How many there may be at most.
    mutating func append(_ exchange: consuming Exchange, capacity: Int) {
        if ring.isFull { grow(upTo: capacity) }
        byteCount += exchange.bytes.count
        ring.append(exchange)
    }

    /// Two places at first: most pipelines never need more, and small pieces of memory come fast.
    private mutating func grow(upTo capacity: Int) {
        var larger = Ring<Exchange>(capacity: min(capacity, max(2, ring.capacity * 4)))
        while let exchange = ring.popFirst() { larger.append(exchange) }
        ring = larger
    }

    mutating func removeFirst() -> Exchange {
        guard let first = ring.popFirst() else {
            preconditionFailure("an exchange leaves only after it has come")
        }
        byteCount -= first.bytes.count
        if ring.isEmpty { ring = Ring(capacity: 0) }
        return first
    }

    /// The first exchange's head has left, and more of it is to come.
    var isStreaming: Bool {
        if isEmpty { return false }
        return ring[0].state == .streaming || ring[0].state == .sendingFile
    }

    /// What is sent from a file behind the first exchange's head.
    var firstFile: FileDelivery? {
        if isEmpty { return nil }
        return ring[0].state == .sendingFile ? ring[0].producer?.file : nil
    }

    /// Its producer has more now.
    var canProduce: Bool {
        if isEmpty { return false }
        return ring[0].state == .streaming && !ring[0].isWaiting
    }

    /// The first exchange's name.
    var firstID: ExchangeID { ring[0].id }

    func id(at position: Int) -> ExchangeID { ring[position].id }

    /// The first exchange is not answered.
    var firstIsPending: Bool {
        if isEmpty { return false }
        return ring[0].state == .pending
    }

    /// The first exchange is answered and may leave.
    var canAdvance: Bool {
        if isEmpty { return false }
        return ring[0].state == .complete
    }

    /// Whether nothing may begin before the last exchange has left.
    var lastIsAlone: Bool {
        if isEmpty { return false }
        return ring[ring.count - 1].context.isAlone
    }

    var firstIsChunked: Bool {
        !isEmpty && ring[0].context.isChunked
    }

    /// Where the exchange stands, if it is still here. Exchanges are numbered without gaps.
    func position(of id: ExchangeID) -> Int? {
        guard !isEmpty else { return nil }
        let offset = Int(id.rawValue &- ring[0].id.rawValue)
        return offset < ring.count ? offset : nil
    }

    func state(at position: Int) -> Exchange.State {
        ring[position].state
    }

    func context(at position: Int) -> ExchangeContext {
        ring[position].context
    }

    /// Fills a pending exchange.
    mutating func complete(
        at position: Int, context: ExchangeContext, bytes: consuming ByteBuffer,
        producer: BodyBox?
    ) {
        precondition(ring[position].state == .pending, "an exchange is answered once")
        byteCount += bytes.count
        ring[position].context = context
        ring[position].bytes = bytes
        ring[position].producer = producer
        ring[position].state = .complete
        // Its task has nothing more to say: what is still to be sent does not concern it.
        if producer?.file != nil { ring[position].deferred = nil }
    }

    /// The first exchange's head has left; only its producer's pieces, or its file, are to come.
    mutating func firstBeganStreaming() -> ByteBuffer {
        ring[0].state = ring[0].producer?.file == nil ? .streaming : .sendingFile
        let bytes = exchange(&ring[0].bytes, with: ByteBuffer())
        byteCount -= bytes.count
        return bytes
    }

    /// Asks the first exchange's producer for a piece.
    mutating func produce(into writer: inout BodyWriter) throws -> BodyProgress {
        guard case .producer(let producer) = ring[0].producer else {
            preconditionFailure("an exchange that streams has a producer")
        }
        let progress = try producer.produce(into: &writer)
        ring[0].isWaiting = progress == .waiting
        return progress
    }

    // MARK: Exchanges that a task answers

    /// Where the answer comes from, if from a task.
    func deferred(at position: Int) -> DeferredExchange? {
        ring[position].deferred
    }

    /// All that the first exchange has written is with the kernel.
    func outputHasLeft() {
        if isStreaming { ring[0].deferred?.outputHasLeft() }
    }

    /// That of the last exchange, whose body is being read.
    var lastDeferred: DeferredExchange? {
        isEmpty ? nil : ring[ring.count - 1].deferred
    }

    /// The first producer may have something again.
    mutating func firstMayProduce() {
        if !isEmpty { ring[0].isWaiting = false }
    }

    /// Some exchange waits for a task.
    var awaitsTask: Bool {
        for position in 0..<ring.count
        where ring[position].state == .pending && ring[position].deferred != nil {
            return true
        }
        return false
    }

    /// The tasks have nobody to answer to, as far as can be known.
    func cancelTasks() {
        for position in 0..<ring.count where ring[position].state == .pending {
            ring[position].deferred?.cancelTask()
        }
    }

    /// When the first exchange's task will have been quiet for so long that the connection writes.
    var heartbeatDeadline: Instant? {
        isStreaming ? ring[0].deferred?.heartbeatDeadline : nil
    }

    /// The connection closes after the last exchange.
    var lastCloses: Bool { !isEmpty && ring[ring.count - 1].context.closes }

    /// The earliest instant by which a task must have answered.
    var answerDeadline: Instant? {
        var earliest: Instant?
        for position in 0..<ring.count where ring[position].state != .complete {
            guard let deadline = ring[position].deferred?.deadline else { continue }
            earliest = min(earliest ?? deadline, deadline)
        }
        return earliest
    }

    /// Nobody waits for any answer any more.
    func abandon(_ reason: DeferredExchange.Abandonment) {
        for position in 0..<ring.count { ring[position].deferred?.abandon(reason) }
    }

    /// The connection closes after the last of the exchanges that are here.
    mutating func closeAfterLast() {
        ring[ring.count - 1].context.closes = true
    }
}
