import Testing

@testable import HTTP1

@Suite struct LimitTests {
    private func progress(
        _ wire: String, _ limits: RequestParser.Limits
    ) throws(ParseError) -> ParseProgress {
        var head = RequestHead()
        let bytes = Array(wire.utf8)
        return try RequestParser(limits: limits).parse(bytes.span, from: 0, into: &head)
    }

    private func request(target: String, padding: Int = 0) -> [UInt8] {
        let field = padding == 0 ? "" : "X: " + String(repeating: "x", count: padding - 5) + "\r\n"
        return Array("GET \(target) HTTP/1.1\r\nHost: a\r\n\(field)\r\n".utf8)
    }

    @Test(arguments: ["/", "/?", "http://a/", "/%41"])
    func `a target of the limit passes, a longer one is refused`(_ start: String) {
        let limits = RequestParser.Limits(maxTargetLength: 20, maxHeadBytes: 1000)
        let fitting = start + String(repeating: "x", count: 20 - start.utf8.count)
        #expect(requestEvents(request(target: fitting), .whole, limits).hasPrefix("get GET"))
        expectRequests(
            request(target: fitting + "x"), "error 414 targetTooLong at 24", limits: limits)
        expectRequests(
            request(target: fitting + "@"), "error 414 targetTooLong at 24", limits: limits)
    }

    @Test func `a target without an end is refused as soon as it is too long`() throws {
        let limits = RequestParser.Limits(maxTargetLength: 20, maxHeadBytes: 1000)
        let target = "/" + String(repeating: "x", count: 19)
        #expect(try progress("GET " + target, limits) == .incomplete(minimumCount: 25))
        #expect(throws: ParseError(.targetTooLong, at: 24)) {
            try progress("GET \(target)x", limits)
        }
    }

    @Test func `a head of the limit passes, a longer one is refused`() {
        let limits = RequestParser.Limits(maxTargetLength: 20, maxHeadBytes: 60)
        let fitting = request(target: "/", padding: 33)
        #expect(fitting.count == 60)
        #expect(requestEvents(fitting, .whole, limits).hasPrefix("get GET"))
        let large = request(target: "/", padding: 34)
        expectRequests(large, "error 431 headTooLarge at 60", limits: limits)
        // Empty lines before the request count.
        expectRequests([13, 10] + fitting, "error 431 headTooLarge at 60", limits: limits)
        // What is wrong behind the limit does not matter.
        expectRequests(
            large.dropLast() + Array("@".utf8), "error 431 headTooLarge at 60", limits: limits)
    }

    @Test func `a head without an end is refused as soon as it is too large`() throws {
        let limits = RequestParser.Limits(maxTargetLength: 20, maxHeadBytes: 60)
        let start = "GET / HTTP/1.1\r\nX: "
        let padding = String(repeating: "x", count: 60 - start.utf8.count)
        let almost = start + padding.dropLast()
        #expect(try progress(almost, limits) == .incomplete(minimumCount: 60))
        #expect(throws: ParseError(.headTooLarge, at: 60)) { try progress(start + padding, limits) }
    }

    @Test func `the limit counts from the start of each head`() {
        let limits = RequestParser.Limits(maxTargetLength: 20, maxHeadBytes: 60)
        let one = request(target: "/", padding: 33)
        let events = requestEvents(one + one + one, .byteByByte, limits)
        #expect(events.split(separator: "\n").filter { $0.hasPrefix("get GET") }.count == 3)
    }

    @Test func `128 field lines pass, one more is refused`() {
        let limits = RequestParser.Limits()
        let lines = { (count: Int) -> [UInt8] in
            let fields = String(repeating: "A:b\r\n", count: count - 1)
            return Array("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
        }
        #expect(
            requestEvents(lines(128), .byteByByte, limits).split(separator: "\n").count == 129)
        for feed in [Feed.whole, .byteByByte, .onDemand] {
            #expect(
                requestEvents(lines(129), feed, limits)
                    == "error 431 tooManyFields at \(25 + 127 * 5)")
        }
    }

    @Test func `an unknown method of 32 bytes passes, a longer token is answered with 501`() {
        let token = String(repeating: "M", count: 32)
        let end = " / HTTP/1.1\r\nHost: a\r\n\r\n"
        #expect(requestEvents(Array((token + end).utf8), .whole).hasPrefix("other MMMM"))
        expectRequests(Array((token + "M" + end).utf8), "error 501 methodTooLong at 32")
        #expect(throws: ParseError(.methodTooLong, at: 32)) { try progress(token + "M", .init()) }
    }

    @Test(arguments: [
        ("", 33), ("G", 33), ("\r\n", 33), ("GET", 33), ("GET ", 4 + 8192 + 1),
        ("\r\nPUT /", 6 + 8192 + 1), ("GET / ", 16384), ("GET / HTTP/1.1\r\n", 16384),
        ("GET / HTTP/1.1\r\nHost: a", 16384),
    ])
    func `an incomplete head says when it is worth to look again`(_ wire: String, _ count: Int)
        throws
    {
        #expect(try progress(wire, .init()) == .incomplete(minimumCount: count))
    }

    @Test func `a limit that the target cannot reach does not matter`() {
        let limits = RequestParser.Limits(maxTargetLength: 1000, maxHeadBytes: 60)
        let wire = request(target: "/" + String(repeating: "x", count: 100))
        expectRequests(wire, "error 431 headTooLarge at 60", limits: limits)
    }
}
