import Containers
import Dispatch
import Glibc
import HTTPEngine
import Synchronization
import Syscalls
import TestSupport

@testable import Sluice

/// A server whose requests are counted by route, with nothing else around the engine.
final class MeteredServer: Sendable {
    let port: Int
    let inside: ServerInside
    let requests: RequestMetrics

    private let engine: Mutex<ServerEngine?>
    private let control: EngineControl
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameter fill: Adds the routes; `/metrics` and `/_metrics` are there already.
    init(registry: MetricsRegistry = MetricsRegistry(), _ fill: (inout Router) -> Void) throws {
        var configuration = ServerConfiguration()
        configuration.engine = EngineUnderTest.current
        configuration.maxConnections = 64
        let (kind, limits) = (configuration.engineKind, configuration.limits)
        let statistics = ServerEngine.statistics(kind, limits)
        inside = ServerInside(
            engineName: configuration.engine.rawValue, instanceID: "", statistics: statistics,
            settings: [])
        var router = Router()
        addMetricsRoutes(to: &router, inside: inside, registry: registry, version: "0")
        fill(&router)
        let table = router.table
        requests = RequestMetrics(labels: table.labels, threadCount: statistics.threadCount)
        let listener = try Listener(on: .loopback(port: 0), backlog: 64)
        port = Int(listener.address.port)
        var listeners = Slab<Listener>(capacity: 1)
        _ = listeners.insert(listener)
        let engine = try ServerEngine(
            kind, listeners: listeners,
            handler: RouterHandler(
                table: table, maxBodyByteCount: configuration.maxBodyBytes,
                errors: ErrorResponder(
                    renderer: StandardErrorRenderer(), log: ServerLog(nil) { _ in })),
            limits: limits, serverName: "Sluice", statistics: statistics,
            observer: ShardObserver(requests))
        control = engine.control
        self.engine = Mutex(engine)
        inside.complete(control: control, requests: requests, labels: table.labels)
    }

    /// Serves while `body` runs, then stops.
    func run(_ body: () throws -> Void) throws {
        guard let engine = engine.withLock({ $0.take() }) else { return }
        let box = Mutex<ServerEngine?>(engine)
        _ = try Thread(name: "server") { [ended] in
            if let engine = box.withLock({ $0.take() }) { _ = try? engine.run() }
            ended.signal()
        }
        defer {
            control.stop()
            ended.wait()
        }
        try body()
    }

    /// Waits until so many requests have been counted, which a worker does behind its answer.
    func wait(forRequests count: Int) throws {
        let deadline = MonotonicClock.now() + RawClient.patience
        while requests.all().requestCount < UInt64(count) {
            guard MonotonicClock.now() < deadline else {
                throw ClientFailure("\(requests.all().requestCount) requests and not \(count)")
            }
            sched_yield()
        }
    }

    /// Waits until a condition holds.
    func wait(until what: String, _ condition: () -> Bool) throws {
        let deadline = MonotonicClock.now() + RawClient.patience
        while !condition() {
            guard MonotonicClock.now() < deadline else { throw ClientFailure("never: \(what)") }
            sched_yield()
        }
    }

    /// The answer to one request on a connection of its own.
    func get(_ path: String, _ fields: String...) throws -> RawResponse {
        let client = try RawClient(port: port)
        let lines = ["GET \(path) HTTP/1.1", "Host: a", "Connection: close"] + fields
        try client.send(lines.map { $0 + "\r\n" }.joined() + "\r\n")
        return try client.response()
    }
}

/// Gives every thread its shard.
private final class ShardObserver: ExchangeObserver {
    private let requests: RequestMetrics

    init(_ requests: RequestMetrics) {
        self.requests = requests
    }

    func makeRecorder(thread: Int) -> any ExchangeRecorder {
        ShardRecorder(requests.shard(thread))
    }
}

private final class ShardRecorder: ExchangeRecorder {
    private let shard: RequestMetricsShard
    let textCapture = TextCapture.none
    let wireTap: (any WireTap)? = nil

    init(_ shard: RequestMetricsShard) {
        self.shard = shard
    }

    func capture(_ request: borrowing RequestView, into texts: inout ByteBuffer) {}

    func capture(
        unparsed bytes: Span<UInt8>, from peer: SocketAddress, into texts: inout ByteBuffer
    ) {}

    func capture(_ message: borrowing ResponseMessage, into texts: inout ByteBuffer) {}

    func record(_ exchanges: Span<FinishedExchange>, texts: Span<UInt8>) {
        shard.record(exchanges)
    }
}
