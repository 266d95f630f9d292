import Syscalls
import Testing

@testable import HTTPEngine

/// What observers are told. That every exchange is told once, in order, with all bytes of its answer
/// is checked by the harness in every test that uses it.
@Suite struct ExchangeRecordTests {
    private static func texts(_ harness: borrowing ConnectionHarness) -> [String] {
        harness.recorder.entries.map(\.text)
    }

    @Test func `requests are told with target and status, in order`() {
        var harness = ConnectionHarness()
        harness.feed(get("/a") + get("/defer/b") + get("/status/404") + get("/stream/2"))
        #expect(Self.texts(harness) == ["/a 200"])
        harness.complete(1)
        #expect(
            Self.texts(harness) == ["/a 200", "/defer/b 200", "/status/404 404", "/stream/2 200"])
        let ordinals = harness.recorder.entries.map(\.exchange.ordinal)
        #expect(ordinals == [1, 2, 3, 4])
        let statuses = harness.recorder.entries.map(\.exchange.status)
        #expect(statuses == [200, 200, 404, 200])
    }

    @Test func `bytes are counted as they came and went`() {
        var harness = ConnectionHarness()
        let wire = post("/x", "hello")
        harness.feed(wire)
        let entry = harness.recorder.entries[0].exchange
        #expect(entry.receivedByteCount == UInt64(wire.utf8.count))
        #expect(entry.receivedBodyByteCount == 5)
        #expect(entry.sentBodyByteCount == UInt64("POST /x: hello".utf8.count))
        let received = harness.received.count
        #expect(entry.sentByteCount == UInt64(received))
    }

    @Test func `HEAD has no body bytes`() {
        var harness = ConnectionHarness()
        harness.feed(request("HEAD", "/x"))
        #expect(harness.recorder.entries[0].exchange.sentBodyByteCount == 0)
    }

    @Test func `the latency of a deferred answer ends with its flush`() {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/a"))
        harness.advance(seconds: 3)
        harness.complete(0)
        #expect(harness.recorder.entries[0].exchange.latency == 3 * ConnectionHarness.second)
    }

    @Test func `an answer that the client takes slowly ends with its last byte`() {
        var harness = ConnectionHarness()
        harness.window = 10
        harness.feed(get("/bytes/1000"))
        #expect(harness.recorder.entries.isEmpty)
        harness.advance(seconds: 2)
        harness.clientTakes(100_000)
        let entry = harness.recorder.entries[0].exchange
        #expect(entry.latency == 2 * ConnectionHarness.second)
        #expect(entry.firstByte.nanoseconds < entry.end.nanoseconds)
        #expect(entry.failure == .none)
    }

    @Test(
        arguments: [
            (get("/", "a : b"), FailureKind.malformed, 400),
            (get("/" + String(repeating: "x", count: 9_000)), .targetTooLong, 414),
            (get("/", "a: " + String(repeating: "x", count: 20_000)), .headTooLarge, 431),
            (request("GET", "/", version: "HTTP/2.0"), .unsupported, 505),
            (get("/", "Expect: more"), .unsupported, 417),
            (
                "POST /limit/10/a HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n", .bodyTooLarge,
                413
            ),
        ] as [(String, FailureKind, Int)])
    func `what the engine refuses is told, too`(wire: String, failure: FailureKind, status: Int) {
        var harness = ConnectionHarness()
        harness.feed(wire)
        let entries = harness.recorder.entries
        #expect(entries.count == 1)
        #expect(entries.first?.exchange.failure == failure)
        #expect(Int(entries.first?.exchange.status ?? 0) == status)
        #expect(entries.first?.text.hasSuffix(" \(status)") == true)
    }

    @Test func `a head that does not come in time is told with what has come`() {
        var harness = ConnectionHarness()
        harness.feed("GET / HT")
        harness.advance(seconds: 11)
        let entry = harness.recorder.entries.first
        #expect(entry?.text == "?GET / HT 408")
        #expect(entry?.exchange.failure == .timedOut)
        #expect(entry?.exchange.ordinal == 0)
    }

    @Test func `a client that goes before its answer leaves a record without a status`() {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/a") + get("/b"))
        harness.loseConnection()
        let entries = harness.recorder.entries
        #expect(entries.map(\.exchange.status) == [0, 0])
        #expect(entries.map(\.exchange.failure) == [.clientGone, .clientGone])
        #expect(entries.map(\.exchange.sentByteCount) == [0, 0])
    }

    @Test func `a client that goes in the middle of its answer leaves what it has taken`() {
        var harness = ConnectionHarness()
        harness.window = 400
        harness.feed(get("/bytes/1000"))
        harness.loseConnection()
        let entry = harness.recorder.entries[0].exchange
        #expect(entry.status == 200)
        #expect(entry.failure == .clientGone)
        #expect(entry.sentByteCount == 400)
    }

    @Test func `an answer that breaks off is told as broken`() {
        var harness = ConnectionHarness()
        harness.feed(get("/stream/3/throw"))
        #expect(harness.recorder.entries.map(\.exchange.failure) == [.brokenAnswer])
    }

    @Test func `texts are captured only of late exchanges where that is wanted`() {
        var harness = ConnectionHarness(recorder: RecordingRecorder(.lateOnly))
        harness.feed(get("/a") + get("/defer/b") + get("/c"))
        harness.complete(1)
        // What the turn answers at once has none; what waited has.
        #expect(Self.texts(harness) == ["", "/defer/b 200", "/c 200"])
    }

    @Test func `without a recorder nothing is kept`() {
        var harness = ConnectionHarness(recorder: nil)
        harness.feed(get("/a") + get("/defer/b") + get("/c"))
        let isEmpty = harness.connection.records.isEmpty
        #expect(isEmpty)
    }
}
