internal import Presentation

/// What a build's counts depend on besides its sources.
struct BuildDescription: Equatable, Sendable {
    let compiler: String
    let architecture: String

    static let current = BuildDescription(compiler: compilerName, architecture: architectureName)

    /// A compiler tells its version only to conditions.
    private static var compilerName: String {
        #if compiler(>=6.5)
            "Swift 6.5 or later"
        #elseif compiler(>=6.4)
            "Swift 6.4"
        #elseif compiler(>=6.3.2)
            "Swift 6.3.2 or later"
        #elseif compiler(>=6.3.1)
            "Swift 6.3.1"
        #else
            "Swift 6.3"
        #endif
    }

    private static var architectureName: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #else
            "another architecture"
        #endif
    }
}

/// The most that an operation may cost.
struct Threshold: Equatable, Sendable {
    let name: String
    let instructions: Int
    let allocations: Hundredths

    init(name: String, instructions: Int, allocations: Hundredths) {
        self.name = name
        self.instructions = instructions
        self.allocations = allocations
    }

    /// Two per cent of room for instructions, as a compiler moves them about in code that did not
    /// change; none for allocations, which nothing moves.
    init(_ measurement: Measurement) {
        name = measurement.name
        instructions = (measurement.instructions * 102 + 99) / 100
        allocations = measurement.allocations
    }
}

/// All thresholds, as their file has them:
///
///     # comments
///     # Built by: Swift 6.3.1, x86_64
///     parse/minimal            727           0
struct Thresholds: Equatable, Sendable {
    private(set) var build: BuildDescription?
    private(set) var entries: [Threshold] = []

    /// None.
    init() {}

    init(build: BuildDescription?, entries: [Threshold]) {
        self.build = build
        self.entries = entries
    }

    /// Reads a file's text; an error names the line.
    init(text: String) throws(MeasuringError) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            if line.hasPrefix(Self.buildMark) {
                build = Self.build(in: line)
                continue
            }
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            if words.isEmpty { continue }
            guard words.count == 3, let instructions = Int(words[1]), instructions >= 0,
                let allocations = Hundredths(words[2])
            else {
                throw MeasuringError(
                    "line \(index + 1): '\(line)' is no threshold; write NAME INSTRUCTIONS "
                        + "ALLOCATIONS, or let --update write it")
            }
            let name = String(words[0])
            guard self[name] == nil else {
                throw MeasuringError("line \(index + 1): \(name) is there twice; remove one")
            }
            entries.append(
                Threshold(name: name, instructions: instructions, allocations: allocations))
        }
    }

    subscript(_ name: String) -> Threshold? { entries.first { $0.name == name } }

    /// Why counts of this build may differ without anybody's fault; nil when they may not.
    func warning(for current: BuildDescription) -> String? {
        guard let build, build != current else { return nil }
        return "the thresholds are of \(build.compiler) on \(build.architecture), this is a build "
            + "of \(current.compiler) on \(current.architecture): counts differ for that alone"
    }

    /// With new thresholds for what was measured, and without those of unknown workloads; in the
    /// order of the workloads.
    func updated(
        with measurements: [Measurement], knownNames: [String], build: BuildDescription
    ) -> Thresholds {
        let new = Dictionary(
            uniqueKeysWithValues: measurements.map { ($0.name, Threshold($0)) })
        return Thresholds(
            build: build, entries: knownNames.compactMap { new[$0] ?? self[$0] })
    }

    /// A line for each threshold that is new, changed or gone.
    func changes(since old: Thresholds) -> String {
        var text = ""
        for entry in entries where entry != old[entry.name] {
            let before = old[entry.name].map(Self.counts) ?? "none"
            text += "\(entry.name): \(before) → \(Self.counts(entry))\n"
        }
        for entry in old.entries where self[entry.name] == nil {
            text += "\(entry.name): \(Self.counts(entry)) → removed\n"
        }
        return text.isEmpty ? "no threshold changed\n" : text
    }

    /// The file's text.
    var text: String {
        let width = (entries.map(\.name.count).max() ?? 0) + 2
        var text = Self.header
        if let build {
            text += "\(Self.buildMark) \(build.compiler), \(build.architecture)\n"
        }
        text += "#\n# " + "workload".rightPadded(to: width - 2)
        text += "instructions".leftPadded(to: 12) + "allocations".leftPadded(to: 13) + "\n"
        for entry in entries {
            text += entry.name.rightPadded(to: width)
            text += "\(entry.instructions)".leftPadded(to: 12)
            text += "\(entry.allocations)".leftPadded(to: 13) + "\n"
        }
        return text
    }

    private static let buildMark = "# Built by:"

    private static let header = """
        # The most that an operation may cost, in instructions and allocations. A change that
        # costs more either finds out why, or raises the number here and says so in its commit:
        #
        #     swift run -c release micro --update
        #

        """

    private static func build(in line: Substring) -> BuildDescription? {
        let parts = line.dropFirst(buildMark.count).split(separator: ",")
        guard parts.count == 2 else { return nil }
        return BuildDescription(compiler: trimmed(parts[0]), architecture: trimmed(parts[1]))
    }

    private static func trimmed(_ text: Substring) -> String {
        text.split(separator: " ").joined(separator: " ")
    }

    private static func counts(_ threshold: Threshold) -> String {
        "\(threshold.instructions) instructions, \(threshold.allocations) allocations"
    }
}
