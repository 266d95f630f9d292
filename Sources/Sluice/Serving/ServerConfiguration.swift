internal import HTTPEngine

/// What an operator can decide about a server. Every bound has a default that is safe on the open
/// internet; the host is the loopback interface until you say otherwise.
public struct ServerConfiguration: Sendable {
    /// Which engine serves.
    public enum Engine: String, Sendable, CaseIterable {
        /// One thread, non-blocking, epoll.
        case reactor
        /// A pool of threads with blocking sockets, each serving one connection at a time: the
        /// baseline to compare with, and a place for handlers that must block. A few slow clients
        /// keep it busier than the reactor.
        case threadPool = "threadpool"
    }

    /// A name or address; all addresses of a name are bound.
    public var host = "127.0.0.1"
    /// 0: the kernel chooses; `Server.urls` tells.
    public var port = 8080
    /// Which engine serves.
    public var engine = Engine.reactor
    /// Threads of the thread pool that serve.
    public var workers = 16
    /// Connections that may wait for a worker of the thread pool when a new one comes; the new one
    /// then hears 503 with `Retry-After`.
    public var queueSize = 1_024
    /// Every connection begins with a header of the PROXY protocol, version 1 or 2, as haproxy and
    /// the balancers of clouds send it; it tells `Request.peerAddress`. A connection that does not
    /// is closed without an answer, and so is one from outside `trustedProxies` when there are any.
    public var readsProxyProtocol = false
    /// Proxies that are believed about whom they speak for: in `Forwarded` and `X-Forwarded-*`, and
    /// in the PROXY protocol. Up to 1,024.
    public var trustedProxies: [NetworkRange] = []
    /// Connections that the kernel holds for us until we accept them (`listen(2)`).
    public var backlog = 4_096
    /// Connections served at the same time; the next ones hear 503 with `Retry-After`.
    public var maxConnections = 10_000
    /// Between two requests, and before the first; then a silent close. Zero: no limit.
    public var keepAliveTimeout = Duration.seconds(10)
    /// Requests on one connection before it is closed. 0: no limit.
    public var maxKeepAliveRequests = 10_000
    /// From a head's first byte to its last; then 408. Zero: no limit.
    public var headerTimeout = Duration.seconds(10)
    /// From the head to the body's end, plus a second for each `minTransferRate` bytes that have
    /// come; then 408. Zero: no limit.
    public var bodyTimeout = Duration.seconds(30)
    /// For the client to take an answer, plus a second for each `minTransferRate` bytes that it has
    /// taken; then the connection is reset. Zero: no limit.
    public var writeTimeout = Duration.seconds(30)
    /// Bytes that earn a transfer one more second. 0: no minimum rate; body and write timeout then
    /// run from the last progress.
    public var minTransferRate = 1_024
    /// How long a drain may take before what is left is closed. Zero: no limit.
    public var drainTimeout = Duration.seconds(5)
    /// Bytes of request line and field lines; beyond: 431. At most 65,535.
    public var maxHeaderBytes = 16_384
    /// Bytes of a body; beyond: 413.
    public var maxBodyBytes = 1_048_576
    /// Bytes of a request target; beyond: 414.
    public var maxTargetLength = 8_192
    /// Requests of one connection that are in flight together; beyond, it is not read.
    public var maxPipelinedRequests = 64
    /// The value of `Server`; empty: no such field.
    public var serverName = "Sluice"
    /// Writes the body of every error, of those too that the server finds itself: see
    /// `ErrorRenderer`. As text, JSON or HTML, by `Accept`, until it is set.
    public var errorRenderer: any ErrorRenderer = StandardErrorRenderer()
    /// Has a line for each request; `nil`: there is no such log.
    public var accessLog: AccessLog?
    /// What requests are called in their answers and in logs; `nil`: nothing.
    public var requestIDs: RequestIDs?
    /// Watches requests, to feed a tracer; `nil`: nobody does.
    public var instrumentation: (any Instrumentation)?
    /// What this process is called among others, in logs and metrics; empty: nothing.
    public var instanceID = ""
    /// Where the server says what goes wrong and why, by levels; `nil`: `log` hears of errors.
    public var errorLog: ErrorLog?
    /// Writes all heads and the first bytes of bodies to the error log: for debugging only.
    public var logsWire = false
    /// Where the server says what went wrong inside it while it has no `errorLog`, one line without
    /// its end at a time; called on any of its threads. Standard error until it is set.
    public var log: @Sendable (String) -> Void = { StandardError.write(line: $0) }

