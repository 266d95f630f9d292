import HTTP1
import Testing

@testable import gate

@Suite struct AnswerTests {
    private static func read(
        _ text: String, isEnd: Bool = false
    ) throws -> (answer: Answer, end: Int)? {
        var offset = 0
        let bytes = Array(text.utf8)
        guard let answer = try Answer.read(bytes.span, at: &offset, isEnd: isEnd) else {
            return nil
        }
        return (answer, offset)
    }

    static let delimited: [(text: String, body: String)] = [
        ("HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 5\r\n\r\nhello", "hello"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""),
        ("HTTP/1.1 204 No Content\r\n\r\n", ""),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
            "hello"
        ),
        ("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", "x"),
    ]

    @Test(arguments: delimited)
    func `reads an answer, and nothing behind it`(text: String, body: String) throws {
        let (answer, end) = try #require(try Self.read(text + "HTTP/1.1 500 "))
        #expect(answer.body == Array(body.utf8) && answer.isDelimited)
        #expect(end == text.utf8.count)
    }

    @Test(arguments: delimited)
    func `waits for every byte`(text: String, body: String) throws {
        for count in 0..<text.count {
            #expect(try Self.read(String(text.prefix(count))) == nil, "\(count)")
        }
    }

    @Test func `a body without a length ends with the connection`() throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello"
        #expect(try Self.read(text) == nil)
        let (answer, _) = try #require(try Self.read(text, isEnd: true))
        #expect(answer.body == Array("hello".utf8) && !answer.isDelimited)
        #expect(answer.status == 200 && answer.fieldNames == ["content-type"])
    }

    @Test(arguments: ["nonsense\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "SSH-2.0-x\r\n"])
    func `what is not HTTP is refused`(text: String) {
        #expect(throws: ParseError.self) { try Self.read(text) }
    }
}
