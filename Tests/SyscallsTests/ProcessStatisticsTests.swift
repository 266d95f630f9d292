import Testing

@testable import Syscalls

@Suite struct ProcessStatisticsTests {
    @Test func `a process has memory, threads, descriptors and a start`() throws {
        let statistics = try ProcessStatistics.now()
        #expect(statistics.residentByteCount > 1_000_000)
        #expect(statistics.virtualByteCount >= statistics.residentByteCount)
        #expect(statistics.threadCount >= 1)
        #expect(statistics.maxOpenFileCount >= 3)
        let start = try #require(ProcessStatistics.startSeconds)
        let age = Double(WallClock.now().seconds) - start
        #expect(age > -1 && age < 86_400)
    }

    @Test func `its processor time is what the clock says`() throws {
        let before = ProcessCPUClock.now()
        var sum: UInt64 = 0
        for value in 0..<100_000 as Range<UInt64> { sum &+= value &* value }
        #expect(sum != 0)
        let statistics = try ProcessStatistics.now()
        let total = statistics.userNanoseconds + statistics.systemNanoseconds
        // getrusage(2) counts microseconds.
        #expect(total + 2_000 >= before)
        #expect(total <= ProcessCPUClock.now() + 2_000)
    }

    @Test func `the descriptors that are open are counted`() throws {
        #expect(ProcessStatistics.countOpenFiles() >= 3)
        guard let count = try ProcessStatistics.now().openFileCount else { return }
        #expect(count >= 3)
    }

    @Test(arguments: ["sluice", "a b", ") R 1 (", ""])
    func `the name of a process does not hide its numbers`(name: String) {
        let numbers = (4...52).map(String.init).joined(separator: " ")
        let line = ProcessStatusLine(Array("4711 (\(name)) R \(numbers)\n".utf8))
        #expect(line?.threadCount == 20)
        #expect(line?.startTicks == 22)
        #expect(line?.virtualByteCount == 23)
        #expect(line?.residentPageCount == 24)
    }

    @Test(arguments: ["", "1 (a)", "1 (a) R 2 3", "no line"])
    func `what is no such line is told`(text: String) {
        #expect(ProcessStatusLine(Array(text.utf8)) == nil)
    }
}
