import Sluice
import TestSupport
import Testing

/// What becomes of the connection after an answer.
enum Fate: Sendable {
    case goesOn
    case closes
}

/// One row of the matrix: bytes of a client, the status that they get, and what comes then.
struct Exchange: Sendable, CustomTestStringConvertible {
    let name: String
    let wire: String
    let status: Int
    let fate: Fate

    init(_ name: String, _ wire: String, _ status: Int, _ fate: Fate) {
        self.name = name
        self.wire = wire
        self.status = status
        self.fate = fate
    }

    var testDescription: String { "\(name) → \(status)" }

    /// A GET whose head has these lines besides `Host`.
    static func lines(_ name: String, _ lines: String, _ status: Int, _ fate: Fate) -> Exchange {
        Exchange(name, "GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n\r\n", status, fate)
    }

    /// A POST of a chunked body.
    static func chunks(_ name: String, _ body: String, _ status: Int, _ fate: Fate) -> Exchange {
        Exchange(
            name, "POST /submit HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n\(body)",
            status, fate)
    }

    /// A request line, with a valid `Host`.
    static func first(_ line: String, _ status: Int, _ fate: Fate) -> Exchange {
        Exchange(line, "\(line)\r\nHost: a\r\n\r\n", status, fate)
    }
}

/// The table of docs/PROTOCOL.md over real sockets: the answer, whether it says what it must, and
/// what becomes of the connection.
@Suite(.onEveryEngine) struct ProtocolMatrixTests {
    @Test(arguments: requestLines + hosts + fieldLines + framing + chunkedBodies + limits + bodies)
    func `each input has its answer and its end`(_ exchange: Exchange) throws {
        try withServer(TestRoutes.router()) { running in
            let client = try running.client()
            try client.send(exchange.wire)
            let response = try client.response()
            #expect(response.status == exchange.status, "\(response)")
            #expect(response.version == "HTTP/1.1")
            if response.status >= 400 {
                #expect(response.defect == nil, "\(response)")
            }
            switch exchange.fate {
            case .goesOn:
                #expect(response.values("Connection") == [])
                try client.send("GET /path HTTP/1.1\r\nHost: a\r\n\r\n")
                let next = try client.response()
                #expect(next.status == 200)
                #expect(next.text == "/path")
            case .closes:
                #expect(response.closes, "\(response)")
                #expect(try client.end() == .finished)
            }
        }
    }

