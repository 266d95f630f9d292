import Testing

@testable import Sluice

/// What the wire log shows of a message, and what it hides.
@Suite struct WireMaskTests {
    @Test(arguments: [
        ("Authorization: Basic dTpw", "Authorization: ***"),
        ("AUTHORIZATION:Bearer x", "AUTHORIZATION: ***"),
        ("Authorization : Basic dTpw", "Authorization: ***"),
        ("Proxy-Authorization: x", "Proxy-Authorization: ***"),
        ("Cookie: a=b", "Cookie: ***"), ("Set-Cookie: a=b; Path=/", "Set-Cookie: ***"),
        ("X-Api-Key: x", "X-Api-Key: ***"), ("X-Auth-Token: x", "X-Auth-Token: ***"),
        ("X-CSRF-Token: x", "X-CSRF-Token: ***"), ("Client-Secret: x", "Client-Secret: ***"),
        (" Basic folded", " ***"), ("\tBasic folded", " ***"),
        ("Accept: */*", "Accept: */*"), ("Host: a:80", "Host: a:80"), ("X:", "X: "),
        ("Referer: http://a/b?token=x&c=d", "Referer: http://a/b?token=***&c=d"),
        ("Location: /cb#access_token=x&e=1", "Location: /cb#access_token=***&e=1"),
        ("HTTP/1.1 200 OK", "HTTP/1.1 200 OK"),
        ("GET /a?password=x HTTP/1.1", "GET /a?password=*** HTTP/1.1"),
        ("X-A: a\u{1B}[2J\\", "X-A: a\\x1B[2J\\\\"),
    ])
    func `a line of a head keeps its secrets`(line: String, shown: String) {
        let text = WireMask.line(line.utf8.span)
        #expect(text == shown)
    }

    @Test(arguments: [
        ("a=b", "a=b"), ("", ""), ("a", "a"), ("a=", "a="), ("token=x", "token=***"),
        ("a=1&token=x&b=2", "a=1&token=***&b=2"), ("TOKEN=x", "TOKEN=***"),
        ("access_token=x", "access_token=***"), ("access-token=x", "access-token=***"),
        ("%74oken=x", "%74oken=***"), ("api_key=x", "api_key=***"), ("apikey=x", "apikey=***"),
        ("user[password]=x", "user[password]=***"), ("sig=x;a=b", "sig=***;a=b"),
        ("token", "token"), ("token=x=y", "token=***"), ("key=x&monkey=y", "key=***&monkey=y"),
        ("a=1&&b=2", "a=1&&b=2"), ("code=x&postcode=y", "code=***&postcode=y"),
    ])
    func `a query keeps its secrets`(query: String, shown: String) {
        let text = WireMask.form(query.utf8.span)
        #expect(text == shown)
    }

    @Test func `every byte is shown as visible ASCII`() {
        let all = (UInt8.min ... .max).map { $0 }
        let shown = WireMask.escaped(all.span)
        #expect(shown.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(shown.hasPrefix("\\x00\\x01") && shown.hasSuffix("\\xFE\\xFF"))
        #expect(shown.contains("\\t\\n\\x0B\\x0C\\r"))
    }
}
