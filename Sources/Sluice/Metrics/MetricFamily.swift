internal import Synchronization

/// The series of one metric, told apart by the values of its labels. `MetricsRegistry.counters` and
/// its like make one.
///
///     let mails = try registry.counters("mails", help: "Mails sent.", labels: ["kind"])
///     mails["welcome"].increment()
///
/// A look-up takes a lock and hashes the values: who counts often keeps the series that it gets.
///
/// Its memory is bounded: beyond `maxSeriesCount` series, new values share one whose labels all say
/// `other`, and a value beyond `maxValueByteCount` is cut off. So what a client can make up at will
/// costs no more than that; still, it does not belong into a label.
public final class MetricFamily<Series: Sendable>: Sendable {
    /// Bytes of a label's value: it is sent with each sample.
    public static var maxValueByteCount: Int { 256 }

    private struct State {
        var index: [[String]: Int] = [:]
        /// In the order of their first use.
        var series: [(labels: MetricLabels, series: Series)] = []
    }

    /// The most series that there can be, the shared one not counted.
    public let maxSeriesCount: Int
    private let labels: [String]
    private let make: @Sendable () -> Series
    private let state = Mutex(State())

    init(labels: [String], maxSeriesCount: Int, _ make: @escaping @Sendable () -> Series) {
        self.labels = labels
        self.maxSeriesCount = maxSeriesCount
        self.make = make
    }

    /// The series with these values of the labels, in the order of their names; made at its first
    /// use.
    ///
    /// - Precondition: As many as there are labels.
    public subscript(values: String...) -> Series { series(values) }

    func series(_ values: [String]) -> Series {
        precondition(
            values.count == labels.count,
            "a value for each of the labels \(labels.joined(separator: ", "))")
        let values = values.map(Self.shortened)
        return state.withLock { state in
            if let index = state.index[values] { return state.series[index].series }
            if state.index.count >= maxSeriesCount {
                return add(labels.map { _ in "other" }, to: &state)
            }
            return add(values, to: &state)
        }
    }

    private func add(_ values: [String], to state: inout State) -> Series {
        if let index = state.index[values] { return state.series[index].series }
        let series = make()
        state.index[values] = state.series.count
        state.series.append((MetricLabels(zip(labels, values)), series))
        return series
    }

    /// All series, in the order of their first use.
    var all: [(labels: MetricLabels, series: Series)] {
        state.withLock { $0.series }
    }

    private static func shortened(_ value: String) -> String {
        guard value.utf8.count > maxValueByteCount else { return value }
        // A character that is cut in half is left out.
        var end = value.utf8.index(value.utf8.startIndex, offsetBy: maxValueByteCount)
        while end.samePosition(in: value.unicodeScalars) == nil {
            end = value.utf8.index(before: end)
        }
        return String(value[..<end])
    }
}
