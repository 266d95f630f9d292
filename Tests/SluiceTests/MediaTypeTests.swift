import Sluice
import TestSupport
import Testing

/// Media types (RFC 9110 §8.3.1), and routes that demand some.
@Suite struct MediaTypeTests {
    @Test(arguments: [
        ("text/html", "text/html"), ("Text/HTML;Charset=UTF-8", "text/html;charset=UTF-8"),
        (" text/html ; charset=\"utf-8\" ", "text/html;charset=utf-8"),
        ("a/b;x=\"a;b\\\"c\"", #"a/b;x="a;b\"c""#), ("a/b;", "a/b"), ("a/b;;x=1;", "a/b;x=1"),
        ("application/problem+json", "application/problem+json"),
    ])
    func `a type is read, and written in its canonical form`(text: String, written: String) throws {
        let type = try #require(MediaType(text))
        #expect(type.description == written)
        #expect(MediaType(type.description) == type)
    }

    @Test(arguments: [
        "", "text", "/", "text/", "/html", "text/html/x", "te xt/html", "text/html;charset",
        "text/html;charset=", "text/html;charset=a b", "text/html;=x", "text/html;c=\"a",
        "text/html;c=\"a\"b", "text/html, text/plain", "text/html;c =a",
        "a/b" + String(repeating: ";x=1", count: 17),
    ])
    func `what is no type is refused`(text: String) {
        #expect(MediaType(text) == nil)
    }

    @Test func `parameters are found in any case`() throws {
        let type = try #require(MediaType("multipart/form-data; Boundary=aB; CHARSET=Utf-8"))
        #expect(type["boundary"] == "aB")
        #expect(type["BOUNDARY"] == "aB")
        #expect(type.charset == "utf-8")
        #expect(type["other"] == nil)
        #expect(type.essence == "multipart/form-data")
    }

    @Test(arguments: [
        ("application/json", "application/json", true), ("application/json", "Application/*", true),
        ("application/json", "*/*", true), ("application/json", "text/*", false),
        ("application/json", "*/*+json", true), ("application/problem+json", "*/*+json", true),
        ("application/problem+json", "application/json", false),
        ("text/jsonish", "*/*+json", false), ("text/plain", "text", false), ("a/b", "*", false),
    ])
    func `patterns stand for several types`(text: String, pattern: String, isMatch: Bool) throws {
        #expect(try #require(MediaType(text)).matches(pattern) == isMatch)
    }

    @Test(arguments: [
        (["Content-Type: application/json; charset=utf-8"], "fine"),
        (["Content-Type: text/csv"], "fine"),
        (
            ["Content-Type: image/png"],
            "415 unsupported_media_type - Accept: application/json, text/*"
        ),
        (["Content-Type: json"], "415 unsupported_media_type - Accept: application/json, text/*"),
        ([], "415 unsupported_media_type - Accept: application/json, text/*"),
    ])
    func `content types can be demanded`(fields: [String], expected: String) throws {
        let response = try answer("POST", fields: fields) { request, response in
            var text = "fine"
            do throws(HTTPError) {
                try request.requireContentType(["application/json", "text/*"])
            } catch {
                text = describing { throw error }
            }
            response.send(text)
        }
        #expect(response.text == expected)
    }
}
