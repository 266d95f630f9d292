import TestSupport
import Testing

@testable import micro

@Suite struct CommandLineTests {
    private func run(_ arguments: String...) throws -> ChildProcess.Finished {
        try ChildProcess(SluiceProcess.path(of: "micro"), arguments).wait()
    }

    @Test func `help names every option and fits 80 columns`() throws {
        let finished = try run("--help")
        #expect(finished.code == 0)
        for option in ["--only", "--thresholds", "--update", "--json", "--list", "--help"] {
            #expect(finished.output.contains(option))
        }
        for line in finished.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    }

    @Test func `the list has a line for each workload, or for those that are asked for`() throws {
        let all = try run("--list")
        #expect(all.code == 0)
        #expect(all.output.split(separator: "\n").count == Workload.all.count)
        let some = try run("--list", "--only", "parse").output.split(separator: "\n")
        #expect(some.count == Workload.all.count { $0.name.contains("parse") })
        #expect(some.allSatisfy { $0.contains("parse") })
    }

    @Test(arguments: [
        (["--only", "nothing"], "--only: 'nothing' is in no workload's name; --list shows them"),
        (["--only", ""], "--only: '' is empty; give a part of a workload's name"),
        (["--onyl", "parse"], "--onyl: unknown option; did you mean --only?"),
        (["parse"], "'parse': takes no operands; --only parse selects workloads"),
        (["--run", "x", "--iterations", "1"], "--run: 'x' is no workload; --list shows them"),
        (["--run", "parse/minimal"], "--run: give --run WORKLOAD --iterations N"),
        (
            ["--run", "parse/minimal", "--iterations", "-1"],
            "--run: give --run WORKLOAD --iterations N"
        ),
    ])
    func `what is not understood is named, with a cure`(
        arguments: [String], message: String
    ) throws {
        let finished = try ChildProcess(SluiceProcess.path(of: "micro"), arguments).wait()
        #expect(finished.code == 2)
        #expect(finished.error == "micro: \(message)\n")
        #expect(finished.output.isEmpty)
    }

    #if DEBUG
        @Test func `a debug build does not measure`() throws {
            let finished = try run("--only", "parse/minimal")
            #expect(finished.code == 2)
            #expect(finished.error.contains("swift run -c release micro"))
        }
    #endif

    @Test func `a workload can be run by itself`() throws {
        let finished = try run("--run", "parse/minimal", "--iterations", "3")
        #expect(finished.code == 0)
        #expect(finished.output.isEmpty && finished.error.isEmpty)
    }
}
