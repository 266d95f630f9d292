internal import LoadGenCore
internal import Syscalls

/// A blocking connection on which every wait has a limit.
struct TransferSocket: ~Copyable {
    private let descriptor: FileDescriptor
    private let patience: UInt64
    private var area = ReadArea()

    init(_ target: TargetURL, patience: UInt64) throws(TransferFailure) {
        self.patience = patience
        do {
            let addresses = try SocketAddress.resolve(
                host: target.host, port: UInt16(target.port))
            descriptor = try Self.connect(to: addresses, patience: patience)
        } catch {
            throw .noConnection("\(target.authority): \(error)")
        }
    }

    /// Sends all of `bytes`; `moved` goes up by what went, also when it fails.
    func send(_ bytes: Span<UInt8>, moved: inout Int) throws(TransferFailure) {
        var offset = 0
        while offset < bytes.count {
            do throws(Errno) {
                switch try Socket.send(bytes.extracting(offset...), to: descriptor) {
                case .bytes(let count):
                    offset += count
                    moved += count
                case .wouldBlock, .endOfStream: throw .timedOut
                }
            } catch { throw failure(error, after: moved) }
        }
    }

    /// Waits for bytes; 0 at the end of the stream. They lie in `bytes`.
    mutating func receive(after moved: Int) throws(TransferFailure) -> Int {
        do throws(Errno) {
            switch try area.receive(from: descriptor) {
            case .bytes(let count): return count
            case .endOfStream: return 0
            case .wouldBlock: throw .timedOut
            }
        } catch { throw failure(error, after: moved) }
    }

    /// What has come already; 0 when nothing has, or nothing ever will.
    mutating func receiveWithoutWaiting() -> Int {
        guard case .bytes(let count)? = try? area.receiveWithoutWaiting(from: descriptor) else {
            return 0
        }
        return count
    }

    /// The first `count` bytes, as many as were received last.
    @_lifetime(borrow self)
    func bytes(_ count: Int) -> Span<UInt8> { area.bytes(count) }

    private func failure(_ error: Errno, after moved: Int) -> TransferFailure {
        error == .timedOut
            ? .silence(nanoseconds: patience, after: moved)
            : .lost(error.description, after: moved)
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
