internal import Arguments
internal import GateCore

/// What `gate` can be told on its command line. Nil stands for what profile or scenario say.
struct GateOptions: Sendable {
    /// What an inconclusive run is worth.
    enum Inconclusive: String, Sendable, CaseIterable {
        case fail, warn, pass
    }

    /// An engine as `--engine` gives it.
    struct Engine: Sendable, Equatable {
        var name: String
        /// The words of its command; nil for one of ours.
        var words: [String]?
        /// The URL that answers when it is ready.
        var readyURL: String?
    }

    /// `gate compare`: two builds of the server instead of its engines.
    var comparesBuilds = false
    var programA: String?
    var programB: String?
    var serverArguments: [String]?

    var scenarioNames: [String] = []
    var path = "/"
    var connectionCount: Int?
    var pipelineDepth: Int?
    var thinkTime: UInt64?
    var keepsAlive = true

    var profile = Profile.standard
    var duration: UInt64?
    var warmUp: UInt64?
    var openDuration: UInt64?
    var seed: UInt64?

    var engines: [Engine] = []
    var workerCount = 16
    var selfCompared: String?
    var allowsAnyBody = false
    var allowsDebugBuild = false

    var checks: [String] = []
    var usesDefaultChecks = true
    var baseline: String?
    var savedBaseline: String?
    var inconclusive = Inconclusive.fail

    var json: String?
    var markdown: String?
    var junit: String?
    var isQuiet = false
    var isPlain = false
    var showsHelp = false
    var showsVersion = false

    /// Reads a command line without the program's name.
    static func parse(_ arguments: [String]) throws(UsageError) -> GateOptions {
        var options = GateOptions()
        var rest = arguments
        if rest.first == "compare" {
            options.comparesBuilds = true
            rest.removeFirst()
        }
        let operands = try table.parse(withNamedSelf(rest), into: &options)
        if let operand = operands.first {
            throw UsageError(
                "'\(operand)' is no command; the only one is compare (--help shows more)")
        }
        try options.checkTogether()
        return options
    }

    /// `--aa` alone means the reactor: the table knows only options that have a value or none.
    private static func withNamedSelf(_ arguments: [String]) -> [String] {
        arguments.enumerated().map { index, argument in
            guard argument == "--aa" else { return argument }
            let isAlone =
                index + 1 == arguments.count || arguments[index + 1].hasPrefix("-")
            return isAlone ? "--aa=reactor" : argument
        }
    }

    /// What no option can say alone.
    private func checkTogether() throws(UsageError) {
        guard !showsHelp, !showsVersion else { return }
        if comparesBuilds {
            guard programA != nil, programB != nil else {
                throw UsageError(
                    "compare: two builds are needed; give --a PROGRAM and --b PROGRAM")
            }
            if selfCompared != nil {
                throw UsageError("--aa: compares no builds; give --a and --b the same program")
            }
        } else if programA != nil || programB != nil || serverArguments != nil {
            let name = programA != nil ? "--a" : programB != nil ? "--b" : "--server-args"
            throw UsageError("\(name): belongs to compare; write gate compare --a … --b …")
        }
        if !keepsAlive, let depth = pipelineDepth, depth > 1 {
            throw UsageError(
                "--pipeline-depth \(depth): needs connections that are kept; "
                    + "leave --no-keepalive out")
        }
        if [json, markdown, junit].count(where: { $0 == "-" }) > 1 {
            throw UsageError(
                "--json, --markdown, --junit: only one can be '-'; give the others a file")
        }
    }

    /// Whether standard output belongs to a report for programs.
    var usesStandardOutput: Bool { [json, markdown, junit].contains("-") }

    // MARK: - Scenarios

    /// The scenarios, with the profile's times and what was asked for.
    var scenarios: [Scenario] {
        let hasShape = connectionCount != nil || pipelineDepth != nil || thinkTime != nil
        let names =
            !scenarioNames.isEmpty ? scenarioNames : hasShape ? ["busy"] : ["busy", "crowd"]
        return [Scenario.busy, .crowd].filter { names.contains($0.name) }.map(shaped)
    }

    private func shaped(_ scenario: Scenario) -> Scenario {
        var scenario = scenario
        scenario.path = path
        scenario.connectionCount = connectionCount ?? scenario.connectionCount
        scenario.pipelineDepth = keepsAlive ? pipelineDepth ?? scenario.pipelineDepth : 1
        scenario.thinkTime = thinkTime ?? scenario.thinkTime
        scenario.keepsAlive = keepsAlive
        scenario.duration = duration ?? profile.duration
        scenario.warmUp = warmUp ?? profile.warmUp
        scenario.openDuration = openDuration ?? profile.openDuration
        return scenario
    }
}
