/// What a family of metrics is called and what it is: its lines `HELP`, `TYPE` and `UNIT`.
struct MetricHeader: Sendable {
    /// What kind of numbers its series are.
    enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
        /// Always 1; what it says is in its labels.
        case info

        /// What the names of its samples end with, beside the family's.
        var suffixes: [String] {
            switch self {
            case .counter: ["_total"]
            case .gauge: [""]
            case .histogram: ["_bucket", "_sum", "_count"]
            case .info: ["_info"]
            }
        }
    }

    /// Without the suffix of its samples: `jobs` for `jobs_total`.
    let name: String
    let kind: Kind
    /// A sentence for people.
    let help: String
    /// What is counted, for JSON: `seconds`, `bytes`, `requests`; `nounit` without.
    let unit: String

    init(_ name: String, _ kind: Kind, _ help: String, unit: String? = nil) {
        self.name = name
        self.kind = kind
        self.help = help
        self.unit = unit ?? Self.unit(of: name) ?? "nounit"
    }

    /// The unit that OpenMetrics is told: one that the name ends with (OpenMetrics 1.0, Unit).
    var openMetricsUnit: String? {
        kind == .info ? nil : Self.unit(of: name)
    }

    /// The name of a sample without labels: that of all, but for histograms.
    var sampleName: String { name + (kind.suffixes.first ?? "") }

    private static func unit(of name: String) -> String? {
        ["seconds", "bytes", "ratio", "celsius", "meters", "volts", "amperes", "joules", "grams"]
            .first { name.hasSuffix("_" + $0) }
    }
}

extension MetricHeader {
    /// What the names of the server's own metrics begin with.
    static let ownPrefix = "sluice_"

    /// Bytes that a name of a metric or of a label may have: it is sent with each sample.
    static let maxNameByteCount = 200

    /// Why a family cannot be called so, as a clause; `nil`: it can.
    static func fault(ofName name: String) -> String? {
        guard isIdentifier(name, allowsColon: true) else {
            return "a name is letters, digits, '_' and ':', does not begin with a digit, and has "
                + "at most \(maxNameByteCount) bytes"
        }
        for prefix in [ownPrefix, "process_"] where name.hasPrefix(prefix) {
            return "names that begin with '\(prefix)' are the server's"
        }
        for suffix in ["_bucket", "_sum", "_count", "_info", "_created", "_total"]
        where name.hasSuffix(suffix) {
            return "a name does not end with '\(suffix)', which names samples"
        }
        return nil
    }

    /// Why a label cannot be called so, as a clause; `nil`: it can.
    static func fault(ofLabel name: String) -> String? {
        guard isIdentifier(name, allowsColon: false) else {
            return "label \(name.debugDescription): a name is letters, digits and '_', does not "
                + "begin with a digit, and has at most \(maxNameByteCount) bytes"
        }
        if name.hasPrefix("__") {
            return "label '\(name)': names that begin with '__' are Prometheus's own"
        }
        if name == "le" || name == "quantile" {
            return "label '\(name)': the name is that of a histogram's or summary's own label"
        }
        return nil
    }

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*` (Prometheus data model).
    private static func isIdentifier(_ name: String, allowsColon: Bool) -> Bool {
        guard !name.isEmpty, name.utf8.count <= maxNameByteCount else { return false }
        for (index, byte) in name.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "_"):
                continue
            case UInt8(ascii: "0")...UInt8(ascii: "9") where index > 0:
                continue
            case UInt8(ascii: ":") where allowsColon:
                continue
            default:
                return false
            }
        }
        return true
    }
}
