import TestSupport
import Testing

@testable import HTTPEngine

/// Random pipelines of valid requests, split, taken and completed at random: the answers are those
/// of an oracle that knows only the requests, in their order.
@Suite struct RandomPipelineTests {
    /// One request, and what it must be answered with.
    private struct Scene {
        let wire: String
        let answer: String
    }

    @Test(arguments: 1...150 as ClosedRange<UInt64>)
    func `the answers are those of the oracle, in order`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let limits = Self.limits(&random)
        let scenes = (0..<Int.random(in: 1...40, using: &random)).map { Self.scene($0, &random) }
        let wire = Array(scenes.map(\.wire).joined().utf8)

        var harness = ConnectionHarness(limits)
        harness.pieceSize = [1, 3, 100, 5_000, .max].randomElement(using: &random)!
        harness.window = Bool.random(using: &random) ? .max : 0
        let longestPart = [1, 10, 100, 1_000, 100_000].randomElement(using: &random)!
        var completed: Set<Int> = []
        var offset = 0
        while offset < wire.count {
            let count = min(Int.random(in: 1...longestPart, using: &random), wire.count - offset)
            harness.feed(wire[offset..<offset + count])
            offset += count
            if Int.random(in: 0..<4, using: &random) == 0 {
                harness.completeAny(&completed, &random)
            }
            if harness.window != .max, Bool.random(using: &random) {
                harness.clientTakes(Int.random(in: 0...2_000, using: &random))
            }
        }
        harness.window = .max
        harness.settle()
        while harness.completeAny(&completed, &random) {}

        let (sent, end) = (harness.transcript, harness.end)
        #expect(sent == scenes.map(\.answer).joined(), "seed \(seed)")
        #expect(end == .open, "seed \(seed)")
        let requestCount = harness.handler.requests.count
        #expect(requestCount == scenes.count, "seed \(seed)")
    }

    private static func limits(_ random: inout SeededGenerator) -> Limits {
        var limits = Limits()
        limits.maxPipelinedRequests = Int.random(in: 1...8, using: &random)
        limits.requestsPerTurn = Int.random(in: 1...10, using: &random)
        limits.lowWatermark = Int.random(in: 0...500, using: &random)
        limits.highWatermark = limits.lowWatermark + Int.random(in: 1...5_000, using: &random)
        return limits
    }

    private static func scene(_ number: Int, _ random: inout SeededGenerator) -> Scene {
        let isDeferred = Int.random(in: 0..<3, using: &random) == 0
        let prefix = isDeferred ? "/defer" : ""
        let blank = Int.random(in: 0..<10, using: &random) == 0 ? "\r\n" : ""
        switch Int.random(in: 0..<9, using: &random) {
        case 0:
            let pieceCount = Int.random(in: 0...4, using: &random)
            return Scene(
                wire: blank + get("\(prefix)/stream/\(pieceCount)"), answer: streamed(pieceCount))
        case 1:
            let target = "\(prefix)/\(number)"
            return Scene(
                wire: blank + request("HEAD", target), answer: okToHead("HEAD \(target)"))
        case 2:
            let byteCount = Int.random(in: 0...3_000, using: &random)
            return Scene(
                wire: blank + get("\(prefix)/bytes/\(byteCount)"),
                answer: ok(String(repeating: "x", count: byteCount)))
        case 3:
            let target = "\(prefix)/\(number)"
            return Scene(wire: blank + request("DELETE", target), answer: ok("DELETE \(target)"))
        case 4:
            return Scene(
                wire: blank + post("/refuse\(prefix)/\(number)", body(&random)),
                answer: ok("POST /refuse\(prefix)/\(number)"))
        case 5:
            let body = body(&random)
            let target = "\(prefix)/\(number)"
            return Scene(
                wire: blank + post(target, body), answer: ok("POST \(target)" + echo(body)))
        case 6:
            let chunks = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                "c" + body(&random)
            }
            let target = "\(prefix)/\(number)"
            return Scene(
                wire: blank + chunkedPost(target, chunks),
                answer: ok("POST \(target)" + echo(chunks.joined())))
        default:
            let target = "\(prefix)/\(number)"
            return Scene(wire: blank + get(target, "A: b"), answer: ok("GET \(target)"))
        }
    }

    /// A body, at times one that looks like a request or a chunk.
    private static func body(_ random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: get("/in-a-body")
        case 1: "0\r\n\r\n"
        default: String(repeating: "b", count: Int.random(in: 0...400, using: &random))
        }
    }

    private static func echo(_ body: String) -> String { body.isEmpty ? "" : ": " + body }
}

extension ConnectionHarness {
    /// Answers any deferred request that waits; false when there is none.
    @discardableResult
    fileprivate mutating func completeAny(
        _ completed: inout Set<Int>, _ random: inout SeededGenerator
    ) -> Bool {
        let waiting = handler.requests.indices.filter {
            handler.requests[$0].words.first == "defer" && !completed.contains($0)
        }
        guard let index = waiting.randomElement(using: &random) else { return false }
        completed.insert(index)
        let isTaken = complete(index)
        #expect(isTaken)
        return true
    }
}
