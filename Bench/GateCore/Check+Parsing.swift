// The grammar of checks. Blanks may stand between any two words, and need not:
//
//     check    = [ scenario ":" ] metric ( "<" | "<=" | ">" | ">=" ) limit
//     limit    = number [ unit ] | [ number "*" ] metric
//     metric   = engine "." name                        ; the last point divides
//     unit     = "us" | "µs" | "ms" | "s" | "%" | "mb"

extension Check {
    /// The checks that `text` asks: one, or one for every scenario when it names none.
    ///
    /// - Parameters:
    ///   - scenarios: Names of the scenarios that are run.
    ///   - engines: Names of the engines that are run.
    ///   - isSelfComparison: Whether an engine may be compared with itself.
    package static func parse(
        _ text: String, scenarios: [String], engines: [String], isSelfComparison: Bool = false
    ) throws(CheckError) -> [Check] {
        var reader = CheckReader(
            text: text, scenarios: scenarios, engines: engines, isSelfComparison: isSelfComparison)
        let asked = try reader.scenarios()
        let (metric, column) = try reader.reference()
        let comparison = try reader.comparison()
        let (limit, limitText) = try reader.limit(for: metric, at: column)
        let expression = "\(metric) \(comparison.rawValue) \(limitText)"
        return asked.map {
            Check(
                scenario: $0, metric: metric, comparison: comparison, limit: limit,
                expression: expression)
        }
    }
}

extension MetricReference {
    /// Whether an engine of this name can be written in a check: a letter, then letters, digits,
    /// `-`, `_` and `.`.
    package static func canName(_ engine: String) -> Bool {
        guard let first = engine.first, first.isASCII, first.isLetter else { return false }
        return engine.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0))
        }
    }
}

/// What a metric measures: only like things compare. The raw value is for errors.
private enum Dimension: String {
    case rate = "a rate"
    case share = "a share"
    case latency = "a latency"
    case processorTime = "processor time"
    case memory = "memory"
    case index = "an index"

    /// What may follow a number, and how many of the metric's own units it then means.
    var units: [(name: String, factor: Double)] {
        switch self {
        case .latency, .processorTime:
            // The micro sign and the Greek letter are both on keyboards.
            [("us", 1), ("\u{B5}s", 1), ("\u{3BC}s", 1), ("ms", 1_000), ("s", 1_000_000)]
        case .share: [("%", 0.01)]
        case .memory: [("mb", 1), ("mib", 1)]
        case .rate, .index: []
        }
    }

    /// The largest number that makes sense.
    var maximum: Double {
        switch self {
        case .share, .index: 1
        case .rate, .latency, .processorTime, .memory: .infinity
        }
    }

    /// What to write behind a comparison.
    var cure: String {
        switch self {
        case .rate: "give requests per second, for example 20000"
        case .share: "give a share, for example 1% or 0.01"
        case .latency: "give a number with a unit: 900us, 200ms or 1s"
        case .processorTime: "give microseconds, for example 25us"
        case .memory: "give mebibytes, for example 64mb"
        case .index: "give a number up to 1, for example 0.9"
        }
    }
}

extension Metric {
    fileprivate var dimension: Dimension {
        switch self {
        case .rps: .rate
        case .errorRate: .share
        case .p50, .p95, .p99, .max, .openP50, .openP95, .openP99, .openMax: .latency
        case .cpuPerRequest, .openCPUPerRequest: .processorTime
        case .memory: .memory
        case .fairness: .index
        }
    }
}

/// Takes the words of a check, one after the other.
private struct CheckReader {
    private let text: String
    private let characters: [Character]
    private let knownScenarios: [String]
    private let engines: [String]
    private let isSelfComparison: Bool
    private var position = 0

    init(text: String, scenarios: [String], engines: [String], isSelfComparison: Bool) {
        self.text = text
        characters = Array(text)
        knownScenarios = scenarios
        self.engines = engines
        self.isSelfComparison = isSelfComparison
    }

    // MARK: Parts

    mutating func scenarios() throws(CheckError) -> [String] {
        guard let colon = characters.firstIndex(of: ":") else { return knownScenarios }
        let (name, column) = word()
        skipBlanks()
        guard position == colon, !name.isEmpty else {
            throw error(column, "a scenario stands before the colon", scenarioCure)
        }
        guard knownScenarios.contains(name) else {
            throw error(column, "the scenario '\(name)' is not run", scenarioCure)
        }
        position += 1
        return [name]
    }

    mutating func reference() throws(CheckError) -> (MetricReference, column: Int) {
        let (name, column) = word()
        return (try reference(name, at: column), column)
    }

    mutating func comparison() throws(CheckError) -> Check.Comparison {
        skipBlanks()
        let start = position
        while let next = peek, "<>=!~".contains(next) { position += 1 }
        let sign = String(characters[start..<position])
        guard let comparison = Check.Comparison(rawValue: sign) else {
            let found = sign.isEmpty ? "a comparison is missing" : "'\(sign)' compares nothing"
            throw error(start + 1, found, "write <, <=, > or >=")
        }
        return comparison
    }

