/// Numbers with one set of labels, as they are written.
protocol MetricSeries: Sendable {
    /// Writes all of its samples.
    func write(_ header: MetricHeader, _ labels: MetricLabels, to writer: inout SampleWriter)
}

/// The labels of a series, encoded once for all formats.
struct MetricLabels: Sendable {
    /// `method="GET",route="/"`, escaped.
    let text: String
    /// `,"method":"GET","route":"/"`, escaped.
    let json: String

    /// No labels.
    static let none = MetricLabels([:])

    init(_ labels: KeyValuePairs<String, String>) {
        self.init(labels.map { ($0.key, $0.value) })
    }

    init(_ labels: some Sequence<(String, String)>) {
        var (text, json) = ("", "")
        for (name, value) in labels {
            if !text.isEmpty { text += "," }
            text += "\(name)=\"\(Self.escaped(value))\""
            json += ",\(JSONText.quoted(name)):\(JSONText.quoted(value))"
        }
        self.text = text
        self.json = json
    }

    /// The label `le` for each bound of a histogram's buckets, and for the bucket above them.
    static func bounds(_ bounds: [Double]) -> [MetricLabels] {
        (bounds + [.infinity]).map { MetricLabels(["le": SampleValue.text($0)]) }
    }

    /// A label's value between quotation marks: backslash, quotation mark and line feed are escaped
    /// (Prometheus text format 0.0.4).
    static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else {
            return value
        }
        var text = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
