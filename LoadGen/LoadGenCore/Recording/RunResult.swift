package import Containers

/// What a run was, for whoever reads its result later.
package struct RunDescription: Sendable, Equatable {
    /// The URL, or the first line of a mix; with the socket in front when there is one.
    package var target: String
    /// Planned rate of an open loop, as `20000` or `100:20000`; nil for a closed loop.
    package var rate: String?
    /// Connections of all threads.
    package var connectionCount: Int
    /// Requests that may be outstanding on a connection.
    package var pipelineDepth: Int
    /// Threads.
    package var threadCount: Int
    /// Whether connections were used again.
    package var keepsAlive: Bool
    /// Warm-up before the measured part, in nanoseconds.
    package var warmUp: UInt64
    /// The longest wait for an answer, in nanoseconds.
    package var timeout: UInt64
    /// Requests that the plan had for the measured part; nil for a closed loop.
    package var plannedCount: UInt64?
    /// When the run began, in milliseconds since 1970 (UTC).
    package var startMilliseconds: Int
    /// Decided every random number.
    package var seed: UInt64

    /// The description of a run with `options`.
    ///
    /// - Parameters:
    ///   - threadCount: The threads that were used.
    ///   - measured: Length of the measured part in nanoseconds.
    ///   - startMilliseconds: When it began, since 1970.
    package init(
        _ options: Options, threadCount: Int, measured: UInt64, startMilliseconds: Int
    ) {
        let url = options.target.description
        target = options.unixPath.map { "unix:\($0) \(url)" } ?? url
        rate =
            switch options.schedule {
            case .closedLoop: nil
            case .constant(let rate): rate.description
            case .ramp(let first, let last, _): "\(first):\(last)"
            }
        connectionCount = options.connectionCount
        pipelineDepth = options.pipelineDepth
        self.threadCount = threadCount
        keepsAlive = options.keepsAlive
        warmUp = options.warmUp
        timeout = options.timeout
        plannedCount =
            options.schedule.isOpenLoop
            ? min(
                options.schedule.requestCount(within: measured),
                UInt64(options.requestLimit ?? .max)) : nil
        self.startMilliseconds = startMilliseconds
        seed = options.seed
    }

    init() {
        self.init(Options(), threadCount: 1, measured: 0, startMilliseconds: 0)
    }
}

/// The result of a run: what all threads recorded, and what it means.
package struct RunResult: Sendable, Equatable {
    /// What the run was.
    package internal(set) var description: RunDescription
    /// The sum of all threads.
    package internal(set) var total: ThreadResult
    /// Share of a core that each thread used.
    package internal(set) var threadCPUShares: [Double]
    /// Whether a signal ended the run.
    package internal(set) var isInterrupted: Bool
    /// How many results of machines this one is the sum of.
    package internal(set) var machineCount = 1

    /// Adds the results of all threads.
    package init(
        _ description: RunDescription, threads: [ThreadResult], isInterrupted: Bool = false
    ) {
        self.description = description
        self.isInterrupted = isInterrupted
        total = ThreadResult(isOpenLoop: description.rate != nil)
        for thread in threads { total.merge(thread) }
        threadCPUShares = threads.map(\.cpuShare)
    }

    /// Whether requests had planned starts.
    package var isOpenLoop: Bool { description.rate != nil }
    /// Length of the measured part in seconds.
    package var seconds: Double { Double(total.elapsed) / 1e9 }
    /// Valid answers per second.
    package var validRate: Double { perSecond(total.validCount) }
    /// Requests sent per second, whatever came of them.
    package var sentRate: Double { perSecond(total.sentCount) }
    /// Requests that came to an end: valid answers and errors.
    package var finishedCount: UInt64 { total.validCount + total.errors.total }

    /// The share of errors in all that came to an end; 0 when nothing did.
    package var errorRate: Double {
        finishedCount == 0 ? 0 : Double(total.errors.total) / Double(finishedCount)
    }

    /// The share of planned requests that went out in time; nil for a closed loop.
    package var rateRatio: Double? {
        guard let planned = description.plannedCount, planned > 0 else { return nil }
        return Double(total.sentInTimeCount) / Double(planned)
    }

    /// Whether an open loop sent what was planned: at least 99 % of it in time.
    package var heldRate: Bool { (rateRatio ?? 1) >= 0.99 }

    /// The histogram of the time from the send, whichever loop it was.
    package var serviceTime: Histogram { isOpenLoop ? total.serviceTime : total.responseTime }

    /// The name of the clock that `responseTime` counts by; every printed percentile carries it.
    package var responseClock: String {
        isOpenLoop ? "response time, from planned start" : "closed-loop round trip"
    }

    /// Status codes that occurred, with how often.
    package var statuses: [(code: Int, count: UInt64)] {
        total.statusCounts.enumerated().filter { $0.element > 0 }.map { ($0.offset, $0.element) }
    }

    private func perSecond(_ count: UInt64) -> Double {
        total.elapsed == 0 ? 0 : Double(count) / seconds
    }
}

/// Why two results cannot be added.
package enum MergeError: Error, Equatable, CustomStringConvertible {
    /// One counted from planned starts, the other did not.
    case differentLoops

    /// The line that is printed.
    package var description: String {
        "a closed-loop and an open-loop run count by different clocks and cannot be added"
    }
}

extension RunResult {
    /// Adds the result of another machine that ran at the same time. Rates add as they should
    /// when both took equally long; else the longer time counts.
    package mutating func merge(_ other: RunResult) throws(MergeError) {
        guard isOpenLoop == other.isOpenLoop else { throw .differentLoops }
        total.merge(other.total)
        threadCPUShares += other.threadCPUShares
        isInterrupted = isInterrupted || other.isInterrupted
        machineCount += other.machineCount
        description.connectionCount += other.description.connectionCount
        description.threadCount += other.description.threadCount
        description.startMilliseconds = min(
            description.startMilliseconds, other.description.startMilliseconds)
        if let rate = other.description.rate, let ours = description.rate {
            description.rate = "\(ours) + \(rate)"
            description.plannedCount =
                (description.plannedCount ?? 0) + (other.description.plannedCount ?? 0)
        }
    }
}
