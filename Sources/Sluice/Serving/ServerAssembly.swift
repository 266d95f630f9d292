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
            statistics: statistics,
            settings: configuration.settings)
        var router = router
        let slow = configuration.status?.makeSlowRequests()
        if let status = configuration.status {
            Self.addPages(status, slow, to: &router, inside, configuration)
        }
        guard router.problems.isEmpty else { throw .routes(RouteError(router.problems)) }
        let table = router.table
        requests =
            configuration.status == nil
            ? nil : RequestMetrics(labels: table.labels, threadCount: statistics.threadCount)
        configuration.accessLog?.setLog { log.write(.error, $0) }
        observer =
            configuration.isObserved
            ? ServerObserver(
                inside, requests: requests, slow: slow, accessLog: configuration.accessLog,
                wireLog: configuration.logsWire ? log : nil)
            : nil
        handler = RouterHandler(
            table: table, maxBodyByteCount: configuration.maxBodyBytes,
            errors: ErrorResponder(renderer: configuration.errorRenderer, log: log),
            attendant: RequestAttendant(
                requestIDs: configuration.requestIDs,
                instrumentation: configuration.instrumentation, metrics: requests))
    }

    /// Adds the pages that show what the server does, behind one door.
    private static func addPages(
        _ status: StatusOptions, _ slow: SlowRequests?, to router: inout Router,
        _ inside: ServerInside, _ configuration: ServerConfiguration
    ) {
        let access = status.access(
            of: router, readsProxyProtocol: configuration.readsProxyProtocol)
        let pages = addStatusRoutes(
            to: &router, inside: inside, slow: slow, version: status.version,
            access: access, drainTimeout: configuration.drainTimeout)
        let accessLog = configuration.accessLog
        router.group("/") { group in
            group.use(access)
            group.redirectsUncleanPaths = false
            addMetricsRoutes(
                to: &group, inside: inside, registry: status.metrics, version: status.version,
                accessLog: {
                    accessLog.map {
                        MetricsScrape.AccessLogCounts(
                            written: $0.writtenCount, dropped: $0.droppedCount)
                    }
                })
        }
        pages.note(router.routeDescriptions)
    }

    /// The engine is there, and has not begun.
    func complete(_ control: EngineControl) {
        inside.complete(control: control, requests: requests, labels: handler.table.labels)
    }
}
