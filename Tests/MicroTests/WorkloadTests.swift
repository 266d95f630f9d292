import Testing

@testable import micro

@Suite struct WorkloadTests {
    /// Each throws when it does not do what it is there to count.
    @Test(arguments: Workload.all.map(\.name))
    func `a workload does its work`(name: String) throws {
        let workload = try #require(Workload.all.first { $0.name == name })
        for count in [0, 1, 20] { try workload.body(count) }
    }

    @Test func `names are unique and fit a threshold's line`() {
        let names = Workload.all.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.wholeMatch(of: /[a-z]+\/[a-z0-9-]+/) != nil)
            #expect(name.count < 24, "a name as wide as the list's column")
        }
    }

    @Test func `the committed thresholds are those of the workloads`() throws {
        let file = ThresholdFile(path: MicroOptions().thresholdPath)
        let thresholds = try file.read(mayBeMissing: false)
        #expect(thresholds.entries.map(\.name) == Workload.all.map(\.name))
        #expect(thresholds.build != nil)
    }

    @Test func `nothing on the way of a request allocates`() throws {
        let file = ThresholdFile(path: MicroOptions().thresholdPath)
        let families = [
            "parse/", "chunked/", "connection/", "turn/", "timer/", "histogram/", "metrics/record",
        ]
        for threshold in try file.read(mayBeMissing: false).entries
        where families.contains(where: threshold.name.hasPrefix) {
            #expect(threshold.allocations == Hundredths(count: 0), "\(threshold.name)")
        }
    }
}
