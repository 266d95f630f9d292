import Containers
import Testing

@testable import LoadGenCore

let second: UInt64 = 1_000_000_000
let millisecond: UInt64 = 1_000_000

/// A recorder whose measured part goes from 100 s to 110 s.
func recorder(isOpenLoop: Bool = false, connections: Range<Int> = 0..<4) -> Recorder {
    Recorder(
        RecorderPlan(
            start: 100 * second, end: 110 * second, isOpenLoop: isOpenLoop,
            connections: connections))
}

/// The result of one recorder that `body` fills.
func recorded(
    isOpenLoop: Bool = false, outstanding: Int = 0, unsent: UInt64 = 0,
    until: UInt64 = 110 * second,
    _ body: (inout Recorder) -> Void
) -> ThreadResult {
    var recorder = recorder(isOpenLoop: isOpenLoop)
    body(&recorder)
    return recorder.finish(
        now: until, outstandingCount: outstanding, unsentCount: unsent, cpuTime: 5 * second)
}

extension Recorder {
    /// A valid answer that took `latency` from a send at `sent`.
    fileprivate mutating func answer(
        connection: Int = 0, planned: UInt64? = nil, sent: UInt64, latency: UInt64
    ) {
        validAnswerReceived(
            connection: connection, status: 200, planned: planned ?? sent, sent: sent,
            received: sent + latency)
    }
}

@Suite struct RecorderTests {
    @Test func `a closed loop counts what was received during the measured part`() {
        let result = recorded { recorder in
            recorder.answer(sent: 99 * second, latency: 500 * millisecond)
            recorder.answer(sent: 99 * second, latency: second)
            recorder.answer(sent: 109 * second, latency: second - 1)
            recorder.answer(sent: 109 * second, latency: second)
        }
        #expect(result.validCount == 2)
        #expect(result.responseTime.count == 2)
        #expect(result.serviceTime.isEmpty)
        #expect(result.elapsed == 10 * second)
        #expect(result.cpuShare == 0.5)
    }

    @Test func `an open loop counts what was planned for the measured part`() {
        let result = recorded(isOpenLoop: true, until: 112 * second) { recorder in
            recorder.answer(planned: 99 * second, sent: 101 * second, latency: millisecond)
            recorder.answer(planned: 109 * second, sent: 111 * second, latency: millisecond)
            recorder.answer(planned: 110 * second, sent: 110 * second, latency: millisecond)
        }
        #expect(result.validCount == 1)
        #expect(abs(result.responseTime.maximum - 2_001_000) < 2_000)
        #expect(result.serviceTime.maximum == 1_000)
        #expect(result.elapsed == 10 * second)
        #expect(result.series.rows.count == 12)
    }

    @Test func `a stall of a second is in the response time and not in the service time`() {
        // 1,000 requests a second; the server answers in 1 ms but stalls from 102 s to 103 s,
        // and the generator can send nothing meanwhile.
        let result = recorded(isOpenLoop: true) { recorder in
            for index in 0..<10_000 as Range<UInt64> {
                let planned = 100 * second + index * millisecond
                let isStalled = (102 * second..<103 * second).contains(planned)
                let sent = isStalled ? 103 * second : planned
                recorder.requestSent(planned: planned, sent: sent)
                recorder.answer(planned: planned, sent: sent, latency: millisecond)
            }
        }
        #expect(result.responseTime.value(atPercentile: 99) >= 890_000)
        #expect(result.responseTime.value(atPercentile: 50) <= 1_001)
        #expect(result.serviceTime.value(atPercentile: 99.99) <= 1_001)
        #expect(result.sendLag.value(atPercentile: 99) >= 890_000)
        #expect(result.sentInTimeCount == 10_000)
        // The stalled second has the one answer that was under way, the next one the rest.
        #expect(result.series.rows.map(\.validCount)[1...4] == [1_000, 1, 1_999, 1_000])
    }

    @Test func `every error is in its class with its first example, and never in the rate`() {
        let result = recorded { recorder in
            for (index, errorClass) in ErrorClass.allCases.enumerated() {
                for repetition in 0...index {
                    recorder.requestFailed(
                        errorClass, detail: repetition, connection: index,
                        planned: 101 * second, now: 101 * second + UInt64(index + repetition))
                }
            }
        }
        for (index, errorClass) in ErrorClass.allCases.enumerated() {
            #expect(result.errors[errorClass] == UInt64(index + 1))
            let example = result.errors.example(of: errorClass)
            #expect(example?.connection == index && example?.detail == 0)
            #expect(example?.time == second + UInt64(index))
        }
        #expect(result.validCount == 0 && result.responseTime.isEmpty)
        #expect(result.errors.total == UInt64((1...ErrorClass.allCases.count).reduce(0, +)))
        #expect(result.series.rows[1].errorCount == result.errors.total)
    }

