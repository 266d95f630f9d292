import Testing

@testable import HTTP1

/// Requests that are changed at random: whatever comes of them must not depend on how they arrive,
/// and nothing may be read beyond their end.
@Suite struct MutationTests {
    private static let seeds: [String] = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a/b?c=d%20e HTTP/1.1\r\nHost: example.com:80\r\nConnection: keep-alive\r\n\r\n",
        "POST /x HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.0\r\n\r\n",
        "PUT http://a/b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
    ]

    /// Pieces that are more likely to matter than random bytes.
    private static let pieces: [String] = [
        "\r\n", "\r", "\n", " ", "\t", ":", ",", ";", "%", "/", "?", "\u{0}", "\u{7F}", "\u{80}",
        "chunked", "Host: b\r\n", "Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n",
        "0\r\n\r\n", "HTTP/1.1", "HTTP/2.0", "[", "]", "@", "\r\n\r\n", "Connection: close\r\n",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ]

    private func mutated(using random: inout SeededGenerator) -> [UInt8] {
        var wire = Array(Self.seeds.randomElement(using: &random)!.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let offset = Int.random(in: 0...wire.count, using: &random)
            let end = min(wire.count, offset + Int.random(in: 0...6, using: &random))
            switch Int.random(in: 0..<5, using: &random) {
            case 0: wire.insert(UInt8.random(in: 0...255, using: &random), at: offset)
            case 1:
                wire.insert(contentsOf: Self.pieces.randomElement(using: &random)!.utf8, at: offset)
            case 2: wire.removeSubrange(offset..<end)
            case 3: wire.insert(contentsOf: wire[offset..<end], at: offset)
            default:
                if offset < wire.count {
                    wire[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
        }
        return wire
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `a changed request comes out the same however it arrives`(_ seed: UInt64) {
        let limits = RequestParser.Limits(maxTargetLength: 40, maxHeadBytes: 160)
        var random = SeededGenerator(seed: seed)
        for round in 0..<400 {
            let wire = mutated(using: &random)
            let whole = requestEvents(wire, .whole, limits)
            let split = Int.random(in: 0...wire.count, using: &random)
            for feed in [Feed.byteByByte, .onDemand, .split(split)] {
                let found = requestEvents(wire, feed, limits)
                #expect(found == whole, "seed \(seed), round \(round), \(feed): \(text(wire.span))")
                if found != whole { return }
            }
        }
    }

    @Test func `the mutations reach requests, bodies and many faults`() {
        // Otherwise the test above could not fail.
        let limits = RequestParser.Limits(maxTargetLength: 40, maxHeadBytes: 160)
        var random = SeededGenerator(seed: 1)
        var starts: Set<Substring> = []
        for _ in 0..<400 {
            for line in requestEvents(mutated(using: &random), .whole, limits).split(
                separator: "\n")
            {
                let words = line.split(separator: " ")
                starts.insert(words[0] == "error" && words.count > 2 ? words[2] : words[0])
            }
        }
        #expect(starts.isSuperset(of: ["get", "post", "put", "body", "end"]))
        #expect(starts.count > 25)
    }
}

/// SplitMix64: the same numbers from the same seed, everywhere.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
