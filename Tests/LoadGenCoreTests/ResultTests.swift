import Containers
import Presentation
import Testing

@testable import LoadGenCore

/// A result with some of everything. Deterministic.
func sampleResult(
    isOpenLoop: Bool = false, seconds: UInt64 = 10, cpuShare: Double = 0.5,
    isInterrupted: Bool = false, perSecond: UInt64 = 1_000, sentShare: Double = 1
) -> RunResult {
    let end = (100 + seconds) * second
    var recorder = Recorder(
        RecorderPlan(
            start: 100 * second, end: end, isOpenLoop: isOpenLoop, connections: 0..<8))
    var generator = SeededGenerator(seed: 4)
    for connection in 0..<8 {
        recorder.connected(
            began: 100 * second, now: 100 * second + UInt64(connection) * 20_000 + 90_000,
            isReconnect: false)
    }
    // Every request with its end, in the order in which a loop would see them.
    let planned = seconds * perSecond
    var ends: [(index: UInt64, sent: UInt64, end: UInt64)] = []
    for index in 0..<planned where Double(index) < Double(planned) * sentShare {
        let start = 100 * second + index * second / perSecond
        let sent = start + (isOpenLoop ? generator.next(below: 80_000) : 0)
        let exponential = ThinkTime.exponential(meanNanoseconds: 900_000)
        var latency = 1_000_000 + exponential.next(using: &generator)
        if generator.next(below: 1_000) < 20 { latency *= 6 }
        let isTimeout = index % 2_500 == 1_801
        ends.append((index, sent, isTimeout ? min(sent + 2 * second, end - 1) : sent + latency))
    }
    for request in ends.sorted(by: { $0.end < $1.end }) {
        let start = 100 * second + request.index * second / perSecond
        let connection = Int(request.index % 8)
        recorder.requestSent(planned: start, sent: request.sent)
        recorder.bytesSent(60, now: request.sent)
        switch request.index % 2_500 {
        case 1_700:
            recorder.invalidAnswerReceived(
                .status, detail: 503, connection: connection, status: 503, planned: start,
                sent: request.sent, received: request.end)
        case 1_800:
            recorder.requestFailed(
                .reset, detail: 104, connection: connection, planned: start, now: request.end)
        case 1_801:
            recorder.requestTimedOut(
                connection: connection, planned: start, sent: request.sent, now: request.end)
        default:
            recorder.validAnswerReceived(
                connection: connection, status: request.index % 9 == 0 ? 304 : 200,
                planned: start, sent: request.sent, received: request.end)
            recorder.bytesReceived(180, now: request.end)
        }
    }
    var options = Options()
    options.connectionCount = 8
    options.warmUp = second
    if isOpenLoop { options.schedule = .constant(rate(Double(perSecond))) }
    let description = RunDescription(
        options, threadCount: 1, measured: seconds * second, startMilliseconds: 1_700_000_000_123)
    let drained = isOpenLoop ? max(end, ends.map(\.end).max() ?? end) : end
    let thread = recorder.finish(
        now: drained, outstandingCount: isOpenLoop ? 0 : 8, unsentCount: 0,
        cpuTime: UInt64(cpuShare * Double(seconds * second)))
    return RunResult(description, threads: [thread], isInterrupted: isInterrupted)
}

/// A result of a run in which nothing ever connected.
func deadResult() -> RunResult {
    var recorder = Recorder(
        RecorderPlan(start: 0, end: second, isOpenLoop: false, connections: 0..<2))
    for index in 0..<5 as Range<UInt64> {
        recorder.connectFailed(
            .connectRefused, detail: 111, connection: 0, now: index * 100 * millisecond)
    }
    let thread = recorder.finish(now: second, outstandingCount: 0, unsentCount: 0, cpuTime: 0)
    return RunResult(RunDescription(), threads: [thread])
}

private func limits(_ text: String, errorRate: Double? = nil) throws -> ResultLimits {
    var limits = ResultLimits()
    limits.maximumErrorRate = errorRate
    limits.serviceLevels = try text.split(separator: " ").map { try ServiceLevel.parse($0) }
    return limits
}

@Suite struct RunResultTests {
    @Test func `rates count valid answers only and attempts apart`() {
        let result = sampleResult()
        #expect(result.total.errors.total == 12)
        #expect(result.validRate == Double(result.total.validCount) / 10)
        #expect(result.sentRate == 1_000)
        #expect(result.finishedCount == result.total.validCount + 12)
        #expect(abs(result.errorRate - 12.0 / Double(result.finishedCount)) < 1e-12)
        #expect(result.statuses.map(\.code) == [200, 304, 503])
        #expect(result.rateRatio == nil && result.heldRate)
    }

