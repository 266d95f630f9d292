internal import Containers
internal import Glibc

/// A histogram cut into columns of equal width on a logarithmic scale, as charts show it:
/// latencies span decades, and a linear axis would leave nothing but the tail's whitespace.
struct LatencyStrip {
    /// Values counted per column.
    private(set) var columns: [UInt64]
    /// The left edge in microseconds; at least 1.
    let lowest: Double
    /// The right edge in microseconds.
    let highest: Double

    /// `count` columns from the smallest value of `histogram` to its largest.
    init(_ histogram: Histogram, columnCount count: Int) {
        lowest = max(1, Double(histogram.minimum))
        highest = max(lowest * 1.25, Double(histogram.maximum))
        columns = Array(repeating: 0, count: count)
        for (index, counter) in histogram.counters.enumerated() where counter > 0 {
            let value = Double(histogram.layout.middleValue(at: index))
            columns[column(of: value)] += counter
        }
    }

    /// Where `microseconds` is between the edges, 0 to 1.
    func position(of microseconds: Double) -> Double {
        let clamped = min(highest, max(lowest, microseconds))
        return log(clamped / lowest) / log(highest / lowest)
    }

    /// The edge at a position from 0 to 1, in microseconds.
    func value(at position: Double) -> Double { lowest * pow(highest / lowest, position) }

    private func column(of value: Double) -> Int {
        min(columns.count - 1, Int(position(of: value) * Double(columns.count)))
    }
}
