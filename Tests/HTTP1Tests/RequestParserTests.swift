import Testing

@testable import HTTP1

@Suite struct RequestParserTests {
    static let transcripts: [Transcript] = [
        .init(
            "the shortest request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            """
            get GET origin / 1.1 path=/ host=a
              Host=a
            """),
        .init(
            "two requests in one piece",
            "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: b\r\n\r\n",
            """
            get GET origin /1 1.1 path=/1 host=a
              Host=a
            head HEAD origin /2 1.1 path=/2 host=b
              Host=b
            """),
        .init(
            "two empty lines before the request",
            "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            """
            get GET origin / 1.1 path=/ host=a
              Host=a
            get GET origin / 1.1 path=/ host=a
              Host=a
            """),
        .init(
            "a query, an empty query and a query with question marks",
            "GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\nGET /? HTTP/1.1\r\nHost: a\r\n\r\n"
                + "GET /?a?b HTTP/1.1\r\nHost: a\r\n\r\n",
            """
            get GET origin /a?b=c 1.1 path=/a query=b=c host=a
              Host=a
            get GET origin /? 1.1 path=/ query= host=a
              Host=a
            get GET origin /?a?b 1.1 path=/ query=a?b host=a
              Host=a
            """),
        .init(
            "percent-encoding and every other byte that a path may have",
            "GET /%41%fF/-._~!$&'()*+,;=:@// HTTP/1.1\r\n" + "Host: a\r\n\r\n",
            """
            get GET origin /%41%fF/-._~!$&'()*+,;=:@// 1.1 path=/%41%fF/-._~!$&'()*+,;=:@// host=a
              Host=a
            """),
        .init(
            "what browsers send raw in a query", "GET /?[\\]^`{|} HTTP/1.1\r\nHost: a\r\n\r\n",
            """
            get GET origin /?[\\]^`{|} 1.1 path=/ query=[\\]^`{|} host=a
              Host=a
            """),
        .init(
            "absolute-form: its authority wins over Host",
            "GET http://b:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n",
            """
            get GET absolute http://b:81/x?y 1.1 path=/x query=y host=b:81
              Host=a
            """),
        .init(
            "absolute-form without a path, and with an address of IPv6",
            "GET HTTPS://b HTTP/1.1\r\nHost: a\r\n\r\nGET http://[::1]:8?q HTTP/1.1\r\nHost:\r\n\r\n",
            """
            get GET absolute HTTPS://b 1.1 host=b
              Host=a
            get GET absolute http://[::1]:8?q 1.1 query=q host=[::1]:8
              Host=
            """),
        .init(
            "OPTIONS for the server as a whole, in both ways, and not",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n"
                + "OPTIONS http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"
                + "OPTIONS http://a? HTTP/1.1\r\nHost: a\r\n\r\n",
            """
            options OPTIONS asterisk * 1.1 host=a server-wide
              Host=a
            options OPTIONS absolute http://a 1.1 host=a server-wide
              Host=a
            options OPTIONS absolute http://a/ 1.1 path=/ host=a
              Host=a
            options OPTIONS absolute http://a? 1.1 query= host=a
              Host=a
            """),
        .init(
            "CONNECT", "CONNECT b:443 HTTP/1.1\r\nHost: a\r\n\r\n",
            """
            connect CONNECT authority b:443 1.1 host=b:443
              Host=a
            """),
        .init(
            "HTTP/1.0 without Host, and keep-alive there",
            "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET / HTTP/1.0\r\n\r\n",
            """
            get GET origin / 1.0 path=/
              Connection=Keep-Alive
            get GET origin / 1.0 path=/ last
            """),
        .init(
            "HTTP/1.2 and HTTP/1.9 count as 1.1",
            "GET / HTTP/1.2\r\nHost: a\r\n\r\nGET / HTTP/1.9\r\nHost: a\r\n\r\n",
            """
            get GET origin / 1.1 path=/ host=a
              Host=a
            get GET origin / 1.1 path=/ host=a
              Host=a
            """),
        .init(
            "whitespace around values is trimmed, tabs and obs-text inside are kept",
            "GET / HTTP/1.1\r\nHost:a\r\nA: \t b \t \r\nB:\r\nC: \t\r\nD: x\ty\u{80}\r\nE:  e\r\n"
                + "F: f \r\n\r\n",
            """
            get GET origin / 1.1 path=/ host=a
              Host=a
              A=b
              B=
              C=
              D=x\\x09y\\xc2\\x80
              E=e
              F=f
            """),
        .init(
            "every byte that a name may have",
            "GET / HTTP/1.1\r\nhOsT: a\r\n!#$%&'*+-.^_`|~09azAZ: x\r\n\r\n",
            """
            get GET origin / 1.1 path=/ host=a
              hOsT=a
              !#$%&'*+-.^_`|~09azAZ=x
            """),
        .init(
            "a body with a length, and what follows it",
            "POST / HTTP/1.1\r\nHost: a\r\ncontent-LENGTH: 005\r\n\r\nhelloGET / HTTP/1.1\r\n"
                + "Host: a\r\nContent-Length: 0\r\n\r\n",
            """
            post POST origin / 1.1 path=/ host=a body=length 5
              Host=a
              content-LENGTH=005
            body hello
            end at 54
            get GET origin / 1.1 path=/ host=a
              Host=a
              Content-Length=0
            """),
        .init(
            "a chunked body with extensions and trailers, and what follows it",
            "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n"
                + "5\r\nhello\r\n00A;x=\"1\t\"\r\n, world!!!\r\n0;y\r\nContent-Length: 1\r\nB:\r\n\r\n"
                + "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            """
            put PUT origin / 1.1 path=/ host=a body=chunked
              Host=a
              Transfer-Encoding=CHUNKED
            body hello, world!!!
            end at 119
            get GET origin / 1.1 path=/ host=a
              Host=a
            """),
        .init(
            "Connection in several lines, with empty elements",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: , foo,\r\nConnection: Upgrade ,CLOSE\r\n\r\n",
            """
            get GET origin / 1.1 path=/ host=a last
              Host=a
              Connection=, foo,
              Connection=Upgrade ,CLOSE
            """),
        .init(
            "close wins over keep-alive",
            "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
            """
            get GET origin / 1.0 path=/ last
              Connection=keep-alive, close
            """),
        .init(
            "expectations",
            "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n"
                + "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue, x\r\n\r\n"
                + "PUT / HTTP/1.1\r\nHost: a\r\nExpect: x\r\nExpect: 100-continue\r\n\r\n"
                + "PUT / HTTP/1.0\r\nHost: a\r\nExpect: x\r\nConnection: keep-alive\r\n\r\n",
            """
            put PUT origin / 1.1 path=/ host=a expect=continue
              Host=a
              Expect=100-Continue
            put PUT origin / 1.1 path=/ host=a expect=other
              Host=a
              Expect=100-continue, x
            put PUT origin / 1.1 path=/ host=a expect=other
              Host=a
              Expect=x
              Expect=100-continue
            put PUT origin / 1.0 path=/ host=a
              Host=a
              Expect=x
              Connection=keep-alive
            """),
        .init(
            "methods nobody knows, and names that are nearly known",
            "BREW /pot HTTP/1.1\r\nHost: a\r\n\r\nget / HTTP/1.1\r\nHost: a\r\n\r\n"
                + "GETS / HTTP/1.1\r\nHost: a\r\nHosts: b\r\nContent-Lengths: x\r\n"
                + "Transfer-Encodinh: x\r\nConnectiom: @\r\n\r\n",
            """
            other BREW origin /pot 1.1 path=/pot host=a
              Host=a
            other get origin / 1.1 path=/ host=a
              Host=a
            other GETS origin / 1.1 path=/ host=a
              Host=a
              Hosts=b
              Content-Lengths=x
              Transfer-Encodinh=x
              Connectiom=@
            """),
        .init("an incomplete request is no event", "GET / HTTP/1.1\r\nHost: a\r\n\r", ""),
    ]

    @Test(arguments: transcripts)
    func `reads the same events however the bytes arrive`(_ transcript: Transcript) {
        expectRequests(Array(transcript.wire.utf8), transcript.events)
    }

    static let faults: [Fault] = [
        // The request line.
        .init("\r\n\r\n\r\n", .tooManyEmptyLines, at: 4),
        .init("\nGET / HTTP/1.1\r\n", .bareLineFeed, at: 0),
        .init("\rGET / HTTP/1.1\r\n", .bareCarriageReturn, at: 0),
        .init(" GET / HTTP/1.1\r\n", .invalidMethod, at: 0),
        .init("\u{16}\u{3}\u{1}", .invalidMethod, at: 0),
        .init("G@T / HTTP/1.1\r\n", .invalidMethod, at: 1),
        .init("GET\t/ HTTP/1.1\r\n", .invalidMethod, at: 3),
        .init("GET\r\n", .invalidMethod, at: 3),
        .init("GET  / HTTP/1.1\r\n", .invalidTarget, at: 4),
        .init("GET /\r\n", .missingVersion, at: 5),
        .init("GET /\n", .bareLineFeed, at: 5),
        .init("GET / \r\n", .malformedVersion, at: 6),
        .init("GET /  HTTP/1.1\r\n", .malformedVersion, at: 6),
        .init("GET / http/1.1\r\n", .malformedVersion, at: 6),
        .init("GET / HTTP/11\r\n", .malformedVersion, at: 12),
        .init("GET / HTTP/1.\r\n", .malformedVersion, at: 13),
        .init("GET / HTTP/1.10\r\n", .malformedVersion, at: 14),
        .init("GET / HTTP/1.1 \r\n", .malformedVersion, at: 14),
        .init("GET / HTTP/1.1\n", .bareLineFeed, at: 14),
        .init("GET / HTTP/1.1\rH", .bareCarriageReturn, at: 14),
        .init("GET / HTTP/x.1\r\n", .malformedVersion, at: 11),
        .init("GET / XTTP/1.1\r\n", .malformedVersion, at: 6),
        .init("GET / HTTP/2.0\r\n", .unsupportedVersion, at: 6),
        .init("GET / HTTP/0.9\r\n", .unsupportedVersion, at: 6),
        .init("GET / HTTP/3.1\r\n", .unsupportedVersion, at: 6),
        .init("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion, at: 6),
        // The target.
        .init("GET /a#b HTTP/1.1\r\n", .invalidTarget, at: 6),
        .init("GET /a\"b HTTP/1.1\r\n", .invalidTarget, at: 6),
        .init("GET /a[b HTTP/1.1\r\n", .invalidTarget, at: 6),
        .init("GET /?a#b HTTP/1.1\r\n", .invalidTarget, at: 7),
        .init("GET /?a<b HTTP/1.1\r\n", .invalidTarget, at: 7),
        .init("GET /a\tb HTTP/1.1\r\n", .invalidTarget, at: 6),
        .init("GET /\u{e4} HTTP/1.1\r\n", .invalidTarget, at: 5),
        .init("GET /%4 HTTP/1.1\r\n", .invalidTarget, at: 7),
        .init("GET /%g0 HTTP/1.1\r\n", .invalidTarget, at: 6),
        .init("GET /?%0g HTTP/1.1\r\n", .invalidTarget, at: 8),
        .init("GET * HTTP/1.1\r\n", .targetFormNotAllowed, at: 4),
        .init("OPTIONS *a HTTP/1.1\r\n", .invalidTarget, at: 8),
        .init("OPTIONS *?a HTTP/1.1\r\n", .invalidTarget, at: 8),
        .init("CONNECT / HTTP/1.1\r\n", .targetFormNotAllowed, at: 8),
        .init("CONNECT a HTTP/1.1\r\n", .invalidTarget, at: 8),
        .init("CONNECT a: HTTP/1.1\r\n", .invalidTarget, at: 8),
        .init("CONNECT a:0 HTTP/1.1\r\n", .invalidTarget, at: 8),
        .init("CONNECT :443 HTTP/1.1\r\n", .invalidTarget, at: 8),
        .init("CONNECT a:65536 HTTP/1.1\r\n", .invalidTarget, at: 8),
        .init("CONNECT a:1/x HTTP/1.1\r\n", .invalidTarget, at: 8),
        .init("CONNECT u@a:1 HTTP/1.1\r\n", .invalidTarget, at: 8),
        .init("CONNECT http://a:1 HTTP/1.1\r\n", .invalidTarget, at: 8),
        .init("GET a:1 HTTP/1.1\r\n", .invalidTarget, at: 4),
        .init("GET a HTTP/1.1\r\n", .invalidTarget, at: 4),
        .init("GET ?a HTTP/1.1\r\n", .invalidTarget, at: 4),
        .init("GET http:/a HTTP/1.1\r\n", .invalidTarget, at: 4),
        .init("GET ftp://a/ HTTP/1.1\r\n", .invalidTarget, at: 4),
        .init("GET http:// HTTP/1.1\r\n", .invalidTarget, at: 11),
        .init("GET http:///x HTTP/1.1\r\n", .invalidTarget, at: 11),
        .init("GET http://:80/ HTTP/1.1\r\n", .invalidTarget, at: 11),
        .init("GET http://?x HTTP/1.1\r\n", .invalidTarget, at: 11),
        .init("GET http://u@a/ HTTP/1.1\r\n", .invalidTarget, at: 11),
        .init("GET http://a/[x] HTTP/1.1\r\n", .invalidTarget, at: 13),
        .init("GET http://[::1/ HTTP/1.1\r\n", .invalidTarget, at: 11),
        // Field lines.
        .init("GET / HTTP/1.1\r\n\n", .bareLineFeed, at: 16),
        .init("GET / HTTP/1.1\r\n\rx", .bareCarriageReturn, at: 16),
        .init("GET / HTTP/1.1\r\n Host: a\r\n", .obsoleteLineFolding, at: 16),
        .init("GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n", .obsoleteLineFolding, at: 25),
        .init("GET / HTTP/1.1\r\n: a\r\n", .emptyFieldName, at: 16),
        .init("GET / HTTP/1.1\r\nHost : a\r\n", .spaceBeforeColon, at: 20),
        .init("GET / HTTP/1.1\r\nHost\t: a\r\n", .spaceBeforeColon, at: 20),
        .init("GET / HTTP/1.1\r\nHost\r\n", .invalidFieldName, at: 20),
        .init("GET / HTTP/1.1\r\nHo\n", .bareLineFeed, at: 18),
        .init("GET / HTTP/1.1\r\nHo@t: a\r\n", .invalidFieldName, at: 18),
        .init("GET / HTTP/1.1\r\nA: b\n", .bareLineFeed, at: 20),
        .init("GET / HTTP/1.1\r\nA: b\rc\r\n", .bareCarriageReturn, at: 20),
        .init("GET / HTTP/1.1\r\nA: b\r\r\n", .bareCarriageReturn, at: 20),
        .init("GET / HTTP/1.1\r\nA: b\0c\r\n", .controlByteInValue, at: 20),
        .init("GET / HTTP/1.1\r\nA: b\u{7F}\r\n", .controlByteInValue, at: 20),
        .init("GET / HTTP/1.1\r\nA:\u{B}b\r\n", .controlByteInValue, at: 18),
        // Host.
        .init("GET / HTTP/1.1\r\n\r\n", .missingHost, at: 18),
        .init("GET http://a/ HTTP/1.1\r\n\r\n", .missingHost, at: 26),
        .init("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .duplicateHost, at: 31),
        .init("GET / HTTP/1.0\r\nHost: a\r\nhost: a\r\n\r\n", .duplicateHost, at: 31),
        .init("GET / HTTP/1.0\r\nHost: a b\r\n\r\n", .invalidHost, at: 22),
        // Connection.
        .init("GET / HTTP/1.1\r\nConnection: a, b c\r\n", .invalidConnection, at: 31),
        .init("GET / HTTP/1.1\r\nConnection: close;\r\n", .invalidConnection, at: 28),
    ]

    @Test(arguments: faults)
    func `refuses a fault where it is`(_ fault: Fault) {
        let kind = fault.kind
        let wire = Array(fault.wire.utf8)
        expectRequests(wire, "error \(kind.status) \(kind) at \(fault.offset)")
    }

    @Test func `a fault in a pipeline comes after the requests before it`() {
        expectRequests(
            Array("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.1\r\n\r\n".utf8),
            """
            get GET origin / 1.0 path=/
              Connection=keep-alive
            error 400 missingHost at 60
            """)
    }

    @Test func `a head that is used again remembers nothing`() throws {
        let parser = RequestParser()
        var head = RequestHead()
        let first = Array(
            ("POST http://b/p?q HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\n"
                + "Connection: keep-alive, upgrade\r\nX: y\r\n\r\n").utf8)
        let second = Array("GET / HTTP/1.1\r\nHost:\r\n\r\n".utf8)
        _ = try parser.parse(first.span, from: 0, into: &head)
        _ = try parser.parse(second.span, from: 0, into: &head)
        #expect(head.method == .get && head.targetForm == .origin && head.minorVersion == 1)
        #expect(!head.hasQuery && head.query.isEmpty && head.authority.isEmpty)
        #expect(head.fieldCount == 1 && head.contentLength == nil && head.framing == .none)
        #expect(head.connectionOptions == [] && head.effectiveHost.isEmpty)
        #expect(head.firstValue(named: "x", in: second.span) == nil)
    }

    @Test func `fields are found by their name in any case`() throws {
        let wire = Array(
            "GET / HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nx-a: 2\r\nX-~: 3\r\n\r\n".utf8)
        var head = RequestHead()
        _ = try RequestParser().parse(wire.span, from: 0, into: &head)
        func value(_ name: StaticString) -> String? {
            head.firstValue(named: name, in: wire.span).map { text(wire.span.extracting($0)) }
        }
        #expect(value("host") == "a")
        #expect(value("x-a") == "1")
        #expect(value("x-~") == "3")
        #expect(value("x-^") == nil)
        #expect(value("x-b") == nil)
        let name: StaticString = "x-a"
        let second = head.fields.index(ofNext: name.span, from: 2, in: wire.span)
        #expect(second == 2)
        #expect(head.fields.index(ofNext: name.span, from: 3, in: wire.span) == nil)
    }

    @Test func `ranges follow a head that is moved`() throws {
        let wire = Array(
            "\r\nGET http://b/p?q HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n".utf8)
        let stream = Array("POST".utf8) + wire
        var head = RequestHead()
        _ = try RequestParser().parse(stream.span, from: 4, into: &head)
        for start in [0, 9] {
            let moved = Array(repeating: UInt8(0), count: start) + wire
            head.rebase(to: start)
            func part(_ range: ByteRange) -> String { text(moved.span.extracting(range)) }
            #expect(part(head.range) == text(wire.span))
            #expect(part(head.methodRange) == "GET")
            #expect(part(head.target) == "http://b/p?q")
            #expect(part(head.path) == "/p")
            #expect(part(head.query) == "q")
            #expect(part(head.effectiveHost) == "b")
            #expect(part(head.fields.facts.host) == "a")
            #expect(part(head.fields[1].name) == "X")
            #expect(part(head.fields[1].value) == "y")
        }
    }

    @Test func `only some methods are safe`() {
        let safe = RequestMethod.allCases.filter(\.isSafe)
        #expect(safe == [.get, .head, .options, .trace])
    }

    @Test(arguments: RequestMethod.allCases.dropLast())
    func `every method is known by its name, and only by that`(_ method: RequestMethod) throws {
        let name = "\(method.name)"
        let target = method == .connect ? "a:1" : "/"
        for (token, expected) in [(name, method), (name + "X", .other), ("X" + name, .other)] {
            let wire = Array("\(token) \(expected == .other ? "/" : target) HTTP/1.0\r\n\r\n".utf8)
            var head = RequestHead()
            _ = try RequestParser().parse(wire.span, from: 0, into: &head)
            #expect(head.method == expected)
        }
    }
}
