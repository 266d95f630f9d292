internal import Containers
internal import Glibc
internal import Presentation

/// The charts of the page.
enum HTMLCharts {
    /// How often each latency occurred, on a logarithmic axis.
    static func distribution(_ histogram: Histogram) -> String {
        let strip = LatencyStrip(histogram, columnCount: 88)
        let largest = Double(strip.columns.max() ?? 0)
        let scale = PlotScale.linear(for: largest / Double(max(1, histogram.count)) * 100)
        var plot = SVGPlot()
        plot.drawVerticalAxis(scale) { percentLabel($0) }
        let axis = PlotScale.logarithmic(minimum: strip.lowest, maximum: strip.highest)
        plot.drawHorizontalAxis(
            axis.ticks.map { (strip.position(of: $0), durationLabel($0)) },
            title: "latency (logarithmic)")
        let count = Double(strip.columns.count)
        for (index, column) in strip.columns.enumerated() {
            let (start, end) = (Double(index) / count, Double(index + 1) / count)
            let share = Double(column) / Double(max(1, histogram.count)) * 100
            plot.drawBar(
                from: start, to: end, height: scale.position(of: share), kind: "response")
            let range =
                Format.duration(microseconds: strip.value(at: start)) + " – "
                + Format.duration(microseconds: strip.value(at: end))
            plot.drawTip(
                from: start, to: end, "\(range): \(Format.grouped(column)) (\(percentLabel(share)))"
            )
        }
        var row = 0
        for (label, percentile) in [("p50", 50.0), ("p95", 95), ("p99", 99), ("p99.9", 99.9)]
        where !histogram.hasTooFewValues(forPercentile: percentile) {
            let value = histogram.value(atPercentile: percentile)
            plot.drawMarker(
                at: strip.position(of: Double(value)),
                label: "\(label) \(Format.duration(microseconds: value))", row: row)
            row += 1
        }
        return plot.element(description: "Histogram of latencies")
    }

    /// Latency by percentile: the axis stretches towards 100 %, since that is where the tail is.
    static func percentiles(_ histograms: [(histogram: Histogram, kind: String)]) -> String {
        let largest = histograms.map { Double($0.histogram.maximum) }.max() ?? 0
        let smallest = histograms.map { Double($0.histogram.minimum) }.min() ?? 0
        let nines = max(1, log10(Double(histograms.map(\.histogram.count).max() ?? 1)))
        let scale = PlotScale.latency(smallest: smallest, largest: largest)
        func place(_ percentile: Double) -> Double {
            min(1, -log10(max(1e-12, 1 - percentile / 100)) / nines)
        }
        var plot = SVGPlot()
        plot.drawVerticalAxis(scale) { durationLabel($0) }
        let labels: [(Double, String)] = [
            (0, "0%"), (50, "50%"), (90, "90%"), (99, "99%"), (99.9, "99.9%"),
            (99.99, "99.99%"), (99.999, "99.999%"), (99.999_9, "99.9999%"),
        ]
        plot.drawHorizontalAxis(
            labels.map { (share: place($0.0), text: $0.1) }.filter { $0.share < 0.99 },
            title: "percentile")
        for (histogram, kind) in histograms {
            let steps = PercentileText.steps(of: histogram)
            plot.drawLine(
                steps.map { (place($0.percentile), scale.position(of: Double($0.value))) },
                kind: kind + (steps.count > 40 ? "" : " bare"))
            var previous = 0.0
            for step in steps where place(step.percentile) > previous {
                plot.drawTip(
                    from: previous, to: place(step.percentile),
                    "\(Format.fixed(step.percentile, 3))%: "
                        + Format.duration(microseconds: step.value))
                previous = place(step.percentile)
            }
        }
        return plot.element(description: "Latency by percentile")
    }

    /// The series of latency over time, in the order they are drawn.
    static let latencySeries: [(name: String, kind: String)] = [
        ("max", "maximum"), ("p99", "p99"), ("p90", "p90"), ("p50", "p50"),
    ]

    /// Percentiles of each interval.
    static func latencyOverTime(_ series: IntervalSeries) -> String {
        let rows = series.rows.prefix(drawnRowCount(series)).enumerated().filter {
            !$0.element.responseTime.isEmpty
        }
        let figures: [[Double]] = rows.map { _, row in
            let latency = row.responseTime
            return [
                Double(latency.maximum), Double(latency.value(atPercentile: 99)),
                Double(latency.value(atPercentile: 90)), Double(latency.value(atPercentile: 50)),
            ]
        }
        let all = figures.joined()
        let scale = PlotScale.latency(smallest: all.min() ?? 0, largest: all.max() ?? 0)
        var plot = SVGPlot()
        plot.drawVerticalAxis(scale) { durationLabel($0) }
        plot.drawHorizontalAxis(timeLabels(series), title: "time")
        for (line, kind) in latencySeries.map(\.kind).enumerated() {
            plot.drawLine(
                zip(rows, figures).map { row, values in
                    (middle(of: row.offset, series), scale.position(of: values[line]))
                }, kind: kind)
        }
        for (row, values) in zip(rows, figures) {
            let (start, end) = edges(of: row.offset, series)
            let texts = zip(latencySeries, values).map {
                "\($0.name) \(Format.duration(microseconds: $1))"
            }
            plot.drawTip(
                from: start, to: end,
                time(of: row.offset, series) + "  " + texts.joined(separator: "  "))
        }
        return plot.element(description: "Latency over time")
    }

