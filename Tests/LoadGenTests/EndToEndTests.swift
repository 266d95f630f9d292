import Containers
import Foundation
import TestSupport
import Testing

@testable import LoadGenCore

/// The whole: the built `loadgen` against the built `sluice`, and against nginx.
@Suite struct EndToEndTests {
    @Test func `loads sluice with a pipeline, without an error`() throws {
        let server = try SluiceProcess()
        let result = try load(
            "-c", "20", "-n", "20000", "-p", "8", "--expect-body", "Hello, World!", "-d", "60s",
            port: UInt16(server.port))
        #expect(result.total.validCount == 20_000 && result.errorCounts == [])
        #expect(result.statuses.map(\.code) == [200] && result.total.responseTime.count == 20_000)
    }

    @Test func `sluice closes after its number of requests, and nothing is lost`() throws {
        let server = try SluiceProcess(["--max-keepalive-requests", "7"])
        let result = try load(
            "-c", "4", "-n", "1000", "-p", "4", "-d", "60s", port: UInt16(server.port))
        #expect(result.total.validCount == 1_000 && result.errorCounts == [])
        #expect(result.total.reconnectCount > 100)
    }

    @Test(arguments: [
        ["--path", "/stream"], ["--no-keepalive"], ["-m", "HEAD"],
        ["--path", "/submit", "--data", "hello {seq}"],
        ["--path", "/submit", "--data", "hello", "--chunked", "--expect-body", "hello"],
        ["--path", "/submit", "--data", "hello", "--expect-100", "--expect-body", "hello"],
        ["--path", "/nowhere", "--expect-status", "404"],
    ])
    func `speaks with sluice in every way`(arguments: [String]) throws {
        let server = try SluiceProcess()
        let options = try options(
            ["--port", "\(server.port)", "-t", "1", "-c", "4", "-n", "200", "-d", "60s"] + arguments
        )
        let result = try LoadRun(options, target: LoadTarget(options)).run()
        #expect(result.total.validCount == 200 && result.errorCounts == [])
    }

    @Test(.enabled(if: NginxServer.path != nil, "nginx is not installed"))
    func `loads nginx, which closes after its number of requests`() throws {
        let server = try NginxServer(keepAliveRequests: 50)
        // It may take a moment to listen: connects fail until then, and are tried again.
        var result: RunResult?
        for _ in 0..<200 where (result?.total.validCount ?? 0) == 0 {
            let options = try options([
                "--unix", server.socketPath, "-t", "1", "-c", "1", "-n", "1", "-d", "60s",
            ])
            result = try LoadRun(options, target: LoadTarget(options)).run()
        }
        let options = try options([
            "--unix", server.socketPath, "-t", "1", "-c", "8", "-n", "2000", "-p", "4", "-d", "60s",
            "--expect-body", "hello",
        ])
        result = try LoadRun(options, target: LoadTarget(options)).run()
        #expect(result?.total.validCount == 2_000 && result?.errorCounts == [])
        #expect((result?.total.reconnectCount ?? 0) >= 32)
    }
}

@Suite struct CommandTests {
    @Test func `quiet JSON on standard output is one object with loadgen.py's keys`() throws {
        let server = try SluiceProcess()
        let ending = try LoadGenProcess.run(
            "--host", "127.0.0.1", "--port", "\(server.port)", "--path", "/", "--concurrency",
            "4", "--requests", "500", "--duration", "30", "--timeout", "2", "--keepalive",
            "--pipeline-depth", "2", "--json", "-", "--quiet")
        #expect(ending.code == 0 && ending.error == "")
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any])
        for key in ["requests", "errors", "error_rate", "rps", "p50_ms", "p95_ms", "status_counts"]
        {
            #expect(object[key] != nil)
        }
        #expect(object["requests"] as? Int == 500 && object["errors"] as? Int == 0)
    }

    @Test func `the report names its clock and what came`() throws {
        let server = try SluiceProcess()
        let ending = try LoadGenProcess.run(
            "http://127.0.0.1:\(server.port)/", "-c", "2", "-n", "100", "-d", "30s")
        #expect(ending.code == 0)
        #expect(ending.output.contains("closed-loop round trip"))
        #expect(ending.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test(
        arguments: [
            (["https://127.0.0.1/"], 2, "https is not supported"),
            (["-c", "0"], 2, "-c '0'"), (["--rate", "0"], 2, "--rate '0'"),
            (["--data-file", "/nowhere/x"], 2, "--data-file"),
            (["--source", "192.0.2.1"], 2, "--source '192.0.2.1'"),
            (["--json", "/nowhere/x.json"], 2, "--json '/nowhere/x.json'"),
            (["--unix", "/nowhere/socket", "-n", "1", "-q"], 1, ""),
        ] as [([String], Int32, String)])
    func `says what is wrong with a command line and how it ended`(
        arguments: [String], code: Int32, text: String
    ) throws {
        let ending = try ChildProcess(LoadGenProcess.path, arguments).wait()
        #expect(ending.code == code)
        #expect(text.isEmpty || ending.error.contains(text))
        #expect(ending.error.split(separator: "\n").count <= 1)
    }

    @Test func `a broken limit ends with 3`() throws {
        let server = try SluiceProcess()
        let ending = try LoadGenProcess.run(
            "http://127.0.0.1:\(server.port)/nowhere", "-c", "2", "-n", "10", "-q",
            "--max-error-rate", "1%")
        #expect(ending.code == 3)
    }

    @Test func `an interrupt ends with 130 and the report of what there was`() throws {
        let server = try SluiceProcess()
        let process = try ChildProcess(
            LoadGenProcess.path,
            [
                "http://127.0.0.1:\(server.port)/", "-c", "2", "-d", "60s", "--json", "-",
            ])
        // It tells of its progress once a second, so it is at work then.
        #expect(try process.errorLines(1).first?.contains("measuring") == true)
        process.signal(SIGINT)
        let ending = try process.wait()
        #expect(ending.code == 130)
        #expect(ending.output.contains("\"interrupted\": true"))
    }

    @Test func `merge adds the results of runs`() throws {
        let server = try SluiceProcess()
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("loadgen-merge-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let files = ["a.json", "b.json"].map { directory.appendingPathComponent($0).path }
        for file in files {
            let ending = try LoadGenProcess.run(
                "http://127.0.0.1:\(server.port)/", "-c", "2", "-n", "100", "-q", "--json", file)
            #expect(ending.code == 0)
        }
        let sum = try LoadGenProcess.run("merge", files[0], files[1], "--json", "-", "-q")
        #expect(sum.code == 0 && sum.output.contains("\"valid\": 200"))
    }
}
