import Containers
import Syscalls
import Testing

@testable import HTTPEngine

/// How a connection ended, as its peer sees it.
enum End: Equatable, Sendable {
    /// It goes on.
    case open
    /// Our half is closed: the peer has read the end of our answers.
    case halfClosed
    case closed
    case reset
}

/// A connection without a socket: plays the kernel, the client, the clock and the loop around it.
///
/// A *turn* is what the engine does: read once, go on with what was left over, send once, end.
/// `settle` runs turns until nothing is left to do. Everything that is received lies before a guard
/// page.
struct ConnectionHarness: ~Copyable {
    let handler: ScriptedHandler
    /// Has been told of every exchange; `nil`: nobody records.
    private let recording: RecordingRecorder?
    let limits: Limits
    var connection: ServerConnection
    var workspace: Workspace
    private(set) var now: Instant

    /// What the client has received.
    private(set) var received: [UInt8] = []
    private(set) var end = End.open
    private var endedAt: Instant?
    private var closedAt: Instant?

    /// What one send moves at most.
    var pieceSize = Int.max
    /// Bytes that the client still takes; then sends would block.
    var window = Int.max

    private var arrived: [UInt8] = []
    /// The number of the first exchange.
    var firstExchange: UInt32 = 0 {
        didSet { connection.nextExchange = firstExchange }
    }
    /// Minus the bytes that `takeTranscript` has taken.
    private var takenByteCount = 0
    private var peerHasClosed = false
    private let pages: GuardedPages

    static let second: UInt64 = 1_000_000_000
    private static let start = Instant(nanoseconds: 1_000 * second)

    init(
        _ limits: Limits = Limits(), refusesAll: Bool = false, readsProxyHeader: Bool = false,
        pages: GuardedPages = GuardedPages(), recorder: RecordingRecorder? = RecordingRecorder()
    ) {
        recording = recorder
        handler = ScriptedHandler()
        self.limits = limits
        self.pages = pages
        now = Self.start
        connection = ServerConnection(
            at: now, refusesAll: refusesAll, peer: .loopback(port: 1),
            readsProxyHeader: readsProxyHeader)
        workspace = Workspace(
            handler: handler, limits: limits, serverName: "test", recorder: recorder)
    }

    /// Who has been told of every exchange.
    var recorder: RecordingRecorder {
        guard let recording else { preconditionFailure("this harness records nothing") }
        return recording
    }

    /// What the client has received since the last look, dates masked.
    mutating func takeTranscript() -> String {
        defer {
            takenByteCount -= received.count
            received.removeAll()
        }
        return transcript
    }

    /// What the client has received, dates masked.
    var transcript: String { Self.masked(received).text }

    // MARK: What the peer does

    /// Bytes arrive at once.
    mutating func feed(_ text: String) {
        feed(Array(text.utf8)[...])
    }

    mutating func feed(_ bytes: ArraySlice<UInt8>) {
        arrived += bytes
        settle()
    }

    /// Bytes arrive and stay in the kernel.
    mutating func arrive(_ text: String) {
        arrived += Array(text.utf8)
    }

    /// Bytes arrive one by one.
    mutating func drip(_ text: String) {
        for byte in text.utf8 { feed([byte]) }
    }

    /// The peer closes its half.
    mutating func peerCloses() {
        peerHasClosed = true
        settle()
    }

    /// The peer is gone.
    mutating func loseConnection() {
        connection.connectionLost()
        settle()
    }

    /// The client takes so many bytes more.
    mutating func clientTakes(_ byteCount: Int) {
        if window != .max { window += byteCount }
        settle()
    }

    // MARK: What the engine and the handler do

    /// Answers a deferred request as its script says.
    @discardableResult
    mutating func complete(_ index: Int) -> Bool {
        let request = handler.requests[index]
        workspace.message.clear()
        ScriptedHandler.answer(request, into: &workspace.message)
        let isTaken = connection.complete(
            ExchangeID(rawValue: request.exchange), at: now, &workspace)
        settle()
        return isTaken
    }

    /// The server begins to drain: what lies in the kernel now has arrived before.
    mutating func drain() {
        connection.beginDrain(at: now)
        if connection.wantsBytes && !arrived.isEmpty {
            let count = min(arrived.count, GuardedPages.byteCount)
            connection.willReceiveFromBeforeDrain(count)
            read()
        }
        settle()
    }

    /// Time passes; every deadline on the way is met on its instant.
    mutating func advance(seconds: Double) {
        let target = now + UInt64(seconds * Double(Self.second))
        while isAlive, let deadline = connection.deadline(&workspace), deadline <= target {
            now = max(now, deadline)
            connection.deadlineReached(at: now, &workspace)
            settle()
            guard !isAlive || connection.deadline(&workspace) != deadline else {
                Issue.record("a deadline that was reached is still due")
                break
            }
        }
        now = target
    }

    /// Seconds from now to the connection's deadline.
    var secondsToDeadline: Double? {
        mutating get {
            connection.deadline(&workspace).map {
                [now] in (Double($0.nanoseconds) - Double(now.nanoseconds)) / Double(Self.second)
            }
        }
    }

    // MARK: Turns

    /// Runs turns until nothing happens without the peer.
    mutating func settle() {
        for _ in 0..<1_000_000 {
            guard isActive() else { return }
            turn()
        }
        Issue.record("the connection does not come to rest")
    }

    var isAlive: Bool { end == .open || end == .halfClosed }

