internal import GateCore
internal import LoadGenCore

/// What `loadgen`'s core is told for a phase of a round.
enum LoadOptions {
    /// The loopback addresses that connections come from when each serves one request: every one
    /// adds some 28,000 ports to those that wait in TIME_WAIT.
    private static let sources = (1...8).map { "127.0.0.\($0)" }
    /// Load before the open loop's measured part: its connections are new ones.
    private static let openWarmUpShare: UInt64 = 4

    /// The closed loop of a round.
    ///
    /// The longest wait for an answer is less than the measured part. What a server still owes at the
    /// end is no error, as nobody knows when it would have come; one that is so slow that it answers
    /// next to nothing would end without samples, and be judged by none. So its requests time out
    /// within the round, and count.
    static func closedLoop(
        _ scenario: Scenario, at target: TargetURL, expecting body: [UInt8], seed: UInt64
    ) throws(LoadError) -> Options {
        var options = try common(scenario, at: target, expecting: body, seed: seed)
        options.pipelineDepth = scenario.pipelineDepth
        options.duration = scenario.duration
        options.warmUp = scenario.warmUp
        options.timeout = min(options.timeout, scenario.duration / 4 * 3)
        if scenario.thinkTime > 0 {
            options.thinkTime = .constant(nanoseconds: scenario.thinkTime)
        }
        return options
    }

    /// The open loop of a round: one request at a time on each connection.
    static func openLoop(
        _ scenario: Scenario, at target: TargetURL, expecting body: [UInt8], seed: UInt64,
        rate: Double
    ) throws(LoadError) -> Options {
        var options = try common(scenario, at: target, expecting: body, seed: seed)
        options.duration = scenario.openDuration
        options.warmUp = min(scenario.warmUp, scenario.openDuration / openWarmUpShare)
        guard let rate = RequestRate(perThousandSeconds: UInt64(max(1, rate) * 1_000)) else {
            throw LoadError("a rate of \(rate) requests a second is too much", isUsage: false)
        }
        options.schedule = .constant(rate)
        return options
    }

    /// The place that a URL names.
    static func target(_ url: String) throws(LoadError) -> TargetURL {
        try parse(url).target
    }

    private static func common(
        _ scenario: Scenario, at target: TargetURL, expecting body: [UInt8], seed: UInt64
    ) throws(LoadError) -> Options {
        var target = target
        target.path = scenario.path
        var options = try parse(target.description)
        options.connectionCount = scenario.connectionCount
        options.keepsAlive = scenario.keepsAlive
        if !scenario.keepsAlive, target.host.hasPrefix("127.") {
            options.sourceAddresses = sources
        }
        options.threadCount = 1
        options.expectedBody = body
        options.seed = seed
        return options
    }

    /// Through the parser of `loadgen`, so that there is one opinion of what a URL is.
    private static func parse(_ url: String) throws(LoadError) -> Options {
        let parser = OptionParser(
            readFile: FileReader { _ throws(FileReader.FileError) in
                throw FileReader.FileError(reason: "no option here names a file")
            })
        do throws(OptionError) {
            guard case .run(let options) = try parser.parse(["--", url]) else {
                preconditionFailure("there is nothing but a target")
            }
            return options
        } catch {
            throw LoadError(error.description, isUsage: true)
        }
    }
}
