internal import HTTPEngine

/// What stands above the engine of one server, put together from its configuration.
struct ServerAssembly: Sendable {
    let handler: RouterHandler
    let statistics: EngineStatistics
    /// `nil`: nobody observes anything, and no request pays for it.
    let observer: ServerObserver?
    private let inside: ServerInside
    private let requests: RequestMetrics?

    /// - Throws: What is wrong with the routes, those of the server's own pages included.
    init(_ router: Router, _ configuration: ServerConfiguration) throws(ServerError) {
        let log = ServerLog(configuration.errorLog, configuration.log)
        if configuration.logsWire { log.warnOfWireLog() }
        statistics = ServerEngine.statistics(configuration.engineKind, configuration.limits)
        inside = ServerInside(
            engineName: configuration.engine.rawValue, instanceID: configuration.instanceID,
            statistics: statistics, settings: [])
        let router = router
        guard router.problems.isEmpty else { throw .routes(RouteError(router.problems)) }
        let table = router.table
        requests = RequestMetrics(labels: table.labels, threadCount: statistics.threadCount)
        observer = ServerObserver(
            requests: requests, wireLog: configuration.logsWire ? log : nil)
        handler = RouterHandler(
            table: table, maxBodyByteCount: configuration.maxBodyBytes,
            errors: ErrorResponder(renderer: configuration.errorRenderer, log: log),
            attendant: RequestAttendant(
                requestIDs: configuration.requestIDs,
                instrumentation: configuration.instrumentation))
    }

    /// The engine is there, and has not begun.
    func complete(_ control: EngineControl) {
        inside.complete(control: control, requests: requests, labels: handler.table.labels)
    }
}