    static let requestLines: [Exchange] = [
        .first("GET / HTTP/1.1", 200, .goesOn),
        .first("GET / HTTP/1.7", 200, .goesOn),
        .first("GET / HTTP/2.0", 505, .closes),
        .first("GET / HTTP/0.9", 505, .closes),
        .first("GET / HTTP/1.11", 400, .closes),
        .first("GET / HTTP/1", 400, .closes),
        .first("GET / http/1.1", 400, .closes),
        .first("GET / HTTP/+.1", 400, .closes),
        .first("GET /", 400, .closes),
        .first("GET  / HTTP/1.1", 400, .closes),
        .first("GET / HTTP/1.1 ", 400, .closes),
        .first("G@T / HTTP/1.1", 400, .closes),
        .first("BREW / HTTP/1.1", 501, .goesOn),
        .first("get / HTTP/1.1", 501, .goesOn),
        .first("DELETE / HTTP/1.1", 405, .goesOn),
        .first("TRACE / HTTP/1.1", 405, .goesOn),
        .first("GET /nothing HTTP/1.1", 404, .goesOn),
        .first("GET /%zz HTTP/1.1", 400, .closes),
        .first("GET /a\u{7}b HTTP/1.1", 400, .closes),
        .first("GET http://a HTTP/1.1", 200, .goesOn),
        .first("GET http://a/path?q HTTP/1.1", 200, .goesOn),
        .first("GET HTTPS://a/ HTTP/1.1", 200, .goesOn),
        .first("GET http:///path HTTP/1.1", 400, .closes),
        .first("GET ftp://a/ HTTP/1.1", 400, .closes),
        .first("GET a:80 HTTP/1.1", 400, .closes),
        .first("GET * HTTP/1.1", 400, .closes),
        .first("CONNECT a:80 HTTP/1.1", 405, .closes),
        .first("CONNECT / HTTP/1.1", 400, .closes),
        .first("OPTIONS * HTTP/1.1", 204, .goesOn),
        .first("OPTIONS / HTTP/1.1", 204, .goesOn),
        Exchange("an empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 200, .goesOn),
        Exchange("two empty lines", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 200, .goesOn),
        Exchange("three empty lines", "\r\n\r\n\r\nGET / HTTP/1.1\r\n", 400, .closes),
    ]

    static let hosts: [Exchange] = [
        Exchange("HTTP/1.1 without Host", "GET / HTTP/1.1\r\n\r\n", 400, .closes),
        Exchange("HTTP/1.7 without Host", "GET / HTTP/1.7\r\n\r\n", 400, .closes),
        Exchange("HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 200, .closes),
        Exchange("HTTP/1.0, two", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400, .closes),
        .lines("two", "Host: a", 400, .closes),
        Exchange("an empty one", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 200, .goesOn),
        Exchange("an IPv6 one", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 200, .goesOn),
        Exchange("with a blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, .closes),
        Exchange("with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, .closes),
        Exchange("with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, .closes),
        Exchange("a port too large", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400, .closes),
        Exchange("half a literal", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, .closes),
    ]

    static let fieldLines: [Exchange] = [
        .lines("HTAB in a value", "X: a\tb", 200, .goesOn),
        Exchange("obs-text", "GET / HTTP/1.1\r\nHost: a\r\nX: \u{E9}\r\n\r\n", 200, .goesOn),
        .lines("an empty value", "X:", 200, .goesOn),
        Exchange("bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400, .closes),
        .lines("bare LF in a field line", "X: a\nY: b", 400, .closes),
        .lines("bare CR in a value", "X: a\rb", 400, .closes),
        .lines("NUL in a value", "X: a\0b", 400, .closes),
        .lines("a control byte in a value", "X: a\u{1}b", 400, .closes),
        .lines("DEL in a value", "X: a\u{7F}b", 400, .closes),
        .lines("a folded line", "X: a\r\n b", 400, .closes),
        .lines("a space before the colon", "X : a", 400, .closes),
        .lines("an empty name", ": a", 400, .closes),
        .lines("no colon", "X", 400, .closes),
        .lines("a name that is no token", "X(): a", 400, .closes),
        .lines("an unknown expectation", "Expect: tea", 417, .closes),
    ]

    static let framing: [Exchange] = [
        .lines(
            "length and coding", "Content-Length: 1\r\nTransfer-Encoding: chunked", 400, .closes),
        .lines(
            "coding and length", "Transfer-Encoding: chunked\r\nContent-Length: 1", 400, .closes),
        .lines("two equal lengths", "Content-Length: 1\r\nContent-Length: 1", 400, .closes),
        .lines("a list of lengths", "Content-Length: 1, 1", 400, .closes),
        .lines("a plus sign", "Content-Length: +1", 400, .closes),
        .lines("a minus sign", "Content-Length: -1", 400, .closes),
        .lines("a hexadecimal length", "Content-Length: 0x1", 400, .closes),
        .lines("a blank inside", "Content-Length: 1 1", 400, .closes),
        .lines("an empty length", "Content-Length:", 400, .closes),
        .lines("a length of 2^64", "Content-Length: 18446744073709551616", 400, .closes),
        .lines("chunked twice", "Transfer-Encoding: chunked, chunked", 400, .closes),
        .lines(
            "chunked on two lines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400,
            .closes),
        .lines("chunked first", "Transfer-Encoding: chunked, gzip", 400, .closes),
        .lines("no chunked", "Transfer-Encoding: gzip", 400, .closes),
        .lines("identity", "Transfer-Encoding: identity", 400, .closes),
        .lines("an unknown coding first", "Transfer-Encoding: gzip, chunked", 501, .closes),
        Exchange(
            "chunked in HTTP/1.0",
            "POST /submit HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            400, .closes),
    ]

    static let chunkedBodies: [Exchange] = [
        .chunks("two chunks", "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", 200, .goesOn),
        .chunks("leading zeros", "0005\r\nhello\r\n000\r\n\r\n", 200, .goesOn),
        .chunks("an extension", "5;a=\"b\"\r\nhello\r\n0\r\n\r\n", 200, .goesOn),
        .chunks("a trailer", "5\r\nhello\r\n0\r\nX: a\r\n\r\n", 200, .goesOn),
        .chunks("no size", "\r\n", 400, .closes),
        .chunks("a signed size", "+5\r\nhello\r\n", 400, .closes),
        .chunks("a negative size", "-5\r\nhello\r\n", 400, .closes),
        .chunks("a prefixed size", "0x5\r\nhello\r\n", 400, .closes),
        .chunks("no digit", "g\r\n", 400, .closes),
        .chunks("an overflowing size", "10000000000000000\r\n", 413, .closes),
        .chunks("no CRLF after data", "5\r\nhelloworld", 400, .closes),
        .chunks("bare LF after the size", "5\nhello\r\n", 400, .closes),
        .chunks("bare LF after data", "5\r\nhello\n0\r\n\r\n", 400, .closes),
        .chunks("bare LF at the end", "0\r\n\n", 400, .closes),
        .chunks(
            "extensions over their limit", "5;\(String(repeating: "e", count: 5_000))", 400,
            .closes),
        .chunks(
            "trailers over their limit", "0\r\nX: \(String(repeating: "t", count: 10_000))", 400,
            .closes),
        .chunks("a faulty trailer", "0\r\nX : a\r\n\r\n", 400, .closes),
    ]

    static let limits: [Exchange] = [
        .first("GET /\(String(repeating: "t", count: 9_000)) HTTP/1.1", 414, .closes),
        .lines(
            "a header block of 17 KiB", "X: \(String(repeating: "h", count: 17_408))", 431, .closes),
        .lines(
            "200 field lines",
            Array(repeating: "X: a", count: 200).joined(separator: "\r\n"), 431, .closes),
        Exchange(
            "an announced body over the limit",
            "POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 413, .closes),
        Exchange(
            "an announced body far over the limit",
            "POST /submit HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775807\r\n\r\n", 413,
            .closes),
    ]

    static let bodies: [Exchange] = [
        Exchange(
            "a refused body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 405,
            .goesOn),
        Exchange(
            "a refused chunked body",
            "POST /nothing HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "5\r\nhello\r\n0\r\n\r\n", 404, .goesOn),
        Exchange(
            "a refused body over the limit",
            "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", 404, .closes),
        Exchange(
            "a refused body that was asked about",
            "POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
            404, .closes),
        Exchange(
            "a body on GET", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 200,
            .goesOn),
        Exchange(
            "an expectation on HTTP/1.0",
            "POST /submit HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\nhi", 200,
            .closes),
    ]
}
