internal import Synchronization

/// Metrics of a program's own, which `/metrics` shows beside the server's.
///
///     let registry = MetricsRegistry()
///     let jobs = try registry.counter("jobs", help: "Jobs that are done.")
///     let sizes = try registry.histogram(
///         "upload_size_bytes", help: "Sizes of uploads.", bounds: [1_000, 1_000_000])
///     jobs.increment()
///     sizes.observe(4_711)
///
/// Names are those of families: a counter `jobs` has the sample `jobs_total`, and may be registered
/// under either name. A unit is the end of a name, in its base unit: `_seconds`, `_bytes`. Any thread.
///
/// Limit: `maxFamilyCount` families.
public final class MetricsRegistry: Sendable {
    /// How many families there may be. They are made by the program, so this finds one that makes
    /// them in a loop.
    public static let maxFamilyCount = 1_000

    /// How many series a family has unless it says otherwise.
    public static let defaultMaxSeriesCount = 1_000

    /// A family, whatever its series are.
    struct Family: Sendable {
        let header: MetricHeader
        let series: @Sendable () -> [(labels: MetricLabels, series: any MetricSeries)]
    }

    private struct State {
        var families: [Family] = []
        /// Names of all samples and families.
        var names: Set<String> = []
    }

    private let state = Mutex(State())

    /// A registry with nothing in it.
    public init() {}

    /// A number of events.
    ///
    /// - Throws: `InvalidMetric` for a name that cannot be or that there is already.
    public func counter(_ name: String, help: String) throws(InvalidMetric) -> Counter {
        try counters(name, help: help, labels: [], maxSeriesCount: 1).series([])
    }

    /// Numbers of events, told apart by labels.
    ///
    /// - Parameter maxSeriesCount: Beyond, new values share one series (`MetricFamily`).
    /// - Throws: `InvalidMetric` for a name that cannot be or that there is already.
    public func counters(
        _ name: String, help: String, labels: [String],
        maxSeriesCount: Int = MetricsRegistry.defaultMaxSeriesCount
    ) throws(InvalidMetric) -> MetricFamily<Counter> {
        let name = name.hasSuffix("_total") ? String(name.dropLast(6)) : name
        return try family(name, .counter, help, labels, maxSeriesCount) { Counter() }
    }

    /// A number that rises and falls.
    ///
    /// - Throws: `InvalidMetric` for a name that cannot be or that there is already.
    public func gauge(_ name: String, help: String) throws(InvalidMetric) -> Gauge {
        try gauges(name, help: help, labels: [], maxSeriesCount: 1).series([])
    }

    /// A number that is worked out when it is asked for, on the thread that serves: quickly, and
    /// without waiting.
    ///
    /// - Throws: `InvalidMetric` for a name that cannot be or that there is already.
    public func gauge(
        _ name: String, help: String, _ compute: @escaping @Sendable () -> Double
    ) throws(InvalidMetric) {
        let gauge = ComputedGauge(compute)
        _ = try family(name, .gauge, help, [], 1) { gauge }.series([])
    }

    /// Numbers that rise and fall, told apart by labels.
    ///
    /// - Parameter maxSeriesCount: Beyond, new values share one series (`MetricFamily`).
    /// - Throws: `InvalidMetric` for a name that cannot be or that there is already.
    public func gauges(
        _ name: String, help: String, labels: [String],
        maxSeriesCount: Int = MetricsRegistry.defaultMaxSeriesCount
    ) throws(InvalidMetric) -> MetricFamily<Gauge> {
        try family(name, .gauge, help, labels, maxSeriesCount) { Gauge() }
    }

    /// How values are distributed.
    ///
    /// - Parameter bounds: Rising; values are counted by the first bound that they are not above.
    /// - Throws: `InvalidMetric` for a name that cannot be or that there is already, and for bounds
    ///   that cannot be.
    public func histogram(
        _ name: String, help: String, bounds: [Double] = Histogram.secondsBounds
    ) throws(InvalidMetric) -> Histogram {
        try histograms(name, help: help, labels: [], bounds: bounds, maxSeriesCount: 1).series([])
    }

    /// How values are distributed, told apart by labels.
    ///
    /// - Parameters:
    ///   - bounds: Rising; values are counted by the first bound that they are not above.
    ///   - maxSeriesCount: Beyond, new values share one series (`MetricFamily`).
    /// - Throws: `InvalidMetric` for a name that cannot be or that there is already, and for bounds
    ///   that cannot be.
    public func histograms(
        _ name: String, help: String, labels: [String],
        bounds: [Double] = Histogram.secondsBounds,
        maxSeriesCount: Int = MetricsRegistry.defaultMaxSeriesCount
    ) throws(InvalidMetric) -> MetricFamily<Histogram> {
        if let fault = Histogram.Layout.fault(of: bounds) { throw InvalidMetric(name, fault) }
        let layout = Histogram.Layout(bounds)
        return try family(name, .histogram, help, labels, maxSeriesCount) { Histogram(layout) }
    }

    /// All families, in the order of registration.
    var families: [Family] { state.withLock { $0.families } }

    private func family<Series: MetricSeries>(
        _ name: String, _ kind: MetricHeader.Kind, _ help: String, _ labels: [String],
        _ maxSeriesCount: Int, _ make: @escaping @Sendable () -> Series
    ) throws(InvalidMetric) -> MetricFamily<Series> {
        if let fault = MetricHeader.fault(ofName: name) { throw InvalidMetric(name, fault) }
        for label in labels {
            if let fault = MetricHeader.fault(ofLabel: label) { throw InvalidMetric(name, fault) }
        }
        guard Set(labels).count == labels.count else {
            throw InvalidMetric(name, "two labels have the same name")
        }
        guard maxSeriesCount >= 1 else {
            throw InvalidMetric(
                name, "at most \(maxSeriesCount) series; there must be room for one")
        }
        let header = MetricHeader(name, kind, help)
        let family = MetricFamily(labels: labels, maxSeriesCount: maxSeriesCount, make)
        try register(Family(header: header) { family.all.map { ($0.labels, $0.series) } })
        return family
    }

    /// Takes a family in, unless one of its names is taken: two families in one block would be read
    /// as one.
    private func register(_ family: Family) throws(InvalidMetric) {
        let header = family.header
        let names = Set([header.name] + header.kind.suffixes.map { header.name + $0 })
        let problem = state.withLock { state -> String? in
            if let taken = names.first(where: state.names.contains) {
                return "there is '\(taken)' already"
            }
            guard state.families.count < Self.maxFamilyCount else {
                return "there are \(Self.maxFamilyCount) metrics already"
            }
            state.names.formUnion(names)
            state.families.append(family)
            return nil
        }
        if let problem { throw InvalidMetric(header.name, problem) }
    }
}
