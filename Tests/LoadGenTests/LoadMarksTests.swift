import Synchronization
import Syscalls
import Testing

@testable import LoadGenCore

@Suite struct LoadMarksTests {
    /// The marks in the order in which they came, with their instants.
    private final class Log: Sendable {
        private let entries = Mutex<[(name: String, time: UInt64)]>([])
        var names: [String] { entries.withLock { $0.map(\.name) } }
        var times: [UInt64] { entries.withLock { $0.map(\.time) } }

        func note(_ name: String) {
            let now = MonotonicClock.now().nanoseconds
            entries.withLock { $0.append((name, now)) }
        }

        var marks: LoadMarks {
            LoadMarks(began: { self.note("began") }, ended: { self.note("ended") })
        }
    }

    @Test(arguments: [["-p", "2"], ["-R", "200"], ["-R", "200", "-t", "2"]])
    func `marks embrace the measured part, once for all threads`(arguments: [String]) throws {
        let server = try FaultyServer(Script(.read(1), .send(Script.answer), .again))
        defer { server.stop() }
        let log = Log()
        let options = try options(
            [
                "http://127.0.0.1:\(server.port)/", "-t", "1", "-c", "2", "-d", "200ms",
                "--warmup", "100ms", "--timeout", "10s",
            ] + arguments)
        let began = MonotonicClock.now().nanoseconds
        let result = try LoadRun(options, target: LoadTarget(options), marks: log.marks).run()
        #expect(result.errorCounts == [] && result.total.validCount > 0)
        try #require(log.names == ["began", "ended"])
        #expect(log.times[0] >= began + 100_000_000)
        // The end of an open loop is the end of its drain, which may come before that of its length.
        let shortest: UInt64 = options.schedule.isOpenLoop ? 0 : 190_000_000
        #expect(log.times[1] >= log.times[0] + shortest)
    }
}
