import Containers
import HTTPEngine
import Syscalls
import Testing

@testable import Sluice

@Suite struct AccessLogVerbTests {
    @Test(arguments: [
        ("%h", "192.0.2.7"), ("%l", "-"), ("%u", "-"),
        ("%t", "[02/Jan/2006:15:04:05 +0000]"),
        ("%{02/Jan/2006:15:04:05 Z0700}t", "02/Jan/2006:15:04:05 Z"),
        ("%{%Y-%m-%dT%H:%M:%S%z}t", "2006-01-02T15:04:05+0000"),
        ("%{2006-01-02T15:04:05.000000Z07:00}t", "2006-01-02T15:04:05.123456Z"),
        ("%r", "GET /a?b=c HTTP/1.1"), ("%m", "GET"), ("%U", "/a"), ("%q", "?b=c"),
        ("%s", "200"), ("%b", "256"), ("%B", "256"),
        ("%D", "12345"), ("%T", "0"), ("%{s}T", "0"), ("%{ms}T", "12"), ("%{us}T", "12345"),
        ("%{Host}i", "x"), ("%{hOST}i", "x"), ("%{Referer}i", "-"), ("%{k}X", "-"),
        ("%h%%", "192.0.2.7%"), ("%%h %s", "%h 200"), ("%s%s", "200200"),
        ("%{route}x", "GET /a"), ("%{TTFB MICRO}x", "2500"), ("%{ttfb exact}x", "2.500"),
        ("%{process_time EXACT}x", "12.345"), ("%{reason}x", "-"), ("%{REQUEST_ID}x", "-"),
        ("%{connection_id}x", "7"), ("%{request_number}x", "3"), ("%{reused}x", "true"),
        ("%{bytes_in}x %{body_bytes_in}x %{total_bytes_out}x %{bytes_out}x", "1000 900 512 256"),
        ("%{port}x", "50123"), ("%{target}x", "/a?b=c"), ("%{protocol}x", "HTTP/1.1"),
        ("%{engine}x %{instance_id}x %{phase}x %{drain_time}x", "reactor i-1 running 0.000"),
    ])
    func `a verb shows what it is for`(format: String, expected: String) throws {
        #expect(try LoggedExchange().line(format) == expected)
    }

    @Test func `the presets are those of Granitic`() {
        var logged = LoggedExchange(
            "GET /a?b=c HTTP/1.1\r\nHost: x\r\nReferer: http://r/\r\nUser-Agent: curl/8\r\n"
                + "X-Forwarded-For: 1.2.3.4\r\n\r\n")
        #expect(
            logged.line(.common)
                == #"192.0.2.7 - - [02/Jan/2006:15:04:05 +0000] "GET /a?b=c HTTP/1.1" 200 256"#)
        #expect(
            logged.line(.combined)
                == logged.line(.common) + #" "http://r/" "curl/8""#)
        #expect(
            logged.line(.framework)
                == "192.0.2.7 XFF[1.2.3.4] - - [02/Jan/2006:15:04:05 Z] "
                + #""GET /a?b=c" 200 256B 12345μs"#)
        logged.exchange.sentBodyByteCount = 0
        #expect(logged.line(.common).hasSuffix(" 200 -"))
        #expect(logged.line(.framework).contains(" 200 -B "))
    }

