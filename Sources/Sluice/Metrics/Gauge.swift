internal import Synchronization

/// A number that rises and falls. `MetricsRegistry.gauge` makes one.
///
/// Any thread.
public final class Gauge: Sendable {
    /// The number, as bits.
    private let bits = Atomic<UInt64>(0)

    init() {}

    /// What it is. Setting is one atomic store.
    public var value: Double {
        get { Double(bitPattern: bits.load(ordering: .relaxed)) }
        set { bits.store(newValue.bitPattern, ordering: .relaxed) }
    }

    /// Adds to it.
    public func add(_ amount: Double) {
        bits.add(amount)
    }
}

extension Gauge: MetricSeries {
    func write(_ header: MetricHeader, _ labels: MetricLabels, to writer: inout SampleWriter) {
        writer.sample(header, "", labels, .number(value))
    }
}

/// A gauge whose number is worked out when somebody asks.
final class ComputedGauge: MetricSeries {
    private let compute: @Sendable () -> Double

    init(_ compute: @escaping @Sendable () -> Double) {
        self.compute = compute
    }

    func write(_ header: MetricHeader, _ labels: MetricLabels, to writer: inout SampleWriter) {
        writer.sample(header, "", labels, .number(compute()))
    }
}

extension Atomic where Value == UInt64 {
    /// Adds to a floating-point number that is kept as bits; tries again when another thread comes
    /// between.
    borrowing func add(_ amount: Double) {
        var bits = load(ordering: .relaxed)
        while true {
            let sum = Double(bitPattern: bits) + amount
            let (exchanged, original) = weakCompareExchange(
                expected: bits, desired: sum.bitPattern, ordering: .relaxed)
            if exchanged { return }
            bits = original
        }
    }
}
