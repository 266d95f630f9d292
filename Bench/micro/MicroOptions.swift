internal import Arguments

/// What `micro` can be told on its command line.
struct MicroOptions: Sendable {
    var only = ""
    var updates = false
    var listsWorkloads = false
    var showsHelp = false
    var jsonPath: String?
    /// Beside the sources that this was built from.
    var thresholdPath = MicroOptions.checkoutThresholdPath

    static let table = OptionTable<MicroOptions>([measuring, other])

    /// The workloads that `--only` leaves.
    func selectedWorkloads() throws(UsageError) -> [Workload] {
        let selected = Workload.all.filter { only.isEmpty || $0.name.contains(only) }
        guard selected.isEmpty else { return selected }
        throw UsageError("--only: '\(only)' is in no workload's name; --list shows them")
    }

    static var help: String {
        """
        Usage: micro [OPTION …]

        Counts the instructions and allocations of single operations under valgrind, and
        holds them against committed thresholds. Build it with -c release.

        \(table.help)
        Exit codes: 0 all within their thresholds, 1 a threshold is broken or missing,
        2 usage, or nothing could be measured.

        Try:  swift run -c release micro --only parse

        """
    }

    private static let measuring = OptionGroup<MicroOptions>(
        "Measuring",
        [
            Option(
                "--only", placeholder: "TEXT", help: "workloads whose name contains it. [all]"
            ) { options, text throws(ValueError) in
                guard !text.isEmpty else {
                    throw ValueError("is empty", cure: "give a part of a workload's name")
                }
                options.only = String(text)
            },
            Option(
                "--thresholds", placeholder: "FILE",
                help: "what to compare with. [Bench/micro/thresholds.txt of the checkout that this "
                    + "was built from]"
            ) { options, text throws(ValueError) in
                options.thresholdPath = try path(text)
            },
            Option(
                "--update",
                help: "write what was measured as new thresholds, with 2 % of room for "
                    + "instructions, and say what changed."
            ) { $0.updates = true },
            Option(
                "--json", placeholder: "FILE", help: "also write the counts as JSON."
            ) { options, text throws(ValueError) in
                options.jsonPath = try path(text)
            },
        ])

    private static let other = OptionGroup<MicroOptions>(
        "Other",
        [
            Option("--list", help: "print the workloads and exit.") { $0.listsWorkloads = true },
            Option("--help", "-h", help: "print this and exit.") { $0.showsHelp = true },
        ])

    private static func path(_ text: Substring) throws(ValueError) -> String {
        guard !text.isEmpty else { throw ValueError("is empty", cure: "give a file") }
        return String(text)
    }

    private static var checkoutThresholdPath: String {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return folder.joined(separator: "/") + "/thresholds.txt"
    }
}
