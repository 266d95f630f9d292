internal import Containers
internal import Synchronization

/// How values are distributed, such as sizes or times: how many were at most each of some bounds.
/// `MetricsRegistry.histogram` makes one.
///
/// Any thread; observing is a search among the bounds and two atomic additions.
public final class Histogram: Sendable {
    /// Bounds for times in seconds: 1 ms to 10 s.
    public static let secondsBounds: [Double] = [
        0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    /// How many bounds there may be: each is a sample for each series.
    public static let maxBoundCount = 64

    private let layout: Layout
    /// By bucket; the last is above all bounds.
    private let counts: CounterArray
    /// The sum, as bits.
    private let sumBits = Atomic<UInt64>(0)

    /// What the series of a family have in common.
    struct Layout: Sendable {
        let bounds: [Double]
        let labels: [MetricLabels]

        init(_ bounds: [Double]) {
            self.bounds = bounds
            labels = MetricLabels.bounds(bounds)
        }

        /// Why there cannot be such bounds, as a clause; `nil`: there can.
        static func fault(of bounds: [Double]) -> String? {
            guard (1...maxBoundCount).contains(bounds.count) else {
                return "\(bounds.count) bounds are not 1 ... \(maxBoundCount)"
            }
            guard bounds.allSatisfy(\.isFinite), zip(bounds, bounds.dropFirst()).allSatisfy(<)
            else { return "the bounds do not rise, or are not finite" }
            return nil
        }
    }

    init(_ layout: Layout) {
        self.layout = layout
        counts = CounterArray(count: layout.bounds.count + 1)
    }

    /// How many values have been observed.
    public var count: UInt64 {
        (0..<counts.count).reduce(0) { $0 &+ counts[$1] }
    }

    /// Their sum.
    public var sum: Double { Double(bitPattern: sumBits.load(ordering: .relaxed)) }

    /// Counts a value. What is no number is passed over.
    public func observe(_ value: Double) {
        guard !value.isNaN else { return }
        var bucket = 0
        let bounds = layout.bounds
        while bucket < bounds.count, bounds[bucket] < value { bucket += 1 }
        counts.addShared(1, at: bucket)
        sumBits.add(value)
    }

    /// Counts a length of time, in seconds.
    public func observe(_ duration: Duration) {
        observe(duration / .seconds(1))
    }
}

extension Histogram: MetricSeries {
    func write(_ header: MetricHeader, _ labels: MetricLabels, to writer: inout SampleWriter) {
        writer.histogram(
            header, labels, bounds: layout.labels,
            counts: (0..<counts.count).map { counts[$0] }, sum: sum)
    }
}
