import TestSupport
import Testing

@testable import streaming

@Suite struct ProcessReadingTests {
    @Test func `reads a process that runs`() throws {
        let process = try ChildProcess(SluiceProcess.path(of: "floor"), ["--port", "0"])
        _ = try process.outputLines(1)
        let reading = try ProcessReading(of: process.id)
        #expect(reading.processorNanoseconds > 0)
        #expect(reading.resident > 0 && reading.peak >= reading.resident)
    }

    @Test func `a process that is not there is named`() {
        // Linux gives no process a number above 2²².
        #expect(throws: ProcessReading.Failure(description: "there is no process 4194305")) {
            _ = try ProcessReading(of: 4_194_305)
        }
    }

    @Test func `reads what the kernel writes`() {
        let status = "Name:\tfloor\nVmHWM:\t    8192 kB\nVmRSS:\t 4096 kB\nThreads:\t1\n"
        #expect(ProcessReading.byteCount("VmHWM", inStatus: status) == 8 << 20)
        #expect(ProcessReading.byteCount("VmRSS", inStatus: status) == 4 << 20)
        #expect(ProcessReading.byteCount("Threads", inStatus: status) == nil)
        #expect(ProcessReading.firstNumber("123456 789 3\n") == 123_456)
        #expect(ProcessReading.firstNumber("") == nil)
    }
}
