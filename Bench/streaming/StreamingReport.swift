internal import LoadGenCore
internal import Presentation

/// What came of a session, and how it is told. Pure.
struct StreamingReport: Sendable {
    /// One transfer.
    struct Sample: Sendable {
        var time: TransferTime
        var serverNanoseconds: UInt64?
    }

    /// One server's transfers.
    struct Side: Sendable {
        var target: TargetURL
        var samples: [Sample] = []
        var before: ProcessReading?
        var after: ProcessReading?
    }

    /// From this share of a core on, the client may be what limits the rate.
    static let busyClientShare = 0.95

    let order: TransferOrder
    var sides: [Side]

    init(_ order: TransferOrder) {
        self.order = order
        sides = order.sides.map { Side(target: $0.target) }
    }

    /// The report for people.
    var text: String {
        var lines = [heading, ""] + table
        let ratios = [ratioLine("rate", rateRatio), ratioLine("cost", costRatio)]
        let notes = ratios.compactMap { $0 } + sides.compactMap(memory) + sides.compactMap(bound)
        if !notes.isEmpty { lines += [""] + notes }
        return lines.map { $0 + "\n" }.joined()
    }

    // MARK: - Figures

    /// MiB a second of each transfer.
    func rates(_ side: Side) -> [Double] {
        side.samples.map { Double(order.byteCount) / 1_048_576 / seconds($0.time.nanoseconds) }
    }

    /// Processor seconds of the server per GiB; empty when its process was not named.
    func costs(_ side: Side) -> [Double] {
        side.samples.compactMap(\.serverNanoseconds).map {
            seconds($0) / Double(order.byteCount) * 1_073_741_824
        }
    }

    /// The first server's figure by that of the other.
    struct Ratio: Equatable {
        /// Of the medians.
        var median: Double
        /// The least and the most within a round.
        var range: ClosedRange<Double>
    }

    /// Of the rates: above 1 the first server is faster. Nil without another.
    var rateRatio: Ratio? { ratio(rates) }

    /// Of the processor time: below 1 the first server is cheaper. Nil unless both are known.
    var costRatio: Ratio? { ratio(costs) }

    private func ratio(_ values: (Side) -> [Double]) -> Ratio? {
        guard sides.count == 2 else { return nil }
        let pairs = zip(values(sides[0]), values(sides[1])).map { $0 / $1 }
        guard let first = Self.median(values(sides[0])), let other = Self.median(values(sides[1])),
            let least = pairs.min(), let most = pairs.max()
        else { return nil }
        return Ratio(median: first / other, range: least...most)
    }

    /// The middle one, or the mean of the two in the middle; nil of nothing.
    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2)
            ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    private func clientShare(_ side: Side) -> Double {
        Self.median(
            side.samples.map { seconds($0.time.clientNanoseconds) / seconds($0.time.nanoseconds) })
            ?? 0
    }

    /// At least a nanosecond, so that nothing is divided by 0.
    private func seconds(_ nanoseconds: UInt64) -> Double { Double(max(1, nanoseconds)) / 1e9 }

    // MARK: - Lines

    private var heading: String {
        let framing =
            order.isChunked
            ? " in chunks" : order.direction == .upload ? " by Content-Length" : ""
        return
            " \(order.direction.rawValue) of \(Format.bytes(Double(order.byteCount)))\(framing), "
            + "\(order.roundCount) round\(order.roundCount == 1 ? "" : "s")"
    }

    /// Columns as wide as what is in them.
    private var table: [String] {
        let titles = ["", "MiB/s", "range", "server s/GiB", "range", "client"]
        let rows = [titles] + sides.map(cells)
        let widths = titles.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.indices.map { column in
                let blanks = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 ? row[column] + blanks : blanks + row[column]
            }
            return " " + cells.joined(separator: "  ")
        }
    }

    private func cells(_ side: Side) -> [String] {
        let (rates, costs) = (rates(side), costs(side))
        return [
            side.target.description, Self.median(rates).map(Format.rate) ?? "-",
            Self.range(rates, Format.rate),
            Self.median(costs).map { Format.fixed($0, 3) } ?? "-",
            Self.range(costs) { Format.fixed($0, 3) },
            Format.fixed(100 * clientShare(side), 0) + "%",
        ]
    }

    private static func range(_ values: [Double], _ text: (Double) -> String) -> String {
        guard let least = values.min(), let most = values.max() else { return "-" }
        return "\(text(least))–\(text(most))"
    }

    private func ratioLine(_ name: String, _ ratio: Ratio?) -> String? {
        guard let ratio else { return nil }
        let (least, most) = (ratio.range.lowerBound, ratio.range.upperBound)
        return " ratio   \(name) \(Format.fixed(ratio.median, 3)) of \(sides[1].target) "
            + "(\(Format.fixed(least, 2))–\(Format.fixed(most, 2)) within a round)"
    }

    private func memory(_ side: Side) -> String? {
        guard let before = side.before, let after = side.after else { return nil }
        func change(_ before: UInt64, _ after: UInt64) -> String {
            "\(Format.bytes(Double(before))) → \(Format.bytes(Double(after)))"
        }
        return " memory  \(side.target): resident \(change(before.resident, after.resident)), "
            + "peak \(change(before.peak, after.peak))"
    }

    private func bound(_ side: Side) -> String? {
        guard clientShare(side) >= Self.busyClientShare else { return nil }
        return " note    \(side.target): the client's core was full, so the rate is a lower limit"
    }
}