    @Test func `an open loop knows whether the rate was held`() {
        #expect(sampleResult(isOpenLoop: true).rateRatio == 1)
        let short = sampleResult(isOpenLoop: true, sentShare: 0.9)
        #expect(short.rateRatio == 0.9 && !short.heldRate)
    }

    @Test func `a dead server gives errors and no rate`() {
        let result = deadResult()
        #expect(result.validRate == 0 && result.errorRate == 1)
        #expect(result.warnings == [.neverConnected])
        #expect(ExitCode(result, limits: ResultLimits()) == .couldNotRun)
    }

    @Test(arguments: [
        (0.79, [] as [RunWarning]), (0.8, [.clientBusy(0.8)]), (0.949, [.clientBusy(0.949)]),
        (0.95, [.clientBound(0.95)]), (1.0, [.clientBound(1)]),
    ])
    func `warns when the client was the limit`(share: Double, warnings: [RunWarning]) {
        var result = sampleResult()
        result.threadCPUShares = [0.1, share]
        #expect(result.warnings == warnings)
    }

    @Test func `warns of everything that makes a figure a lie`() {
        #expect(sampleResult(isInterrupted: true).warnings.first == .interrupted)
        #expect(
            sampleResult(isOpenLoop: true, sentShare: 0.5).warnings.first == .rateNotHeld(0.5))

        let result = RunResult(
            RunDescription(),
            threads: [
                recorded { recorder in
                    recorder.connected(
                        began: 99 * second, now: 100 * second, isReconnect: false)
                    recorder.connectFailed(
                        .portsExhausted, detail: 99, connection: 0, now: 101 * second)
                    for connection in [0, 0, 1] {
                        recorder.validAnswerReceived(
                            connection: connection, status: 200, planned: 101 * second,
                            sent: 101 * second, received: 101 * second + 40 * millisecond)
                    }
                }
            ])
        #expect(
            result.warnings == [
                .portsExhausted, .idleConnections(2), .slowConnects(microseconds: 1_000_000),
                .delayedAcknowledgement,
            ])
    }

    @Test func `warnings fit their lines and have keys of their own`() {
        let all: [RunWarning] = [
            .interrupted, .neverConnected, .rateNotHeld(0.5), .clientBound(1), .clientBusy(0.9),
            .lateSends(microseconds: 5_000), .idleConnections(184), .portsExhausted,
            .slowConnects(microseconds: 1_000_000), .delayedAcknowledgement, .clampedLatencies(3),
        ]
        #expect(Set(all.map(\.key)).count == all.count)
        for warning in all { #expect(!warning.text.isEmpty && !warning.text.hasSuffix(".")) }
    }
}

@Suite struct ExitCodeTests {
    @Test(arguments: [
        ("", nil as Double?, ExitCode.done), ("p50=1s", nil, .done), ("p50=1us", nil, .limitBroken),
        ("p99<=1h max=1h mean=1h rps>=1", 0.5, .done), ("rps>=1000000", nil, .limitBroken),
        ("max=1ms", nil, .limitBroken), ("mean=1us", nil, .limitBroken), ("", 0.0001, .limitBroken),
        ("", 0.01, .done),
    ])
    func `a broken limit ends with 3`(levels: String, errorRate: Double?, code: ExitCode) throws {
        #expect(
            ExitCode(sampleResult(), limits: try limits(levels, errorRate: errorRate)) == code)
    }

    @Test func `an interrupted run is not judged`() throws {
        let result = sampleResult(isInterrupted: true)
        #expect(ExitCode(result, limits: try limits("p50=1us")) == .interrupted)
        #expect(ExitCode.interrupted.rawValue == 130)
    }

    @Test func `a run without samples keeps no limit`() throws {
        let result = RunResult(
            RunDescription(),
            threads: [recorded { $0.connected(began: 0, now: 100, isReconnect: false) }])
        #expect(ExitCode(result, limits: ResultLimits()) == .done)
        for level in ["p99=1h", "max=1h", "mean=1h", "rps>=1"] {
            #expect(ExitCode(result, limits: try limits(level)) == .limitBroken)
        }
        #expect(ExitCode(result, limits: try limits("", errorRate: 1)) == .limitBroken)
        #expect(result.judge(try limits("p99=1h"))[0].measured == "nothing")
    }

    @Test func `a judgement tells limit and measurement`() throws {
        let judgement = sampleResult().judge(try limits("p50=1us"))[0]
        #expect(judgement.limit == "p50 <= 1us" && judgement.measured.hasSuffix("ms"))
    }
}

