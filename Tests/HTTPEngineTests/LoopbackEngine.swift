import Containers
import Reactor
import Syscalls
import Testing

@testable import HTTPEngine

/// A server on a loopback port whose loop runs on the test's thread, turn by turn.
///
/// A turn never waits: the loop is woken before each. So a test that waits for something runs turns
/// until it is there, or fails after `patience`.
struct LoopbackEngine: ~Copyable {
    let handler: ScriptedHandler
    let control: EngineControl
    let statistics: EngineStatistics
    let address: SocketAddress
    var reactor: Reactor
    var server: ReactorServer

    /// How long anything is waited for. Nothing takes so long; it only bounds a failure.
    static let patience: UInt64 = 20_000_000_000

    init(_ limits: Limits = Limits()) throws {
        // As a running engine has it: a file that is sent to a client that is gone must not end us.
        _ = Signals.blockBrokenPipe()
        let listener = try Listener(on: .loopback(port: 0), backlog: 64)
        let address = listener.address
        var listeners = Slab<Listener>(capacity: 1)
        _ = listeners.insert(listener)
        let slotCount = limits.maxConnections + limits.overflowConnections
        var reactor = try Reactor(timerSlots: slotCount + ReactorServer.extraTimerSlots)
        let handler = ScriptedHandler()
        let statistics = EngineStatistics(threadCount: 1, connectionCount: slotCount)
        let control = EngineControl(wakeup: reactor.wakeup)
        var server = ReactorServer(
            listeners: listeners, control: control,
            workspace: Workspace(
                handler: handler, limits: limits, serverName: "test", executor: reactor.executor,
                recorder: RecordingRecorder(.none), statistics: statistics),
            statistics: statistics)
        try server.startAccepting(in: &reactor)
        self.handler = handler
        self.control = control
        self.statistics = statistics
        self.address = address
        self.reactor = reactor
        self.server = server
    }

    /// A client whose handshake is complete.
    func connect(receiveBufferSize: Int32? = nil) throws -> LoopbackClient {
        try LoopbackClient(to: address, receiveBufferSize: receiveBufferSize)
    }

    /// One turn; under the plan only what the loop itself calls.
    mutating func turn(under plan: FaultPlan? = nil) throws {
        reactor.wakeup.wake()
        guard let plan else {
            try reactor.runOnce(&server)
            return
        }
        try plan.run { () throws(Errno) in try reactor.runOnce(&server) }
    }

    /// Runs turns until the condition holds.
    mutating func run(
        under plan: FaultPlan? = nil, until what: Comment,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ condition: (borrowing LoopbackEngine) throws -> Bool
    ) throws {
        let deadline = MonotonicClock.now() + Self.patience
        while try !condition(self) {
            guard MonotonicClock.now() < deadline else {
                Issue.record(what, sourceLocation: sourceLocation)
                throw OutOfPatience()
            }
            try turn(under: plan)
        }
    }

    struct OutOfPatience: Error {}
}

/// A client's non-blocking socket, and what has come over it.
struct LoopbackClient: ~Copyable {
    enum State: Equatable {
        case open
        /// The server has closed its half.
        case ended
        /// The connection was reset.
        case reset
    }

    let socket: FileDescriptor
    private(set) var received: [UInt8] = []
    private(set) var state = State.open
    private var area = ReadArea()

    init(to address: SocketAddress, receiveBufferSize: Int32? = nil) throws {
        // A blocking connect over loopback is as quick as a system call: the kernel completes the
        // handshake with the backlog.
        let socket = try Socket.stream(family: address.family, nonBlocking: false)
        try Socket.setNoDelay(socket, true)
        if let receiveBufferSize {
            try Socket.setReceiveBufferSize(socket, byteCount: receiveBufferSize)
        }
        _ = try Socket.connect(socket, to: address)
        // From here on a receive that finds nothing returns after a millisecond.
        try Socket.setReceiveTimeout(socket, nanoseconds: 1_000_000)
        self.socket = socket
    }

    /// What has come, dates masked.
    var transcript: String { ConnectionHarness.masked(received).text }

    /// Sends a text that fits the kernel's buffers.
    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        let result = try Socket.send(bytes.span, to: socket)
        #expect(result == .bytes(bytes.count))
    }

    /// Receives once, if there is something.
    mutating func receive() throws {
        guard state == .open else { return }
        do throws(Errno) {
            switch try area.receive(from: socket) {
            case .bytes(let count): received += Array(copying: area.bytes(count))
            case .wouldBlock: break
            case .endOfStream: state = .ended
            }
        } catch {
            guard error == .connectionReset else { throw error }
            state = .reset
        }
    }

    /// Receives once, and says whether as many bytes are there as this text has on the wire.
    mutating func hasReceived(_ expected: String) throws -> Bool {
        try receive()
        return state != .open || transcript.utf8.count >= expected.utf8.count
    }

    func closeWriting() throws {
        try Socket.shutdownWrite(socket)
    }
}