    @Test func `a timeout is an error and a latency, other errors are no latency`() {
        let result = recorded { recorder in
            recorder.requestTimedOut(
                connection: 1, planned: 101 * second, sent: 101 * second, now: 103 * second)
            recorder.invalidAnswerReceived(
                .status, detail: 503, connection: 2, status: 503, planned: 101 * second,
                sent: 101 * second, received: 101 * second + millisecond)
        }
        #expect(result.errors[.timeout] == 1 && result.errors[.status] == 1)
        #expect(result.responseTime.count == 1 && result.responseTime.maximum == 2_000_000)
        #expect(result.errorTime.count == 1 && result.errorTime.maximum == 1_000)
        #expect(result.statusCounts[503] == 1)
        #expect(result.validCount == 0)
    }

    @Test func `knows connections, bytes and what was sent`() {
        let result = recorded(outstanding: 3, unsent: 2) { recorder in
            recorder.connected(began: 99 * second, now: 99 * second + 7_000, isReconnect: false)
            recorder.connected(began: 101 * second, now: 101 * second + 9_000, isReconnect: true)
            recorder.connectFailed(
                .connectRefused, detail: 111, connection: 3, now: 99 * second)
            recorder.connectFailed(
                .connectRefused, detail: 111, connection: 3, now: 102 * second)
            recorder.requestSent(planned: 101 * second, sent: 101 * second)
            recorder.requestsSentAgain(2, now: 101 * second)
            recorder.bytesReceived(10, now: 99 * second)
            recorder.bytesReceived(20, now: 104 * second)
            recorder.bytesSent(30, now: 104 * second)
        }
        #expect(result.connectionCount == 2 && result.reconnectCount == 1)
        #expect(result.connectTime.minimum == 7 && result.connectTime.maximum == 9)
        #expect(result.errors[.connectRefused] == 1)
        #expect(result.sentCount == 1 && result.sentAgainCount == 2)
        #expect(result.receivedByteCount == 20 && result.sentByteCount == 30)
        #expect(result.series.rows[4].receivedByteCount == 20)
        #expect(result.outstandingCount == 3 && result.unsentCount == 2)
    }

    @Test func `a status that is none is counted and does not trap`() {
        let result = recorded { recorder in
            for status in [0, 99, 600, 999, -1] {
                recorder.validAnswerReceived(
                    connection: 0, status: status, planned: 101 * second, sent: 101 * second,
                    received: 101 * second)
            }
        }
        #expect(result.statusCounts[0] == 5)
    }

    @Test func `the sum of threads equals one thread that did everything`() {
        func fill(_ recorder: inout Recorder, _ numbers: some Sequence<UInt64>) {
            for number in numbers {
                recorder.answer(
                    connection: Int(number % 4), sent: 100 * second + number * 30 * millisecond,
                    latency: (number * 7_919 % 5_000) * 1_000)
            }
        }
        let one = recorded { fill(&$0, 0..<300) }
        let parts = [recorded { fill(&$0, 0..<100) }, recorded { fill(&$0, 100..<300) }]
        let sum = RunResult(RunDescription(), threads: parts).total
        #expect(sum.responseTime == one.responseTime)
        #expect(sum.series == one.series)
        #expect(sum.validCount == one.validCount && sum.statusCounts == one.statusCounts)
        #expect(sum.fairness.connectionCount == 8)
    }

    @Test func `a glance shows the last interval and the one being filled`() {
        var recorder = recorder()
        recorder.answer(sent: 100 * second, latency: millisecond)
        recorder.answer(sent: 101 * second, latency: 2 * millisecond)
        recorder.answer(sent: 102 * second, latency: 3 * millisecond)
        var snapshot = recorder.snapshot()
        #expect(snapshot.validCount == 3 && snapshot.interval.count == 2)
        #expect(snapshot.interval.minimum == 2_000)
        snapshot.merge(recorder.snapshot())
        #expect(snapshot.validCount == 6 && snapshot.interval.count == 4)
    }
}

@Suite struct IntervalSeriesTests {
    private func series(secondCount: Int) -> IntervalSeries {
        var recorder = Recorder(
            RecorderPlan(start: 0, end: .max, isOpenLoop: false, connections: 0..<1))
        for index in 0..<UInt64(secondCount) {
            recorder.answer(sent: index * second, latency: second / 2)
        }
        return recorder.finish(
            now: UInt64(secondCount) * second, outstandingCount: 0, unsentCount: 0, cpuTime: 0
        ).series
    }

