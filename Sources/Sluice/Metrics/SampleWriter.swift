internal import Containers
internal import Presentation

/// How metrics are written.
enum MetricsFormat: Sendable {
    /// Prometheus's text format, version 0.0.4.
    case text
    /// OpenMetrics 1.0.
    case openMetrics
    /// An array of samples, as StarRocks has it.
    case json

    var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        case .json: "application/json"
        }
    }
}

/// A number of a sample: whole ones are written whole, however large.
enum SampleValue: Sendable {
    case count(UInt64)
    case number(Double)

    /// Nanoseconds as seconds.
    static func seconds(nanoseconds: UInt64) -> SampleValue {
        .number(Double(nanoseconds) / 1e9)
    }

    /// As Go writes it, which all of the formats want: `1.0`, `5e-05`, `+Inf`, `NaN`.
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return value.isFinite ? "\(value)" : value > 0 ? "+Inf" : "-Inf"
    }
}

/// Writes families and their samples, in whatever format.
///
/// Names and labels are right by construction; help texts are escaped here, labels in
/// `MetricLabels`.
struct SampleWriter: ~Copyable {
    private let format: MetricsFormat
    private var output: ByteBuffer
    /// Of JSON: no sample has been written on this page.
    private var isFirstSample: Bool

    private init(_ format: MetricsFormat, output: consuming ByteBuffer, isFirstSample: Bool) {
        self.format = format
        self.output = output
        self.isFirstSample = isFirstSample
    }

    /// Lets `body` write behind what is there.
    static func append(
        _ format: MetricsFormat, to output: inout ByteBuffer, isFirstSample: Bool = false,
        _ body: (inout SampleWriter) -> Void
    ) {
        var taken = ByteBuffer()
        swap(&taken, &output)
        var writer = SampleWriter(format, output: taken, isFirstSample: isFirstSample)
        body(&writer)
        output = writer.finish()
    }

    private consuming func finish() -> ByteBuffer { output }

    /// What comes before all families, and behind them.
    mutating func beginPage() {
        if format == .json { output.append("[") }
    }

    mutating func endPage() {
        switch format {
        case .text: break
        case .openMetrics: output.append("# EOF\n")
        case .json: output.append("\n]\n")
        }
    }

    /// Begins a family: all of its samples follow before the next one begins.
    mutating func begin(_ header: MetricHeader) {
        let (name, type): (String, String)
        switch format {
        case .text:
            // Here a family is called as its samples are, and there is no type for information.
            name = header.kind == .histogram ? header.name : header.sampleName
            type = header.kind == .info ? "gauge" : header.kind.rawValue
        case .openMetrics:
            name = header.name
            type = header.kind.rawValue
        case .json: return
        }
        output.append("# HELP \(name) \(escapedHelp(header.help))\n")
        output.append("# TYPE \(name) \(type)\n")
        if format == .openMetrics, let unit = header.openMetricsUnit {
            output.append("# UNIT \(name) \(unit)\n")
        }
    }

    /// Writes one sample.
    ///
    /// - Parameters:
    ///   - suffix: What its name ends with beside the family's.
    ///   - extra: Labels behind those of the series.
    mutating func sample(
        _ header: MetricHeader, _ suffix: String, _ labels: MetricLabels,
        _ value: SampleValue, and extra: MetricLabels = .none
    ) {
        if format == .json {
            writeJSON(header, suffix, labels, extra, value)
            return
        }
        output.append(header.name)
        output.append(suffix)
        if !labels.text.isEmpty || !extra.text.isEmpty {
            output.append("{")
            output.append(labels.text)
            if !labels.text.isEmpty, !extra.text.isEmpty { output.append(",") }
            output.append(extra.text)
            output.append("}")
        }
        output.append(" ")
        append(value)
        output.append("\n")
    }

    /// Writes the samples of a histogram. The count is the sum of the buckets, so that the two never
    /// contradict each other.
    ///
    /// - Parameters:
    ///   - bounds: `MetricLabels.bounds`.
    ///   - counts: Not cumulative, as many.
    mutating func histogram(
        _ header: MetricHeader, _ labels: MetricLabels, bounds: [MetricLabels], counts: [UInt64],
        sum: Double
    ) {
        precondition(bounds.count == counts.count)
        var total: UInt64 = 0
        for (bound, count) in zip(bounds, counts) {
            total &+= count
            sample(header, "_bucket", labels, .count(total), and: bound)
        }
        sample(header, "_sum", labels, .number(sum))
        sample(header, "_count", labels, .count(total))
    }

    /// `{"tags":{"metric":"requests_total","method":"GET"},"unit":"requests","value":1}`: the names
    /// of the server's own metrics without what they all begin with.
    private mutating func writeJSON(
        _ header: MetricHeader, _ suffix: String, _ labels: MetricLabels, _ extra: MetricLabels,
        _ value: SampleValue
    ) {
        output.append(isFirstSample ? "\n" : ",\n")
        isFirstSample = false
        let prefix = MetricHeader.ownPrefix
        output.append("{\"tags\":{\"metric\":\"")
        let isOwn = header.name.hasPrefix(prefix)
        output.append(isOwn ? String(header.name.dropFirst(prefix.count)) : header.name)
        output.append(suffix)
        output.append("\"")
        output.append(labels.json)
        output.append(extra.json)
        output.append("},\"unit\":\"")
        output.append(header.unit)
        output.append("\",\"value\":")
        append(value)
        output.append("}")
    }

    private mutating func append(_ value: SampleValue) {
        switch value {
        case .count(let count):
            if let count = Int(exactly: count) {
                output.append(decimal: count)
            } else {
                output.append(String(count))
            }
        case .number(let number):
            // JSON has no word for what is no number.
            output.append(
                format == .json && !number.isFinite ? "null" : SampleValue.text(number))
        }
    }

    /// OpenMetrics escapes quotation marks here, too.
    private func escapedHelp(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where format == .openMetrics: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// Text as JSON has it.
enum JSONText {
    static func quoted(_ text: String) -> String {
        JSONValue.string(text).compactText
    }
}
