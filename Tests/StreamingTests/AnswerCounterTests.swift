import HTTP1
import Testing

@testable import streaming

@Suite struct AnswerCounterTests {
    /// Answers, the length of their bodies, and what `Content-Length` says.
    static let answers: [(String, Int, Int?)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 5, 5),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, 0),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", 0, 0),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n"
                + "0\r\nX: y\r\n\r\n", 11, nil
        ),
    ]

    @Test(arguments: answers)
    func `an answer counts the same however it is split`(
        text: String, bodyCount: Int, announcedCount: Int?
    ) throws {
        let bytes = Array(text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                var counter = AnswerCounter(to: .get)
                for part in [0..<first, first..<second, second..<bytes.count] {
                    #expect(!counter.isComplete || part.isEmpty)
                    try counter.take(bytes.span.extracting(part))
                }
                #expect(counter.isComplete && counter.unexpectedCount == 0)
                #expect(counter.bodyCount == bodyCount)
                #expect(counter.bodyStart == Array("hello world".utf8.prefix(bodyCount)))
                #expect(counter.announcedCount == announcedCount)
                #expect(counter.isChunked == (announcedCount == nil))
            }
        }
    }

    @Test func `a fault says where in the answer it is, however much came before`() throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        for parts in [[head + "5\r\nhello\r\nx"], [head, "5\r\nhel", "lo\r\nx"]] {
            var failure: TransferFailure?
            var counter = AnswerCounter(to: .get)
            do throws(TransferFailure) {
                for part in parts { try counter.take(part.utf8.span) }
            } catch { failure = error }
            #expect(failure == .malformed(offset: head.utf8.count + 10))
        }
    }

    @Test func `only the end of the stream ends a body without a length`() throws {
        var counter = AnswerCounter(to: .get)
        try counter.take("HTTP/1.0 200 OK\r\n\r\nhello".utf8.span)
        #expect(!counter.isComplete && counter.bodyCount == 5)
        let hasEnded = counter.takeEnd()
        #expect(hasEnded && counter.isComplete)
        var cut = AnswerCounter(to: .get)
        try cut.take("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello".utf8.span)
        let isCut = !cut.takeEnd()
        #expect(isCut && !cut.isComplete)
    }

    @Test func `of a long body only the beginning is kept`() throws {
        var counter = AnswerCounter(to: .get)
        try counter.take("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n".utf8.span)
        for _ in 0..<10 {
            try counter.take([UInt8](repeating: UInt8(ascii: "a"), count: 10_000).span)
        }
        #expect(counter.isComplete && counter.bodyCount == 100_000)
        #expect(counter.bodyStart.count == AnswerCounter.keptByteCount)
    }
}
