internal import Synchronization

/// A number of events that have happened: it only rises. `MetricsRegistry.counter` makes one.
///
/// Any thread; adding is one atomic addition.
public final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    init() {}

    /// What it is.
    public var value: UInt64 { count.load(ordering: .relaxed) }

    /// Counts so many events more. Beyond 2⁶⁴ it begins anew, as after a restart.
    public func increment(by amount: UInt64 = 1) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }
}

extension Counter: MetricSeries {
    func write(_ header: MetricHeader, _ labels: MetricLabels, to writer: inout SampleWriter) {
        writer.sample(header, "_total", labels, .count(value))
    }
}
