internal import Arguments

/// Reads a command line. Pure but for the files that options name.
package struct OptionParser: Sendable {
    private let readFile: FileReader

    /// A parser that reads files with `readFile`.
    package init(readFile: FileReader) { self.readFile = readFile }

    /// What `arguments`, without the program's name, ask for.
    package func parse(_ arguments: [String]) throws(OptionError) -> Invocation {
        if arguments.first == "merge" { return try parseMerge(Array(arguments.dropFirst())) }
        var draft = OptionDraft()
        var seen: Set<String> = []
        let (rest, special) = try scan(arguments) {
            (specification, name, value) throws(OptionError) in
            seen.formUnion(specification.names)
            try apply(specification, name, value, to: &draft)
        }
        if let special { return special }
        for text in rest {
            guard draft.url == nil else {
                throw OptionError(
                    option: "URL", value: text, problem: "is a second target",
                    cure: "give one; several requests to one server go into --mix")
            }
            do { draft.url = try TargetURL.parse(text) } catch { throw error.of("URL", text) }
        }
        return .run(try assemble(draft, seen: seen))
    }

    // MARK: - Words

    private typealias Apply = (OptionSpecification, String, String) throws(OptionError) -> Void

    /// Walks the words, calls `apply` for each option, and gives the words that are none.
    private func scan(
        _ arguments: [String], apply: Apply
    ) throws(OptionError) -> (words: [String], special: Invocation?) {
        var words: [String] = []
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            if argument == "--help" || argument == "-h" { return ([], .help) }
            if argument == "--version" { return ([], .version) }
            if argument == "--" {
                words += arguments[index...]
                break
            }
            guard argument.hasPrefix("-"), argument != "-" else {
                words.append(argument)
                continue
            }
            let (name, attached) = split(argument)
            guard
                let specification = OptionSpecification.all.first(where: {
                    $0.names.contains(name)
                })
            else { throw unknown(name) }
            if specification.placeholder == nil {
                guard attached == nil else {
                    throw OptionError(
                        option: name, value: attached, problem: "the option takes no value",
                        cure: "write \(name) alone")
                }
                try apply(specification, name, "")
            } else if let attached {
                try apply(specification, name, attached)
            } else {
                guard index < arguments.count, !looksLikeOption(arguments[index]) else {
                    throw OptionError(
                        option: name, problem: "the value is missing",
                        cure: "write \(name) \(specification.placeholder ?? "")")
                }
                try apply(specification, name, arguments[index])
                index += 1
            }
        }
        return (words, nil)
    }

    /// `--name=value` and `-nvalue` in two parts.
    private func split(_ argument: String) -> (name: String, value: String?) {
        if argument.hasPrefix("--") {
            guard let equals = argument.firstIndex(of: "=") else { return (argument, nil) }
            return (
                String(argument[..<equals]), String(argument[argument.index(after: equals)...])
            )
        }
        let value = argument.dropFirst(2)
        return (String(argument.prefix(2)), value.isEmpty ? nil : String(value))
    }

    /// Whether a word is an option and not the value of the one before. `-5` is a wrong value,
    /// which the option itself explains best; `-` is standard output.
    private func looksLikeOption(_ word: String) -> Bool {
        guard word.hasPrefix("-"), word.count > 1 else { return false }
        return OptionSpecification.all.contains { $0.names.contains(split(word).name) }
    }

    private func apply(
        _ specification: OptionSpecification, _ name: String, _ value: String,
        to draft: inout OptionDraft
    ) throws(OptionError) {
        if specification.placeholder != nil, value.isEmpty, name != "--data" {
            throw OptionError(
                option: name, problem: "the value is empty",
                cure: "write \(name) \(specification.placeholder ?? "")")
        }
        do { try specification.apply(&draft, value) } catch { throw error.of(name, value) }
    }

    private func unknown(_ name: String) -> OptionError {
        let names = OptionSpecification.all.flatMap(\.names)
        let nearest = names.map { ($0, editDistance(Array(name.utf8), Array($0.utf8))) }.min {
            $0.1 < $1.1
        }
        let cure =
            if let nearest, nearest.1 <= 2, name.count > 3 {
                "did you mean \(nearest.0)?"
            } else {
                "loadgen --help lists them all"
            }
        return OptionError(option: name, problem: "there is no such option", cure: cure)
    }

    // MARK: - Sense

    /// Puts the parts together and refuses what cannot be meant.
    private func assemble(
        _ draft: OptionDraft, seen: Set<String>
    ) throws(OptionError) -> Options {
        var options = draft.options
        options.target = try target(of: draft)
        options.connectTimeout = draft.connectTimeout ?? options.timeout
        options.duration =
            draft.duration ?? (options.requestLimit == nil ? options.duration : nil)
        try setSchedule(of: draft, in: &options)
        try setRequests(of: draft, in: &options)
        try refuseContradictions(options, seen: seen)
        return options
    }

    private func target(of draft: OptionDraft) throws(OptionError) -> TargetURL {
        guard let url = draft.url else {
            var target = TargetURL.standard
            target.host = draft.host ?? target.host
            target.port = draft.port ?? target.port
            target.path = draft.path ?? target.path
            return target
        }
        let clash =
            draft.host.map { ("--host", $0) } ?? draft.port.map { ("--port", String($0)) }
            ?? draft.path.map { ("--path", $0) }
        if let (option, value) = clash {
            throw OptionError(
                option: option, value: value, problem: "the URL says that already",
                cure: "give the URL alone, or --host, --port and --path without it")
        }
        return url
    }

    private func setSchedule(
        of draft: OptionDraft, in options: inout Options
    ) throws(OptionError) {
        guard let rates = draft.rates else { return }
        if rates.first == rates.last {
            options.schedule = .constant(rates.first)
            return
        }
        guard let duration = options.duration else {
            throw OptionError(
                option: "--rate", value: "\(rates.first):\(rates.last)",
                problem: "a ramp needs to know how long it is", cure: "add -d, for example -d 30s")
        }
        options.schedule = .ramp(from: rates.first, to: rates.last, nanoseconds: duration)
    }

    private func setRequests(
        of draft: OptionDraft, in options: inout Options
    ) throws(OptionError) {
        if let file = draft.mixFile {
            let clash =
                draft.method.map { ("-m", $0) } ?? draft.dataText.map { ("--data", $0) }
                ?? draft.dataFile.map { ("--data-file", $0) }
            if let (option, value) = clash {
                throw OptionError(
                    option: option, value: value, problem: "the lines of --mix say that",
                    cure: "leave one of the two out")
            }
            let bytes: [UInt8]
            do { bytes = try readFile.bytes(ofFile: file) } catch { throw error.of("--mix", nil) }
            options.mix = try Mix.parse(
                String(decoding: bytes, as: UTF8.self), file: file, readFile: readFile)
            return
        }
        var body = draft.dataText.map { Array($0.utf8) }
        if let file = draft.dataFile {
            guard body == nil else {
                throw OptionError(
                    option: "--data-file", value: file, problem: "--data gives a body already",
                    cure: "leave one of the two out")
            }
            do {
                body = try readFile.bytes(ofFile: file)
            } catch { throw error.of("--data-file", nil) }
        }
        options.mix = Mix([
            MixEntry(
                weight: 1, method: draft.method ?? (body == nil ? "GET" : "POST"),
                path: options.target.path, body: body ?? [])
        ])
        do {
            _ = try Template(options.target.path)
        } catch { throw error.of(draft.url == nil ? "--path" : "URL", options.target.path) }
        do {
            _ = try Template(body ?? [])
        } catch { throw error.of(draft.dataFile == nil ? "--data" : "--data-file", nil) }
    }

    /// Combinations of options that exclude each other. Each is an error and not a warning:
    /// a run that does something else than was asked gives figures that mislead.
    private func refuseContradictions(
        _ options: Options, seen: Set<String>
    ) throws(OptionError) {
        func refuse(
            _ isWrong: Bool, _ option: String, _ problem: String, _ cure: String
        ) throws(OptionError) {
            guard isWrong else { return }
            throw OptionError(option: option, problem: problem, cure: cure)
        }
        let isOpen = options.schedule.isOpenLoop
        let hasBody = options.mix.entries.contains { !$0.body.isEmpty }
        try refuse(
            isOpen && options.thinkTime != .none, "--think-time",
            "an open loop sends by the clock and does not pause",
            "leave out --think-time or --rate")
        try refuse(
            !isOpen && options.deadline != nil, "--deadline",
            "only an open loop has planned starts to be late for", "add --rate")
        try refuse(
            !options.keepsAlive && options.pipelineDepth > 1, "--pipeline-depth",
            "a connection for one request cannot hold several", "leave out --no-keepalive")
        try refuse(
            !options.keepsAlive && options.reconnectEvery != nil, "--reconnect-every",
            "--no-keepalive replaces connections after every request", "leave one of the two out")
        try refuse(
            options.thinkTime != .none && options.pipelineDepth > 1, "--think-time",
            "a pause after each answer has no meaning with requests outstanding",
            "leave out --think-time or use -p 1")
        try refuse(
            options.sendsChunked && !hasBody, "--chunked", "there is no body to send",
            "add --data or --data-file")
        try refuse(
            options.expectsContinue && !hasBody, "--expect-100", "there is no body to wait with",
            "add --data or --data-file")
        try refuse(
            options.expectsContinue && options.pipelineDepth > 1, "--expect-100",
            "requests behind a body that waits cannot be sent", "use -p 1")
        try refuse(
            options.unixPath != nil && !options.sourceAddresses.isEmpty, "--source",
            "a Unix socket has no source address", "leave out --source or --unix")
        try refuse(
            seen.contains("--keepalive") && seen.contains("--no-keepalive"), "--no-keepalive",
            "--keepalive says the opposite", "leave one of the two out")
        if let threads = options.threadCount {
            try refuse(
                threads > options.connectionCount, "--threads",
                "\(threads) threads have only \(options.connectionCount) connections to share",
                "use -t \(options.connectionCount) or more connections")
        }
        try refuse(
            options.output.standardOutputCount > 1, "-",
            "several results cannot share standard output", "write all but one to files")
    }

    // MARK: - Merge

    private func parseMerge(_ arguments: [String]) throws(OptionError) -> Invocation {
        var draft = OptionDraft()
        let (files, special) = try scan(arguments) {
            (specification, name, value) throws(OptionError) in
            guard specification.worksForMerge else {
                throw OptionError(
                    option: name, problem: "merge sends nothing, so this has no meaning",
                    cure: "leave it out; merge takes the options for results and limits")
            }
            try apply(specification, name, value, to: &draft)
        }
        if let special { return special }
        guard !files.isEmpty else {
            throw OptionError(
                option: "merge", problem: "there is nothing to add",
                cure: "write loadgen merge a.json b.json")
        }
        let output = draft.options.output
        guard output.standardOutputCount <= 1 else {
            throw OptionError(
                option: "-", problem: "several results cannot share standard output",
                cure: "write all but one to files")
        }
        return .merge(files: files, limits: draft.options.limits, output: output)
    }
}
