import Synchronization
import Syscalls

/// What a faulty server does with a connection: reads requests of a known kind, and answers them by
/// a script. All waits are bounded.
struct Script: Sendable {
    /// One step.
    enum Step: Sendable {
        /// Waits for so many requests more (heads that end with an empty line).
        case read(Int)
        /// Sends these bytes in one piece.
        case send(String)
        /// Sends these bytes one by one.
        case drip(String, pause: UInt64)
        /// Waits until the client closes.
        case hang
        /// Closes with a reset.
        case reset
        /// Closes.
        case close
        /// Goes back to the first step.
        case again
        /// All connections together stand still for this time, once in the server's life, at the
        /// request with this number.
        case stall(afterRequests: Int, nanoseconds: UInt64)
    }

    var steps: [Step]
    init(_ steps: Step...) { self.steps = steps }

    static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    static let lastAnswer =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"
}

/// A server for tests that follows a script on every connection, each on a thread of its own.
final class FaultyServer: Sendable {
    let port: UInt16
    private let stopEvent: EventDescriptor
    private let isStopped = Atomic<Bool>(false)
    private let connections = Atomic<Int>(0)
    private let requests = Atomic<Int>(0)
    private let stallLock = Mutex(())
    private let hosts = Mutex(Set<String>())
    private let hasStalled = Atomic<Bool>(false)
    private let script: Script

    /// The longest wait for a client; a test that reaches it fails by its counts.
    static let patience: UInt64 = 10_000_000_000

    convenience init(_ script: Script) throws {
        let listener = try Socket.stream(family: .ipv4, nonBlocking: true)
        try Socket.setReuseAddress(listener, true)
        try Socket.bind(listener, to: .loopback(port: 0))
        try Socket.listen(listener, backlog: 1_024)
        try self.init(script, on: listener)
    }

    /// A server on a listening, non-blocking socket.
    init(_ script: Script, on listener: consuming FileDescriptor) throws {
        port = try Socket.localAddress(of: listener)?.port ?? 0
        stopEvent = try EventDescriptor()
        self.script = script
        let raw = listener.release()
        _ = try Thread(name: "faulty") { self.accept(on: FileDescriptor(owning: raw)) }
    }

    /// Connections that were accepted.
    var connectionCount: Int { connections.load(ordering: .acquiring) }

    /// Where connections came from.
    var peerHosts: Set<String> { hosts.withLock { $0 } }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        try? stopEvent.signal()
    }

    private func accept(on listener: consuming FileDescriptor) {
        do {
            let epoll = try Epoll()
            try epoll.add(listener, events: .readable, data: 0)
            try epoll.add(stopEvent.descriptor, events: .readable, data: 1)
            var events = EventList(capacity: 2)
            while !isStopped.load(ordering: .acquiring) {
                try epoll.wait(into: &events, timeoutNanoseconds: Self.patience)
                while let accepted = try Socket.accept(on: listener, nonBlocking: false) {
                    if let host = accepted.peer?.host {
                        hosts.withLock { _ = $0.insert(host) }
                    }
                    connections.add(1, ordering: .acquiringAndReleasing)
                    let raw = accepted.takeDescriptor().release()
                    _ = try Thread(name: "scripted") {
                        let socket = FileDescriptor(owning: raw)
                        try? self.serve(socket)
                    }
                }
            }
        } catch {
            // The client sees a refused connection, and the test fails by its counts.
        }
    }

    private func serve(_ socket: borrowing FileDescriptor) throws(Errno) {
        try? Socket.setNoDelay(socket, true)  // A Unix socket has no delay to turn off.
        try Socket.setReceiveTimeout(socket, nanoseconds: Self.patience)
        var area = ReadArea()
        var unread = 0
        var matched = 0
        var index = 0
        while index < script.steps.count {
            let step = script.steps[index]
            index += 1
            switch step {
            case .read(let count):
                while unread < count {
                    guard case .bytes(let size) = try area.receive(from: socket) else { return }
                    unread += Self.headCount(area.bytes(size), &matched)
                }
                unread -= count
                requests.add(count, ordering: .acquiringAndReleasing)
            case .send(let text): try send(text, socket)
            case .drip(let text, let pause):
                for byte in text.utf8 {
                    try send(String(UnicodeScalar(byte)), socket)
                    if pause > 0 { try rest(pause) }
                }
            case .hang:
                while case .bytes = try area.receive(from: socket) {}
                return
            case .reset:
                try Socket.setLinger(socket, seconds: 0)
                return
            case .close: return
            case .again: index = 0
            case .stall(let number, let length):
                try stallLock.withLock { _ throws(Errno) in
                    guard requests.load(ordering: .acquiring) >= number,
                        !hasStalled.exchange(true, ordering: .acquiringAndReleasing)
                    else { return }
                    try rest(length)
                }
            }
        }
    }

    private func send(_ text: String, _ socket: borrowing FileDescriptor) throws(Errno) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            guard
                case .bytes(let count) = try Socket.send(
                    bytes.span.extracting(sent..<bytes.count), to: socket)
            else { return }
            sent += count
        }
    }

    /// Lets time pass: the scenario is about it. Ends early when the server is stopped.
    private func rest(_ nanoseconds: UInt64) throws(Errno) {
        let epoll = try Epoll()
        try epoll.add(stopEvent.descriptor, events: .readable, data: 0)
        var events = EventList(capacity: 1)
        try epoll.wait(into: &events, timeoutNanoseconds: nanoseconds)
    }

    private static func headCount(_ bytes: Span<UInt8>, _ matched: inout Int) -> Int {
        let end = Array("\r\n\r\n".utf8)
        var count = 0
        for index in bytes.indices {
            matched = bytes[index] == end[matched] ? matched + 1 : bytes[index] == end[0] ? 1 : 0
            guard matched == end.count else { continue }
            count += 1
            matched = 0
        }
        return count
    }
}
