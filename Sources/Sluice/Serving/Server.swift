internal import Containers
internal import HTTPEngine
internal import Synchronization
internal import Syscalls

/// An HTTP/1.1 server.
///
///     var router = Router()
///     router.get("/") { request, response in response.send("Hello, World!") }
///     let server = try Server(router)
///     try server.run()
///
/// It is bound when it is made, accepts when it runs, and can be drained from any thread.
public final class Server: Sendable {
    /// Where a server stands in its life.
    public enum State: String, Sendable {
        /// Bound; connections wait in the backlog until `run` is called, then they are served.
        case running
        /// New connections are not taken; what was accepted is being answered.
        case draining
        /// `run` has returned, or is about to.
        case stopped
    }

    /// How a run ended.
    public struct Outcome: Equatable, Sendable {
        /// Connections that were closed although they were not done: 0 after a clean drain.
        public let forcedConnections: Int
    }

    /// The URLs that it is bound to, such as `http://127.0.0.1:8080`; with port 0 asked for, with
    /// the port that the kernel chose.
    public let urls: [String]

    private let engine: Mutex<ServerEngine?>
    private let control: EngineControl
    private let accessLog: AccessLog?

    /// Binds every address of the host and listens.
    ///
    /// - Throws: `ServerError` that names what cannot be had: a setting, the host, the port, a
    ///   descriptor; and all that is wrong with the routes, in the order of registration.
    public init(
        _ router: Router, configuration: ServerConfiguration = ServerConfiguration()
    ) throws(ServerError) {
        if let problem = configuration.problem { throw .configuration(problem) }
        let assembly = try ServerAssembly(router, configuration)
        let addresses = try Self.resolve(configuration)
        var listeners = Slab<Listener>(capacity: addresses.count)
        var urls: [String] = []
        var port = UInt16(configuration.port)
        for address in addresses {
            let listener = try Self.listen(on: address.withPort(port), configuration)
            // All addresses of a name share one port, also when the kernel has chosen it.
            port = listener.address.port
            urls.append("http://\(listener.address)")
            _ = listeners.insert(listener)
        }
        self.urls = urls
        accessLog = configuration.accessLog
        do {
            let engine = try ServerEngine(
                configuration.engineKind, listeners: listeners, handler: assembly.handler,
                limits: configuration.limits, serverName: configuration.serverName,
                statistics: assembly.statistics, observer: assembly.observer)
            control = engine.control
            assembly.complete(control)
            self.engine = Mutex(engine)
        } catch {
            throw .system("the engine cannot be made", error)
        }
    }

    /// The state now. Any thread.
    public var state: State {
        switch control.state {
        case .running: .running
        case .draining: .draining
        case .stopped: .stopped
        }
    }

    /// Serves on the calling thread until `drain` or `stop` is complete.
    ///
    /// - Precondition: It has not been called before.
    public func run() throws(ServerError) -> Outcome {
        guard let engine = engine.withLock({ $0.take() }) else {
            preconditionFailure("a server runs once")
        }
        do {
            let report = try engine.run()
            accessLog?.flush()
            return Outcome(forcedConnections: report.forcedConnections)
        } catch {
            throw .system("the engine failed", error)
        }
    }

    /// Stops gracefully: closes the listeners, answers what was accepted, tells what comes later 503
    /// with `Retry-After`, and lets `run` return when the last connection is done or
    /// `drainTimeout` has passed. Returns at once; any thread.
    public func drain() {
        control.drain()
    }

    /// Stops now: open connections are closed as they are. Returns at once; any thread.
    public func stop() {
        control.stop()
    }

    private static func resolve(
        _ configuration: ServerConfiguration
    ) throws(ServerError) -> [SocketAddress] {
        do {
            return try SocketAddress.resolve(
                host: configuration.host, port: UInt16(configuration.port))
        } catch {
            throw .host(configuration.host, reason: error.description)
        }
    }

    private static func listen(
        on address: SocketAddress, _ configuration: ServerConfiguration
    ) throws(ServerError) -> Listener {
        do {
            return try Listener(
                on: address, backlog: configuration.backlog,
                readsProxyHeader: configuration.readsProxyProtocol)
        } catch {
            throw .bind(address.description, error)
        }
    }
}

/// Why a server cannot start or go on.
public struct ServerError: Error, Sendable, CustomStringConvertible {
    /// What is at fault, so that a program can name its own option for it.
    public enum Subject: Sendable {
        /// A setting that cannot be.
        case configuration
        /// A pattern that cannot be, or two routes that answer the same.
        case routes
        /// A host that has no address.
        case host
        /// An address that cannot be bound: in use, not ours, not allowed.
        case address
        /// A resource of the system.
        case system
    }

    /// What is at fault.
    public let subject: Subject

    /// One clause that names it and the reason.
    public let description: String

    static func configuration(_ problem: String) -> ServerError {
        ServerError(subject: .configuration, description: problem)
    }

    static func routes(_ error: RouteError) -> ServerError {
        ServerError(subject: .routes, description: "the routes cannot be: \(error)")
    }

    static func host(_ host: String, reason: String) -> ServerError {
        ServerError(subject: .host, description: "'\(host)' cannot be resolved: \(reason)")
    }

    static func bind(_ address: String, _ error: Errno) -> ServerError {
        ServerError(subject: .address, description: "cannot listen on \(address): \(error)")
    }

    static func system(_ what: String, _ error: Errno) -> ServerError {
        ServerError(subject: .system, description: "\(what): \(error)")
    }
}
