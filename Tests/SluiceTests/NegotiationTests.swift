import Sluice
import TestSupport
import Testing

/// What a client would rather have (RFC 9110 §12.5).
@Suite struct NegotiationTests {
    @Test(arguments: [
        ([], "application/json"), (["Accept: text/html"], "text/html"),
        (["Accept: */*"], "application/json"), (["Accept: text/*, */*;q=0.1"], "text/html"),
        (["Accept: text/html;q=0.5, application/json;q=0.4"], "text/html"),
        (["Accept: text/html;q=0.5, application/json;q=0.500"], "application/json"),
        (["Accept: text/html;q=0, */*"], "application/json"),
        (["Accept: application/*;q=0.2", "Accept: text/html;q=0.3"], "text/html"),
        (["Accept: image/png"], "nil"), (["Accept: */*;q=0"], "nil"), (["Accept: "], "nil"),
        (["Accept: TEXT/Html"], "text/html"), (["Accept: , ,text/html"], "text/html"),
        (["Accept: application/json;q=2, text/html;q=0.1"], "text/html"),
        (["Accept: application/json;q=.5, text/html;q=0.1"], "text/html"),
        (["Accept: application/json;q=0.1234, text/html;q=0.1"], "text/html"),
        (["Accept: application/json;v=\"a,b\";q=0.9, text/html;q=0.1"], "text/html"),
        (["Accept: text/html;q=0.4;ext=1, application/json;q=0.3"], "text/html"),
        (
            ["Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
            "text/html"
        ),
    ])
    func `the type that is liked best is found`(fields: [String], expected: String) throws {
        let response = try answer(fields: fields) { request, response in
            response.send(
                request.preferredType(of: ["application/json", "text/html"]) ?? "nil")
        }
        #expect(response.text == expected)
    }

    /// The example of RFC 9110 §12.5.1.
    @Test(arguments: [
        ("text/plain;format=flowed", 1_000), ("text/plain", 700), ("text/html", 300),
        ("image/jpeg", 500), ("text/plain;format=fixed", 400), ("text/html;level=3", 700),
    ])
    func `the most specific range counts`(type: String, weight: Int) throws {
        let accept =
            "Accept: text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, "
            + "text/plain;format=fixed;q=0.4, text/html;level=3;q=0.7, */*;q=0.5, x/y;q=0.WEIGHT"
        // A second type of a weight just above and just below brackets that of the first.
        for (other, expected) in [(weight - 1, type), (weight + 1, "x/y")] where other < 1_000 {
            let digits = String(repeating: "0", count: 3 - "\(other)".count) + "\(other)"
            let field = accept.replacing("WEIGHT", with: digits)
            let response = try answer(fields: [field]) { request, response in
                response.send(request.preferredType(of: [type, "x/y"]) ?? "nil")
            }
            #expect(response.text == expected, "\(other)")
        }
    }

    @Test func `only so many elements are looked at`() throws {
        let many = String(repeating: "a/b, ", count: 63)
        for (list, expected) in [
            (many + "text/html", "text/html"), (many + "a/b, text/html", "nil"),
        ] {
            let response = try answer(fields: ["Accept: \(list)"]) { request, response in
                response.send(request.preferredType(of: ["text/html"]) ?? "nil")
            }
            #expect(response.text == expected)
        }
    }

    @Test(arguments: [
        ([], "en"), (["Accept-Language: de"], "de-CH"),
        (["Accept-Language: de-ch, en;q=0.9"], "de-CH"),
        (["Accept-Language: fr-CA"], "fr"), (["Accept-Language: de-DE"], "nil"),
        (["Accept-Language: it, *;q=0.5"], "en"), (["Accept-Language: it"], "nil"),
        (["Accept-Language: en;q=0, *"], "de-CH"), (["Accept-Language: d"], "nil"),
        (["Accept-Language: fr;q=0.2, en-US;q=0.7"], "en"),
    ])
    func `the language that is liked best is found`(fields: [String], expected: String) throws {
        let response = try answer(fields: fields) { request, response in
            response.send(request.preferredLanguage(of: ["en", "de-CH", "fr"]) ?? "nil")
        }
        #expect(response.text == expected)
    }

    @Test(arguments: [
        ([], "identity"), (["Accept-Encoding: gzip"], "gzip"), (["Accept-Encoding: GZIP"], "gzip"),
        (["Accept-Encoding: x-gzip"], "gzip"), (["Accept-Encoding: gzip, deflate, br"], "gzip"),
        (["Accept-Encoding: deflate, gzip;q=0.5"], "deflate"),
        (["Accept-Encoding: br"], "identity"),
        (["Accept-Encoding: "], "identity"), (["Accept-Encoding: *"], "gzip"),
        (["Accept-Encoding: gzip;q=0"], "identity"), (["Accept-Encoding: gzip;q=0, *"], "deflate"),
        (["Accept-Encoding: identity;q=0"], "nil"), (["Accept-Encoding: *;q=0"], "nil"),
        (["Accept-Encoding: gzip;q=0.1, *;q=0"], "gzip"),
        (["Accept-Encoding: identity;q=0.5, *;q=0"], "identity"),
        (["Accept-Encoding: gzip;q=0.5, identity"], "identity"),
        (["Accept-Encoding: gzip;q=0.5, identity;q=0.5"], "gzip"),
        (["Accept-Encoding: gzip;q=0.001"], "gzip"), (["Accept-Encoding: gzipped"], "identity"),
    ])
    func `the coding that is liked best is found`(fields: [String], expected: String) throws {
        let response = try answer(fields: fields) { request, response in
            response.send(request.preferredEncoding(of: ["gzip", "deflate"]) ?? "nil")
        }
        #expect(response.text == expected)
    }
}
