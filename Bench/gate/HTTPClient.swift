internal import HTTP1
internal import LoadGenCore
internal import Syscalls

/// A client for the few requests before a measurement: one connection, blocking, with a limit for
/// every wait.
struct HTTPClient: ~Copyable {
    /// The longest wait for a byte.
    static let patience: UInt64 = 2_000_000_000
    /// The longest wait for a byte of a server that may be about to start.
    private static let shortPatience: UInt64 = 100_000_000

    /// What came instead of an answer.
    enum Failure: Error, Equatable {
        /// No connection; the system's words.
        case noConnection(String)
        /// It closed, or cut the connection, before an answer was complete.
        case closed
        /// Nothing came for so long.
        case silence
        /// Not HTTP, at this byte.
        case malformed(offset: Int)
        /// The answer is larger than anything to be measured.
        case tooLarge
    }

    private let socket: FileDescriptor
    private var received: [UInt8] = []
    private var hasEnded = false

    /// A connection to the server at `target`.
    init(_ target: TargetURL, patience: UInt64 = patience) throws(Failure) {
        do {
            let addresses = try SocketAddress.resolve(
                host: target.host, port: UInt16(target.port))
            socket = try Self.connect(to: addresses, patience: patience)
        } catch let error as Errno {
            throw .noConnection(error.description)
        } catch {
            throw .noConnection("\(error)")
        }
    }

    /// Whether anybody listens there.
    static func canConnect(to target: TargetURL) -> Bool {
        guard let client = try? HTTPClient(target, patience: shortPatience) else { return false }
        _ = consume client
        return true
    }

    /// Whether something answers there, whatever it says.
    static func answers(at target: TargetURL) -> Bool {
        guard var client = try? HTTPClient(target, patience: shortPatience) else { return false }
        guard (try? client.send(request(to: target, closes: true), count: 1)) != nil else {
            return false
        }
        return (try? client.nextAnswer()) != nil
    }

    /// A request as `loadgen` sends it.
    static func request(to target: TargetURL, closes: Bool) -> [UInt8] {
        let close = closes ? "Connection: close\r\n" : ""
        return Array(
            "GET \(target.path) HTTP/1.1\r\nHost: \(target.authority)\r\n\(close)\r\n".utf8)
    }

    /// Sends a request several times, in one piece.
    mutating func send(_ request: [UInt8], count: Int) throws(Failure) {
        var bytes: [UInt8] = []
        for _ in 0..<count { bytes += request }
        var sent = 0
        while sent < bytes.count {
            switch try? Socket.send(bytes.span.extracting(sent...), to: socket) {
            case .bytes(let count): sent += count
            case .wouldBlock: throw .silence
            case .endOfStream, nil: throw .closed
            }
        }
    }

    /// The next answer.
    mutating func nextAnswer() throws(Failure) -> Answer {
        var area = ReadArea()
        while true {
            if let answer = try takeAnswer() { return answer }
            guard !hasEnded else { throw .closed }
            guard received.count <= Answer.maximumBodyByteCount else { throw .tooLarge }
            try receive(&area)
        }
    }

    /// Whether the server closes, having sent nothing more.
    mutating func endsHere() -> Bool {
        guard received.isEmpty, !hasEnded else { return received.isEmpty }
        var area = ReadArea()
        do throws(Failure) { try receive(&area) } catch { return error == .closed }
        return hasEnded && received.isEmpty
    }

    private mutating func takeAnswer() throws(Failure) -> Answer? {
        guard !received.isEmpty else { return nil }
        var offset = 0
        do throws(ParseError) {
            guard let answer = try Answer.read(received.span, at: &offset, isEnd: hasEnded) else {
                return nil
            }
            received.removeFirst(offset)
            return answer
        } catch {
            throw .malformed(offset: error.offset)
        }
    }

    private mutating func receive(_ area: inout ReadArea) throws(Failure) {
        switch try? area.receive(from: socket) {
        case .bytes(let count):
            let bytes = area.bytes(count)
            for index in 0..<count { received.append(bytes[index]) }
        case .endOfStream: hasEnded = true
        case .wouldBlock: throw .silence
        case nil: throw .closed
        }
    }

    private static func connect(
        to addresses: [SocketAddress], patience: UInt64
    ) throws(Errno) -> FileDescriptor {
        var failure: Errno?
        for address in addresses {
            do throws(Errno) {
                let socket = try Socket.stream(family: address.family, nonBlocking: false)
                try Socket.setNoDelay(socket, true)
                try Socket.setReceiveTimeout(socket, nanoseconds: patience)
                // It bounds connect(2) too (socket(7)).
                try Socket.setSendTimeout(socket, nanoseconds: patience)
                guard try Socket.connect(socket, to: address) == .connected else {
                    throw .timedOut
                }
                return socket
            } catch { failure = failure ?? error }
        }
        throw failure ?? .connectionRefused
    }
}
