internal import Dispatch
internal import Glibc
package import Sluice
internal import Synchronization
internal import Syscalls

/// A server of the library on a thread of its own, on a port that the kernel chose.
package final class RunningServer: Sendable {
    package let server: Server
    package let port: Int

    private let result = Mutex<Result<Server.Outcome, ServerError>?>(nil)
    private let ended = DispatchSemaphore(value: 0)

    /// Starts to serve.
    package init(_ router: Router, configuration: ServerConfiguration) throws {
        var configuration = configuration
        configuration.port = 0
        let server = try Server(router, configuration: configuration)
        guard let port = server.urls.first.flatMap(portNumber) else {
            throw ClientFailure("no port in \(server.urls)")
        }
        self.server = server
        self.port = port
        _ = try Thread(name: "server") { [self] in
            let outcome = Result { () throws(ServerError) in try server.run() }
            result.withLock { $0 = outcome }
            ended.signal()
        }
    }

    /// Waits until `run` has returned: once.
    ///
    /// - Throws: `ClientFailure` when that takes far too long; the server is stopped then.
    package func outcome() throws -> Server.Outcome {
        guard ended.wait(timeout: .now() + .seconds(15)) == .success else {
            server.stop()
            throw ClientFailure("the server does not end")
        }
        ended.signal()
        return try result.withLock { $0! }.get()
    }

    /// Waits until the server has reached a state.
    package func wait(for state: Server.State) throws {
        let deadline = MonotonicClock.now() + RawClient.patience
        while server.state != state {
            guard MonotonicClock.now() < deadline else {
                throw ClientFailure("the server is \(server.state) and not \(state)")
            }
            sched_yield()
        }
    }

    /// A new client of this server.
    package func client(receiveBufferSize: Int? = nil) throws -> RawClient {
        try RawClient(port: port, receiveBufferSize: receiveBufferSize)
    }
}

/// Serves while `body` runs, then drains; a drain that has to be forced is an error, because all
/// clients of `body` are gone by then.
///
/// The tests' servers have few connections, so that there can be many of them at once.
package func withServer(
    _ router: Router, _ configure: (inout ServerConfiguration) -> Void = { _ in },
    _ body: (RunningServer) throws -> Void
) throws {
    var configuration = ServerConfiguration()
    configuration.maxConnections = 64
    configuration.engine = EngineUnderTest.current
    configuration.log = { _ in }
    configure(&configuration)
    let running = try RunningServer(router, configuration: configuration)
    do {
        try body(running)
    } catch {
        running.server.stop()
        _ = try? running.outcome()
        throw error
    }
    running.server.drain()
    let outcome = try running.outcome()
    guard outcome.forcedConnections == 0 else {
        throw ClientFailure("\(outcome.forcedConnections) connections had to be closed")
    }
}

/// The port at the end of a URL such as `http://[::1]:8080`.
package func portNumber(of url: String) -> Int? {
    url.split(separator: ":").last.flatMap { Int($0) }
}
