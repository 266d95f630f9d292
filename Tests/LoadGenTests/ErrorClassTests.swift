import Containers
import Syscalls
import Testing

@testable import LoadGenCore

/// A fault, the load that meets it, and every error that must be counted.
struct FaultScenario: CustomTestStringConvertible, Sendable {
    var name: String
    var script: Script
    var arguments: [String]
    var errors: [String]
    var validCount: UInt64 = 0

    var testDescription: String { name }

    static let all: [FaultScenario] = [
        .init(
            name: "accepts and hangs", script: Script(.hang),
            arguments: ["-c", "3", "-n", "3", "--timeout", "150ms"], errors: ["timeout 3"]),
        .init(
            name: "hangs with requests in the pipeline", script: Script(.hang),
            arguments: ["-c", "1", "-n", "4", "-p", "4", "--timeout", "150ms"],
            errors: ["timeout 4"]),
        .init(
            name: "resets in the middle of a body",
            script: Script(
                .read(1), .send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhello"), .reset),
            arguments: ["-c", "2", "-n", "10"], errors: ["reset 10"]),
        .init(
            name: "answers garbage", script: Script(.read(1), .send("garbage\r\n\r\n"), .hang),
            arguments: ["-c", "2", "-n", "10"], errors: ["parse 10"]),
        .init(
            name: "sends less than it announced",
            script: Script(
                .read(1), .send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhello"), .close),
            arguments: ["-c", "2", "-n", "10"], errors: ["early_end 10"]),
        .init(
            name: "closes without an answer", script: Script(.read(1), .close),
            arguments: ["-c", "2", "-n", "10"], errors: ["early_end 10"]),
        .init(
            name: "drips too slowly",
            script: Script(.read(1), .drip(Script.answer, pause: 20_000_000)),
            arguments: ["-c", "2", "-n", "2", "--timeout", "200ms"], errors: ["timeout 2"]),
        .init(
            name: "answers 503 as fast as it can",
            script: Script(
                .read(1), .send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"), .again),
            arguments: ["-c", "4", "-n", "200"], errors: ["status 200"]),
        .init(
            name: "answers with another body",
            script: Script(.read(1), .send(Script.answer), .again),
            arguments: ["-c", "2", "-n", "20", "--expect-body", "hellO"],
            errors: ["body_mismatch 20"]),
        .init(
            name: "answers with a body of another length",
            script: Script(.read(1), .send(Script.answer), .again),
            arguments: ["-c", "2", "-n", "20", "--expect-length", "6"],
            errors: ["body_mismatch 20"]),
        .init(
            name: "answers twice", script: Script(.read(1), .send(Script.answer + Script.answer)),
            arguments: ["-c", "1", "-n", "5"], errors: ["unexpected_bytes 5"], validCount: 5),
        .init(
            name: "closes in place of every fourth answer",
            script: Script(
                .read(1), .send(Script.answer), .read(1), .send(Script.answer), .read(1),
                .send(Script.answer), .read(1), .close),
            arguments: ["-c", "1", "-n", "12"], errors: ["early_end 3"], validCount: 9),
        // And what looks like a fault and is none.
        .init(
            name: "announces that it closes after three",
            script: Script(
                .read(1), .send(Script.answer), .read(1), .send(Script.answer), .read(1),
                .send(Script.lastAnswer), .close),
            arguments: ["-c", "2", "-n", "30", "-p", "4"], errors: [], validCount: 30),
        .init(
            name: "announces the number of requests that it takes",
            script: Script(
                .read(1),
                .send(
                    "HTTP/1.1 200 OK\r\nKeep-Alive: max=1\r\nContent-Length: 5\r\n\r\nhello"),
                .read(1), .send(Script.answer), .close),
            arguments: ["-c", "2", "-n", "30", "-p", "4"], errors: [], validCount: 30),
        .init(
            name: "ends every body with the connection",
            script: Script(.read(1), .send("HTTP/1.1 200 OK\r\n\r\nhello"), .close),
            arguments: ["-c", "2", "-n", "20", "--expect-body", "hello"], errors: [],
            validCount: 20),
        .init(
            name: "answers four at once in one packet",
            script: Script(
                .read(4),
                .send(Script.answer + Script.answer + Script.answer + Script.answer), .again),
            arguments: ["-c", "2", "-n", "80", "-p", "4"], errors: [], validCount: 80),
        .init(
            name: "answers one byte at a time",
            script: Script(.read(1), .drip(Script.answer, pause: 0), .again),
            arguments: ["-c", "2", "-n", "40", "-p", "4", "--expect-body", "hello"], errors: [],
            validCount: 40),
    ]
}

@Suite struct ErrorClassTests {
    @Test(arguments: FaultScenario.all)
    func `counts every error in its class, exactly`(_ scenario: FaultScenario) throws {
        let server = try FaultyServer(scenario.script)
        defer { server.stop() }
        let options = try options(
            ["http://127.0.0.1:\(server.port)/", "-t", "1", "-d", "20s"] + scenario.arguments)
        let result = try LoadRun(options, target: LoadTarget(options)).run()
        #expect(result.errorCounts == scenario.errors)
        #expect(result.total.validCount == scenario.validCount)
        // Errors are in no rate, and each class brings its first example.
        #expect(result.total.responseTime.count >= scenario.validCount)
        for errorClass in result.total.errors.occurring {
            #expect(result.total.errors.example(of: errorClass) != nil)
        }
    }

    @Test func `a refused connection is an error, with a pause before the next`() throws {
        let closed = try ClosedPort()
        let result = try load("-c", "2", "-n", "6", "-d", "20s", port: closed.port)
        #expect(result.errorCounts == ["connect_refused 6"])
        #expect(result.validRate == 0 && ExitCode(result, limits: ResultLimits()) == .couldNotRun)
    }

    @Test func `a dead server is no high rate`() throws {
        let closed = try ClosedPort()
        let result = try load("-c", "2", "-d", "600ms", port: closed.port)
        // Pauses of 1 ms to 250 ms, halved at most: some ten attempts of each connection.
        #expect(result.total.errors[.connectRefused] == result.total.errors.total)
        #expect((4...40).contains(result.total.errors.total))
    }

    @Test func `a handshake that never ends is a connect timeout`() throws {
        // A listener that accepts nothing and whose backlog is full answers no SYN any more.
        let listener = try Socket.stream(family: .ipv4, nonBlocking: true)
        try Socket.bind(listener, to: .loopback(port: 0))
        try Socket.listen(listener, backlog: 0)
        guard let address = try Socket.localAddress(of: listener) else {
            Issue.record("no address")
            return
        }
        let first = try Socket.stream(family: .ipv4, nonBlocking: true)
        _ = try Socket.connect(first, to: address)
        let result = try load(
            "-c", "1", "-n", "2", "-d", "20s", "--connect-timeout", "150ms", port: address.port)
        #expect(result.errorCounts == ["connect_timeout 2"])
        withExtendedLifetime(first.rawValue) {}
    }

    @Test func `an address without a free port is the client's own trouble`() throws {
        // A source address that this machine does not have fails as one without ports does.
        let closed = try ClosedPort()
        let options = try options([
            "http://127.0.0.1:\(closed.port)/", "-c", "1", "-n", "3", "-d", "20s",
        ])
        guard let source = SocketAddress(numericHost: "192.0.2.1", port: 0) else {
            Issue.record("no address")
            return
        }
        let target = LoadTarget(
            addresses: [.loopback(port: closed.port)], sources: [source])
        let result = try LoadRun(options, target: target).run()
        #expect(result.errorCounts == ["client_ports 3"])
        #expect(result.warnings.contains { $0.key == "never_connected" })
    }

    #if FAULT_INJECTION
        @Test(arguments: [
            (SystemCall.send, Errno.inputOutput, "write 4"),
            (SystemCall.receive, Errno.inputOutput, "read 4"),
            (SystemCall.connect, Errno(rawValue: 113), "connect_other 4"),
        ])
        func `failures of the kernel are in classes of their own`(
            call: SystemCall, error: Errno, expected: String
        ) throws {
            let server = try FaultyServer(Script(.read(1), .send(Script.answer), .again))
            defer { server.stop() }
            let options = try options([
                "http://127.0.0.1:\(server.port)/", "-t", "1", "-c", "1", "-n", "4", "-d", "20s",
            ])
            let run = try LoadRun(options, target: LoadTarget(options))
            FaultPlan(.fail(call, with: error)).run { LoadRun.work(run.plan(for: 0), run.control) }
            let results = try #require(run.control.results)
            let errors = results[0].errors
            #expect(
                ErrorClass.allCases.filter { errors[$0] > 0 }.map { "\($0.key) \(errors[$0])" }
                    == [expected])
        }

        @Test(arguments: [SystemCall.send, .receive])
        func `bytes may go and come one at a time`(call: SystemCall) throws {
            let server = try FaultyServer(Script(.read(1), .send(Script.answer), .again))
            defer { server.stop() }
            for arguments in [["-p", "4"], ["--path", "/{seq}", "-p", "3"]] {
                let options = try options(
                    ["--port", "\(server.port)", "-t", "1", "-c", "2", "-n", "10", "-d", "20s"]
                        + arguments)
                let run = try LoadRun(options, target: LoadTarget(options))
                FaultPlan(.limit(call, toBytes: 1)).run {
                    LoadRun.work(run.plan(for: 0), run.control)
                }
                let results = try #require(run.control.results)
                #expect(results[0].validCount == 10 && results[0].errors.total == 0)
            }
        }
    #endif
}
