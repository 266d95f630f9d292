import Testing

@testable import micro

@Suite struct ThresholdTests {
    private static let build = BuildDescription(compiler: "Swift 6.3.1", architecture: "x86_64")

    private static let text = """
        # A comment.
        # Built by: Swift 6.3.1, x86_64

        parse/minimal   709      0   # and another
        turn/depth-1\t3443 1.25

        """

    private static func threshold(
        _ name: String, _ instructions: Int, _ allocations: Int = 0
    ) -> Threshold {
        Threshold(
            name: name, instructions: instructions,
            allocations: Hundredths(count: allocations * 100))
    }

    private static func measurement(_ name: String, _ instructions: Int) -> Measurement {
        Measurement(
            name: name, instructions: instructions, allocations: Hundredths(count: 50))
    }

    @Test func `a file is read past its comments`() throws {
        let thresholds = try Thresholds(text: Self.text)
        #expect(thresholds.build == Self.build)
        #expect(thresholds.entries.map(\.name) == ["parse/minimal", "turn/depth-1"])
        #expect(thresholds["parse/minimal"]?.instructions == 709)
        #expect(thresholds["turn/depth-1"]?.allocations == Hundredths(count: 125))
        #expect(thresholds["parse"] == nil)
    }

    @Test func `what is written is read again`() throws {
        let thresholds = try Thresholds(text: Self.text)
        #expect(try Thresholds(text: thresholds.text) == thresholds)
        let empty = Thresholds()
        #expect(try Thresholds(text: empty.text) == empty)
    }

    @Test(arguments: [
        "a 1", "a 1 2 3", "a b 2", "a 1 b", "a -1 0", "a 1 -1", "a 1 0.123", "a 1.5 0", "a 1 .5",
        "a 1 1.",
    ])
    func `a line that is no threshold is named`(line: String) {
        let error = #expect(throws: MeasuringError.self) {
            try Thresholds(text: "# one\n\n\(line)\n")
        }
        #expect(error?.description.hasPrefix("line 3: '\(line)' is no threshold") == true)
    }

    @Test func `a name that is there twice is refused`() {
        let error = #expect(throws: MeasuringError.self) {
            try Thresholds(text: "a 1 0\nb 1 0\na 2 0\n")
        }
        #expect(error?.description == "line 3: a is there twice; remove one")
    }

    @Test(arguments: [(0, 0), (1, 2), (49, 50), (50, 51), (100, 102), (101, 104), (2_017, 2_058)])
    func `an update leaves two per cent of room, rounded up`(measured: Int, written: Int) {
        let threshold = Threshold(Self.measurement("a", measured))
        #expect(threshold.instructions == written)
        #expect(threshold.allocations == Hundredths(count: 50))
    }

    @Test func `an update keeps what was not measured and drops what is unknown`() {
        let old = Thresholds(
            build: nil,
            entries: [
                Self.threshold("gone", 1), Self.threshold("kept", 2), Self.threshold("same", 102),
                Self.threshold("changed", 3),
            ])
        let updated = old.updated(
            with: [Self.measurement("new", 100), Self.measurement("changed", 200)],
            knownNames: ["changed", "kept", "new", "never", "same"], build: Self.build)
        #expect(updated.build == Self.build)
        #expect(updated.entries.map(\.name) == ["changed", "kept", "new", "same"])
        #expect(updated["kept"] == old["kept"])
        #expect(
            updated.changes(since: old) == """
                changed: 3 instructions, 0 allocations → 204 instructions, 0.5 allocations
                new: none → 102 instructions, 0.5 allocations
                gone: 1 instructions, 0 allocations → removed

                """)
        #expect(updated.changes(since: updated) == "no threshold changed\n")
    }

    @Test func `another compiler or architecture is warned of`() throws {
        let thresholds = try Thresholds(text: Self.text)
        #expect(thresholds.warning(for: Self.build) == nil)
        #expect(Thresholds().warning(for: Self.build) == nil)
        for other in [
            BuildDescription(compiler: "Swift 6.4", architecture: "x86_64"),
            BuildDescription(compiler: "Swift 6.3.1", architecture: "arm64"),
        ] {
            let warning = try #require(thresholds.warning(for: other))
            #expect(warning.contains("\(other.compiler) on \(other.architecture)"))
        }
    }

    @Test func `a file that is not there is an error with a cure, except for an update`() throws {
        let file = ThresholdFile(path: "/nowhere/thresholds.txt")
        #expect(try file.read(mayBeMissing: true) == Thresholds())
        let error = #expect(throws: MeasuringError.self) { try file.read(mayBeMissing: false) }
        #expect(
            error?.description.contains("give a copy of its Bench/micro/thresholds.txt") == true)
        #expect(throws: MeasuringError.self) { try file.write("") }
    }
}
