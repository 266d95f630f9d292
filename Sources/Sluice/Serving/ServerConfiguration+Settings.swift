extension ServerConfiguration {
    /// All settings as people read them, for the status pages. None of them holds a secret; what one
    /// day does is masked here.
    var settings: [(name: String, value: String)] {
        [
            ("host", host), ("port", "\(port)"), ("engine", engine.rawValue),
            ("workers", "\(workers)"), ("queueSize", "\(queueSize)"), ("backlog", "\(backlog)"),
            ("maxConnections", "\(maxConnections)"),
            ("readsProxyProtocol", "\(readsProxyProtocol)"),
            ("trustedProxies", Self.list(trustedProxies)),
            ("keepAliveTimeout", "\(keepAliveTimeout)"),
            ("maxKeepAliveRequests", "\(maxKeepAliveRequests)"),
            ("headerTimeout", "\(headerTimeout)"), ("bodyTimeout", "\(bodyTimeout)"),
            ("writeTimeout", "\(writeTimeout)"), ("minTransferRate", "\(minTransferRate)"),
            ("drainTimeout", "\(drainTimeout)"), ("maxHeaderBytes", "\(maxHeaderBytes)"),
            ("maxBodyBytes", "\(maxBodyBytes)"), ("maxTargetLength", "\(maxTargetLength)"),
            ("maxPipelinedRequests", "\(maxPipelinedRequests)"), ("serverName", serverName),
            ("accessLog", accessLog == nil ? "off" : "on"),
            ("requestIDs", requestIDs == nil ? "off" : "on"),
            ("instrumentation", instrumentation == nil ? "off" : "on"),
            ("instanceID", instanceID), ("logLevel", errorLog.map { "\($0.level)" } ?? "-"),
            ("logsWire", "\(logsWire)"), ("visibleFrom", Self.list(status?.visibleFrom ?? [])),
        ]
    }

    private static func list(_ ranges: [NetworkRange]) -> String {
        ranges.isEmpty ? "-" : ranges.map { "\($0)" }.joined(separator: ",")
    }
}