    /// Valid answers and errors of each interval, as rates.
    static func throughput(_ series: IntervalSeries) -> String {
        let drawn = 0..<drawnRowCount(series)
        let rates = drawn.map { index in
            Double(series.rows[index].validCount) / (Double(series.length(ofRow: index)) / 1e9)
        }
        let errors = drawn.map { index in
            Double(series.rows[index].errorCount) / (Double(series.length(ofRow: index)) / 1e9)
        }
        let scale = PlotScale.linear(for: max(rates.max() ?? 0, errors.max() ?? 0))
        var plot = SVGPlot()
        plot.drawVerticalAxis(scale) { rateLabel($0) }
        plot.drawHorizontalAxis(timeLabels(series), title: "time")
        let points = rates.enumerated().map {
            (x: middle(of: $0.offset, series), y: scale.position(of: $0.element))
        }
        plot.drawArea(points, kind: "response")
        plot.drawLine(points, kind: "response")
        for (index, rate) in errors.enumerated() {
            let (start, end) = edges(of: index, series)
            // A third of the interval, but a bar and not a block when there are few.
            let inset = max((end - start) / 3, (end - start - 0.03) / 2)
            plot.drawBar(
                from: start + inset, to: end - inset, height: scale.position(of: rate),
                kind: "error")
            plot.drawTip(
                from: start, to: end,
                time(of: index, series) + "  \(Format.rate(rates[index])) valid/s  "
                    + "\(Format.grouped(series.rows[index].errorCount)) errors")
        }
        return plot.element(description: "Throughput and errors over time")
    }

    /// The rows that are drawn: a last one that is much shorter than the others rests on too
    /// little and would bend every line.
    private static func drawnRowCount(_ series: IntervalSeries) -> Int {
        let count = series.rows.count
        guard count > 2 else { return count }
        return series.length(ofRow: count - 1) * 4 < series.intervalLength ? count - 1 : count
    }

    // MARK: - Labels

    private static func edges(of row: Int, _ series: IntervalSeries) -> (Double, Double) {
        let total = Double(max(1, series.elapsed))
        let start = Double(UInt64(row) * series.intervalLength)
        return (start / total, min(1, (start + Double(series.length(ofRow: row))) / total))
    }

    private static func middle(of row: Int, _ series: IntervalSeries) -> Double {
        let (start, end) = edges(of: row, series)
        return (start + end) / 2
    }

    private static func time(of row: Int, _ series: IntervalSeries) -> String {
        Format.span(nanoseconds: UInt64(row) * series.intervalLength)
    }

    private static func timeLabels(
        _ series: IntervalSeries
    ) -> [(share: Double, text: String)] {
        let seconds = Double(series.elapsed) / 1e9
        guard seconds > 0 else { return [] }
        let steps: [Double] = [
            0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200,
            21_600, 43_200, 86_400,
        ]
        let step = steps.first { seconds / $0 <= 10 } ?? seconds / 5
        return stride(from: 0, through: seconds * 1.000_1, by: step).map { time in
            let text =
                step >= 3_600
                ? "\(Format.fixed(time / 3_600, 0)) h"
                : step >= 60
                    ? "\(Format.fixed(time / 60, 0)) m"
                    : "\(Format.fixed(time, step < 1 ? 1 : 0)) s"
            return (min(1, time / seconds), text)
        }
    }

    /// A duration without needless zeros: 1ms, 250µs, 2.5s.
    static func durationLabel(_ microseconds: Double) -> String {
        let (value, unit) =
            microseconds < 1_000
            ? (microseconds, "µs")
            : microseconds < 1e6 ? (microseconds / 1e3, "ms") : (microseconds / 1e6, "s")
        return short(value) + unit
    }

    /// A rate without needless zeros: 500, 7.5k, 2M.
    private static func rateLabel(_ rate: Double) -> String {
        switch rate {
        case ..<1_000: short(rate)
        case ..<1e6: short(rate / 1e3) + "k"
        default: short(rate / 1e6) + "M"
        }
    }

    private static func percentLabel(_ percent: Double) -> String {
        percent > 0 && percent < 0.01 ? "<0.01%" : short(percent) + "%"
    }

    private static func short(_ value: Double) -> String {
        for places in 0...2 {
            let text = Format.fixed(value, places)
            if let read = Double(text), abs(read - value) <= abs(value) * 1e-6 { return text }
        }
        return Format.fixed(value, 2)
    }
}
