internal import HTTPEngine
internal import Syscalls

/// Adds `GET /metrics` and `GET /_metrics`: synchronous routes, which make their bodies in slices, so
/// they hold neither loop nor worker for long.
///
/// - Parameters:
///   - registry: Metrics of the program's own.
///   - version: What `sluice_build_info` says.
///   - accessLog: Lines written and dropped; `nil`: there is no access log.
func addMetricsRoutes(
    to router: inout Router, inside: ServerInside, registry: MetricsRegistry, version: String,
    accessLog: @escaping @Sendable () -> MetricsScrape.AccessLogCounts? = { nil }
) {
    let source = MetricsSource(
        inside, registry: registry, version: version, accessLog: accessLog)
    addMetricsRoutes(to: &router, source, start: inside.statistics.start)
}

/// The same with numbers from anywhere.
func addMetricsRoutes(to router: inout Router, _ source: MetricsSource, start: Instant) {
    let core = CoreMetrics(start: start)
    router.get("/metrics") { request, response in
        // They are of this moment, and what they look like is up to `Accept`.
        try response.setField("Cache-Control", "no-store")
        response.addVary(["Accept"])
        switch request.query["type"] {
        case "core": response.send(core.text(source.scrape(), at: MonotonicClock.now()))
        case "json": try response.stream(.json, source)
        default: try response.stream(request.wantsOpenMetrics ? .openMetrics : .text, source)
        }
    }
    router.get("/_metrics") { _, response in
        try response.setField("Cache-Control", "no-store")
        try response.setField("Content-Type", MetricsFormat.json.contentType)
        response.message.stream(MetricsTable.body(of: source))
    }
}

extension Response {
    fileprivate mutating func stream(
        _ format: MetricsFormat, _ source: MetricsSource
    ) throws(InvalidField) {
        try setField("Content-Type", format.contentType)
        message.stream(MetricsPage.body(format, of: source))
    }
}

extension Request {
    /// Prometheus asks for what it likes best by weights; who asks for nothing gets plain text. From
    /// version 3 on it names how names may be escaped, too, which changes nothing for ours.
    fileprivate var wantsOpenMetrics: Bool {
        let openMetrics = "application/openmetrics-text; version=1.0.0"
        let text = "text/plain; version=0.0.4"
        let schemes = ["", "; escaping=allow-utf-8", "; escaping=underscores"]
        let types = [text] + schemes.map { openMetrics + $0 } + schemes.map { text + $0 }
        return preferredType(of: types)?.hasPrefix(openMetrics) ?? false
    }
}
