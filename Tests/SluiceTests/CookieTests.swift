import Sluice
import TestSupport
import Testing

/// Cookies that are set, and those that no browser would keep.
@Suite struct CookieTests {
    static let lines: [(cookie: Cookie, line: String)] = [
        (Cookie("a", "1"), "a=1; Path=/; HttpOnly; SameSite=Lax"),
        (Cookie("a", "", path: nil, httpOnly: false, sameSite: nil), "a="),
        (Cookie("a", "\"x\"", sameSite: .strict), "a=\"x\"; Path=/; HttpOnly; SameSite=Strict"),
        (
            Cookie("a", "!#$%&'()*+-./:<=>?@[]^_`{|}~", httpOnly: false, sameSite: nil),
            "a=!#$%&'()*+-./:<=>?@[]^_`{|}~; Path=/"
        ),
        (
            Cookie(
                "__Host-a", "1", maxAge: .milliseconds(90_500), secure: true,
                sameSite: Cookie.SameSite.none,
                partitioned: true),
            "__Host-a=1; Path=/; Max-Age=90; Secure; HttpOnly; SameSite=None; Partitioned"
        ),
        (
            Cookie(
                "__Secure-a", "1", path: "/x y", domain: "www.example.com",
                expiresAtUnixSeconds: 784_111_777, secure: true, sameSite: nil),
            "__Secure-a=1; Path=/x y; Domain=www.example.com; "
                + "Expires=Sun, 06 Nov 1994 08:49:37 GMT; Secure; HttpOnly"
        ),
    ]

    @Test func `each cookie is a line with its attributes`() throws {
        let response = try answer { response in
            for (cookie, _) in Self.lines { try response.setCookie(cookie) }
        }
        #expect(response.values("Set-Cookie") == Self.lines.map(\.line))
    }

    @Test func `a cookie is deleted by one that has expired`() throws {
        let response = try answer { response in
            try response.deleteCookie("a")
            try response.deleteCookie("b", path: "/x", domain: "example.com")
            try response.deleteCookie("__Host-c", partitioned: true)
            try response.deleteCookie("__secure-d", path: nil)
        }
        let end = "Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        #expect(
            response.values("Set-Cookie") == [
                "a=; Path=/; \(end); HttpOnly; SameSite=Lax",
                "b=; Path=/x; Domain=example.com; \(end); HttpOnly; SameSite=Lax",
                "__Host-c=; Path=/; \(end); Secure; HttpOnly; SameSite=Lax; Partitioned",
                "__secure-d=; \(end); Secure; HttpOnly; SameSite=Lax",
            ])
    }

    static let refused: [(cookie: Cookie, problem: String)] = [
        (Cookie("", "1"), "token"), (Cookie("a b", "1"), "token"), (Cookie("a=", "1"), "token"),
        (Cookie("a\r\nb", "1"), "token"), (Cookie("\u{E4}", "1"), "token"),
        (Cookie("a", "1 2"), "value"), (Cookie("a", "1;2"), "value"),
        (Cookie("a", "1,2"), "value"), (Cookie("a", "1\\2"), "value"),
        (Cookie("a", "1\"2"), "value"), (Cookie("a", "\""), "value"),
        (Cookie("a", "1\r\nInjected: 2"), "value"), (Cookie("a", "\u{E4}"), "value"),
        (Cookie("a", String(repeating: "x", count: 4_096)), "4096 bytes"),
        (Cookie("a", "1", path: "x"), "slash"), (Cookie("a", "1", path: ""), "slash"),
        (Cookie("a", "1", path: "/;Domain=b"), "path"),
        (Cookie("a", "1", path: "/\r\n"), "path"),
        (Cookie("a", "1", path: "/" + String(repeating: "x", count: 1_024)), "1024 bytes"),
        (Cookie("a", "1", domain: ".example.com"), "domain"),
        (Cookie("a", "1", domain: ""), "domain"), (Cookie("a", "1", domain: "a..b"), "domain"),
        (Cookie("a", "1", domain: "-a.b"), "domain"), (Cookie("a", "1", domain: "a;b"), "domain"),
        (Cookie("a", "1", maxAge: .zero), "maxAge"),
        (Cookie("a", "1", maxAge: .milliseconds(999)), "maxAge"),
        (Cookie("a", "1", expiresAtUnixSeconds: -1), "expires"),
        (Cookie("a", "1", expiresAtUnixSeconds: 253_402_300_800), "expires"),
        (Cookie("a", "1", sameSite: Cookie.SameSite.none), "SameSite=None"),
        (Cookie("a", "1", partitioned: true), "partitioned"),
        (Cookie("__Secure-a", "1"), "secure"), (Cookie("__host-a", "1"), "secure"),
        (Cookie("__Host-a", "1", path: "/x", secure: true), "path /"),
        (Cookie("__Host-a", "1", domain: "a.b", secure: true), "no domain"),
    ]

    @Test func `a cookie that no browser would keep is refused and leaves no trace`() throws {
        let response = try answer { response in
            for (cookie, problem) in Self.refused {
                let error = #expect(throws: InvalidCookie.self, "\(cookie)") {
                    try response.setCookie(cookie)
                }
                #expect(error?.name == cookie.name)
                #expect(error?.description.contains(problem) == true, "\(cookie)")
            }
        }
        #expect(response.values("Set-Cookie") == [])
        #expect(response.values("Injected") == [])
    }
}