    @Test(arguments: [
        (1, 1, 1), (10, 1, 10), (512, 1, 512), (513, 2, 257), (1_024, 2, 512), (1_025, 4, 257),
        (5_000, 16, 313),
    ])
    func `stays bounded by making its intervals longer`(
        secondCount: Int, length: UInt64, rowCount: Int
    ) {
        let series = series(secondCount: secondCount)
        #expect(series.intervalLength == length * second)
        #expect(series.rows.count == rowCount)
        #expect(series.rows.reduce(0) { $0 + $1.validCount } == secondCount)
        #expect(series.elapsed == UInt64(secondCount) * second)
        let lengths = series.rows.indices.map { series.length(ofRow: $0) }
        #expect(lengths.reduce(0, +) == series.elapsed)
    }

    @Test func `adds series of different interval lengths`() {
        var long = series(secondCount: 600)
        let short = series(secondCount: 3)
        long.merge(short)
        #expect(long.intervalLength == 2 * second && long.rows.count == 300)
        #expect(long.rows[0].validCount == 4 && long.rows[1].validCount == 3)
        var sum = IntervalSeries()
        sum.merge(short)
        sum.merge(series(secondCount: 600))
        #expect(sum == long)
    }

    @Test func `the last interval may be short`() {
        let result = recorded(until: 102 * second + 500 * millisecond) { recorder in
            recorder.answer(sent: 101 * second, latency: 0)
        }
        #expect(result.series.rows.map(\.validCount) == [0, 1, 0])
        #expect(result.series.length(ofRow: 2) == 500 * millisecond)
        #expect(result.elapsed == 2_500 * millisecond)
    }

    @Test(arguments: [0, 999_999_999, 1_500_000_000, 3_000_000_000] as [UInt64])
    func `refuses interval lengths that cannot be made equal`(length: UInt64) {
        #expect(IntervalSeries(intervalLength: length, rows: [], elapsed: 0) == nil)
    }
}

@Suite struct FairnessTests {
    @Test(arguments: [
        ([10, 10, 10, 10] as [UInt32], 0, 10, 10, 10, 1.0),
        ([40, 0, 0, 0], 3, 0, 0, 40, 0.25), ([1, 2, 3], 0, 1, 2, 3, 36.0 / 42), ([], 0, 0, 0, 0, 0),
        ([0, 0], 2, 0, 0, 0, 0),
    ])
    func `tells the spread`(
        counts: [UInt32], idle: UInt64, minimum: Int, median: Int, maximum: Int, jain: Double
    ) {
        let fairness = Fairness(counts)
        #expect(fairness.idleCount == idle && fairness.minimum == minimum)
        #expect(fairness.median == median && fairness.maximum == maximum)
        #expect(abs(fairness.jainIndex - jain) < 1e-12)
    }

    @Test func `the sum is that of all connections`() {
        var fairness = Fairness([5, 0])
        fairness.merge(Fairness([7]))
        #expect(fairness == Fairness([5, 0, 7]))
    }
}

@Suite struct ErrorClassTests {
    @Test(arguments: [
        (111 as Int32, ErrorClass.connectRefused), (110, .connectTimeout), (99, .portsExhausted),
        (113, .connectOther),
    ])
    func `sorts failures to connect`(errno: Int32, errorClass: ErrorClass) {
        #expect(ErrorClass.connectFailure(errno: errno) == errorClass)
    }

    @Test func `sorts failures to read and write`() {
        #expect(ErrorClass.readFailure(errno: 104) == .reset)
        #expect(ErrorClass.readFailure(errno: 5) == .read)
        #expect(ErrorClass.writeFailure(errno: 32) == .reset)
        #expect(ErrorClass.writeFailure(errno: 105) == .write)
    }

    @Test(arguments: [
        (ErrorClass.reset, 104, "ECONNRESET, connection 17 at 3.2 s"),
        (.read, 5, "errno 5, connection 17 at 3.2 s"),
        (.timeout, 0, "connection 17 at 3.2 s"),
        (.status, 503, "status 503, connection 17 at 3.2 s"),
        (.earlyEnd, 1_200, "after 1,200 bytes of the answer, connection 17 at 3.2 s"),
        (.bodyMismatch, 5, "body of 5 bytes, connection 17 at 3.2 s"),
    ])
    func `tells an example`(errorClass: ErrorClass, detail: Int, text: String) {
        let example = ErrorExample(
            errorClass: errorClass, detail: detail, connection: 17, time: 3_200 * millisecond)
        #expect(example.description == text)
    }

    @Test func `keys are unique`() {
        #expect(Set(ErrorClass.allCases.map(\.key)).count == ErrorClass.allCases.count)
    }
}