    /// Metrics at `/metrics` and `/_metrics`, status pages at `/_status` and a dashboard at
    /// `/_dashboard`; `nil`: there are none, and nothing is counted by route.
    public var status: StatusOptions?

    /// Some of it is told of every request.
    var isObserved: Bool { status != nil || accessLog != nil || logsWire }

    /// The defaults.
    public init(host: String = "127.0.0.1", port: Int = 8080) {
        self.host = host
        self.port = port
    }

    var engineKind: ServerEngine.Kind {
        switch engine {
        case .reactor: .reactor
        case .threadPool:
            .threadPool(ThreadPoolEngine.Size(workerCount: workers, queueSize: queueSize))
        }
    }

    var limits: Limits {
        var limits = Limits()
        limits.maxConnections = maxConnections
        limits.maxKeepAliveRequests = maxKeepAliveRequests
        limits.maxPipelinedRequests = maxPipelinedRequests
        limits.maxHeaderBytes = maxHeaderBytes
        limits.maxBodyBytes = maxBodyBytes
        limits.maxTargetLength = maxTargetLength
        limits.keepAliveTimeout = keepAliveTimeout.wholeNanoseconds
        limits.headerTimeout = headerTimeout.wholeNanoseconds
        limits.bodyTimeout = bodyTimeout.wholeNanoseconds
        limits.writeTimeout = writeTimeout.wholeNanoseconds
        limits.minTransferRate = minTransferRate
        limits.trustedProxies = trustedProxies.map(\.range)
        limits.setDrainTimeout(drainTimeout.wholeNanoseconds)
        return limits
    }

    /// Each request that asks for its client compares with all of them.
    private static let maxTrustedProxyCount = 1_024

    /// The first setting that cannot be, as a sentence.
    var problem: String? {
        if !(0...65_535).contains(port) { return "port \(port) is not in 0 ... 65535" }
        if maxConnections < 1 { return "maxConnections \(maxConnections) is less than 1" }
        if !(1...4_096).contains(workers) { return "workers \(workers) is not in 1 ... 4096" }
        if queueSize < 1 { return "queueSize \(queueSize) is less than 1" }
        if backlog < 1 { return "backlog \(backlog) is less than 1" }
        if maxPipelinedRequests < 1 {
            return "maxPipelinedRequests \(maxPipelinedRequests) is less than 1"
        }
        if !(64...65_535).contains(maxHeaderBytes) {
            return "maxHeaderBytes \(maxHeaderBytes) is not in 64 ... 65535"
        }
        if trustedProxies.count > Self.maxTrustedProxyCount {
            return "trustedProxies has more than \(Self.maxTrustedProxyCount) ranges"
        }
        if maxTargetLength < 1 { return "maxTargetLength \(maxTargetLength) is less than 1" }
        if !(0...(1 << 30)).contains(maxBodyBytes) {
            return "maxBodyBytes \(maxBodyBytes) is not in 0 ... 1073741824"
        }
        if maxKeepAliveRequests < 0 || minTransferRate < 0 { return "a limit is negative" }
        for time in [keepAliveTimeout, headerTimeout, bodyTimeout, writeTimeout, drainTimeout]
        where time < .zero || time > .seconds(10_000_000) {
            return "a timeout of \(time) is not in 0 ... 10,000,000 seconds"
        }
        if serverName.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return "serverName holds a control character"
        }
        return nil
    }
}

extension Duration {
    fileprivate var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
