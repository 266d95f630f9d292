import GateCore
import LoadGenCore
import Syscalls
import Testing

@testable import gate

@Suite struct LoadOptionsTests {
    static let body = Array("Hello, World!".utf8)

    @Test func `a closed loop asks as the scenario says`() throws {
        let target = try LoadOptions.target("http://127.0.0.1:81/other")
        var scenario = Scenario.crowd
        scenario.path = "/health"
        let options = try LoadOptions.closedLoop(
            scenario, at: target, expecting: Self.body, seed: 7)
        #expect(options.target.description == "http://127.0.0.1:81/health")
        #expect(options.connectionCount == 2_000 && options.pipelineDepth == 1)
        #expect(options.thinkTime == .constant(nanoseconds: 50_000_000))
        #expect(options.duration == 2_000_000_000 && options.warmUp == 1_000_000_000)
        #expect(options.expectedBody == Self.body && options.seed == 7)
        #expect(options.threadCount == 1 && options.sourceAddresses.isEmpty)
        #expect(!options.schedule.isOpenLoop)
    }

    @Test(
        arguments: [(10_000_000, 7_500_000), (2_000_000_000, 1_500_000_000)] as [(UInt64, UInt64)])
    func `requests time out within a round`(duration: UInt64, timeout: UInt64) throws {
        var scenario = Scenario.busy
        scenario.duration = duration
        let options = try LoadOptions.closedLoop(
            scenario, at: .standard, expecting: Self.body, seed: 1)
        #expect(options.timeout == timeout)
        scenario.duration = 60_000_000_000
        let longer = try LoadOptions.closedLoop(
            scenario, at: .standard, expecting: Self.body, seed: 1)
        #expect(longer.timeout == Options().timeout)
    }

    @Test func `an open loop has its rate, and one request on each connection`() throws {
        let options = try LoadOptions.openLoop(
            .busy, at: .standard, expecting: Self.body, seed: 1, rate: 1_234.5678)
        #expect(options.schedule == .constant(RequestRate(perThousandSeconds: 1_234_567)!))
        #expect(options.pipelineDepth == 1 && options.thinkTime == .none)
        #expect(options.duration == 1_000_000_000 && options.warmUp == 250_000_000)
    }

    @Test func `connections that are not kept come from many addresses`() throws {
        var scenario = Scenario.busy
        scenario.keepsAlive = false
        let options = try LoadOptions.closedLoop(
            scenario, at: .standard, expecting: Self.body, seed: 1)
        #expect(!options.keepsAlive && options.sourceAddresses.count == 8)
    }

    @Test func `the first signal interrupts, the second is urgent`() {
        let interruption = Interruption()
        #expect(!interruption.isInterrupted && interruption.signal == nil)
        interruption.received(.terminate)
        #expect(interruption.isInterrupted && !interruption.isUrgent)
        interruption.received(.interrupt)
        #expect(interruption.isUrgent && interruption.signal == .terminate)
    }

    @Test func `a signal that came before ends a load at once`() throws {
        let interruption = Interruption()
        interruption.received(.interrupt)
        var scenario = Scenario.busy
        scenario.duration = 3_600_000_000_000
        let options = try LoadOptions.closedLoop(
            scenario, at: LoadOptions.target("http://127.0.0.1:9/"), expecting: [], seed: 1)
        let run = try LoadRun(options, target: LoadTarget(options))
        let result = try interruption.during(run) { try run.run() }
        #expect(result.isInterrupted)
    }
}
