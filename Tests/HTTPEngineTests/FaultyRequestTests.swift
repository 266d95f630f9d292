import Testing

@testable import HTTPEngine

/// Heads and bodies that are refused for their form: the answer, and that it is the last.
@Suite struct FaultyRequestTests {
    /// A faulty request and the clause that its answer names.
    struct Fault: Sendable, CustomTestStringConvertible {
        let input: String
        let status: String
        let reason: String
        let limits: Limits

        init(_ input: String, _ reason: String) {
            self.init(input, "400 Bad Request", reason)
        }

        init(_ input: String, _ status: String, _ reason: String, limits: Limits = Limits()) {
            self.input = input
            self.status = status
            self.reason = reason
            self.limits = limits
        }

        var testDescription: String { "\(reason): \(input.prefix(60).debugDescription)" }
    }

    static let faultyRequestLines = [
        Fault(
            "GET / HTTP/2.0\r\n\r\n", "505 HTTP Version Not Supported", "unsupported HTTP version"),
        Fault(
            "GET / HTTP/0.9\r\n\r\n", "505 HTTP Version Not Supported", "unsupported HTTP version"),
        Fault("GET / HTTP/11\r\n\r\n", "malformed HTTP version"),
        Fault("GET / http/1.1\r\n\r\n", "malformed HTTP version"),
        Fault("GET / HTTP/1.1 \r\n\r\n", "malformed HTTP version"),
        Fault("GET /\r\n\r\n", "missing HTTP version"),
        Fault("GET / HTTP/1.1\nHost: a\r\n\r\n", "LF without CR"),
        Fault("GET  / HTTP/1.1\r\n\r\n", "invalid request target"),
        Fault("GET /\u{1} HTTP/1.1\r\n\r\n", "invalid request target"),
        Fault("GET /%4 HTTP/1.1\r\n\r\n", "invalid request target"),
        Fault("G@T / HTTP/1.1\r\n\r\n", "invalid method"),
        Fault(" GET / HTTP/1.1\r\n\r\n", "invalid method"),
        Fault(
            String(repeating: "A", count: 33) + " / HTTP/1.1\r\n\r\n", "501 Not Implemented",
            "method too long"),
        Fault("\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", "too many empty lines before the request"),
        Fault("GET * HTTP/1.1\r\nHost: a\r\n\r\n", "request target does not fit the method"),
        Fault("CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", "request target does not fit the method"),
        Fault("GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "invalid request target"),
        Fault("GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n", "invalid request target"),
    ]

    static let faultyFields = [
        Fault("GET / HTTP/1.1\r\n\r\n", "missing Host"),
        Fault("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "more than one Host"),
        Fault("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "more than one Host"),
        Fault("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "invalid Host"),
        Fault("GET / HTTP/1.0\r\nHost: a/b\r\n\r\n", "invalid Host"),
        Fault("GET / HTTP/1.1\r\nHost: user@a\r\n\r\n", "invalid Host"),
        Fault(get("/", "a: b\rc"), "CR without LF"),
        Fault(get("/", "a: b\nc: d"), "LF without CR"),
        Fault(get("/", "a: b\u{0}"), "control byte in a field value"),
        Fault(get("/", "a: b\u{1}c"), "control byte in a field value"),
        Fault(get("/", "a: b\u{7F}"), "control byte in a field value"),
        Fault(get("/", "a: b", " c"), "folded field line"),
        Fault(get("/", "a: b", "\tc"), "folded field line"),
        Fault(get("/", "a : b"), "space before the colon of a field line"),
        Fault(get("/", ": b"), "empty field name"),
        Fault(get("/", "a b: c"), "space before the colon of a field line"),
        Fault(get("/", "a"), "invalid field name"),
        Fault(get("/", "a@: c"), "invalid field name"),
    ]

    static let faultyFraming = [
        Fault(
            request("POST", "/", "Content-Length: 3", "Transfer-Encoding: chunked"),
            "Content-Length with Transfer-Encoding"),
        Fault(
            request("POST", "/", "Transfer-Encoding: chunked", "Content-Length: 3"),
            "Content-Length with Transfer-Encoding"),
        Fault(
            request("POST", "/", "Content-Length: 3", "Content-Length: 3"),
            "more than one Content-Length"),
        Fault(request("POST", "/", "Content-Length: 3, 3"), "invalid Content-Length"),
        Fault(request("POST", "/", "Content-Length: +3"), "invalid Content-Length"),
        Fault(request("POST", "/", "Content-Length: -3"), "invalid Content-Length"),
        Fault(request("POST", "/", "Content-Length: 0x3"), "invalid Content-Length"),
        Fault(request("POST", "/", "Content-Length: "), "invalid Content-Length"),
        Fault(
            request("POST", "/", "Content-Length: 9223372036854775808"), "invalid Content-Length"),
        Fault(
            request("POST", "/", "Transfer-Encoding: chunked, chunked"),
            "invalid Transfer-Encoding"),
        Fault(
            request("POST", "/", "Transfer-Encoding: chunked, gzip"), "invalid Transfer-Encoding"),
        Fault(request("POST", "/", "Transfer-Encoding: gzip"), "invalid Transfer-Encoding"),
        Fault(
            request("POST", "/", "Transfer-Encoding: gzip, chunked"), "501 Not Implemented",
            "unsupported transfer coding"),
        Fault(
            request("POST", "/", "Transfer-Encoding: chunked", version: "HTTP/1.0"),
            "Transfer-Encoding in HTTP/1.0"),
        Fault(
            post("/", "abc", "Expect: 200-ok"), "417 Expectation Failed",
            "only 100-continue can be expected"),
        Fault(
            get("/", "Expect: something"), "417 Expectation Failed",
            "only 100-continue can be expected"),
    ]

    static let smallLimits: Limits = {
        var limits = Limits()
        limits.maxTargetLength = 40
        limits.maxHeaderBytes = 200
        limits.maxBodyBytes = 10
        return limits
    }()

    static let tooLarge = [
        Fault(
            get("/" + String(repeating: "a", count: 40)), "414 URI Too Long",
            "request target too long", limits: smallLimits),
        Fault(
            get("/", "a: " + String(repeating: "b", count: 200)),
            "431 Request Header Fields Too Large", "header section too large", limits: smallLimits),
        Fault(
            request("GET", "/").dropLast()
                + (0..<128).map { "f\($0): v\r\n" }.joined() + "\r\n",
            "431 Request Header Fields Too Large", "too many header fields"),
        Fault(
            request("POST", "/limit/10", "Content-Length: 11"), "413 Content Too Large",
            "the body is larger than this server takes"),
        Fault(
            post("/limit/10", "01234567890"), "413 Content Too Large",
            "the body is larger than this server takes"),
        Fault(
            post("/limit/10", "01234567890", "Expect: 100-continue"), "413 Content Too Large",
            "the body is larger than this server takes"),
        Fault(
            chunkedPost("/limit/10", ["01234", "56789", "0"]), "413 Content Too Large",
            "the body is larger than this server takes"),
    ]

    static let faultyChunks = [
        Fault(chunks("\r\nabc\r\n0\r\n\r\n"), "invalid chunk size"),
        Fault(chunks("+3\r\nabc\r\n0\r\n\r\n"), "invalid chunk size"),
        Fault(chunks("0x3\r\nabc\r\n0\r\n\r\n"), "invalid chunk size"),
        Fault(chunks(" 3\r\nabc\r\n0\r\n\r\n"), "invalid chunk size"),
        Fault(chunks("3 \r\nabc\r\n0\r\n\r\n"), "invalid chunk size"),
        Fault(chunks("3\nabc\r\n0\r\n\r\n"), "LF without CR"),
        Fault(chunks("3\rabc\r\n0\r\n\r\n"), "CR without LF"),
        Fault(chunks("3\r\nabcd\r\n0\r\n\r\n"), "missing CRLF after chunk data"),
        Fault(chunks("3\r\nabc\n0\r\n\r\n"), "missing CRLF after chunk data"),
        Fault(chunks("3;\r\nabc\r\n0\r\n\r\n"), "invalid chunk extension"),
        Fault(chunks("3;a\u{1}\r\nabc\r\n0\r\n\r\n"), "invalid chunk extension"),
        Fault(
            chunks("8000000000000000\r\n"), "413 Content Too Large", "chunk too large"),
        Fault(
            chunks("00000000000000003\r\nabc\r\n"), "413 Content Too Large", "chunk too large"),
        Fault(
            chunks("3;a=" + String(repeating: "b", count: 4_096) + "\r\nabc\r\n0\r\n\r\n"),
            "chunk extensions too long"),
        Fault(
            chunks("0\r\na: " + String(repeating: "b", count: 8_192) + "\r\n\r\n"),
            "trailer section too large"),
        Fault(chunks("0\r\n: b\r\n\r\n"), "empty field name"),
        Fault(chunks("0\r\na : b\r\n\r\n"), "space before the colon of a field line"),
        Fault(chunks("0\r\na: b\r\n c\r\n\r\n"), "folded field line"),
        Fault(chunks("0\r\na: b\n\r\n"), "LF without CR"),
    ]

    /// A POST whose chunked body is these bytes.
    private static func chunks(_ body: String) -> String {
        request("POST", "/", "Transfer-Encoding: chunked") + body
    }

    @Test(arguments: faultyRequestLines)
    func `a faulty request line is answered and ends the connection`(fault: Fault) {
        check(fault)
    }

    @Test(arguments: faultyFields)
    func `a faulty field line is answered and ends the connection`(fault: Fault) {
        check(fault)
    }

    @Test(arguments: faultyFraming)
    func `ambiguous or impossible framing is answered and ends the connection`(fault: Fault) {
        check(fault)
    }

    @Test(arguments: tooLarge)
    func `what is over a limit is answered and ends the connection`(fault: Fault) {
        check(fault)
    }

    @Test(arguments: faultyChunks)
    func `a faulty chunked body is answered and ends the connection`(fault: Fault) {
        check(fault)
    }

    /// The fault alone; and between two requests, of which the first is answered before it and the
    /// second is not executed.
    private func check(_ fault: Fault) {
        let answer = failure(fault.status, fault.reason)
        Transcript(
            "alone", fault.input, gives: answer, then: .halfClosed, limits: fault.limits
        ).check()
        Transcript(
            "in the middle", get("/first") + fault.input + get("/behind"),
            gives: ok("GET /first") + answer, then: .halfClosed, limits: fault.limits
        ).check()
    }

    @Test func `a faulty body of a HEAD is answered without one`() {
        let head = request("HEAD", "/limit/4/a", "Transfer-Encoding: chunked")
        Transcript(
            "malformed", head + "x\r\n",
            gives: failure("400 Bad Request", "invalid chunk size", toHead: true),
            then: .halfClosed
        ).check()
        Transcript(
            "too large", head + "5\r\nabcde\r\n0\r\n\r\n",
            gives: failure(
                "413 Content Too Large", "the body is larger than this server takes", toHead: true),
            then: .halfClosed
        ).check()
    }

    @Test func `nothing behind a faulty request reaches the handler`() {
        var harness = ConnectionHarness()
        harness.feed(get("/first") + get("/", "a : b") + get("/behind"))
        harness.feed(get("/later"))
        let targets = harness.handler.targets
        #expect(targets == ["/first"])
    }

    @Test func `a target that is too long is refused before it has ended`() {
        var limits = Limits()
        limits.maxTargetLength = 40
        var harness = ConnectionHarness(limits)
        harness.drip("GET /" + String(repeating: "a", count: 39))
        let before = harness.takeTranscript()
        #expect(before == "")
        harness.drip("a")
        let after = harness.takeTranscript()
        #expect(after == failure("414 URI Too Long", "request target too long"))
    }

    @Test func `a body that is announced too large is refused before it comes`() {
        var harness = ConnectionHarness()
        harness.feed(request("POST", "/limit/10", "Content-Length: 11"))
        let answer = harness.takeTranscript()
        #expect(
            answer == failure("413 Content Too Large", "the body is larger than this server takes"))
    }
}
