/// One shape of load, the same for every engine that is compared under it. Times are nanoseconds.
package struct Scenario: Sendable, Equatable {
    /// How checks and reports call it: `busy`, `crowd`.
    package var name: String
    /// The request target.
    package var path = "/"
    /// Connections that are kept open.
    package var connectionCount: Int
    /// Requests that may be outstanding on one connection.
    package var pipelineDepth = 1
    /// Whether a connection serves more than one request.
    package var keepsAlive = true
    /// Pause of a connection after an answer.
    package var thinkTime: UInt64 = 0
    /// Load before the measured part, not counted.
    package var warmUp: UInt64 = 1_000_000_000
    /// The measured closed loop, for each engine and round.
    package var duration: UInt64 = 2_000_000_000
    /// The open-loop phase behind it, at the same rate for every engine; 0: none.
    package var openDuration: UInt64 = 1_000_000_000

    /// A scenario with the usual times.
    package init(name: String, connectionCount: Int) {
        self.name = name
        self.connectionCount = connectionCount
    }

    /// The profile of the Python project: 200 connections that never pause, four requests deep.
    package static var busy: Scenario {
        var scenario = Scenario(name: "busy", connectionCount: 200)
        scenario.pipelineDepth = 4
        return scenario
    }

    /// What reactors are for: 2,000 keep-alive connections that pause between requests.
    package static var crowd: Scenario {
        var scenario = Scenario(name: "crowd", connectionCount: 2_000)
        scenario.thinkTime = 50_000_000
        return scenario
    }
}
