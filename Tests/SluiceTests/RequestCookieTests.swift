import Sluice
import TestSupport
import Testing

/// What comes in `Cookie` (RFC 6265 §4.2.1, §5.4).
@Suite struct RequestCookieTests {
    @Test(arguments: [
        (["Cookie: a=1; b=2"], "1|1|a=1,b=2"), (["Cookie: b=2;a=1;a=3"], "1|1;3|b=2,a=1,a=3"),
        (["Cookie: a=1", "cookie: a=2; c=3"], "1|1;2|a=1,a=2,c=3"),
        (["Cookie: a=\"x y\""], "\"x y\"|\"x y\"|a=\"x y\""), (["Cookie: a="], "||a="),
        (["Cookie: a=b=c"], "b=c|b=c|a=b=c"), (["Cookie:  a = 1 ;; ; b"], "1|1|a=1"),
        (["Cookie: =1; a"], "nil||"), (["Cookie: A=1"], "nil||A=1"), (["Cookie:"], "nil||"),
        ([], "nil||"),
        (["Cookie: x=%20; a=%20"], "%20|%20|x=%20,a=%20"), (["Cookies: a=1"], "nil||"),
    ])
    func `cookies are found by name, in their order`(fields: [String], expected: String) throws {
        let response = try answer(fields: fields) { request, response in
            let cookies = request.cookies
            let all = cookies.all.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
            response.send(
                "\(cookies["a"] ?? "nil")|\(cookies.values(of: "a").joined(separator: ";"))|\(all)")
        }
        #expect(response.text == expected)
    }
}
