import Containers
import Testing

@testable import HTTPEngine

/// Status lines with a reason phrase of the handler's own, wherever the answer waits.
@Suite struct ReasonPhraseTests {
    private static func answer(
        _ status: String, _ body: String, _ connection: [String] = []
    ) -> String {
        Answer(status: status, connection: connection, length: body.utf8.count, body: body).wire
    }

    static let transcripts = [
        Transcript(
            "of a 200", get("/reason/Fine"), gives: answer("200 Fine", "GET /reason/Fine")),
        Transcript(
            "of a status that is not registered", get("/status/499/reason/Gone-Away"),
            gives: answer("499 Gone-Away", "GET /status/499/reason/Gone-Away")),
        Transcript("an empty one", get("/reason"), gives: answer("200 ", "GET /reason")),
        Transcript(
            "of a status that is set later", get("/reason/Fine/status/201"),
            gives: answer("201 Created", "GET /reason/Fine/status/201")),
        Transcript(
            "between others", get("/a") + get("/reason/Fine") + get("/reason/B") + get("/c"),
            gives: ok("GET /a") + answer("200 Fine", "GET /reason/Fine")
                + answer("200 B", "GET /reason/B") + ok("GET /c")),
        Transcript(
            "behind a stream", get("/stream/2") + get("/reason/Fine") + get("/c"),
            gives: streamed(2) + answer("200 Fine", "GET /reason/Fine") + ok("GET /c")),
        Transcript(
            "of a stream behind a stream", get("/stream/2") + get("/reason/Fine/stream/2"),
            gives: streamed(2)
                + streamed(2).replacing("200 OK", with: "200 Fine")),
        Transcript(
            "of the last answer", get("/reason/Fine", "Connection: close"),
            gives: answer("200 Fine", "GET /reason/Fine", Answer.close), then: .halfClosed),
    ]

    @Test(arguments: transcripts)
    func `it stands in the status line`(transcript: Transcript) {
        transcript.check()
    }

    @Test(arguments: [[0, 1], [1, 0]])
    func `that of a deferred answer waits with it`(order: [Int]) {
        var harness = ConnectionHarness()
        harness.feed(get("/defer/reason/A") + get("/defer/reason/B"))
        for index in order { harness.complete(index) }
        let sent = harness.transcript
        #expect(
            sent == Self.answer("200 A", "GET /defer/reason/A")
                + Self.answer("200 B", "GET /defer/reason/B"))
    }

    @Test(arguments: ["", "a b", "\u{E4}", "a\tb", String(repeating: "x", count: 255)])
    func `it holds visible characters and blanks`(reason: String) {
        var message = ResponseMessage()
        let isSet = message.setReason(reason.utf8.span)
        #expect(isSet)
        let bytes = Array(copying: message.reason)
        #expect(bytes == Array(reason.utf8))
    }

    @Test(arguments: [
        "a\r\nSet-Cookie: b", "a\r", "\n", "\u{0}", "\u{7F}", String(repeating: "x", count: 256),
    ])
    func `nothing else is taken, and nothing is changed then`(reason: String) {
        var message = ResponseMessage()
        _ = message.setReason("before".utf8.span)
        let isSet = message.setReason(reason.utf8.span)
        #expect(!isSet)
        let bytes = Array(copying: message.reason)
        #expect(bytes == Array("before".utf8))
    }
}
