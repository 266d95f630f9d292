import Foundation
import TestSupport
import Testing

/// The built gate with built servers. A debug build measures nothing worth knowing, so these ask for
/// what needs no measurement; `.ci/gate-smoke` asks the release build for the rest.
@Suite(.serialized) struct GateRunTests {
    /// Runs the gate briefly, with a reactor that has a fault.
    private static func run(
        fault: String? = nil, _ arguments: String..., before: [String] = []
    ) throws -> TestSupport.ChildProcess.Finished {
        var all = ["--allow-debug-build", "--scenario", "busy", "-c", "4", "--profile", "ci"]
        all += ["--duration", "20ms", "--warm-up", "5ms", "--open-duration", "0", "--quiet"]
        if let fault {
            let faulty = SluiceProcess.path(of: "faulty")
            all += ["--engine", "reactor='\(faulty)' --port 0 --fault \(fault)"]
        }
        let command = before + [SluiceProcess.path(of: "gate")] + all + arguments
        return try TestSupport.ChildProcess(command[0], Array(command.dropFirst()))
            .wait(seconds: 60)
    }

    @Test(
        arguments: [
            ("wrong-body", 4, "reactor answered GET / with 'Hello, Mars!!', expected 'Hello,"),
            ("unavailable", 1, "reactor answered 503 to GET /"),
            ("crash", 1, "exit code 9"),
        ] as [(String, Int32, String)])
    func `a fault is named`(fault: String, code: Int32, text: String) throws {
        let finished = try Self.run(fault: fault)
        #expect(finished.code == code, "\(finished)")
        #expect(finished.output.contains(text), "\(finished.output)")
    }

    @Test func `a debug build is refused, and with the flag it never passes`() throws {
        let gate = SluiceProcess.path(of: "gate")
        let refused = try TestSupport.ChildProcess(gate, ["--scenario", "busy"]).wait()
        #expect(refused.code == 2 && refused.error.contains("debug build"), "\(refused)")
        let finished = try Self.run(
            "--no-default-checks", "--check", "reactor.rps >= 1", "--json", "-")
        #expect(finished.code == 3, "\(finished)")
        #expect(finished.output.contains("\"verdict\": \"inconclusive\""))
    }

    @Test func `a program that is not there is named`() throws {
        let finished = try Self.run("--engine", "other=/no/such/program")
        #expect(finished.code == 4, "\(finished)")
        #expect(finished.output.contains("'/no/such/program' (engine other) cannot run"))
    }

    @Test func `a program that ends before it listens is a crash`() throws {
        let finished = try Self.run("--engine", "other=/bin/sh -c 'echo no luck >&2; exit 7'")
        #expect(finished.code == 1, "\(finished)")
        #expect(finished.output.contains("exit code 7"))
        #expect(finished.output.contains("no luck"))
    }

    @Test func `what a server has started ends with it`() throws {
        // The shell dies of SIGTERM, its child does not hear of it.
        let faulty = SluiceProcess.path(of: "faulty")
        let marker = "GATE_TEST=\(UUID().uuidString)"
        let finished = try Self.run(
            "--engine", "other=/bin/sh -c \"'\(faulty)' --port 0 & wait\"",
            "--no-default-checks", "--check", "reactor.rps >= 1",
            before: ["/usr/bin/env", marker])
        #expect(finished.code == 3, "\(finished)")
        #expect(try Self.processCount(withVariable: marker) == 0)
    }

    /// Processes that are not about to end, and have this variable.
    private static func processCount(withVariable variable: String) throws -> Int {
        let deadline = Date() + 10
        var count = 0
        repeat {
            count = try FileManager.default.contentsOfDirectory(atPath: "/proc").count { name in
                guard Int(name) != nil,
                    let bytes = FileManager.default.contents(
                        atPath: "/proc/\(name)/environ")
                else { return false }
                return bytes.split(separator: 0).contains(Data(variable.utf8))
            }
        } while count > 0 && Date() < deadline
        return count
    }

    @Test func `GitHub gets annotations, and a summary behind what is there`() throws {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("gate-\(UUID().uuidString)")
        try "before\n".write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let finished = try Self.run(
            fault: "unavailable",
            before: ["/usr/bin/env", "GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=\(file.path)"])
        #expect(finished.output.contains("::error "), "\(finished)")
        let summary = try String(contentsOf: file, encoding: .utf8)
        #expect(summary.hasPrefix("before\n## gate: FAIL"), "\(summary)")
    }

    static let taskset = "/usr/bin/taskset"

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: taskset), "no taskset here"))
    func `one core is not enough, and the report says so`() throws {
        let finished = try Self.run(before: [Self.taskset, "-c", "0"])
        #expect(finished.code == 3, "\(finished)")
        #expect(finished.output.contains("needs two cores"))
    }

    @Test(arguments: [
        (["--baseline", "/no/such/file"], "--baseline '/no/such/file'"),
        (["--json", "/no/such/folder/x"], "--json '/no/such/folder/x'"),
    ])
    func `a file that cannot be used is named before the run`(
        arguments: [String], text: String
    ) throws {
        let gate = SluiceProcess.path(of: "gate")
        let finished = try TestSupport.ChildProcess(
            gate, ["--allow-debug-build"] + arguments
        ).wait()
        #expect(finished.code == 2 && finished.output == "", "\(finished)")
        #expect(finished.error.contains(text))
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal ends the run, its server and every verdict`(signal: Int32) throws {
        let gate = SluiceProcess.path(of: "gate")
        let process = try TestSupport.ChildProcess(
            gate,
            [
                "--allow-debug-build", "--scenario", "busy", "-c", "4", "--duration", "60s",
                "--json", "-",
            ])
        // The line for the unjudged rounds: from then on a server is under load.
        _ = try process.errorLines(2)
        process.signal(signal)
        let finished = try process.wait()
        #expect(finished.code == 128 + signal, "\(finished)")
        #expect(finished.output.contains("\"interrupted\": true"))
        #expect(finished.output.contains("\"verdict\": null"))
    }
}
