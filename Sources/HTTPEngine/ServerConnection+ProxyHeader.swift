internal import Syscalls

/// What comes before the first head where the listener reads the PROXY protocol. A state of the
/// connection and no stage before it, because it has the connection's deadlines, drain and refusals.
extension ServerConnection {
    /// Whether the header has not been read.
    var isBeforeProxyHeader: Bool {
        if case .proxyHeader = reading { true } else { false }
    }

    /// Returns where the first request begins, or nil when the header is not complete.
    mutating func takeProxyHeader(
        _ source: Span<UInt8>, from start: Int, at now: Instant
    ) -> Int? {
        switch ProxyHeader.parse(source.extracting(start...)) {
        case .incomplete:
            return nil
        case .invalid:
            // Whoever is there does not speak our protocol, so there is nothing to say.
            reading = .finished
            lifecycle = .closed
            return source.count
        case .complete(let header):
            if let source = header.source {
                peer = source
                hasNewPeer = true
            }
            reading = .head
            waitStart = now
            return start + header.byteCount
        }
    }

    /// The header has as long as a head, from the connection's beginning.
    func proxyHeaderDeadline(_ workspace: inout Workspace) -> Instant? {
        switch refusal {
        case .overloaded: waitStart + workspace.limits.overflowPatience
        case .draining: waitStart + workspace.limits.drainGrace
        case .none:
            workspace.limits.headerTimeout > 0
                ? waitStart + workspace.limits.headerTimeout : nil
        }
    }
}
