import Containers
import HTTPEngine
import Synchronization
import Syscalls
import TestSupport
import Testing

@testable import Sluice

/// What an engine tells an observer about the answers that a router gives.
final class AnswerObserver: ExchangeObserver {
    private let answers = Mutex<[String]>([])
    private let wire = Mutex<[String]>([])
    private let answered = Happening()
    private let showsWire: Bool

    init(showsWire: Bool = false) {
        self.showsWire = showsWire
    }

    /// The latest answer: `STATUS label=… id=… trace=… user=… reason=… NAME=VALUE …`, without what
    /// it has not.
    func next() throws -> String {
        try answered.await()
        return answers.withLock { $0.removeFirst() }
    }

    /// All messages so far, as the wire log shows them.
    var messages: [String] { wire.withLock { $0 } }

    func makeRecorder(thread: Int) -> any ExchangeRecorder {
        AnswerRecorder(
            wireTap: showsWire
                ? WireLog { [self] lines in wire.withLock { $0.append(lines) } } : nil
        ) { [self] answer in
            answers.withLock { $0.append(answer) }
            answered.happens()
        }
    }
}

private final class AnswerRecorder: ExchangeRecorder {
    let textCapture = TextCapture.all
    let wireTap: (any WireTap)?
    private let hear: (String) -> Void

    init(wireTap: (any WireTap)?, hear: @escaping (String) -> Void) {
        self.wireTap = wireTap
        self.hear = hear
    }

    func capture(_ request: borrowing RequestView, into texts: inout ByteBuffer) {}

    func capture(
        unparsed bytes: Span<UInt8>, from peer: SocketAddress, into texts: inout ByteBuffer
    ) {}

    func capture(_ message: borrowing ResponseMessage, into texts: inout ByteBuffer) {
        var text = "\(message.status)"
        let notes = message.notes
        for (name, value) in [
            ("label", message.label > 0 ? "\(message.label)" : nil), ("id", notes?.requestID),
            ("trace", notes?.traceID), ("user", notes?.user), ("reason", notes?.reason),
        ] {
            if let value { text += " \(name)=\(value)" }
        }
        for (name, value) in notes?.values ?? [] { text += " \(name)=\(value)" }
        hear(text)
    }

    func record(_ exchanges: Span<FinishedExchange>, texts: Span<UInt8>) {}
}

/// Serves a router with an observer while `body` runs.
func withObservedEngine(
    _ router: Router, _ observer: AnswerObserver, requestIDs: RequestIDs? = nil,
    _ body: (RawClient) throws -> Void
) throws {
    var configuration = ServerConfiguration()
    configuration.engine = EngineUnderTest.current
    configuration.maxConnections = 64
    let listener = try Listener(on: .loopback(port: 0), backlog: 64)
    let port = Int(listener.address.port)
    var listeners = Slab<Listener>(capacity: 1)
    _ = listeners.insert(listener)
    let handler = RouterHandler(
        table: router.table, maxBodyByteCount: configuration.maxBodyBytes,
        errors: ErrorResponder(renderer: StandardErrorRenderer(), log: ServerLog(nil) { _ in }),
        attendant: RequestAttendant(requestIDs: requestIDs, instrumentation: nil))
    let engine = try ServerEngine(
        configuration.engineKind, listeners: listeners, handler: handler,
        limits: configuration.limits, serverName: "", observer: observer)
    let control = engine.control
    let parcel = Mutex<ServerEngine?>(engine)
    let ended = Happening()
    _ = try Thread(name: "engine") {
        if let engine = parcel.withLock({ $0.take() }) { _ = try? engine.run() }
        ended.happens()
    }
    defer { control.stop() }
    try body(try RawClient(port: port))
    control.drain()
    try ended.await()
}
