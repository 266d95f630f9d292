internal import HTTPEngine
internal import Syscalls

/// A connection without a socket at an instant that does not move.
struct LoneConnection: ~Copyable {
    let handler: AnsweringHandler
    var connection: ServerConnection
    var workspace: Workspace
    private let now = Instant(nanoseconds: 1_000_000_000)

    /// - Parameter limits: What bounds requests is taken away: a run is longer than any connection.
    init(_ answer: AnsweringHandler.Answer, _ limits: Limits = Limits()) {
        var limits = limits
        limits.maxKeepAliveRequests = 0
        handler = AnsweringHandler(answer)
        connection = ServerConnection(at: now, refusesAll: false, peer: .loopback(port: 1))
        workspace = Workspace(handler: handler, limits: limits, serverName: "Sluice")
    }

    mutating func receive(_ bytes: Span<UInt8>) {
        connection.received(bytes, at: now, &workspace)
    }

    mutating func resume() {
        connection.resume(at: now, &workspace)
    }

    mutating func complete(_ exchange: ExchangeID) -> Bool {
        connection.complete(exchange, at: now, &workspace)
    }

    /// All of the output is gone, as after a send that takes it whole; returns how much that was.
    @discardableResult
    mutating func flush() -> Int {
        let byteCount = connection.output.count
        connection.outputSent(byteCount, at: now, &workspace)
        return byteCount
    }
}
