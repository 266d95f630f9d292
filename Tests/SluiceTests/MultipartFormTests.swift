import Sluice
import TestSupport
import Testing

/// Forms of several parts, on a collected body.
@Suite struct MultipartFormTests {
    private static let type = "Content-Type: multipart/form-data; boundary=\"b b\""

    private static func body(_ wire: String) -> [UInt8] {
        Array(wire.replacing("|", with: "\r\n").utf8)
    }

    private static func part(_ name: String, _ more: String = "") -> String {
        "--b b|Content-Disposition: form-data; name=\"\(name)\"\(more)||"
    }

    @Test func `fields and files are found by name`() throws {
        let body = Self.body(
            Self.part("title") + "Tea|" + Self.part("tag") + "a|" + Self.part("tag") + "b|"
                + Self.part("file", "; filename=\"../t.txt\"|Content-Type: text/x;charset=utf-8")
                + "x||y|" + Self.part("raw") + "\u{0}|--b b--|")
        let response = try answer("POST", fields: [Self.type], body: body) { request, response in
            let form = try request.multipart()
            var tags: [String] = []
            var next = form.index(of: "tag")
            while let index = next {
                tags.append(form[index].text ?? "")
                next = form.index(of: "tag", from: index + 1)
            }
            let index = form.index(of: "file") ?? 0
            let file = form[index]
            response.send(
                "\(form.count) \(form["title"] ?? "nil") \(tags) \(form["file"] ?? "nil") "
                    + "\(file.name) \(file.fileName ?? "nil") \(file.contentType?.essence ?? "nil") "
                    + "\(file.bytes.count) \(form["nothing"] ?? "nil") \(form[0].fileName ?? "nil")"
            )
        }
        #expect(
            response.text == #"5 Tea ["a", "b"] nil file ../t.txt text/x 6 nil nil"#)
    }

    @Test func `data that look like the beginning of a boundary stay whole`() throws {
        let data = ["--", "--b bb"[...].dropLast(2) + "x", "|--b", "", "|", "--b"].map {
            String($0)
        }
        let wire = data.enumerated().map { Self.part("n\($0.offset)") + $0.element + "|" }
        let body = Self.body(wire.joined() + "--b b--")
        let response = try answer("POST", fields: [Self.type], body: body) { request, response in
            let form = try request.multipart()
            for index in 0..<form.count { response.append("[\(form[index].text ?? "nil")]") }
        }
        #expect(response.text == data.map { "[\($0.replacing("|", with: "\r\n"))]" }.joined())
    }

    @Test(arguments: [
        ("text/plain", "", "415 unsupported_media_type - Accept: multipart/form-data"),
        ("multipart/form-data", "", "400 invalid_multipart - "),
        ("multipart/form-data; boundary=\"\"", "", "400 invalid_multipart - "),
        ("multipart/form-data; boundary=\"a*\"", "", "400 invalid_multipart - "),
        ("multipart/form-data; boundary=b", "", "400 invalid_multipart - "),
        ("multipart/form-data; boundary=b", "--b--", "0"),
        ("multipart/form-data; boundary=b", "--b|", "400 invalid_multipart - "),
    ])
    func `what is no such form is refused`(type: String, wire: String, expected: String) throws {
        let answer = try Self.count(type, Self.body(wire), MultipartLimits())
        #expect(answer == expected)
    }

    @Test func `limits answer 413 and name what is too much`() throws {
        let body = Self.body(
            Self.part("one", "; filename=\"name\"") + "12345|" + Self.part("two") + "1|--b b--")
        let type = String(Self.type.dropFirst("Content-Type: ".count))
        let limits: [(WritableKeyPath<MultipartLimits, Int>, Int, String)] = [
            (\.maxPartCount, 1, "413 too_many_parts one "),
            (\.maxPartBytes, 4, "413 part_too_large one "),
            (\.maxNameBytes, 2, "413 part_name_too_long - "),
            (\.maxFileNameBytes, 3, "413 part_name_too_long - "),
            (\.maxHeaderBytes, 20, "413 part_header_too_large - "),
        ]
        for (limit, value, expected) in limits {
            var settings = MultipartLimits()
            settings[keyPath: limit] = value
            #expect(try Self.count(type, body, settings) == expected)
        }
        #expect(try Self.count(type, body, MultipartLimits()) == "2")
    }

    private static func count(
        _ type: String, _ body: [UInt8], _ limits: MultipartLimits
    ) throws -> String? {
        try answer("POST", fields: ["Content-Type: \(type)"], body: body) { request, response in
            var text = ""
            do throws(HTTPError) {
                text = String(try request.multipart(limits: limits).count)
            } catch {
                text = describing { throw error }
            }
            response.send(text)
        }.text
    }
}
