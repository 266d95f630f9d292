internal import HTTPEngine

/// Status pages and the dashboard: what they show, and to whom beside the operator of this machine.
///
///     configuration.status = StatusOptions(visibleFrom: [NetworkRange("10.1.0.0/16")!])
public struct StatusOptions: Sendable {
    /// Clients that may see them beside those on this machine: see `StatusAccess`.
    public var visibleFrom: [NetworkRange]

    /// From when on a request is listed as slow, to the first byte of its answer; `nil`: none is.
    public var slowRequestThreshold: Duration?

    /// What the program is, as its pages say it, such as `shop 1.4.2`.
    public var version: String

    /// Metrics of your own, which `/metrics` shows beside the server's.
    public var metrics: MetricsRegistry

    /// What they show.
    public init(
        visibleFrom: [NetworkRange] = [], slowRequestThreshold: Duration? = .milliseconds(500),
        version: String = "Sluice", metrics: MetricsRegistry = MetricsRegistry()
    ) {
        self.metrics = metrics
        self.visibleFrom = visibleFrom
        self.slowRequestThreshold = slowRequestThreshold
        self.version = version
    }

    /// The list of slow requests, if there is to be one.
    func makeSlowRequests() -> SlowRequests? {
        slowRequestThreshold.map { threshold in
            SlowRequests(threshold: UInt64(max(0, threshold / .nanoseconds(1))))
        }
    }

    /// Who gets through.
    func access(of router: Router, readsProxyProtocol: Bool) -> StatusAccess {
        var access = StatusAccess(from: visibleFrom, readsProxyProtocol: readsProxyProtocol)
        access.ownMethods = router.routes.compactMap(\.method)
        return access
    }
}

/// Adds `/_status` and what is below, and `/_dashboard`, behind a door.
///
/// On the reactor pages are made on a thread of their own, so that none of them keeps the loop
/// waiting, however many routes and connections there are; in the thread pool, in place.
///
/// - Returns: The pages, which must be told of routes that are added later (`StatusPages.note`).
@discardableResult
func addStatusRoutes(
    to router: inout Router, inside: ServerInside, slow: SlowRequests?, version: String,
    access: StatusAccess, drainTimeout: Duration
) -> StatusPages {
    let pages = StatusPages(inside: inside, slow: slow, version: version)
    let dashboard = Dashboard(pages, drainTimeout: drainTimeout)
    router.group("/") { group in
        group.use(access)
        // A redirect from a path that is nearly right would tell that there is something.
        group.redirectsUncleanPaths = false
        for page in StatusPages.all { group.add(page, of: pages) }
        group.get(Dashboard.path) { _, response in try response.sendDashboard() }
        group.get(
            Dashboard.eventsPath, limits: .maxConcurrent(Dashboard.maxStreamCount)
        ) { _, response in
            var events = try await response.events()
            try await dashboard.feed(&events)
        }
    }
    pages.note(router.routeDescriptions)
    return pages
}

extension Router {
    fileprivate mutating func add(_ page: StatusPages.Page, of pages: StatusPages) {
        let path = page.takesRest ? page.path + "/{rest...}" : page.path
        if page.isQuick || pages.inside.engineName != "reactor" {
            get(path) { request, response in
                try response.send(page.show(pages, StatusPages.Question(request)))
            }
        } else {
            get(path) { request, response in
                let question = try StatusPages.Question(request)
                try response.send(try await pages.pool.run { try page.show(pages, question) })
            }
        }
    }
}
