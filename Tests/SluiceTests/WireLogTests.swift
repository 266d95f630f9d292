import Testing

@testable import Sluice

/// Whole messages, as the wire log shows them.
@Suite struct WireLogTests {
    private final class Lines {
        var text = ""
    }

    private func shown(_ body: (WireLog) -> Void) -> String {
        let lines = Lines()
        body(WireLog { lines.text += $0 + "\n" })
        return lines.text
    }

    @Test func `an answer is its head, an empty line and the beginning of its body`() {
        let answer = "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 3\r\n\r\na\r\n"
        #expect(
            shown { $0.sent(answer.utf8.span, connection: 7) } == """
                > 7 HTTP/1.1 200 OK
                > 7 Set-Cookie: ***
                > 7 Content-Length: 3
                > 7
                > 7 [3 bytes] a\\r\\n

                """)
    }

    @Test func `an answer without a body has none`() {
        let answer = "HTTP/1.1 204 No Content\r\n\r\n"
        #expect(
            shown { $0.sent(answer.utf8.span, connection: 1) }
                == "> 1 HTTP/1.1 204 No Content\n> 1\n")
    }

    @Test func `of bodies the first 512 bytes are shown, however they come`() {
        let body = String(repeating: "x", count: 600)
        let whole = shown {
            $0.sent("HTTP/1.1 200 OK\r\n\r\n\(body)".utf8.span, connection: 1)
        }
        #expect(whole.filter { $0 == "x" }.count == 512)
        #expect(whole.contains("[600 bytes] x") && whole.hasSuffix("x …\n"))
        let pieces = shown { log in
            for offset in stride(from: 0, to: 1_200, by: 400) {
                log.received(
                    body: String(repeating: "z", count: 400).utf8.span, at: offset, connection: 2)
            }
        }
        #expect(pieces.filter { $0 == "z" }.count == 512)
        #expect(pieces.split(separator: "\n").count == 2)
    }

    @Test func `what is no request is shown with its secrets masked`() {
        let bytes = "GET /?token=x HTP\r\nAuthorization: Basic x\r\n \u{1}x\nFoo\r\n"
        #expect(
            shown { $0.received(unparsed: bytes.utf8.span, connection: 3) } == """
                < 3 [\(bytes.utf8.count) bytes, no request]
                < 3 GET /?token=*** HTP
                < 3 Authorization: ***
                < 3  ***
                < 3 Foo

                """)
    }

    @Test func `lines of a head are bounded`() {
        let head = "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 500) + "\r\n"
        let lines = shown { $0.sent(head.utf8.span, connection: 1) }.split(separator: "\n")
        #expect(lines.count == WireLog.maxLineCount + 1)
        #expect(lines.last == "> 1 …")
    }
}
