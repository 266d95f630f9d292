internal import Containers
internal import HTTP1
package import Reactor
package import Syscalls

/// What all connections of one thread share, because only one of them works at a time: the handler,
/// the limits, the parser's head, the answer being filled, the pool of buffers, the date.
///
/// Passed `inout` to every event of a connection; a connection itself holds only what must outlive
/// the event.
package struct Workspace: ~Copyable {
    let handler: any RequestHandler
    /// Read field by field through an `inout` workspace: what is passed on its own, or borrowed, is
    /// copied first when it is large (docs/WORKAROUNDS.md).
    package let limits: Limits
    let parser: RequestParser
    /// The request that is being taken up; in a box, because it is looked at through many borrows.
    var received: UniqueBox<ReceivedRequest>
    package var message: ResponseMessage
    var pool: BufferPool
    /// The thread serves one connection only, so it may wait for the disk.
    let mayWaitForDisk: Bool
    /// Bytes of files that may still be sent in this turn.
    var fileRoom = Int.max
    /// There was no room for the file of the connection that was flushed last.
    var hasPostponedFile = false
    /// What tasks of this thread need; without it no answer can be deferred to one.
    let deferral: DeferralContext?
    var stamp: ResponseStamp
    /// Exchanges on their way to whoever records them.
    var ledger: ExchangeLedger
    let statistics: ThreadStatistics
    var turnCounts = TurnCounts()

    /// - Parameters:
    ///   - serverName: The value of `Server`; empty: no such field.
    ///   - executor: Runs the tasks of handlers on this thread.
    ///   - slots: How many tasks may run on all threads together.
    ///   - mayWaitForDisk: Nobody else waits for this thread.
    ///   - recorder: Is told about all exchanges; `nil`: nobody is.
    ///   - statistics: The thread's numbers; `nil`: nobody reads them.
    package init(
        handler: any RequestHandler, limits: Limits, serverName: String,
        executor: LoopExecutor? = nil, slots: HandlerSlots? = nil, mayWaitForDisk: Bool = false,
        recorder: (any ExchangeRecorder)? = nil, statistics: EngineStatistics? = nil,
        thread: Int = 0
    ) {
        self.handler = handler
        self.mayWaitForDisk = mayWaitForDisk
        self.limits = limits
        parser = RequestParser(
            limits: RequestParser.Limits(
                maxTargetLength: limits.maxTargetLength, maxHeadBytes: limits.maxHeaderBytes))
        received = UniqueBox(ReceivedRequest(trustedProxies: limits.trustedProxies))
        deferral = executor.map { DeferralContext(executor: $0, limits: limits, slots: slots) }
        message = ResponseMessage(deferral: deferral)
        pool = BufferPool(standardCapacity: 16_384, limit: 1_024)
        stamp = ResponseStamp(serverName: serverName)
        ledger = ExchangeLedger(recorder)
        self.statistics = statistics?.thread(thread) ?? ThreadStatistics()
    }

    /// Brings the `Date` field up to this instant. Once per turn; works once per second.
    package mutating func refreshDate(at now: Instant) {
        stamp.refresh(at: now)
    }

    /// What is counted in a turn before it is added to the thread's numbers.
    struct TurnCounts {
        var receivedBytes: UInt64 = 0
        var sentBytes: UInt64 = 0
        /// Reads that have brought one request.
        var singleRequests: UInt64 = 0
    }

    /// Lets others see how many tasks are under way.
    mutating func noteTasks() {
        if let deferral { statistics.set(.tasks, to: UInt64(max(0, deferral.runningCount))) }
    }

    /// Something has been counted or recorded since the last turn was closed.
    var hasTurnToClose: Bool {
        turnCounts.receivedBytes | turnCounts.sentBytes != 0 || !ledger.isEmpty
    }

    /// Hands over what is over: the turn's output has been flushed.
    mutating func closeTurn(at now: Instant) {
        if turnCounts.receivedBytes | turnCounts.sentBytes != 0 {
            statistics.add(turnCounts.receivedBytes, to: .receivedBytes)
            statistics.add(turnCounts.sentBytes, to: .sentBytes)
            statistics.addSingleRequests(turnCounts.singleRequests)
            turnCounts = TurnCounts()
        }
        ledger.closeTurn(at: now, statistics)
    }

    /// Lets the handler fill `message` for the request that has been received.
    @inline(__always)
    mutating func handle(
        _ source: Span<UInt8>, body: Span<UInt8>, exchange: ExchangeID, peer: SocketAddress,
        connection: UInt64, bodyFollows: Bool
    ) {
        message.reset()
        deferral?.setPlace(connection: connection, bodyFollows: bodyFollows)
        received.value.exchange = exchange
        received.value.peer = peer
        Self.call(handler, source, body, received, &message)
    }

    /// Whether the handler wants the body of the request that has been received, whose head lies in
    /// `source`.
    mutating func admit(
        _ source: Span<UInt8>, exchange: ExchangeID, peer: SocketAddress
    ) -> BodyAdmission {
        received.value.exchange = exchange
        received.value.peer = peer
        return handler.admit(RequestView(source, body: Span(), received.borrowed))
    }

    /// Lets the handler fill `message` for what never became a request.
    mutating func fail(_ failure: RequestFailure) {
        message.reset()
        handler.fail(failure, into: &message)
    }

    /// Lets the handler fill `message` for the request that has been received and lies in `source`.
    mutating func fail(
        _ failure: RequestFailure, _ source: Span<UInt8>, exchange: ExchangeID, peer: SocketAddress
    ) {
        message.reset()
        received.value.exchange = exchange
        received.value.peer = peer
        Self.callFail(handler, failure, source, received, &message)
    }

    /// Lets the handler fill `message` for a request that is kept beyond its handler's call.
    mutating func fail(_ failure: RequestFailure, _ deferred: DeferredExchange) {
        message.reset()
        message.label = deferred.label
        message.notes = deferred.notes
        let request = deferred.request
        handler.fail(failure, of: request.view(body: Span()), into: &message)
    }

    /// Request and message apart, because the view borrows the one while the handler fills the other.
    @inline(__always)
    private static func call(
        _ handler: any RequestHandler, _ source: Span<UInt8>, _ body: Span<UInt8>,
        _ received: borrowing UniqueBox<ReceivedRequest>, _ message: inout ResponseMessage
    ) {
        handler.handle(RequestView(source, body: body, received.borrowed), into: &message)
    }

    private static func callFail(
        _ handler: any RequestHandler, _ failure: RequestFailure, _ source: Span<UInt8>,
        _ received: borrowing UniqueBox<ReceivedRequest>, _ message: inout ResponseMessage
    ) {
        handler.fail(
            failure, of: RequestView(source, body: Span(), received.borrowed), into: &message)
    }
}
