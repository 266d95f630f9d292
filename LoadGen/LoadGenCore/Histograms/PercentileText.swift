package import Containers
internal import Glibc
internal import Presentation

/// The `.hgrm` text of HdrHistogram: value, percentile, count so far, 1/(1 - percentile). Its
/// plotter draws it as it is.
package enum PercentileText {
    /// Steps between two halvings of the distance to 100 %, as HdrHistogram's own tools choose.
    private static let stepsPerHalving = 5.0

    /// The text for `histogram`.
    ///
    /// - Parameter scale: Recorded units in one printed unit: 1,000 prints microseconds as
    ///   milliseconds.
    package static func render(_ histogram: Histogram, scale: Double = 1_000) -> String {
        var text = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
        for step in steps(of: histogram) {
            text += Format.fixed(Double(step.value) / scale, 3).leftPadded(to: 12)
            text += " " + Format.fixed(step.percentile / 100, 12)
            text += " " + String(step.count).leftPadded(to: 10)
            if step.percentile < 100 {
                text += " " + Format.fixed(100 / (100 - step.percentile), 2).leftPadded(to: 14)
            }
            text += "\n"
        }
        func footer(_ value: Double) -> String { Format.fixed(value, 3).leftPadded(to: 12) }
        func footer(_ value: Int) -> String { String(value).leftPadded(to: 12) }
        let layout = histogram.layout
        text += "#[Mean    = \(footer(histogram.mean / scale)), "
        text += "StdDeviation   = \(footer(histogram.standardDeviation / scale))]\n"
        text += "#[Max     = \(footer(Double(histogram.maximum) / scale)), "
        text += "Total count    = \(footer(Int(histogram.count)))]\n"
        text += "#[Buckets = \(footer(layout.bucketCount)), "
        text += "SubBuckets     = \(footer(layout.subBucketCount))]\n"
        return text
    }

    /// One line: `count` values do not exceed `value`, which is at least `percentile` percent.
    struct Step: Equatable {
        var value: Int
        var percentile: Double
        var count: UInt64
    }

    /// The steps to 100 %, finer and finer as the distance to it halves. A value that covers
    /// several steps is listed at each, except the largest.
    static func steps(of histogram: Histogram) -> [Step] {
        guard !histogram.isEmpty else { return [] }
        var steps: [Step] = []
        var level = 0.0
        var seen: UInt64 = 0
        for (index, counter) in histogram.counters.enumerated() where counter > 0 {
            seen += counter
            let value = min(histogram.layout.highestValue(at: index), histogram.maximum)
            while 100 * Double(seen) / Double(histogram.count) >= level {
                steps.append(Step(value: value, percentile: level, count: seen))
                let halvings = log2(100 / (100 - level)).rounded(.down) + 1
                level += 100 / (stepsPerHalving * exp2(halvings))
                if seen == histogram.count { break }
            }
        }
        steps.append(Step(value: histogram.maximum, percentile: 100, count: seen))
        return steps
    }
}
