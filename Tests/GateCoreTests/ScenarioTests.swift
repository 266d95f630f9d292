import GateCore
import Testing

@Suite struct ScenarioTests {
    @Test func `busy is the Python project's profile`() {
        #expect(Scenario.busy.connectionCount == 200)
        #expect(Scenario.busy.pipelineDepth == 4)
        #expect(Scenario.busy.thinkTime == 0)
    }
}
