import Containers
import Testing

@testable import HTTPEngine

/// A client that does not read: reading stops, and memory stays bounded.
@Suite struct BackpressureTests {
    private static let answerByteCount = 5_000

    private static var limits: Limits {
        var limits = Limits()
        limits.highWatermark = 20_000
        limits.lowWatermark = 6_000
        return limits
    }

    @Test func `a client that does not read is not read from`() {
        var harness = ConnectionHarness(Self.limits)
        harness.window = 0
        var mostUnsent = 0
        for _ in 0..<100 {
            harness.feed(get("/bytes/\(Self.answerByteCount)"))
            mostUnsent = max(mostUnsent, harness.connection.unsentByteCount)
        }
        #expect(mostUnsent >= Self.limits.highWatermark)
        #expect(mostUnsent < Self.limits.highWatermark + Self.answerByteCount + 300)
        let wantsBytes = harness.connection.wantsBytes
        #expect(!wantsBytes)
        let kept = harness.connection.receiveBuffer.count
        #expect(kept < 100, "one request was read beyond the mark, and none of the others")
    }

    @Test func `a pipeline that is read at once is not handled beyond the mark`() {
        var harness = ConnectionHarness(Self.limits)
        harness.window = 0
        harness.feed((0..<50).map { _ in get("/bytes/\(Self.answerByteCount)") }.joined())
        let handled = harness.handler.requests.count
        #expect(handled == 4)
        let hasWorkLeft = harness.connection.hasWorkLeft(&harness.workspace)
        #expect(!hasWorkLeft, "there is nothing to do until the client reads")
    }

    @Test func `reading goes on at the low watermark`() {
        var harness = ConnectionHarness(Self.limits)
        harness.window = 0
        for _ in 0..<10 { harness.feed(get("/bytes/\(Self.answerByteCount)")) }
        let unsent = harness.connection.unsentByteCount

        harness.clientTakes(unsent - Self.limits.lowWatermark - 1)
        let stillPaused = !harness.connection.wantsBytes
        #expect(stillPaused)
        let handledBefore = harness.handler.requests.count
        #expect(handledBefore == 4)

        harness.clientTakes(1)
        let handledAfter = harness.handler.requests.count
        #expect(handledAfter > 4)

        harness.clientTakes(1_000_000)
        let (handled, wantsBytes) = (
            harness.handler.requests.count, harness.connection.wantsBytes
        )
        #expect(handled == 10)
        #expect(wantsBytes)
        let left = harness.connection.unsentByteCount
        #expect(left == 0)
    }

    @Test func `answers behind a deferred one count as unsent`() {
        var harness = ConnectionHarness(Self.limits)
        harness.feed(
            get("/defer/0") + (0..<20).map { _ in get("/bytes/\(Self.answerByteCount)") }.joined())
        let (handled, unsent) = (
            harness.handler.requests.count, harness.connection.unsentByteCount
        )
        #expect(handled == 5)
        #expect(unsent < Self.limits.highWatermark + Self.answerByteCount + 300)
        harness.complete(0)
        let later = harness.handler.requests.count
        #expect(later == 21)
    }

    @Test func `requests that were held back are answered in order`() {
        var harness = ConnectionHarness(Self.limits)
        harness.window = 0
        harness.pieceSize = 777
        harness.feed(
            (0..<30).map { get("/\($0)/" + String(repeating: "a", count: 2_000)) }.joined())
        for _ in 0..<100 { harness.clientTakes(1_000) }
        let text = harness.transcript
        #expect(
            text
                == (0..<30).map { ok("GET /\($0)/" + String(repeating: "a", count: 2_000)) }
                .joined())
    }

    @Test func `memory that was held is given back`() {
        var harness = ConnectionHarness(Self.limits)
        harness.window = 0
        for _ in 0..<10 { harness.feed(get("/bytes/\(Self.answerByteCount)")) }
        harness.clientTakes(1_000_000)
        let held =
            harness.connection.receiveBuffer.capacity + harness.connection.sendBuffer.capacity
        #expect(held == 0)
    }
}
