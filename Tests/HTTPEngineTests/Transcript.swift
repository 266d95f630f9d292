import Testing

@testable import HTTPEngine

/// Bytes in, bytes out: what a connection must answer, however the bytes are split.
struct Transcript: Sendable, CustomTestStringConvertible {
    let name: String
    let input: [UInt8]
    let output: String
    let end: End
    let limits: Limits

    init(
        _ name: String, _ input: String, gives output: String, then end: End = .open,
        limits: Limits = Limits()
    ) {
        self.name = name
        self.input = Array(input.utf8)
        self.output = output
        self.end = end
        self.limits = limits
    }

    var testDescription: String { name }

    /// Inputs up to this size are fed at every split point, larger ones at about as many.
    private static let splitCount = 1_000

    /// Feeds the input whole, byte by byte, and at every split point; and takes the output byte by
    /// byte. All must give the same.
    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        let pages = GuardedPages()
        let step = max(1, input.count / Self.splitCount)
        var ways: [Way] = [.whole, .wholeTakenByteByByte, .byteByByte]
        ways += stride(from: 1, to: input.count, by: step).map { .split($0) }
        for way in ways {
            let (received, end) = feed(way, pages)
            // One report is enough: what fails at one split point fails at many.
            guard received == output && end == self.end else {
                #expect(received == output, "\(way)", sourceLocation: sourceLocation)
                #expect(end == self.end, "\(way)", sourceLocation: sourceLocation)
                return
            }
        }
    }

    private enum Way {
        case whole
        case wholeTakenByteByByte
        case byteByByte
        case split(Int)
    }

    private func feed(_ way: Way, _ pages: GuardedPages) -> (String, End) {
        var harness = ConnectionHarness(limits, pages: pages)
        switch way {
        case .whole:
            harness.feed(input[...])
        case .wholeTakenByteByByte:
            harness.pieceSize = 1
            harness.feed(input[...])
        case .byteByByte:
            for index in input.indices { harness.feed(input[index...index]) }
        case .split(let point):
            harness.feed(input[..<point])
            harness.feed(input[point...])
        }
        return (harness.transcript, harness.end)
    }
}

/// A value for a table of tests that is called by a name in reports.
struct Named<Value: Sendable>: Sendable, CustomTestStringConvertible {
    let name: String
    let value: Value

    init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    var testDescription: String { name }
}
