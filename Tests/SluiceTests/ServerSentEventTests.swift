import Sluice
import TestSupport
import Testing

@Suite struct ServerSentEventTests {
    private static func wire(_ event: ServerSentEvent) -> String {
        var bytes: [UInt8] = []
        event.encode(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("tick", "data: tick\n\n"),
        ("", "data: \n\n"),
        (" blank first", "data:  blank first\n\n"),
        ("one\ntwo", "data: one\ndata: two\n\n"),
        ("one\rtwo", "data: one\ndata: two\n\n"),
        ("one\r\ntwo", "data: one\ndata: two\n\n"),
        ("one\n\rtwo", "data: one\ndata: \ndata: two\n\n"),
        ("\r\n\r\n", "data: \ndata: \ndata: \n\n"),
        ("end\n", "data: end\ndata: \n\n"),
        ("id: 7", "data: id: 7\n\n"),
        ("\u{0} ä 🦢", "data: \u{0} ä 🦢\n\n"),
    ])
    func `data are a line for each of theirs`(data: String, expected: String) {
        #expect(Self.wire(ServerSentEvent(data)) == expected)
    }

    @Test func `everything has its line`() throws {
        let event = try ServerSentEvent(
            data: "{}", event: "price", id: "1042", retry: .milliseconds(2_500),
            comment: "a\r\nb")
        #expect(
            Self.wire(event)
                == ": a\n: b\nevent: price\nid: 1042\nretry: 2500\ndata: {}\n\n")
        #expect(Self.wire(.heartbeat) == ": heartbeat\n\n")
        #expect(Self.wire(.comment("")) == ": \n\n")
        #expect(Self.wire(try ServerSentEvent(data: nil, id: "")) == "id: \n\n")
    }

    @Test(arguments: [
        (Duration.zero, "0"), (.nanoseconds(999_999), "0"), (.microseconds(1_999), "1"),
        (.seconds(86_400), "86400000"), (.seconds(Int64.max), "9223372036854775807"),
    ])
    func `the time to wait is in whole milliseconds`(time: Duration, expected: String) throws {
        let event = try ServerSentEvent(data: nil, retry: time)
        #expect(Self.wire(event) == "retry: \(expected)\n\n")
    }

    @Test(
        arguments: [
            (nil, "a\u{0}b", nil, "id"), (nil, "a\n", nil, "id"), (nil, "\ra", nil, "id"),
            (nil, "a\r\nb", nil, "id"), ("a\nb", nil, nil, "event"), ("a\r", nil, nil, "event"),
            ("a\r\ndata: b", nil, nil, "event"), (nil, nil, .seconds(-1), "retry"),
        ] as [(String?, String?, Duration?, String)])
    func `what would break its line is refused by name`(
        event: String?, id: String?, retry: Duration?, name: String
    ) {
        let error = #expect(throws: InvalidEvent.self) {
            try ServerSentEvent(data: "x", event: event, id: id, retry: retry)
        }
        #expect(error?.description.hasPrefix("\(name) ") == true)
    }

    @Test(arguments: 0..<64 as Range<UInt64>)
    func `what a client reads is what was written`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var bytes: [UInt8] = []
        var expected: [EventStreamReader.Event] = []
        var comments: [String] = []
        var retries: [Int] = []
        var lastID = ""
        for _ in 0..<32 {
            let data = Bool.random(using: &random) ? Self.text(&random) : nil
            let type = Bool.random(using: &random) ? Self.line(&random) : nil
            let id = Bool.random(using: &random) ? Self.line(&random) : nil
            let time = Bool.random(using: &random) ? Int.random(in: 0...9_999, using: &random) : nil
            let comment = Bool.random(using: &random) ? Self.text(&random) : nil
            let event = try ServerSentEvent(
                data: data, event: type, id: id, retry: time.map { .milliseconds($0) },
                comment: comment)
            event.encode(into: &bytes)
            lastID = id ?? lastID
            if let data {
                let type = type ?? ""
                expected.append(
                    .init(
                        type: type.isEmpty ? "message" : type, data: Self.withLineFeeds(data),
                        lastID: lastID))
            }
            if let comment {
                let lines = Self.withLineFeeds(comment).split(
                    separator: "\n", omittingEmptySubsequences: false)
                comments += lines.map { String($0) }
            }
            if let time { retries.append(time) }
        }
        let reader = try EventStreamReader(bytes)
        #expect(reader.events == expected, "seed \(seed)")
        #expect(reader.comments == comments, "seed \(seed)")
        #expect(reader.retries == retries, "seed \(seed)")
        #expect(reader.lastID == lastID, "seed \(seed)")
    }

    private static let pieces = [
        "\r", "\n", "\r\n", " ", ":", "data", "data: ", "id:", "event", "a", "ä", "🦢", "\u{FEFF}",
        "\u{2028}", "\t", "\u{85}",
    ]

    /// Anything that data may be, with all that could be mistaken for the stream's own.
    private static func text(_ random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            text += pieces.randomElement(using: &random) ?? ""
        }
        return text
    }

    private static func line(_ random: inout SeededGenerator) -> String {
        let scalars = text(&random).unicodeScalars.filter { $0 != "\r" && $0 != "\n" }
        return String(String.UnicodeScalarView(scalars))
    }

    private static func withLineFeeds(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if scalar != "\n" || previous != "\r" { scalars.append(scalar == "\r" ? "\n" : scalar) }
            previous = scalar
        }
        return String(scalars)
    }
}