    private mutating func isActive() -> Bool {
        guard isAlive else { return false }
        if connection.hasWorkLeft(&workspace) { return true }
        if connection.wantsBytes && (!arrived.isEmpty || peerHasClosed) { return true }
        if !connection.output.isEmpty && (window > 0 || needsFlush) { return true }
        if connection.awaitsRoom && window > 0 { return true }
        return connection.ending != .none
    }

    /// Output has been produced that no send was tried for.
    private var needsFlush: Bool { connection.output.count != blockedByteCount }
    private var blockedByteCount = 0

    /// One turn of the engine.
    mutating func turn() {
        let hadWorkLeft = connection.hasWorkLeft(&workspace)
        if connection.wantsBytes { read() }
        if hadWorkLeft { connection.resume(at: now, &workspace) }
        flush()
        connection.settleRecords(at: now, &workspace)
        followEnding()
        workspace.closeTurn(at: now)
        checkInvariants()
        checkRecords()
    }

    /// Every exchange is told of once, in order, and with all bytes that its answer had.
    private func checkRecords() {
        guard let recording else { return }
        let numbers = recording.entries.map(\.exchange.id.rawValue)
        let first = firstExchange
        #expect(numbers == numbers.indices.map { first &+ UInt32($0) })
        let isAtRest = connection.pipeline.isEmpty && connection.output.isEmpty
        guard isAtRest || end == .closed || end == .reset else { return }
        let begun = Int(connection.nextExchange &- first)
        #expect(numbers.count == begun)
        guard isAtRest else { return }
        let continues = received.count - Int(recording.sentByteCount) - takenByteCount
        #expect(continues >= 0 && continues % "HTTP/1.1 100 Continue\r\n\r\n".utf8.count == 0)
    }

    private mutating func read() {
        guard !arrived.isEmpty else {
            if peerHasClosed {
                peerHasClosed = false
                connection.endOfStreamReceived(at: now, &workspace)
            }
            return
        }
        let count = min(arrived.count, GuardedPages.byteCount)
        let bytes = arrived[..<count]
        let pages = pages
        pages.withSpan(of: bytes) { connection.received($0, at: now, &workspace) }
        arrived.removeFirst(count)
    }

    private mutating func flush() {
        if let tail = connection.takeTail() {
            let all = Array(copying: connection.output) + tail
            let count = min(all.count, window, pieceSize)
            received += all.prefix(count)
            if window != .max { window -= count }
            connection.outputSent(count, withTail: tail, at: now, &workspace)
            let unsentByteCount = connection.output.count
            blockedByteCount = unsentByteCount
            return
        }
        let count = min(connection.output.count, window, pieceSize)
        if !connection.output.isEmpty {
            received += Array(copying: connection.output.extracting(first: count))
            if window != .max { window -= count }
            connection.outputSent(count, at: now, &workspace)
        }
        let unsentByteCount = connection.output.count
        blockedByteCount = unsentByteCount
        if unsentByteCount == 0 { sendFile() }
    }

    /// One send from a file, if the connection wants one.
    private mutating func sendFile() {
        guard let file = connection.file else { return }
        let range = file.window(atMost: min(limits.fileWindow, pieceSize))
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: min(range.count, window)) { output in
            guard output.freeCapacity > 0 else { return }
            _ = try? file.source.descriptor.readWithoutWaiting(
                at: range.lowerBound, into: &output)
        }
        if bytes.isEmpty && window > 0 {
            connection.fileFailed()
            return
        }
        received += bytes
        if window != .max { window -= bytes.count }
        connection.fileSent(
            bytes.count, isBlocked: bytes.count < range.count, at: now, &workspace)
    }

    private mutating func followEnding() {
        switch connection.ending {
        case .none: return
        case .halfClose:
            let unsentByteCount = connection.unsentByteCount
            #expect(unsentByteCount == 0, "our half is closed behind the last byte")
            connection.halfClosed(at: now)
            ended(.halfClosed)
        case .close: ended(.closed)
        case .reset: ended(.reset)
        }
    }

    private mutating func ended(_ how: End) {
        end = how
        if endedAt == nil { endedAt = now }
        guard how != .halfClosed else { return }
        closedAt = now
        connection.releaseBuffers(&workspace)
    }

    /// When our half was closed, or everything at once: in seconds since the beginning.
    var endedAfter: Double? { endedAt.map(Self.secondsSinceStart) }

    /// When the socket was closed: in seconds since the beginning.
    var closedAfter: Double? { closedAt.map(Self.secondsSinceStart) }

    private static func secondsSinceStart(_ instant: Instant) -> Double {
        Double(instant.nanoseconds - start.nanoseconds) / Double(second)
    }

    /// What holds after every turn.
    private func checkInvariants() {
        connection.receiveBuffer.checkInvariants()
        connection.sendBuffer.checkInvariants()
        workspace.pool.checkInvariants()
        if connection.isIdle && connection.receiveBuffer.isEmpty {
            let held = connection.receiveBuffer.capacity + connection.sendBuffer.capacity
            #expect(held == 0, "an idle connection holds no buffer")
        }
        let waiting = connection.pipeline.count
        #expect(waiting <= limits.maxPipelinedRequests)
    }

    // MARK: Masks

    /// The bytes with every value of `Date` replaced by a star. A date has 29 bytes.
    static func masked(_ bytes: [UInt8]) -> [UInt8] {
        let name = Array("\r\nDate: ".utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            result.append(bytes[index])
            index += 1
            guard bytes[index - 1] == UInt8(ascii: " ") else { continue }
            if result.suffix(name.count).elementsEqual(name), index + 29 <= bytes.count,
                bytes[index + 3] == UInt8(ascii: ",")
            {
                result.append(UInt8(ascii: "*"))
                index += 29
            }
        }
        return result
    }
}
