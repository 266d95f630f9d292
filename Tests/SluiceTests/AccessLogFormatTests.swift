import Testing

@testable import Sluice

@Suite struct AccessLogFormatTests {
    @Test(arguments: [
        ("combinde", "is no preset and has no verb"), ("", "is no preset and has no verb"),
        ("100%%", "is no preset and has no verb"), ("JSON", "is no preset and has no verb"),
        ("%s %", "has a % without a verb"), ("%1", "has a % without a verb"),
        ("%é", "has a % without a verb"), ("%>s", "has a % without a verb"),
        ("%{Host", "has a %{ without its }"), ("%{Host}", "has a % without a verb"),
        ("%H", "has a verb %H that there is not"), ("%i", "has a %i without an argument"),
        ("%X", "has a %X without an argument"), ("%x", "has a %x without an argument"),
        ("%{a}h", "has an argument that %h does not take"),
        ("%{a}Z", "has an argument that %Z does not take"),
        ("%{min}T", "has a time unit 'min' that there is not"),
        ("%{}T", "has a time unit '' that there is not"),
        ("%{a b}i", "names a request field 'a b', which is no name of a field"),
        ("%{}i", "names a request field '', which is no name of a field"),
        ("%{hello}t", "has a time layout without any part of a time, 'hello'"),
        ("%{}t", "has a time layout without any part of a time, ''"),
        ("%{%H:%Q}t", "has a time layout with '%Q', which strftime does not know"),
        ("%{%H%n}t", "has a time layout with '%n', which strftime does not know"),
        ("%{%H:%}t", "has a time layout with '%', which strftime does not know"),
        ("%{nothing}x", "has a type 'NOTHING' that there is not"),
        ("%{route a}x", "has an argument that ROUTE does not take"),
        ("%{ttfb}x", "has a TTFB without its argument"),
        ("%{ttfb hours}x", "has a time unit 'hours' that there is not"),
        ("%s\n", "holds a control character"), ("%s\u{7F}", "holds a control character"),
    ])
    func `what is no format is named, with a cure`(format: String, problem: String) throws {
        let error = #expect(throws: AccessLogFormatError.self) {
            _ = try AccessLogFormat.parse(format)
        }
        #expect(error?.problem == problem)
        #expect(error?.cure.hasPrefix("give ") == true)
    }

    @Test func `a misspelt preset lists the presets`() {
        let error = #expect(throws: AccessLogFormatError.self) {
            _ = try AccessLogFormat.parse("comon")
        }
        for name in AccessLogFormat.presetNames {
            #expect(error?.cure.contains(name) == true)
        }
    }

    @Test func `lists of a format are bounded`() {
        let fields = (0..<33).map { "%{F\($0)}i" }.joined()
        #expect(throws: AccessLogFormatError.self) { _ = try AccessLogFormat.parse(fields) }
        let values = (0..<33).map { "%{v\($0)}X" }.joined()
        #expect(throws: AccessLogFormatError.self) { _ = try AccessLogFormat.parse(values) }
        let layouts = (0..<65).map { "%{\($0):15}t" }.joined()
        #expect(throws: AccessLogFormatError.self) { _ = try AccessLogFormat.parse(layouts) }
        let long = "%s" + String(repeating: "x", count: 4_096)
        #expect(throws: AccessLogFormatError.self) { _ = try AccessLogFormat.parse(long) }
    }

    @Test func `32 fields are all found`() throws {
        let names = (0..<32).map { "F\($0)" }
        let lines = names.reversed().map { "\($0): \($0.lowercased())\r\n" }.joined()
        let logged = LoggedExchange("GET / HTTP/1.1\r\nHost: x\r\n\(lines)\r\n")
        let format = names.map { "%{\($0)}i" }.joined(separator: " ")
        #expect(
            try logged.line(format) == names.map { $0.lowercased() }.joined(separator: " "))
    }

    @Test(arguments: [
        ("[]", "is no JSON array of fields"), ("{}", "is no JSON array of fields"),
        ("nonsense", "is not JSON: a value was expected at byte 0"),
        (#"[["a"]]"#, "has a field, number 1, that is not [name, type] or [name, type, argument]"),
        (
            #"[["a", "PATH"], ["b", 5]]"#,
            "has a field, number 2, that is not [name, type] or [name, type, argument]"
        ),
        (#"[["a", "PATH"], ["a", "QUERY"]]"#, "has two fields 'a'"),
        (#"[["a", "path"]]"#, "has a type 'path' that there is not ('a')"),
        (#"[["a", "PATH", "x"]]"#, "has an argument that PATH does not take ('a')"),
        (#"[["a", "REQ_HEADER"]]"#, "has a REQ_HEADER without its argument ('a')"),
        (#"[["a", "CONTEXT_VALUE"]]"#, "has a CONTEXT_VALUE without its argument ('a')"),
        (#"[["a", "RECEIVED"]]"#, "has a RECEIVED without its argument ('a')"),
        (#"[["a", "PROCESS_TIME"]]"#, "has a PROCESS_TIME without its argument ('a')"),
        (#"[["a", "PROCESS_TIME", "h"]]"#, "has a time unit 'h' that there is not ('a')"),
        (#"[["a", "TEXT"]]"#, "has a TEXT without its argument ('a')"),
    ])
    func `what are no JSON fields is named`(text: String, problem: String) {
        let error = #expect(throws: AccessLogFormatError.self) {
            _ = try AccessLogFormat(jsonFields: Array(text.utf8))
        }
        #expect(error?.problem == problem)
        #expect(error?.cure.hasPrefix("give ") == true)
    }

    @Test(
        arguments: [
            ("REMOTE", nil, "\"192.0.2.7\""), ("HTTP_METHOD", nil, "\"GET\""),
            ("PATH", nil, "\"/a\""), ("REQ_PATH", nil, "\"/a\""), ("QUERY", nil, "\"b=c\""),
            ("STATUS", nil, "200"), ("BYTES_OUT", nil, "256"),
            ("PROCESS_TIME", "SECONDS", "0"), ("PROCESS_TIME", "MILLI", "12"),
            ("PROCESS_TIME", "MICRO", "12345"), ("PROCESS_TIME", "EXACT", "12.345"),
            ("REQUEST_LINE", nil, "\"GET /a?b=c HTTP/1.1\""), ("INSTANCE_ID", nil, "\"i-1\""),
            ("TEXT", "a'b", "\"a'b\""), ("REQ_HEADER", "Host", "\"x\""),
            ("REQ_HEADER", "Referer", "\"\""), ("CONTEXT_VALUE", "k", "\"\""),
            ("RECEIVED", "02/Jan/2006:15:04:05 Z0700", "\"02/Jan/2006:15:04:05 Z\""),
            ("RECEIVED", "%s", "\"1136214245\""),
            ("PORT", nil, "50123"), ("RAW_PATH", nil, "\"/a\""), ("TARGET", nil, "\"/a?b=c\""),
            ("PROTOCOL", nil, "\"HTTP/1.1\""), ("BYTES_IN", nil, "1000"),
            ("BODY_BYTES_IN", nil, "900"), ("TOTAL_BYTES_OUT", nil, "512"),
            ("ROUTE", nil, "\"GET /a\""), ("REQUEST_ID", nil, "\"\""), ("TRACE_ID", nil, "\"\""),
            ("CORRELATION_ID", nil, "\"\""), ("CONNECTION_ID", nil, "7"),
            ("REQUEST_NUMBER", nil, "3"), ("REUSED", nil, "true"), ("REASON", nil, "\"\""),
            ("USER", nil, "\"\""), ("ENGINE", nil, "\"reactor\""), ("PHASE", nil, "\"running\""),
            ("DRAIN_TIME", nil, "0.000"), ("TTFB", "MICRO", "2500"),
        ] as [(String, String?, String)])
    func `a type shows what it is for`(
        type: String, argument: String?, expected: String
    ) throws {
        #expect(try LoggedExchange().json(type, argument) == expected)
    }

    @Test func `Granitic's own fields give its line, with numbers`() throws {
        let format = try AccessLogFormat(
            jsonFields: Array(
                #"""
                [["Remote", "REMOTE"], ["ForwardedFor", "REQ_HEADER", "X-Forwarded-For"],
                 ["Received", "RECEIVED", "02/Jan/2006:15:04:05 Z0700"],
                 ["Method", "HTTP_METHOD"], ["Path", "PATH"], ["Query", "QUERY"],
                 ["Status", "STATUS"], ["BytesReturned", "BYTES_OUT"],
                 ["ProcessTimeMicro", "PROCESS_TIME", "MICRO"]]
                """#.utf8))
        #expect(
            LoggedExchange().line(format)
                == #"{"BytesReturned":256,"ForwardedFor":"","Method":"GET","Path":"/a","#
                + #""ProcessTimeMicro":12345,"Query":"b=c","#
                + #""Received":"02/Jan/2006:15:04:05 Z","Remote":"192.0.2.7","Status":200}"#)
    }

    @Test func `a name of a field is escaped`() throws {
        let format = try AccessLogFormat(jsonFields: Array(#"[["a\"b\n", "STATUS"]]"#.utf8))
        #expect(LoggedExchange().line(format) == #"{"a\"b\n":200}"#)
    }
}