    /// The limit and its normal form, up to the end of the text.
    mutating func limit(
        for metric: MetricReference, at metricColumn: Int
    ) throws(CheckError) -> (Check.Limit, String) {
        let (first, column) = word()
        guard !first.isEmpty else {
            throw error(column, "the limit is missing", metric.metric.dimension.cure)
        }
        skipBlanks()
        if peek == "*" {
            guard let factor = Self.number(first), factor > 0 else {
                throw error(column, "'\(first)' is no factor", "give a number above 0, as 1.8")
            }
            position += 1
            let (other, otherColumn) = try reference()
            try end()
            try compare(metric, other, at: otherColumn)
            return (.multiple(factor, other), "\(first) * \(other)")
        }
        try end()
        if first.first?.isNumber == true || !first.contains(where: { $0.isLetter }) {
            let (value, normal) = try constant(first, for: metric.metric, at: column)
            return (.constant(value), normal)
        }
        let other = try reference(first, at: column)
        try compare(metric, other, at: column)
        return (.multiple(1, other), "\(other)")
    }

    // MARK: Meanings

    private func reference(_ name: String, at column: Int) throws(CheckError) -> MetricReference {
        guard let point = name.lastIndex(of: "."), point > name.startIndex else {
            let found = name.isEmpty ? "a metric is missing" : "'\(name)' names no metric"
            throw error(column, found, "write ENGINE.METRIC, for example reactor.p95")
        }
        let (engine, metric) = (String(name[..<point]), name[name.index(after: point)...])
        guard engines.contains(engine) else {
            let known = engines.reduce(into: [String]()) { list, name in
                if !list.contains(name) { list.append(name) }
            }
            throw error(
                column, "the engine '\(engine)' is not run",
                "it can be \(known.joined(separator: ", ")); --engine adds one")
        }
        guard let metric = Metric(rawValue: String(metric)) else {
            let known = Metric.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(column, "'\(metric)' is no metric", "it can be \(known)")
        }
        return MetricReference(engine, metric)
    }

    private func compare(
        _ metric: MetricReference, _ other: MetricReference, at column: Int
    ) throws(CheckError) {
        guard metric.metric != .errorRate, other.metric != .errorRate else {
            throw error(
                column, "a ratio of error rates means nothing when one is zero",
                "compare it with a limit: \(metric.engine).error_rate <= 1%")
        }
        guard metric.metric.dimension == other.metric.dimension else {
            throw error(
                column,
                "\(metric.metric.rawValue) is \(metric.metric.dimension.rawValue), and "
                    + "\(other.metric.rawValue) is \(other.metric.dimension.rawValue)",
                "compare it with \(metric.metric.rawValue)")
        }
        guard metric != other || isSelfComparison else {
            throw error(
                column, "\(metric) is compared with itself",
                "name another engine, or ask for --aa")
        }
    }

    /// A number with its unit, in the metric's own unit and in normal form.
    private func constant(
        _ word: String, for metric: Metric, at column: Int
    ) throws(CheckError) -> (Double, String) {
        let dimension = metric.dimension
        let digits = word.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let suffix = word.dropFirst(digits.count).lowercased()
        guard let number = Self.number(String(digits)) else {
            throw error(column, "'\(word)' is no number", dimension.cure)
        }
        var value = number
        if let unit = dimension.units.first(where: { $0.name == suffix }) {
            value *= unit.factor
        } else if !suffix.isEmpty {
            let whose = "'\(suffix)' is no unit of \(metric.rawValue)"
            throw error(column + digits.count, whose, dimension.cure)
        } else if dimension == .latency {
            throw error(column, "'\(word)' has no unit", dimension.cure)
        }
        guard value > 0 else {
            throw error(column, "no measurement can show a limit of zero", dimension.cure)
        }
        guard value <= dimension.maximum else {
            throw error(column, "'\(word)' is more than everything", dimension.cure)
        }
        return (value, digits + suffix)
    }

    /// A decimal number without sign and exponent; nil when it is none, or too large to be meant.
    private static func number(_ text: String) -> Double? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in
            !part.isEmpty && part.allSatisfy { $0.isASCII && $0.isNumber }
        }
        guard (1...2).contains(parts.count), isPlain, let value = Double(text), value < 1e15 else {
            return nil
        }
        return value
    }

    // MARK: Words

    /// What stands up to the next blank, sign or end, and where. Empty when nothing does.
    private mutating func word() -> (text: String, column: Int) {
        skipBlanks()
        let start = position
        while let next = peek, !next.isWhitespace, !"<>=!~*:".contains(next) { position += 1 }
        return (String(characters[start..<position]), start + 1)
    }

    private mutating func end() throws(CheckError) {
        skipBlanks()
        guard let next = peek else { return }
        let rest = String(characters[position...].prefix(20))
        // A unit that stands apart from its number is the likely reason.
        throw error(
            position + 1, "'\(rest)' is too much",
            next.isLetter || next == "%"
                ? "write number and unit as one word, and one check per --check"
                : "give one check per --check")
    }

    private mutating func skipBlanks() {
        while let next = peek, next.isWhitespace { position += 1 }
    }

    private var peek: Character? { position < characters.count ? characters[position] : nil }

    private var scenarioCure: String {
        "it can be \(knownScenarios.joined(separator: ", ")); without one, all are asked"
    }

    private func error(_ column: Int, _ problem: String, _ cure: String) -> CheckError {
        CheckError(text: text, column: column, problem: problem, cure: cure)
    }
}
