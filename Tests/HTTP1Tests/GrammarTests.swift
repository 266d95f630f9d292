import Testing

@testable import HTTP1

/// Walks all 256 values of a byte through each position of the grammar. What is allowed is spelled
/// out here as text, apart from the bit sets of the parser.
@Suite struct GrammarTests {
    static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    static let digits = "0123456789"
    static let token = letters + digits + "!#$%&'*+-.^_`|~"
    static let unreserved = letters + digits + "-._~"
    static let subDelims = "!$&'()*+,;="
    static let path = unreserved + subDelims + ":@/"
    static let query = path + "?[\\]^`{|}"

    /// What becomes of a request in which `prefix`, one byte and `suffix` follow each other.
    private func outcome(_ prefix: String, _ byte: UInt8, _ suffix: String) -> String {
        let wire = Array(prefix.utf8) + [byte] + Array(suffix.utf8)
        var input = GuardPage(capacity: wire.count)
        input.place(wire)
        var head = RequestHead()
        do throws(ParseError) {
            switch try RequestParser().parse(input.span, from: 0, into: &head) {
            case .complete: return "complete"
            case .incomplete: return "incomplete"
            }
        } catch {
            return "\(error.status)"
        }
    }

    /// Expects `complete` for the bytes of `allowed`, which do not change what stands around them,
    /// and `400` for all others that are not in `special`.
    private func expect(
        _ prefix: String, _ suffix: String, allows allowed: some Collection<UInt8>,
        except special: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for byte in UInt8.min...UInt8.max where !special.utf8.contains(byte) {
            let expected = allowed.contains(byte) ? "complete" : "400"
            let found = outcome(prefix, byte, suffix)
            #expect(found == expected, "byte \(byte)", sourceLocation: sourceLocation)
        }
    }

    private let fields = "\r\nHost: a\r\n\r\n"

    @Test func `in a method`() {
        // A space ends it, and what follows is no target.
        expect("X", "X / HTTP/1.1" + fields, allows: Self.token.utf8)
        // CR and LF may begin an empty line before the request.
        expect("", "X / HTTP/1.1" + fields, allows: Self.token.utf8)
        expect("GET", " / HTTP/1.1" + fields, allows: Self.token.utf8, except: " ")
    }

    @Test func `in a path`() {
        expect("GET /x", "x HTTP/1.1" + fields, allows: (Self.path + "?").utf8)
        expect("GET /01234567890123456789", "x HTTP/1.1" + fields, allows: (Self.path + "?").utf8)
        expect("GET http://a/x", "x HTTP/1.1" + fields, allows: (Self.path + "?").utf8)
    }

    @Test func `in a query`() {
        expect("GET /?x", "x HTTP/1.1" + fields, allows: Self.query.utf8)
        expect("GET http://a?x", "x HTTP/1.1" + fields, allows: Self.query.utf8)
    }

    @Test func `at the start of a target`() {
        expect("GET ", " HTTP/1.1" + fields, allows: "/".utf8)
        expect("OPTIONS ", " HTTP/1.1" + fields, allows: "/*".utf8)
    }

    @Test func `behind a percent sign`() {
        expect("GET /%", "0 HTTP/1.1" + fields, allows: (Self.digits + "abcdefABCDEF").utf8)
        expect("GET /%0", " HTTP/1.1" + fields, allows: (Self.digits + "abcdefABCDEF").utf8)
    }

    @Test func `in a version`() {
        let version = Array("HTTP/1.1".utf8)
        for index in [0, 1, 2, 3, 4, 6] {
            let before = String(decoding: version[..<index], as: UTF8.self)
            let after = String(decoding: version[(index + 1)...], as: UTF8.self)
            expect("GET / " + before, after + fields, allows: [version[index]])
        }
        expect("GET / HTTP/1.", fields, allows: Self.digits.utf8)
        for byte in UInt8.min...UInt8.max {
            let isDigit = Self.digits.utf8.contains(byte)
            let expected = byte == 0x31 ? "complete" : isDigit ? "505" : "400"
            #expect(outcome("GET / HTTP/", byte, ".1" + fields) == expected)
        }
    }

    @Test func `in a field name`() {
        let line = "GET / HTTP/1.1\r\nHost: a\r\n"
        expect(line + "X", "X: x\r\n\r\n", allows: (Self.token + ":").utf8)
        expect(line, "X: x\r\n\r\n", allows: Self.token.utf8)
        expect(line + "XXXXXXXXXXXXXXXXXXX", ": x\r\n\r\n", allows: (Self.token + ":").utf8)
    }

    @Test func `in a field value`() {
        let allowed = [0x09] + Array(0x20...0x7E) + Array(0x80...0xFF as ClosedRange<UInt8>)
        let line = "GET / HTTP/1.1\r\nHost: a\r\nX:"
        for prefix in ["", " ", " x", " 0123456789abcdef", "\t\u{e4}"] {
            expect(line + prefix, "x\r\n\r\n", allows: allowed)
            expect(line + prefix, "\r\n\r\n", allows: allowed)
            expect(line + prefix, "0123456789abcdef\r\n\r\n", allows: allowed)
        }
    }

    @Test func `in a host`() {
        // A colon is followed by a port, brackets and percent signs by what they need.
        let line = "GET / HTTP/1.1\r\nHost: a"
        let allowed = Self.unreserved + Self.subDelims
        expect(line, "b\r\n\r\n", allows: allowed.utf8)
        expect(line, "1\r\n\r\n", allows: (allowed + ":").utf8)
        // Whitespace behind the host is trimmed.
        expect(line, "\r\n\r\n", allows: (allowed + ": \t").utf8)
    }

    @Test func `in a Content-Length`() {
        let line = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
        expect(line + "1", "1\r\n\r\n", allows: Self.digits.utf8)
        expect(line, "1\r\n\r\n", allows: (Self.digits + " \t").utf8)
    }

    @Test func `in a Transfer-Encoding`() {
        let line = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        expect(line, "chunked\r\n\r\n", allows: " \t".utf8)
        expect(line + "chunked", "\r\n\r\n", allows: " \t".utf8)
    }

    @Test func `where a line ends`() {
        expect("GET / HTTP/1.1", "\nHost: a\r\n\r\n", allows: "\r".utf8)
        expect("GET / HTTP/1.1\r", "Host: a\r\n\r\n", allows: "\n".utf8)
        expect("GET / HTTP/1.1\r\nHost: a\r", "\r\n", allows: "\n".utf8)
        expect("GET / HTTP/1.1\r\nHost: a\r\n", "\n", allows: "\r".utf8, except: Self.token)
        expect("GET / HTTP/1.1\r\nHost: a\r\n\r", "", allows: "\n".utf8)
    }
}