@Suite struct JSONReportTests {
    @Test func `has the keys that scripts look for`() throws {
        let result = sampleResult()
        let json = try JSONParser.parse(
            Array(JSONReport.value(result, limits: ResultLimits()).text.utf8))
        #expect(json["schema_version"] == .integer(1))
        #expect(json["requests"]?.integer == Int(result.finishedCount))
        #expect(json["errors"] == .integer(12))
        #expect(try #require(json["rps"]?.double) == result.validRate)
        #expect(json["status_counts"]?["503"] == .integer(4))
        for key in [
            "error_rate", "p50_ms", "p75_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms", "p9999_ms",
            "max_ms",
        ] { #expect(json[key]?.double != nil, "\(key)") }
        #expect(json["too_few_samples"] == .array([.string("p999_ms"), .string("p9999_ms")]))
        #expect(json["errors_by_class"]?["reset"]?["count"] == .integer(4))
        #expect(json["latency_clock"] == .string("round_trip"))
    }

    @Test func `a run without answers has nulls and no zeros that look like latencies`() {
        let json = JSONReport.value(deadResult(), limits: ResultLimits())
        #expect(json["p50_ms"] == .null && json["max_ms"] == .null)
        #expect(json["rps"] == .number(0) && json["error_rate"] == .number(1))
    }

    @Test(arguments: [
        sampleResult(), sampleResult(isOpenLoop: true), sampleResult(isInterrupted: true),
        deadResult(), RunResult(RunDescription(), threads: []),
    ])
    func `reads back exactly what was written`(result: RunResult) throws {
        let text = JSONReport.value(result, limits: ResultLimits()).text
        #expect(try JSONReportReader.read(Array(text.utf8)) == result)
        let compact = JSONReport.value(result, limits: ResultLimits()).compactText
        #expect(!compact.contains("\n"))
        #expect(try JSONReportReader.read(Array(compact.utf8)) == result)
    }

    @Test func `merging files equals recording all`() throws {
        let parts = [sampleResult(seconds: 10), sampleResult(seconds: 12)]
        let files = parts.map { part in
            (name: "x", bytes: Array(JSONReport.value(part, limits: .init()).text.utf8))
        }
        let sum = try ResultMerge.merge(files)
        var expected = parts[0].total.responseTime
        expected.merge(parts[1].total.responseTime)
        #expect(sum.total.responseTime == expected)
        #expect(sum.total.validCount == parts[0].total.validCount + parts[1].total.validCount)
        #expect(sum.machineCount == 2 && sum.description.connectionCount == 16)
        #expect(sum.total.fairness.connectionCount == 16)
        #expect(sum.threadCPUShares == [0.5, 0.5])
        #expect(sum.seconds == 12)
    }

    @Test func `refuses to add different clocks and foreign files, and names the file`() throws {
        func bytes(_ result: RunResult) -> [UInt8] {
            Array(JSONReport.value(result, limits: .init()).text.utf8)
        }
        let closed = bytes(sampleResult())
        let cases: [([UInt8], String)] = [
            (bytes(sampleResult(isOpenLoop: true)), "different clocks"),
            (Array("{".utf8), "not JSON"),
            (Array("{}".utf8), "tool is wrong or missing"), (Array("[]".utf8), "tool"),
            (
                Array(
                    String(decoding: closed, as: UTF8.self).replacing(
                        "\"schema_version\": 1", with: "\"schema_version\": 99"
                    ).utf8), "schema_version is 99"
            ),
            (
                Array(
                    String(decoding: closed, as: UTF8.self).replacing(
                        "\"valid\": ", with: "\"valid\": -"
                    ).utf8), "valid is wrong"
            ),
            (
                Array(
                    String(decoding: closed, as: UTF8.self).replacing(
                        "\"interval_ns\": 1000000000", with: "\"interval_ns\": 7"
                    ).utf8), "interval_ns"
            ),
        ]
        for (file, fault) in cases {
            let error = #expect(throws: ResultReadingError.self) {
                try ResultMerge.merge([("a.json", closed), ("b.json", file)])
            }
            let text = error?.description ?? ""
            #expect(text.contains(fault) && text.hasPrefix("b.json: "), "\(text)")
        }
    }

    @Test func `survives any damage to a file`() {
        let whole = Array(JSONReport.value(sampleResult(seconds: 1), limits: .init()).text.utf8)
        var generator = SeededGenerator(seed: 17)
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0..<3 {
                let index = Int(generator.next(below: UInt64(bytes.count)))
                bytes[index] = UInt8(0x20 + generator.next(below: 95))
            }
            _ = try? ResultMerge.merge([("a", bytes), ("b", bytes)])
        }
        for _ in 0..<100 {
            let cut = Int(generator.next(below: UInt64(whole.count - 2)))
            #expect(throws: ResultReadingError.self) {
                try JSONReportReader.read(Array(whole.prefix(cut)))
            }
        }
    }
}
