import Presentation
import TestSupport
import Testing

@testable import Sluice

/// One content, three forms.
@Suite struct StatusDocumentTests {
    private static let document = StatusDocument(
        "A <b>",
        [
            StatusDocument.Section(
                "", "Server",
                pairs: [
                    .init("name", "Name", .text("<script>\u{1B}[2J\n")),
                    .init("uptime_seconds", "Uptime", .seconds(7_512)),
                    .init("latency_ms", "Latency", .seconds(0.001_234_5)),
                    .init("memory_bytes", "Memory", .bytes(2_048)),
                    .init("share", "Share", .share(0.125)), .init("nothing", "Nothing", .none),
                    .init("curve", "Curve", .numbers([1, .nan, 2.5])),
                ]),
            StatusDocument.Section(
                "routes", "Routes", [.init("route", "Route"), .init("count", "Requests")],
                rows: [
                    [.link("/a\"b", to: "/a?x=\"&y"), .count(1_234_567)], [.text(""), .count(7)],
                ], note: "that is all"),
            StatusDocument.Section("none", "None", [.init("a", "A")], rows: []),
        ])

    @Test func `as text it is lines, columns, and nothing that moves a cursor`() {
        #expect(
            Self.document.text == """
                [Server]
                name : <script>\\u{1b}[2J\\u{a}
                uptime_seconds : 2 h 05 m
                latency_ms : 1.23ms
                memory_bytes : 2.00 KiB
                share : 12.5%
                nothing : -
                curve : 1 - 2.500

                [Routes]
                Route   Requests
                /a"b   1,234,567
                -              7
                (that is all)

                [None]
                A

                """)
    }

    @Test func `as JSON it is numbers in the unit of their names`() {
        #expect(
            Self.document.json.compactText == """
                {"name":"<script>\\u001b[2J\\n","uptime_seconds":7512.0,"latency_ms":1.235,\
                "memory_bytes":2048,"share":0.125,"nothing":null,"curve":[1.0,null,2.5],\
                "routes":[{"route":"/a\\"b","count":1234567},{"route":"","count":7}],"none":[]}
                """)
    }

    @Test func `as a page it holds no markup that comes from outside`() {
        let page = Self.document.html(pages: [("/x", "X & Y")], nonce: "abc")
        #expect(page.contains("<title>A &lt;b&gt;</title>"))
        #expect(page.contains("<dd>&lt;script&gt;"))
        #expect(page.contains("<a href=\"/a?x=&quot;&amp;y\">/a&quot;b</a>"))
        #expect(page.contains("<a href=\"/x\">X &amp; Y</a>"))
        #expect(page.contains("<style nonce=\"abc\">"))
        #expect(page.contains("<polyline"))
        #expect(!page.contains("<script"))
        #expect(!page.contains("style=\""))
        #expect(!page.contains("http"))
    }
}

/// Which form a request gets.
@Suite struct StatusFormTests {
    @Test(arguments: [
        ("/", [], "text"),
        ("/", ["User-Agent: curl/8.5.0", "Accept: */*"], "text"),
        ("/", ["User-Agent: Wget/1.21", "Accept: */*"], "text"),
        ("/", ["User-Agent: Mozilla/5.0", "Accept: text/html,*/*;q=0.8"], "html"),
        ("/", ["User-Agent: Mozilla/5.0"], "html"),
        ("/", ["User-Agent: Mozilla/5.0", "Accept: */*"], "html"),
        ("/", ["User-Agent: curl/8.5.0", "Accept: application/json"], "json"),
        ("/", ["Accept: application/json;q=0.5, text/html"], "html"),
        ("/", ["User-Agent: Mozilla/5.0", "Accept: image/png"], "html"),
        ("/?console=1", ["User-Agent: Mozilla/5.0"], "text"),
        ("/?console=0", [], "html"),
        ("/?format=json", ["Accept: text/html"], "json"),
        ("/?format=text&console=0", [], "text"),
        ("/?format=xml", [], "400 invalid_parameter format "),
    ])
    func `a client gets what it asks for, or what suits it`(
        target: String, fields: [String], form: String
    ) throws {
        let response = try answer(to: target, fields: fields) { request, response in
            let text = describing { try StatusForm(for: request).rawValue }
            response.send(text)
        }
        #expect(response.text == form)
    }
}

@Suite struct NamePatternTests {
    @Test(arguments: [
        ("", "anything", true), ("a", "a", true), ("a", "ab", false), ("a*", "abc", true),
        ("*c", "abc", true), ("*b*", "abc", true), ("a*c", "abd", false), ("a$c", "abc", true),
        ("a?c", "abc", true), ("a$", "a", false), ("x,a*", "abc", true), ("x;abc", "abc", true),
        ("*", "", true), ("**a", "a", true), ("*aab", "aaaaab", true), ("a*b*c", "aXbYbZc", true),
        ("a*b*c", "aXbYbZ", false), (",,", "a", true),
    ])
    func `stars are any text, dollars and question marks one character`(
        pattern: String, name: String, matches: Bool
    ) {
        #expect(NamePatterns(pattern).matches(name) == matches)
    }

    @Test func `many stars take no more than name times pattern`() {
        let pattern = String(repeating: "*a", count: 50) + "b"
        #expect(!NamePatterns(pattern).matches(String(repeating: "a", count: 5_000)))
    }
}
