import Syscalls
import Testing

@testable import HTTPEngine

/// What the engine counts about itself.
@Suite struct EngineStatisticsTests {
    private static let request = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"

    @Test func `connections, bytes and requests are counted, and connections are listed`() throws {
        var engine = try LoopbackEngine()
        let statistics = engine.statistics
        let client = try engine.connect()
        try client.send(Self.request + Self.request)
        try engine.run(until: "two answers are counted") { _ in
            statistics.snapshot()[.endedRequests] == 2
        }
        let snapshot = statistics.snapshot()
        #expect(snapshot[.acceptedConnections] == 1)
        #expect(snapshot[.closedConnections] == 0)
        #expect(snapshot[.begunRequests] == 2)
        #expect(snapshot[.receivedBytes] == UInt64(2 * Self.request.utf8.count))
        #expect(snapshot.openConnections == 1)
        #expect(snapshot[.timers] >= 1)
        #expect(snapshot.pipelineDepths.reduce(0, +) > 0)
        let row = try #require(statistics.connections(limit: 10).first)
        #expect(row.number == 1)
        #expect(row.state == .idle)
        #expect(row.requestCount == 2)
        #expect(row.receivedByteCount == UInt64(2 * Self.request.utf8.count))
        #expect(row.sentByteCount == snapshot[.sentBytes])
        #expect(row.peer.isLoopback)
        #expect(statistics.connections(limit: 0).isEmpty)
        _ = consume client
        try engine.run(until: "the connection is closed") { _ in
            statistics.snapshot()[.closedConnections] == 1
        }
        #expect(statistics.connections(limit: 10).isEmpty)
        #expect(statistics.snapshot().openConnections == 0)
    }

    @Test func `a row shows the peer that the PROXY protocol names`() {
        let directory = ConnectionDirectory(placeCount: 3)
        directory.open(
            1, number: 7, peer: .loopback(port: 5), descriptor: -1, at: Instant(nanoseconds: 9))
        directory.setPeer(1, .loopbackIPv6(port: 6))
        let rows = directory.connections(limit: 3)
        #expect(rows.map(\.peer) == [.loopbackIPv6(port: 6)])
        #expect(rows.map(\.roundTripNanoseconds) == [nil])
        directory.close(1)
        #expect(directory.connections(limit: 3).isEmpty)
    }

    @Test func `places are given out once, and again when they are back`() {
        let directory = ConnectionDirectory(placeCount: 2)
        directory.beginGivingOut()
        let places = [directory.takePlace(), directory.takePlace()]
        #expect(places.sorted() == [0, 1])
        directory.giveBack(places[0])
        #expect(directory.takePlace() == places[0])
    }
}
