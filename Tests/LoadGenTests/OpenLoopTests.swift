import Containers
import Syscalls
import Testing

@testable import LoadGenCore

@Suite struct OpenLoopTests {
    @Test func `a stall of a second is in the response time and not in the service time`() throws {
        let server = try FaultyServer(
            Script(
                .read(1), .stall(afterRequests: 200, nanoseconds: second), .send(Script.answer),
                .again))
        defer { server.stop() }
        let result = try load(
            "-c", "2", "-R", "400", "-d", "2500ms", "--timeout", "10s", port: server.port)
        #expect(result.errorCounts == [] && result.total.validCount == 1_000)
        // Some 400 of 1,000 requests were due during the stall, up to a second of it to go; only the
        // two that were on their way met it.
        let response = result.total.responseTime.value(atPercentile: 99)
        let service = result.total.serviceTime.value(atPercentile: 99)
        #expect(response > 800_000)
        #expect(service < response / 2)
        #expect(result.total.serviceTime.maximum > 900_000)
    }

    @Test func `sends exactly what was planned, over all threads`() throws {
        let server = try FaultyServer(Script(.read(1), .send(Script.answer), .again))
        defer { server.stop() }
        let options = try options([
            "http://127.0.0.1:\(server.port)/", "-c", "4", "-t", "2", "-R", "1000", "-d", "500ms",
            "--timeout", "10s",
        ])
        let result = try LoadRun(options, target: LoadTarget(options)).run()
        #expect(result.total.sentCount == 500 && result.total.validCount == 500)
        #expect(result.description.plannedCount == 500 && result.total.unsentCount == 0)
    }

    @Test func `a number of requests ends an open loop too`() throws {
        let server = try FaultyServer(Script(.read(1), .send(Script.answer), .again))
        defer { server.stop() }
        let result = try load(
            "-c", "2", "-R", "1000", "-n", "50", "--timeout", "10s", port: server.port)
        #expect(result.total.validCount == 50 && result.description.plannedCount == 50)
    }

    @Test func `requests that are too late are not sent and are errors`() throws {
        // One connection, and a server that answers nothing in time.
        let server = try FaultyServer(Script(.read(1), .hang))
        defer { server.stop() }
        let result = try load(
            "-c", "1", "-R", "100", "-d", "500ms", "--timeout", "300ms", "--deadline", "50ms",
            port: server.port)
        let total = result.total
        #expect(total.errors[.deadline] > 0 && total.errors[.timeout] > 0)
        #expect(total.errors.total + total.unsentCount + total.outstandingCount == 50)
        #expect(!result.heldRate)
    }

    @Test func `warm-up is not counted`() throws {
        let server = try FaultyServer(Script(.read(1), .send(Script.answer), .again))
        defer { server.stop() }
        let open = try load(
            "-c", "2", "-R", "500", "-d", "200ms", "--warmup", "200ms", "--timeout", "10s",
            port: server.port)
        #expect(open.total.validCount == 100)
        let closed = try load(
            "-c", "2", "-n", "40", "-p", "2", "--warmup", "100ms", "-d", "20s", port: server.port)
        #expect(closed.total.validCount == 40)
    }
}

@Suite struct ClosedLoopTests {
    @Test func `thinking slows a connection down, and only that`() throws {
        let server = try FaultyServer(Script(.read(1), .send(Script.answer), .again))
        defer { server.stop() }
        let result = try load(
            "-c", "2", "-d", "500ms", "--think-time", "50ms", port: server.port)
        // Two connections, each at most 11 times.
        #expect((2...22).contains(result.total.validCount) && result.errorCounts == [])
    }

    @Test func `a connection is replaced after its number of requests`() throws {
        let server = try FaultyServer(Script(.read(1), .send(Script.answer), .again))
        defer { server.stop() }
        let result = try load(
            "-c", "1", "-n", "30", "--reconnect-every", "10", "-d", "20s", port: server.port)
        #expect(result.total.validCount == 30 && result.total.reconnectCount >= 2)
        #expect((3...4).contains(server.connectionCount))
    }

    @Test func `the end of the run cuts off what is outstanding, without an error`() throws {
        let server = try FaultyServer(Script(.hang))
        defer { server.stop() }
        let result = try load("-c", "3", "-d", "100ms", "--timeout", "10s", port: server.port)
        #expect(result.errorCounts == [] && result.total.outstandingCount == 3)
    }

    @Test func `an interrupted run has the result of what there was`() throws {
        let server = try FaultyServer(Script(.read(1), .send(Script.answer), .again))
        defer { server.stop() }
        let options = try options(["http://127.0.0.1:\(server.port)/", "-c", "2", "-d", "20s"])
        let run = try LoadRun(options, target: LoadTarget(options))
        let result = try run.run(showingEvery: 20_000_000) { snapshot in
            if snapshot.validCount > 100 { run.interrupt() }
        }
        #expect(result.isInterrupted && result.total.validCount > 100 && result.seconds < 20)
        #expect(ExitCode(result, limits: ResultLimits()) == .interrupted)
    }

    @Test func `a body waits for 100 Continue`() throws {
        // The heads' ends are counted: that of the request, and that of the body.
        let server = try FaultyServer(
            Script(
                .read(1), .send("HTTP/1.1 100 Continue\r\n\r\n"), .read(1), .send(Script.answer),
                .again))
        defer { server.stop() }
        let result = try load(
            "-c", "1", "-n", "3", "--data", "x\r\n\r\n", "--expect-100", "-d", "20s",
            port: server.port)
        #expect(result.total.validCount == 3 && result.errorCounts == [])
    }

    @Test func `a Unix socket needs no ports`() throws {
        let path = "/tmp/loadgen-test-\(MonotonicClock.now().nanoseconds).sock"
        let address = try #require(UnixSocketAddress(path: path))
        let listener = try Socket.unixStream(nonBlocking: true)
        try Socket.bind(listener, to: address)
        defer { unlinkFile(path) }
        try Socket.listen(listener, backlog: 16)
        let server = try FaultyServer(
            Script(.read(1), .send(Script.answer), .again), on: listener)
        defer { server.stop() }
        let options = try options(["--unix", path, "-c", "2", "-n", "20", "-d", "20s"])
        let result = try LoadRun(options, target: LoadTarget(options)).run()
        #expect(result.total.validCount == 20 && result.errorCounts == [])
    }

    @Test func `connections come from the given sources in turn`() throws {
        let server = try FaultyServer(Script(.read(1), .send(Script.answer), .again))
        defer { server.stop() }
        let result = try load(
            "-c", "4", "-n", "8", "-d", "20s", "--source", "127.0.0.2,127.0.0.3",
            port: server.port)
        #expect(result.total.validCount == 8)
        #expect(server.peerHosts == ["127.0.0.2", "127.0.0.3"])
    }
}
