/// Metrics as a scraper reads them: a parser of our own for Prometheus's text format 0.0.4 and for
/// OpenMetrics 1.0, stricter than either asks for.
package struct MetricsText: Sendable {
    package enum Format: Sendable {
        case text
        case openMetrics
    }

    /// One sample line.
    package struct Sample: Sendable {
        package let name: String
        package let labels: [String: String]
        package let value: Double
    }

    /// One block: `HELP`, `TYPE`, perhaps `UNIT`, samples.
    package struct Family: Sendable {
        package let name: String
        package let help: String
        package var type = ""
        package var unit: String?
        package var samples: [Sample] = []
    }

    package private(set) var families: [Family] = []

    /// Reads a whole page.
    ///
    /// - Throws: `ClientFailure` for the first line that breaks a rule.
    package init(_ page: String, _ format: Format) throws {
        guard page.hasSuffix("\n") else { throw ClientFailure("the last line does not end") }
        var lines = page.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        if format == .openMetrics {
            guard lines.popLast() == "# EOF" else { throw ClientFailure("no # EOF at the end") }
        }
        for line in lines { try read(line, format) }
        try finishFamily(format)
        guard Set(families.map(\.name)).count == families.count else {
            throw ClientFailure("a family comes twice")
        }
        let names = families.flatMap { Set($0.samples.map(\.name)) }
        guard Set(names).count == names.count else {
            throw ClientFailure("two families have samples of the same name")
        }
    }

    /// The family with a name.
    package func family(_ name: String) throws -> Family {
        guard let family = families.first(where: { $0.name == name }) else {
            throw ClientFailure("no family \(name) among \(families.map(\.name))")
        }
        return family
    }

    /// The value of the only sample with a name and these labels, whatever others it has.
    package func value(_ name: String, _ labels: [String: String] = [:]) throws -> Double {
        let found = families.flatMap(\.samples).filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        guard found.count == 1 else {
            throw ClientFailure("\(found.count) samples \(name) \(labels)")
        }
        return found[0].value
    }

    private mutating func read(_ line: Substring, _ format: Format) throws {
        if line.hasPrefix("# HELP ") {
            try finishFamily(format)
            let (name, text) = try Self.words(line.dropFirst(7))
            try Self.checkEscapes(text, quotes: format == .openMetrics)
            families.append(Family(name: name, help: text))
        } else if line.hasPrefix("# TYPE ") {
            let (name, type) = try Self.words(line.dropFirst(7))
            let types =
                ["counter", "gauge", "histogram"] + (format == .openMetrics ? ["info"] : [])
            guard types.contains(type), families.last?.name == name, families.last?.type == ""
            else { throw ClientFailure("TYPE does not follow its HELP: \(line)") }
            families[families.count - 1].type = type
        } else if line.hasPrefix("# UNIT "), format == .openMetrics {
            let (name, unit) = try Self.words(line.dropFirst(7))
            guard families.last?.name == name, name.hasSuffix("_" + unit),
                families.last?.samples.isEmpty == true
            else { throw ClientFailure("a unit that does not belong here: \(line)") }
            families[families.count - 1].unit = unit
        } else {
            let sample = try MetricsLine.sample(line)
            guard families.last?.type.isEmpty == false else {
                throw ClientFailure("no TYPE before \(line)")
            }
            families[families.count - 1].samples.append(sample)
        }
    }

    private static func words(_ text: Substring) throws -> (String, String) {
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, MetricsLine.isName(parts[0]), !parts[1].isEmpty else {
            throw ClientFailure("a comment that says nothing: \(text)")
        }
        return (String(parts[0]), String(parts[1]))
    }

    private static func checkEscapes(_ text: String, quotes: Bool) throws {
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                guard scalar == "\\" || scalar == "n" || (quotes && scalar == "\"") else {
                    throw ClientFailure("an escape that is none: \(text)")
                }
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if quotes, scalar == "\"" {
                throw ClientFailure("a bare quotation mark: \(text)")
            }
        }
        if isEscaped { throw ClientFailure("an escape without end: \(text)") }
    }

    // MARK: Rules of a family

    private func finishFamily(_ format: Format) throws {
        guard let family = families.last else { return }
        guard !family.type.isEmpty else { throw ClientFailure("no TYPE of \(family.name)") }
        let keys = family.samples.map { sample in
            sample.name + sample.labels.sorted { $0.key < $1.key }.map { "\($0)" }.joined()
        }
        guard Set(keys).count == keys.count else {
            throw ClientFailure("a series comes twice in \(family.name)")
        }
        switch family.type {
        case "counter":
            let name = format == .openMetrics ? family.name + "_total" : family.name
            guard name.hasSuffix("_total"), !family.name.hasSuffix("_total_total") else {
                throw ClientFailure("a counter that is not called _total: \(family.name)")
            }
            try check(family, names: [name]) { $0 >= 0 && $0.isFinite }
        case "gauge": try check(family, names: [family.name]) { _ in true }
        case "info": try check(family, names: [family.name + "_info"]) { $0 == 1 }
        default: try checkHistogram(family)
        }
    }

    private func check(
        _ family: Family, names: [String], _ isRight: (Double) -> Bool
    ) throws {
        for sample in family.samples {
            guard names.contains(sample.name), isRight(sample.value) else {
                throw ClientFailure("\(sample) in the \(family.type) \(family.name)")
            }
        }
    }

    /// For each set of labels: bounds that rise, counts that do not fall, `+Inf`, `_sum`, `_count`.
    private func checkHistogram(_ family: Family) throws {
        try check(family, names: ["_bucket", "_sum", "_count"].map { family.name + $0 }) { _ in true
        }
        let series = Dictionary(grouping: family.samples) { sample in
            sample.labels.filter { $0.key != "le" }
        }
        for (labels, samples) in series {
            let buckets = samples.filter { $0.name.hasSuffix("_bucket") }
            let bounds = buckets.compactMap { $0.labels["le"].flatMap(MetricsLine.number) }
            let counts = buckets.map(\.value)
            let totals = samples.filter { $0.name.hasSuffix("_count") }.map(\.value)
            guard bounds.count == buckets.count, bounds.last == .infinity,
                zip(bounds, bounds.dropFirst()).allSatisfy(<),
                zip(counts, counts.dropFirst()).allSatisfy(<=),
                totals == [counts[counts.count - 1]],
                samples.filter({ $0.name.hasSuffix("_sum") }).count == 1
            else { throw ClientFailure("no histogram: \(family.name) \(labels)") }
        }
    }
}