    @Test func `plain is pairs in the order of their list`() {
        let logged = LoggedExchange(
            "GET /a%20b?q HTTP/1.1\r\nHost: x\r\nUser-Agent: a \"b\" c\r\n\r\n")
        #expect(
            logged.line(.plain)
                == "time=2006-01-02T15:04:05.123Z client=192.0.2.7 method=GET path=/a%20b "
                + "status=200 engine=reactor connection_id=7 request_id=3 bytes_in=1000 "
                + "bytes_out=512 duration_ms=12.345 connection_reused=true "
                + #"route_key="GET /a" trace_id=- shutdown_phase=running drain_elapsed_ms=0.000 "#
                + #"ttfb_ms=2.500 reason=- user=- referer=- user_agent="a \"b\" c" "#
                + "instance_id=i-1 x_request_id=-")
    }

    @Test func `json is one object with sorted keys and numbers as numbers`() {
        #expect(
            LoggedExchange().line(.json)
                == #"{"bytes_in":1000,"bytes_out":512,"client":"192.0.2.7","connection_id":7,"#
                + #""connection_reused":true,"drain_elapsed_ms":0.000,"engine":"reactor","#
                + #""instance_id":"i-1","latency_ms":12.345,"method":"GET","path":"/a","#
                + #""reason":"","referer":"","request_id":3,"route_key":"GET /a","#
                + #""shutdown_phase":"running","status":200,"time":"2006-01-02T15:04:05.123Z","#
                + #""trace_id":"","ttfb_ms":2.500,"user":"","user_agent":"","x_request_id":""}"#)
    }

    @Test func `what handlers have said about an exchange is shown`() throws {
        var logged = LoggedExchange()
        let notes = ExchangeNotes()
        notes.user = "ann lee"
        notes.requestID = "r-1"
        notes.reason = "not_found"
        notes.values = [("other", "1"), ("tenant", "t\"1")]
        logged.notes = notes
        #expect(
            try logged.line("%u|%{request_id}x|%{correlation_id}x|%{reason}x|%{tenant}X|%{no}X")
                == #"ann lee|r-1|r-1|not_found|t\"1|-"#)
        notes.traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
        #expect(
            try logged.line("%{trace_id}x %{correlation_id}x")
                == "4bf92f3577b34da6a3ce929d0e0e4736 4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(logged.line(.plain).contains(#"user="ann lee" "#))
    }

    @Test func `the first of several lines of a field counts`() throws {
        let logged = LoggedExchange("GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\na: 2\r\nB:\r\n\r\n")
        #expect(try logged.line("%{A}i %{B}i %{C}i %{Host}i") == "1 - - x")
    }

    @Test func `a client that has gone is 499, and there is no first byte`() throws {
        var logged = LoggedExchange()
        logged.exchange.status = 0
        logged.exchange.firstByte = Instant(nanoseconds: 0)
        logged.exchange.failure = .clientGone
        #expect(try logged.line("%s %{ttfb micro}x %{reason}x") == "499 - client_gone")
        #expect(try logged.json("TTFB", "MICRO") == "null")
    }

    @Test(arguments: [
        ("BROKEN\r\nx", "BROKEN"), ("GET / HT\"P\n", #"GET / HT\"P"#), ("", "-"),
        ("\u{1}\u{2}", #"\x01\x02"#), ("\r\n\r\n", "-"),
        ("\r\n\nBREW\r\n", "BREW"),
    ])
    func `what never became a request shows its first line`(bytes: String, line: String) throws {
        var logged = LoggedExchange(bytes)
        logged.isUnparsed = true
        logged.exchange.status = 400
        logged.exchange.label = 0
        logged.exchange.failure = .malformed
        #expect(
            try logged.line("%h \"%r\" %m %U%q %s %{route}x %{reason}x %{protocol}x")
                == "192.0.2.7 \"\(line)\" - - 400 request/malformed malformed -")
        #expect(logged.line(.json).contains(#""method":"-","path":"-""#))
    }

    @Test func `an exchange of which nothing was kept has a line too`() {
        var line = AccessLogLine(.combined, isLocal: false)
        var exchange = FinishedExchange()
        exchange.end = LoggedExchange.start
        exchange.status = 503
        exchange.failure = .overloaded
        let text = line.text(exchange, texts: [], in: LoggedExchange().surroundings)
        #expect(text == #"- - - [02/Jan/2006:15:04:05 +0000] "-" 503 - "-" "-""# + "\n")
    }

    @Test(arguments: [
        ("OPTIONS * HTTP/1.1", "* ", "*"), ("GET http://h HTTP/1.1", "/ ", "http://h"),
        ("GET http://h?q HTTP/1.1", "/ ?q", "http://h?q"),
        ("GET http://h/p?q HTTP/1.1", "/p ?q", "http://h/p?q"),
        ("CONNECT h:443 HTTP/1.1", "- ", "h:443"), ("GET /? HTTP/1.1", "/ ", "/?"),
        ("GET /%41%2fb%22%0a%ff HTTP/1.1", #"/A/b\"\x0a\xff "#, "/%41%2fb%22%0a%ff"),
        ("BREW /p HTTP/1.0", "/p ", "/p"),
    ])
    func `every form of target is shown`(line: String, path: String, target: String) throws {
        let host = line.hasPrefix("CONNECT") ? "h:443" : "h"
        let logged = LoggedExchange("\(line)\r\nHost: \(host)\r\n\r\n")
        #expect(try logged.line("%U %q") == path)
        #expect(try logged.line("%{target}x") == target)
        #expect(try logged.line("%r") == line)
    }

    @Test func `the client is the one that trusted proxies tell`() throws {
        var logged = LoggedExchange(
            "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 2001:db8::9\r\n\r\n")
        #expect(try logged.line("%h %{port}x") == "192.0.2.7 50123")
        logged.trustedProxies = [try #require(AddressRange("192.0.2.0/24"))]
        #expect(try logged.line("%h %{port}x") == "2001:db8::9 -")
        #expect(try logged.json("REMOTE") == "\"2001:db8::9\"")
        #expect(try logged.json("PORT") == "null")
    }

    @Test func `a drain shows in what ends after it has begun`() throws {
        var logged = LoggedExchange()
        logged.drainStart = logged.exchange.end
        #expect(try logged.line("%{phase}x %{drain_time}x") == "draining 0.000")
        logged.drainStart = LoggedExchange.start
        #expect(try logged.line("%{phase}x %{drain_time}x") == "draining 12.345")
        logged.drainStart = logged.exchange.end + 1
        #expect(try logged.line("%{phase}x %{drain_time}x") == "running 0.000")
    }

    @Test func `labels name routes, and failures what stands for them`() throws {
        var logged = LoggedExchange()
        logged.exchange.label = 2
        #expect(try logged.line("%{route}x") == "unmatched")
        logged.exchange.label = 3
        #expect(try logged.line("%{route}x") == "request/other")
        logged.exchange.label = 0
        logged.exchange.failure = .draining
        #expect(try logged.line("%{route}x") == "drain/reject")
    }

    @Test func `a text that is too long is cut off`() throws {
        let long = String(repeating: "x", count: 9_000)
        let cut = String(repeating: "x", count: 8_192)
        let whole = LoggedExchange("GET / HTTP/1.1\r\nHost: x\r\nA: \(cut)\r\n\r\n")
        #expect(try whole.line("%{A}i") == cut)
        let logged = LoggedExchange("GET /\(long) HTTP/1.1\r\nHost: x\r\nA: \(long)\r\n\r\n")
        #expect(try logged.line("%{A}i") == cut + "...")
        #expect(try logged.line("%r") == "GET /" + cut.dropLast() + "... HTTP/1.1")
        #expect(try logged.json("REQ_HEADER", "A") == "\"\(cut)...\"")
    }
}

extension AccessLogLine {
    fileprivate mutating func text(
        _ exchange: FinishedExchange, texts: [UInt8], in surroundings: AccessLogSurroundings
    ) -> String {
        var output = ByteBuffer()
        append(
            exchange, texts: texts.span, in: surroundings, clock: LoggedExchange.clock,
            drainStart: nil, to: &output)
        return String(decoding: Array(copying: output.span), as: UTF8.self)
    }
}
