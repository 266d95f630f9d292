import LoadGenCore
import Synchronization
import Syscalls

@testable import gate

/// A server for tests that answers each request as it is told, one connection after the other.
final class ScriptedServer: Sendable {
    /// What it does with a request.
    enum Reply {
        case send(String)
        case sendAndClose(String)
        case close
    }

    /// The longest wait for a client.
    private static let patience: UInt64 = 10_000_000_000

    let target: TargetURL
    private let isStopped = Atomic<Bool>(false)

    /// Starts it. The closure is given the request's number, from 1, and its head.
    init(_ reply: @escaping @Sendable (Int, String) -> Reply) throws {
        let listener = try Socket.stream(family: .ipv4, nonBlocking: false)
        try Socket.setReceiveTimeout(listener, nanoseconds: 50_000_000)
        try Socket.bind(listener, to: .loopback(port: 0))
        try Socket.listen(listener, backlog: 16)
        let port = try Socket.localAddress(of: listener)?.port ?? 0
        target = try LoadOptions.target("http://127.0.0.1:\(port)/")
        let rest = Mutex<FileDescriptor?>(listener)
        _ = try Thread(name: "scripted") { [self] in
            guard let listener = rest.withLock({ $0.take() }) else { return }
            serve(listener, reply)
        }
    }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    private func serve(
        _ listener: borrowing FileDescriptor, _ reply: (Int, String) -> Reply
    ) {
        var number = 0
        while !isStopped.load(ordering: .relaxed) {
            guard let accepted = (try? Socket.accept(on: listener, nonBlocking: false)) ?? nil
            else { continue }
            serveConnection(accepted.takeDescriptor(), &number, reply)
        }
    }

    private func serveConnection(
        _ socket: consuming FileDescriptor, _ number: inout Int, _ reply: (Int, String) -> Reply
    ) {
        try? Socket.setReceiveTimeout(socket, nanoseconds: Self.patience)
        var area = ReadArea()
        var received = ""
        while case .bytes(let count) = try? area.receive(from: socket) {
            let bytes = area.bytes(count)
            for index in 0..<count { received.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
            while let end = received.firstRange(of: "\r\n\r\n") {
                let head = String(received[..<end.lowerBound])
                received.removeSubrange(..<end.upperBound)
                number += 1
                switch reply(number, head) {
                case .send(let text): Self.send(text, to: socket)
                case .sendAndClose(let text):
                    Self.send(text, to: socket)
                    return
                case .close: return
                }
            }
        }
    }

    private static func send(_ text: String, to socket: borrowing FileDescriptor) {
        guard !text.isEmpty else { return }
        // What a test sends fits into an empty socket buffer.
        _ = try? Socket.send(text.utf8.span, to: socket)
    }
}
