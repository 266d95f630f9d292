internal import Syscalls

/// A client that sends what it is told, byte for byte, and knows no HTTP but to read answers.
///
/// Every wait ends after `patience`. It is a class because a test hands it around; one thread uses
/// it at a time.
package final class RawClient {
    /// How a connection ended, as the peer's kernel told it.
    package enum Ending: Equatable, Sendable {
        /// The orderly end of the stream (FIN).
        case finished
        /// A reset (RST): what was on its way may be lost.
        case reset
    }

    /// How long any single wait may last: far more than a healthy server needs on a busy machine.
    package static let patience: UInt64 = 15_000_000_000

    private let descriptor: FileDescriptor
    private let epoll: Epoll
    private var events: EventList
    private var area: ReadArea
    /// Received, and not yet taken by `response` or `rest`.
    private var received: [UInt8] = []
    private var ending: Ending?

    /// Connects.
    ///
    /// - Parameter receiveBufferSize: What the kernel holds for a client that does not read.
    package init(port: Int, host: String = "127.0.0.1", receiveBufferSize: Int? = nil) throws {
        guard let address = SocketAddress(numericHost: host, port: UInt16(port)) else {
            throw ClientFailure("\(host) is no address")
        }
        let descriptor = try Socket.stream(family: address.family, nonBlocking: true)
        if let receiveBufferSize {
            try Socket.setReceiveBufferSize(descriptor, byteCount: Int32(receiveBufferSize))
        }
        let epoll = try Epoll()
        try epoll.add(descriptor, events: .writable, data: 0)
        let result = try Socket.connect(descriptor, to: address)
        self.descriptor = descriptor
        self.epoll = epoll
        events = EventList(capacity: 1)
        area = ReadArea()
        if result == .inProgress {
            guard try isReady(.writable, within: Self.patience) else {
                throw ClientFailure("no connection came to be")
            }
        }
        if let error = try Socket.connectError(self.descriptor) { throw error }
        try Socket.setNoDelay(self.descriptor, true)
    }

    // MARK: Sending

    /// Sends all of a text.
    package func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    /// Sends all of the bytes, however long the server takes to read them. Reads nothing meanwhile;
    /// what came before an error can still be read after it.
    package func send(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            offset += try sendSome(bytes.span.extracting(offset...), within: Self.patience)
        }
    }

    /// Sends each byte on its own.
    package func sendByteByByte(_ text: String) throws {
        for byte in text.utf8 { try send([byte]) }
    }

    /// Sends until all is sent or the server has taken nothing for a while.
    ///
    /// - Returns: How many bytes went.
    package func sendUntilBlocked(_ bytes: [UInt8], pause: UInt64 = 500_000_000) throws -> Int {
        var offset = 0
        while offset < bytes.count {
            do {
                offset += try sendSome(bytes.span.extracting(offset...), within: pause)
            } catch is TimedOut {
                break
            }
        }
        return offset
    }

    /// Sends all of the bytes and keeps what comes meanwhile, as a client does that watches both
    /// directions. Ends early when the server has ended the connection.
    package func sendWhileReading(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count && ending == nil {
            guard try isReady([.readable, .writable], within: Self.patience) else {
                throw ClientFailure("the server neither reads nor writes")
            }
            _ = try receiveSome()
            if ending != nil { return }
            do {
                if case .bytes(let count) = try Socket.send(
                    bytes.span.extracting(offset...), to: descriptor)
                {
                    offset += count
                }
            } catch {
                // What has come before the reset can still be read, and tells what it was.
                guard error == .brokenPipe || error == .connectionReset else { throw error }
                return
            }
        }
    }

    /// Closes our half: we send no more.
    package func halfClose() throws {
        try Socket.shutdownWrite(descriptor)
    }

    /// Makes the coming close a reset.
    package func resetWhenReleased() throws {
        try Socket.setLinger(descriptor, seconds: 0)
    }

    // MARK: Receiving

    /// The next answer, interim ones included.
    ///
    /// - Parameter method: What was asked: an answer to HEAD has no body.
    package func response(to method: String = "GET") throws -> RawResponse {
        while true {
            if let (response, count) = try RawResponse.parse(
                received, method: method, isAtEnd: ending != nil)
            {
                received.removeFirst(count)
                return response
            }
            if let ending {
                throw ClientFailure(
                    "the connection ended (\(ending)) after \(received.count) bytes of an answer: "
                        + String(decoding: received.prefix(200), as: UTF8.self))
            }
            try waitAndReceive()
        }
    }

    /// So many answers to GET.
    package func responses(_ count: Int) throws -> [RawResponse] {
        try (0..<count).map { _ in try response() }
    }

    /// How the connection ends. Nothing else may come before.
    package func end() throws -> Ending {
        let (bytes, ending) = try rest()
        guard bytes.isEmpty else {
            throw ClientFailure(
                "more came than was asked for: "
                    + String(decoding: bytes.prefix(200), as: UTF8.self))
        }
        return ending
    }

    /// Everything up to the end of the connection.
    package func rest() throws -> (bytes: [UInt8], ending: Ending) {
        while true {
            if let ending {
                defer { received = [] }
                return (received, ending)
            }
            try waitAndReceive()
        }
    }

    /// Whether bytes or an end come within a time. They are kept.
    package func hasNews(within nanoseconds: UInt64) throws -> Bool {
        if !received.isEmpty || ending != nil { return true }
        guard try isReady(.readable, within: nanoseconds) else { return false }
        return try receiveSome()
    }

    /// The connection has ended, and every byte before that has been taken.
    package var hasEndedBetweenAnswers: Bool { ending != nil && received.isEmpty }

    /// Reads at most one piece of what has come.
    ///
    /// - Returns: How many bytes, or `nil` at the end of the connection.
    package func takeSome() throws -> Int? {
        if received.isEmpty && ending == nil { try waitAndReceive() }
        defer { received = [] }
        return received.isEmpty && ending != nil ? nil : received.count
    }

    /// What has come and was not taken, at least a byte, which is waited for; empty at the end.
    package func takeBytes() throws -> [UInt8] {
        if received.isEmpty && ending == nil { try waitAndReceive() }
        defer { received = [] }
        return received
    }

    // MARK: Helpers

    private func sendSome(_ bytes: Span<UInt8>, within nanoseconds: UInt64) throws -> Int {
        if case .bytes(let count) = try Socket.send(bytes, to: descriptor) { return count }
        guard try isReady(.writable, within: nanoseconds) else { throw TimedOut() }
        return 0
    }

    private func waitAndReceive() throws {
        guard try isReady(.readable, within: Self.patience) else {
            throw ClientFailure(
                "nothing came for \(Self.patience / 1_000_000_000) s; so far: "
                    + String(decoding: received.suffix(200), as: UTF8.self))
        }
        _ = try receiveSome()
    }

    private func receiveSome() throws -> Bool {
        do throws(Errno) {
            switch try area.receive(from: descriptor) {
            case .bytes(let count):
                area.copy(count, to: &received)
                return true
            case .endOfStream:
                ending = .finished
                return true
            case .wouldBlock:
                return false
            }
        } catch {
            guard error == .connectionReset || error == .brokenPipe else { throw error }
            ending = .reset
            return true
        }
    }

    private func isReady(_ wanted: EpollEvents, within nanoseconds: UInt64) throws -> Bool {
        try epoll.modify(descriptor, events: wanted, data: 0)
        try epoll.wait(into: &events, timeoutNanoseconds: nanoseconds)
        return events.count > 0
    }
}

extension ReadArea {
    fileprivate borrowing func copy(_ count: Int, to target: inout [UInt8]) {
        let bytes = bytes(count)
        for index in bytes.indices { target.append(bytes[index]) }
    }
}

/// The server has taken nothing for the time that was given.
private struct TimedOut: Error, CustomStringConvertible {
    var description: String { "the server has stopped reading" }
}

/// Why a test's client could not go on.
package struct ClientFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
