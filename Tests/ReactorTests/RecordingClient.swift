import Glibc
import Reactor
import Syscalls

/// What a reactor told its client.
enum Occurrence: Equatable {
    case ready(slot: Int, generation: UInt32, isReadable: Bool, isWritable: Bool, isHungUp: Bool)
    case continued
    case woken
    case deadline(slot: Int)
    case finished

    static func readable(_ slot: Int) -> Occurrence {
        .ready(slot: slot, generation: 0, isReadable: true, isWritable: false, isHungUp: false)
    }

    static func writable(_ slot: Int) -> Occurrence {
        .ready(slot: slot, generation: 0, isReadable: false, isWritable: true, isHungUp: false)
    }
}

/// A client that writes down what it is told, and does what a test has asked it to.
struct RecordingClient: ~Copyable, ReactorClient {
    private(set) var occurrences: [Occurrence] = []
    /// The clock at each occurrence.
    private(set) var instants: [Instant] = []
    /// What `deadlineReached` returns, by slot.
    var nextDeadlines: [Int: Instant] = [:]
    /// Done once, at the first socket that is ready.
    var whenReady: ((inout Reactor) -> Void)?
    /// Set `hasWorkLeft` in this many turns.
    var turnsWithWorkLeft = 0

    mutating func socketReady(
        _ token: Token, _ readiness: Readiness, in reactor: inout Reactor
    ) {
        note(
            .ready(
                slot: token.slot, generation: token.generation, isReadable: readiness.isReadable,
                isWritable: readiness.isWritable, isHungUp: readiness.isHungUp), reactor.now)
        if let action = whenReady {
            whenReady = nil
            action(&reactor)
        }
    }

    mutating func continueWork(in reactor: inout Reactor) {
        note(.continued, reactor.now)
    }

    mutating func woken(in reactor: inout Reactor) {
        note(.woken, reactor.now)
    }

    mutating func deadlineReached(slot: Int, in reactor: inout Reactor) -> Instant? {
        note(.deadline(slot: slot), reactor.now)
        return nextDeadlines.removeValue(forKey: slot)
    }

    mutating func finishTurn(in reactor: inout Reactor) {
        note(.finished, reactor.now)
        if turnsWithWorkLeft > 0 {
            turnsWithWorkLeft -= 1
            reactor.hasWorkLeft = true
        }
    }

    /// What was written down since the last look.
    mutating func take() -> [Occurrence] {
        defer {
            occurrences = []
            instants = []
        }
        return occurrences
    }

    private mutating func note(_ occurrence: Occurrence, _ now: Instant) {
        occurrences.append(occurrence)
        instants.append(now)
    }
}

/// Two sockets that are connected to each other (socketpair(2)).
struct SocketPair: ~Copyable {
    let near: FileDescriptor
    let far: FileDescriptor

    init() {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        var pair: (Int32, Int32) = (-1, -1)
        // SAFETY: socketpair(2) writes two numbers, and a tuple of two holds them side by side.
        let result = unsafe withUnsafeMutableBytes(of: &pair) { bytes in
            unsafe socketpair(AF_UNIX, type, 0, bytes.bindMemory(to: Int32.self).baseAddress!)
        }
        precondition(result == 0, "no descriptor for a test")
        near = FileDescriptor(owning: pair.0)
        far = FileDescriptor(owning: pair.1)
    }

    /// Makes the near end readable.
    func send(_ byte: UInt8 = 7) {
        let bytes = [byte]
        let result = try? Socket.send(bytes.span, to: far)
        precondition(result == .bytes(1))
    }

    /// Takes what has come to the near end.
    func receive() throws {
        var area = ReadArea(size: 64)
        _ = try area.receive(from: near)
    }
}

/// Another descriptor of the same socket (dup(2)), which the caller must close.
func duplicate(_ descriptor: borrowing FileDescriptor) throws -> Int32 {
    let rawValue = dup(descriptor.rawValue)
    guard rawValue >= 0 else { throw Errno.tooManyOpenFiles }
    return rawValue
}
