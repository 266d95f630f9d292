import Sluice
import TestSupport
import Testing

/// Where clients are sent, and that nothing else goes with it.
@Suite struct RedirectTests {
    static let locations: [(given: String, sent: String)] = [
        ("/there", "/there"), ("there?a=b&c=%20#end", "there?a=b&c=%20#end"),
        ("https://[::1]:8443/a;b=c,d/(e)'!*$@+", "https://[::1]:8443/a;b=c,d/(e)'!*$@+"),
        ("/a b", "/a%20b"), ("/\u{E4}", "/%C3%A4"), ("/100%", "/100%25"), ("/%4", "/%254"),
        ("/%zz", "/%25zz"), ("/%e4", "/%e4"), ("/\\other.example", "/%5Cother.example"),
        ("/\"><script>", "/%22%3E%3Cscript%3E"), ("/{a}|^`", "/%7Ba%7D%7C%5E%60"),
    ]

    @Test(arguments: locations)
    func `the location is percent-encoded where it must be`(given: String, sent: String) throws {
        let response = try answer { try $0.redirect(to: given) }
        #expect(response.status == 303)
        #expect(response["Location"] == sent)
        #expect(response["Content-Type"] == "text/html; charset=utf-8")
        let link = sent.replacing("&", with: "&amp;").replacing("'", with: "&#39;")
        #expect(response.text.contains("<a href=\"\(link)\">\(link)</a>"))
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `the status says how`(code: Int) throws {
        let response = try answer { try $0.redirect(to: "/a", status: Status(code)) }
        #expect(response.status == code)
    }

    @Test(arguments: ["", "/a\r\nInjected: 1", "/\n", "/\0", "/a\tb", "/\u{7F}", "/\u{85}"])
    func `a location that would break the answer is refused`(location: String) throws {
        let response = try answer { response in
            let error = #expect(throws: InvalidField.self) {
                try response.redirect(to: location)
            }
            #expect(error?.name == "Location")
        }
        #expect(response.status == 200)
        #expect(response.values("Location") == [])
        #expect(response.values("Injected") == [])
    }

    @Test func `what is no redirect is refused`() async {
        await #expect(processExitsWith: .failure) {
            _ = try answer { try $0.redirect(to: "/a", status: .ok) }
        }
    }
}
