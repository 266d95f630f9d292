import Glibc
import Synchronization
import Syscalls

/// A server for tests that says one thing to one client, right or wrong.
final class CannedServer: Sendable {
    /// When it says it.
    enum Moment: Sendable {
        /// As soon as the request's head is there; whatever comes behind it is never read.
        case head
        /// When so many bytes have come behind the head.
        case body(Int)
    }

    /// The longest wait for the client.
    private static let patience: UInt64 = 10_000_000_000

    let url: String
    private let isReleased = Atomic<Bool>(false)

    /// Starts it. It closes behind the answer, or when it is released.
    init(_ answer: String, at moment: Moment = .head, closes: Bool = true) throws {
        let listener = try Socket.stream(family: .ipv4, nonBlocking: false)
        try Socket.setReceiveTimeout(listener, nanoseconds: Self.patience)
        try Socket.bind(listener, to: .loopback(port: 0))
        try Socket.listen(listener, backlog: 1)
        url = "http://127.0.0.1:\(try Socket.localAddress(of: listener)?.port ?? 0)/"
        let rest = Mutex<FileDescriptor?>(listener)
        _ = try Thread(name: "canned") { [self] in
            guard let listener = rest.withLock({ $0.take() }),
                let accepted = (try? Socket.accept(on: listener, nonBlocking: false)) ?? nil
            else { return }
            let socket = accepted.takeDescriptor()
            try? Socket.setReceiveTimeout(socket, nanoseconds: Self.patience)
            Self.readRequest(from: socket, to: moment)
            // What a test sends fits into an empty socket buffer.
            if !answer.isEmpty { _ = try? Socket.send(answer.utf8.span, to: socket) }
            let deadline = MonotonicClock.now() + Self.patience
            while !closes, !isReleased.load(ordering: .relaxed), MonotonicClock.now() < deadline {
                sched_yield()
            }
        }
    }

    /// Lets it close.
    func release() { isReleased.store(true, ordering: .relaxed) }

    private static func readRequest(from socket: borrowing FileDescriptor, to moment: Moment) {
        var area = ReadArea(size: 1)
        var last: UInt32 = 0
        // A byte at a time, so that nothing behind the head is taken with it.
        while last != 0x0D0A_0D0A, case .bytes? = try? area.receive(from: socket) {
            last = last << 8 | UInt32(area.bytes(1)[0])
        }
        guard case .body(var left) = moment else { return }
        var large = ReadArea()
        while left > 0, case .bytes(let count)? = try? large.receive(from: socket) {
            left -= count
        }
    }
}
